/* SPDX-License-Identifier: Apache-2.0 */
/* recipient_index - whose an address is, a mailbox's or a group's, without looking at all of them.
 *
 * It lends the model, which must neither change nor go while the index is in use.
 */
#ifndef MODEL_RECIPIENT_INDEX_H
#define MODEL_RECIPIENT_INDEX_H

#include "model/model.h"

struct recipient { /* one of them or none */
    const struct mailbox *mailbox;
    const struct distribution_group *group;
};

struct recipient_index;

/* Mailboxes that are disabled are left out. NULL without memory. */
struct recipient_index *recipient_index_new(const struct model *model);
void recipient_index_free(struct recipient_index *index); /* accepts NULL */

/* In any case and spelling; "postmaster" alone is the default domain's. */
struct recipient recipient_index_find(const struct recipient_index *index, struct slice address);

#endif
