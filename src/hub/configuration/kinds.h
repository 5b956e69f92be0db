/* SPDX-License-Identifier: Apache-2.0 */
/* kinds - what is peculiar to a kind of object when it is made from a text: the
 * parameters that are no settings, and what follows from the others. */
#ifndef HUB_CONFIGURATION_KINDS_H
#define HUB_CONFIGURATION_KINDS_H

#include "hub/configuration/change.h"
#include "hub/configuration/item.h"

struct configuration_peculiar {
    /* Before the settings of the item, on an object with fallbacks (or, of a certificate, with the
     * facts that were there). False: the error says why not. */
    bool (*begin)(const struct item *item, struct model *draft, void *object, struct text *error);
    /* Behind them. */
    bool (*end)(const struct item *item, struct model *draft, void *object, struct text *error);
};

struct configuration_peculiar configuration_peculiar_of(enum model_kind kind);

/* The permission that an item means, without id. */
bool configuration_read_permission(const struct item *item, struct model *draft,
                                   struct permission *out, struct text *error);

#endif
