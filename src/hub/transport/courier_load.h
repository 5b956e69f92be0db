/* SPDX-License-Identifier: Apache-2.0 */
/* courier_load - what a courier has in hand, and what it may have besides.
 *
 * A courier that is there for suspects (hub/transport/isolation) has few of them at a time. One
 * that takes long does not stop those behind it: when none was given for COURIER_STUCK_MS, there is
 * room for one more. Nobody is convicted for a death that had witnesses.
 */
#ifndef HUB_TRANSPORT_COURIER_LOAD_H
#define HUB_TRANSPORT_COURIER_LOAD_H

#include "hub/transport/isolation.h"
#include "hub/transport/lane_share.h"

enum {
    COURIER_WINDOW = 32,     /* deliveries to mailboxes */
    COURIER_LANES_MAX = 500, /* connections to other servers, of any courier */
    COURIER_REST_MS = 5000,  /* so long one that had no memory for a connection opens none */
    COURIER_STUCK_MS = 10000,
};

/* How its process ended. */
enum courier_end { COURIER_END_UNKNOWN, COURIER_END_CRASH, COURIER_END_OUTSIDE };

struct courier_load {
    enum isolation isolation; /* whom it is there for */
    bool asked_for;           /* hub/transport/isolators */
    size_t deliveries;        /* to mailboxes: handed out and not yet answered */
    size_t messages;          /* in hand, these and those for other servers */
    int64_t given_at_ms;      /* the last of them */
    struct lane_share lanes;  /* its connections to other servers */
    int64_t rests_until_ms;   /* it opens no connection before */
    enum courier_end end;     /* known before its wire was seen to close */
};

/* Whether one more message may be given to it. */
bool courier_load_takes(const struct courier_load *load, int64_t now_ms);
void courier_load_add(struct courier_load *load, int64_t now_ms);
void courier_load_done(struct courier_load *load);
bool courier_load_opens(const struct courier_load *load, enum lane_trust trust, int64_t now_ms);

#endif
