/* SPDX-License-Identifier: Apache-2.0 */
/* make - a draft becomes what a document says.
 *
 * Objects of the draft that have the name of an item keep their id and become what the item says;
 * items without one are made; what no item names goes. An item with a sealed secret of another id
 * takes the place of the object of its name, since the secret opens for no other. Every difference
 * becomes an edit of the change and an object of the reply (noun ConfigurationChange).
 *
 * The document has been read by configuration_read, its certificates by the vault.
 */
#ifndef HUB_CONFIGURATION_MAKE_H
#define HUB_CONFIGURATION_MAKE_H

#include "hub/configuration/change.h"
#include "hub/configuration/item.h"

struct configuration_counts {
    size_t added, changed, removed;
};

/* False: the call has failed. */
MUST_USE bool configuration_make(struct call *call, struct change *change, json_t *document,
                                 struct configuration_counts *out_counts);

#endif
