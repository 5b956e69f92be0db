/* SPDX-License-Identifier: Apache-2.0 */
/* caller - who calls on the control socket, and the role groups it has.
 *
 * The kernel says who connected (SO_PEERCRED, SO_PEERGROUPS); nothing the caller says about itself
 * counts, except a token, whose role groups then stand in the place of the caller's own. Judged
 * anew for each request: what was taken away is gone at the next one.
 */
#ifndef HUB_CALLER_H
#define HUB_CALLER_H

#include "hub/state.h"

enum { CALLER_ACTOR_MAX = 320, CALLER_MEMBER_MAX = 80 };

struct caller {
    struct hub *hub;
    int fd; /* borrowed */
    uid_t uid;
    gid_t gid;
    bool built_in;                  /* root, or the user the server runs as */
    bool with_token;                /* and then: */
    struct object_id token;         /* which */
    uint32_t role_groups;           /* enum role_group mask; 0: none */
    char actor[CALLER_ACTOR_MAX];   /* "uid 1000 (alice)", "token NAME" */
    char member[CALLER_MEMBER_MAX]; /* the same as -Member takes it: "uid:1000", "token:NAME" */
};

enum caller_token {
    CALLER_TOKEN_ACCEPTED,
    CALLER_TOKEN_MALFORMED, /* no token, or one that was cut short */
    CALLER_TOKEN_UNKNOWN,   /* never made here, or removed before the last start */
    CALLER_TOKEN_REMOVED,
    CALLER_TOKEN_EXPIRED,
};

/* Who is at the other end. -errno: the kernel does not say. */
MUST_USE int caller_begin(struct caller *caller, struct hub *hub, int fd);
/* Anew. Anything but ACCEPTED: the token it has used is no longer good, and it has no role group.
 */
enum caller_token caller_judge(struct caller *caller);
/* From here on it has the role groups of the token, if it is a good one. */
enum caller_token caller_take_token(struct caller *caller, struct slice written);
/* What to say of a token that is refused. */
const char *caller_token_sentence(enum caller_token token);

#endif
