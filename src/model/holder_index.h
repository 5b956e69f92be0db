/* SPDX-License-Identifier: Apache-2.0 */
/* holder_index - who else among mailboxes and distribution groups has an address, a name or a
 * folder, without looking at all of them: for who checks many against each other.
 *
 * Unlike recipient_index it knows disabled mailboxes, and all who have an address where it should
 * be one. It lends the model, which must neither change nor go while the index is in use.
 */
#ifndef MODEL_HOLDER_INDEX_H
#define MODEL_HOLDER_INDEX_H

#include "model/model.h"

enum holder_claim {
    HOLDER_ADDRESS,      /* of either kind, in any case and spelling */
    HOLDER_MAILBOX_NAME, /* in any case */
    HOLDER_GROUP_NAME,   /* in any case */
    HOLDER_FOLDER,       /* of a mailbox, byte by byte */
};

struct holder {       /* one of either kind */
    const char *noun; /* "mailbox" */
    const void *object;
    struct slice name, primary;
    struct slice_list further;
};
struct holder holder_of_mailbox(const struct mailbox *mailbox);
struct holder holder_of_group(const struct distribution_group *group);

struct holder_index;

struct holder_index *holder_index_new(const struct model *model); /* NULL without memory */
void holder_index_free(struct holder_index *index);               /* accepts NULL */
/* The first other than `object` that claims it. False: nobody else does. */
bool holder_index_another(const struct holder_index *index, enum holder_claim claim,
                          struct slice value, const void *object, struct holder *out);

#endif
