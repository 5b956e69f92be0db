/* SPDX-License-Identifier: Apache-2.0 */
/* known - the objects of one kind that are there, by what a text calls them. */
#ifndef HUB_CONFIGURATION_KNOWN_H
#define HUB_CONFIGURATION_KNOWN_H

#include "model/model.h"

struct known {
    struct slice name;
    void *object;    /* in the model that was listed, also when it has been taken out of it */
    bool named;      /* by an item */
    bool makes_room; /* an item of this name with another id takes its place */
};

struct configuration_known {
    struct known *at; /* by name */
    size_t count;
};

/* In the model's memory. False: there is none. */
bool configuration_known_list(struct configuration_known *list, struct model *model,
                              enum model_kind kind);
/* Case does not matter. NULL: nothing has the name. */
struct known *configuration_known_find(const struct configuration_known *list, struct slice name);

#endif
