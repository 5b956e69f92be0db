/* SPDX-License-Identifier: Apache-2.0 */
/* role_member - a user or a group of this machine that is in role groups.
 *
 * Meant by its number, which the kernel vouches for; the name is a label for people and decides
 * nothing. Not part of snapshots.
 */
#ifndef MODEL_ROLE_MEMBER_H
#define MODEL_ROLE_MEMBER_H

#include "model/object.h"

struct role_member {
    struct object_id id;
    uint64_t version;
    int64_t created_ms, changed_ms;
    struct slice member;  /* "uid:1000" or "gid:1001" */
    struct slice label;   /* "alice": what the number was called when it was added */
    uint32_t role_groups; /* enum role_group mask */
};

extern const struct setting role_member_settings[];

/* What the kernel calls everybody of another user namespace: never a member. */
enum { ROLE_MEMBER_NOBODY = 65534 };

/* "uid:1000" or "gid:1001", and nothing else. */
bool role_member_parse(struct slice written, bool *out_is_group, uint32_t *out_number);

/* Who calls, as the kernel says. */
struct role_peer {
    uint32_t uid, gid;
    const uint32_t *groups; /* supplementary */
    size_t group_count;
};
struct model;
/* The role groups a peer is in, by its user and by all its groups. *out_label: what its user is
 * called, or the first group it is in by ("group mailops"); empty when neither is known. */
uint32_t role_groups_of_peer(const struct model *model, const struct role_peer *peer,
                             struct text *out_label);
/* The one object of "uid:1000", or NULL. */
struct role_member *role_member_of(const struct model *model, struct slice member);

#endif
