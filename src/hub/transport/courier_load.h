/* SPDX-License-Identifier: Apache-2.0 */
/* courier_load - what a courier has in hand, and what it may have besides.
 *
 * A message that a courier had in hand when it died is a suspect (hub/transport/poison). One that
 * has seen a single death shares a courier with few others of its kind; one that has seen more is
 * alone with it, so that the next death says which it was.
 */
#ifndef HUB_TRANSPORT_COURIER_LOAD_H
#define HUB_TRANSPORT_COURIER_LOAD_H

#include "hub/transport/lane_share.h"

#include <stdint.h>

enum {
    COURIER_WINDOW = 32,       /* deliveries to mailboxes */
    COURIER_LANES_MAX = 500,   /* connections to other servers */
    COURIER_SUSPECTS_MAX = 16, /* of one death each */
    COURIER_REST_MS = 5000,    /* so long one that had no memory for a connection opens none */
    SUSPECT_ALONE_DEATHS = 2,
};

struct courier_load {
    size_t deliveries; /* to mailboxes: handed out and not yet answered */
    size_t messages;   /* in hand, these and those for other servers */
    size_t suspects;   /* of these */
    bool alone;        /* one of them is, and nothing else is given */
    bool reserved;     /* somebody waits until it has nothing in hand (hub/transport/quarantine) */
    struct lane_share lanes; /* its connections to other servers */
    int64_t rests_until_ms;  /* it opens no connection before */
};

/* Whether a message that has seen so many deaths may be given to it. */
bool courier_load_takes(const struct courier_load *load, uint32_t deaths);
void courier_load_add(struct courier_load *load, uint32_t deaths);
void courier_load_done(struct courier_load *load, uint32_t deaths);
bool courier_load_opens(const struct courier_load *load, enum lane_trust trust, int64_t now_ms);

#endif
