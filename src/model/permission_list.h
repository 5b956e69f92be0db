/* SPDX-License-Identifier: Apache-2.0 */
/* permission_list - everything that is granted or denied on one object, right by right: what the
 * groups of a connector bring, what a mailbox may do by itself, what was set by hand; and whether
 * it counts in the end.
 */
#ifndef MODEL_PERMISSION_LIST_H
#define MODEL_PERMISSION_LIST_H

#include "model/rights.h"

struct permission_entry {
    enum principal principal;
    struct object_id mailbox; /* when the principal is one */
    enum right right;
    bool deny;
    bool by_hand;   /* else of PermissionGroups, or a mailbox's own */
    bool effective; /* some session has the right by it; a denial always takes effect */
};

typedef void permission_entry_fn(void *context, const struct permission_entry *entry);
void permission_list_connector(const struct model *model, const struct receive_connector *connector,
                               permission_entry_fn *each, void *context);
void permission_list_mailbox(const struct model *model, const struct mailbox *mailbox,
                             permission_entry_fn *each, void *context);

bool permission_by_hand(const struct model *model, struct object_id object); /* there is any */
/* Strangers from anywhere may send mail to anybody through it. */
bool permission_opens_relay(const struct model *model, const struct receive_connector *connector);

#endif
