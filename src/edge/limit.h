/* SPDX-License-Identifier: Apache-2.0 */
/* limit - connections and messages of each source, counted over all edges of this machine.
 *
 * A source is an IPv4 address, the first 64 bits of an IPv6 address (what one customer gets), or a
 * user who logged in. The counts lie in memory that edges show each other (base/tally).
 */
#ifndef EDGE_LIMIT_H
#define EDGE_LIMIT_H

#include "base/ip.h"
#include "base/tally.h"
#include "model/limit.h"
#include "wire/messages.h"

struct limits {
    struct tally *own; /* also among `all`; NULL until the supervisor has sent it */
    const struct tally *all[WIRE_EDGES_MAX];
};

/* Takes the memory of edge `index`, ours when `own`. False when it cannot be used. */
bool limits_take(struct limits *limits, size_t index, bool own, int fd_take);

struct limit_keys { /* what a connection is counted under; zero: nothing */
    uint64_t connector, source;
};

/* Counts one more connection. When a limit stands in the way it is not counted, and out_keys is
 * zero. */
struct limit_answer limit_enter(struct limits *limits, const struct receive_connector *connector,
                                struct ip_address client, uint64_t now_ms,
                                struct limit_keys *out_keys);
void limit_leave(struct limits *limits, struct limit_keys *keys);

/* Counts one more message; false when MessageRateLimit stands in the way, and it is not counted.
 * `account`: who logged in, or empty. */
bool limit_message(struct limits *limits, const struct receive_connector *connector,
                   struct ip_address client, struct slice account, uint64_t now_ms);

#endif
