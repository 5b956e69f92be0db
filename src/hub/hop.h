/* SPDX-License-Identifier: Apache-2.0 */
/* hop - what the files of the queues for other servers share. */
#ifndef HUB_HOP_H
#define HUB_HOP_H

#include "hub/hops.h"
#include "hub/said.h"
#include "hub/work.h"

struct lane {
    struct lane *next; /* of all lanes */
    struct hop *hop;
    struct peer *courier;
    uint64_t relay;
    uint64_t revision;    /* of the model its order comes from */
    uint64_t message;     /* under way; 0: none */
    struct work_list out; /* its recipients */
    bool inspects;        /* hub/sounding: it carries nothing */
    bool delivered;       /* it has brought something to an end */
    bool opened;          /* the courier knows of it; before that the vault is asked */
    bool locked;          /* it cannot be opened: the vault did not give the password, or */
    const struct slice *unprotected; /* why else, in the words of a reply */
};

struct hop {
    struct hop *next;      /* in its bucket */
    struct hop *next_busy; /* of those that hops_run looks at */
    bool busy;
    bool held;   /* suspended */
    bool proven; /* it has taken mail */
    struct object_id connector;
    struct work_list waiting;
    size_t lanes, lanes_most;
    uint32_t failures;    /* in a row */
    uint32_t turned_away; /* found it full, one after the other */
    int64_t retry_at_ms, last_retry_ms;
    struct text last_error;
    struct slice key, domain; /* the domain points into the key */
    char key_bytes[];
};

enum { HOP_BUCKETS = 4096 };

struct hops {
    struct hop *buckets[HOP_BUCKETS];
    struct lane *lanes;
    size_t lane_count;
    uint64_t last_relay;
    struct hop *busy; /* have work, or may */
    bool locked;      /* a lane is */
    uint64_t ticks;
};

/* --- hops.c --- */
const struct send_connector *hop_connector(const struct hub *hub, const struct hop *hop);
/* No host could be reached, or all that was tried broke off. */
void hop_failed(struct hub *hub, struct hop *hop, const struct said *said);
/* There is no such place, and there will be none: what waits comes back to its senders. */
void hop_refused(struct hub *hub, struct hop *hop, const struct said *said);
void hop_succeeded(struct hop *hop);
/* It has work again. */
void hop_put(struct hub *hub, struct hop *hop, struct work *work_take);
/* Nothing leaves for it now: HubTransport is out of service, or the queue is suspended. */
bool hop_is_held(const struct hub *hub, const struct hop *hop);

/* --- hop_lane.c --- */
/* Opens one more connection with the first message that waits. False: no courier has room. */
bool lane_open(struct hub *hub, struct hop *hop, const struct send_connector *connector);
void lanes_run(struct hub *hub); /* those the vault gave no password for are given up */
void lanes_end(struct hub *hub);
struct peer *lane_courier(struct hub *hub); /* one that has room; NULL: none */
bool lane_logs_in(const struct send_connector *connector);
/* Tells the lane's courier how to reach its hop. `password` is empty without a login. */
bool lane_order(struct hub *hub, const struct lane *lane, const struct send_connector *connector,
                struct slice password);

#endif
