/* SPDX-License-Identifier: Apache-2.0 */
/* sounding - what would become of mail for a domain, tried out: the connection its next message
 * would take, up to the message (courier/relay), with what each host has shown.
 *
 * It takes no part in the queues: nothing of it counts as a failure of the next hop, and a hop that
 * waits for its retry time is looked at all the same.
 */
#ifndef HUB_TRANSPORT_SOUNDING_H
#define HUB_TRANSPORT_SOUNDING_H

#include "hub/state.h"

enum {
    SOUNDING_LIMIT_MS = 45000, /* from the first step to the last answer */
    SOUNDING_SEEN_MAX = 100,   /* a courier that reports more hosts is passed over */
};

struct sounding_question {
    const struct send_connector *connector;
    struct slice domain;
    struct slice recipient; /* who is asked for; empty: nobody */
};

struct sounding_events {
    /* What is lent is good until it returns. */
    void (*seen)(void *context, const struct wire_relay_seen *seen);
    /* To the recipient; before the host that gave it is `seen`. */
    void (*recipient)(void *context, struct slice reply);
    /* Once. `why` is empty when a host was ready, else the last reply; ours where no host has said
     * one. */
    void (*done)(void *context, bool reached, struct slice why);
    void *context;
};

/* Everything is copied. False without memory, and then no event comes; they never come from within.
 */
MUST_USE bool sounding_start(struct hub *hub, const struct sounding_question *question,
                             const struct sounding_events *events);
/* False: it is the sounding of another courier. One whose time was over may still be spoken of. */
bool sounding_frame(struct hub *hub, struct peer *courier, const struct frame *frame);
void soundings_courier_lost(struct hub *hub, struct peer *courier);
void soundings_end(struct hub *hub); /* those under way are forgotten without an answer */

#endif
