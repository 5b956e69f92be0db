/* SPDX-License-Identifier: Apache-2.0 */
/* courier_load - what a courier has in hand, and what it may have besides. */
#ifndef HUB_COURIER_LOAD_H
#define HUB_COURIER_LOAD_H

#include "hub/lane_share.h"

#include <stdint.h>

enum {
    COURIER_WINDOW = 32,     /* deliveries to mailboxes */
    COURIER_LANES_MAX = 500, /* connections to other servers */
    COURIER_REST_MS = 5000,  /* so long one that had no memory for a connection opens none */
};

struct courier_load {
    size_t deliveries;       /* to mailboxes: handed out and not yet answered */
    struct lane_share lanes; /* its connections to other servers */
    int64_t rests_until_ms;  /* it opens no connection before */
};

bool courier_load_opens(const struct courier_load *load, enum lane_trust trust, int64_t now_ms);

#endif
