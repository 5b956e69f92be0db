/* SPDX-License-Identifier: Apache-2.0 */
/* refusal - what callers hear who are not let in, and how often the log hears of them.
 *
 * Each says who the caller is, as the server sees him, and the command that would let him in.
 */
#ifndef HUB_REFUSAL_H
#define HUB_REFUSAL_H

#include "hub/call.h"
#include "hub/places.h"

struct refusals { /* of one control socket; zeroed at first */
    int64_t said_ms;
    size_t unsaid; /* since then */
};

/* An event, at most one a minute: anybody can be refused as often as he likes, and old rows make
 * room for new ones. True: it was logged. */
bool refusal_log(struct refusals *refusals, const struct caller *who, const char *why);
/* These end the call. */
void refusal_of_stranger(struct call *call);
void refusal_of_token(struct call *call, enum caller_token wrong);
/* There is no place for him: said at once, as far as the socket takes it. Closes it. */
void refusal_of_place(const struct caller *who, int fd_take, enum place place);

#endif
