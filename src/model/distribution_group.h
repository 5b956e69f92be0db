/* SPDX-License-Identifier: Apache-2.0 */
/* distribution_group - an address that stands for many: mail to it goes to its members.
 *
 * Members are addresses: of mailboxes, of other groups, or of people elsewhere. Who a message
 * reaches in the end is said by model/expansion. Not part of snapshots: the hub is asked.
 */
#ifndef MODEL_DISTRIBUTION_GROUP_H
#define MODEL_DISTRIBUTION_GROUP_H

#include "model/object.h"

struct distribution_group {
    struct object_id id;
    uint64_t version;
    int64_t created_ms, changed_ms;
    struct slice name;
    struct slice display_name;
    struct slice primary_smtp_address;
    struct slice_list email_addresses; /* further ones */
    struct slice_list members;
    bool require_sender_authentication; /* closed to senders who have not logged in */
    bool report_to_originator;          /* the sender hears of members that cannot be reached */
};

extern const struct setting distribution_group_settings[];

/* Where the member stands in the list, however it is written; the count when it does not. */
size_t distribution_group_member_at(const struct distribution_group *group, struct slice member);

#endif
