/* SPDX-License-Identifier: Apache-2.0 */
/* hop - what the files of the queues for other servers share.
 *
 *   hops.c          the hops: by key, their patience, what waits for them
 *   hop_lane.c      their connections: opened, given work, kept for a while, ended
 *   lane_frames.c   what couriers say of them
 *   lane_order.c    what couriers are told
 */
#ifndef HUB_TRANSPORT_HOP_H
#define HUB_TRANSPORT_HOP_H

#include "hub/transport/hops.h"
#include "hub/transport/lane_index.h"
#include "hub/transport/parcel.h"
#include "hub/transport/said.h"

struct lane_signing { /* of the message under way */
    bool may;         /* it is one of ours, and was not signed for this lane yet */
    bool chosen;      /* its author was named, and has keys */
    struct object_id config;
    unsigned place;
};

struct lane {
    struct lane_node node;
    struct lane *next_idle; /* of its hop */
    struct hop *hop;
    struct peer *courier;
    enum lane_trust trust;  /* what it counts as (hub/transport/lane_share) */
    uint64_t message;       /* under way; 0: none */
    struct parcel_list out; /* its recipients */
    struct body_loan
        loan; /* the bytes under the courier's descriptor; it may be removed meanwhile */
    struct lane_signing signing;
    uint64_t generation;   /* of the configuration it was opened for */
    int64_t idle_until_ms; /* 0: it is not idle */
    bool given;            /* it has had a message */
    bool carried;          /* it has brought something to an end */
    bool ready;            /* a server has been reached: it is asked for messages */
    bool finishing;        /* the courier was told that nothing follows */
    bool inspects;         /* hub/transport/sounding: it carries nothing */
    bool locked;           /* it cannot be opened: the vault did not give the password, or */
    const struct slice *unprotected; /* why else, in the words of a reply */
};

struct hop {
    struct hop *next;      /* in its bucket */
    struct hop *next_busy; /* of those that hops_run looks at */
    bool busy;
    bool held;                /* suspended */
    bool proven;              /* it has taken mail, and did not fail since */
    bool to_mailboxes;        /* to the server that holds them; it has no connector's id */
    enum sender_tls tls;      /* of all that goes there */
    enum isolation isolation; /* what waits here is given to couriers of this kind */
    struct object_id connector;
    size_t connector_near; /* where it probably is in the model */
    struct parcel_list waiting;
    struct lane *idle; /* connections without work, the latest first */
    size_t idle_count;
    size_t lanes, lanes_most;
    size_t fresh;          /* of its connections: have carried nothing so far */
    size_t dialling;       /* of its connections: have reached nobody so far */
    uint32_t failures;     /* in a row */
    uint32_t turned_away;  /* found it full, one after the other */
    int64_t full_until_ms; /* what was turned away is due by then; there is room before */
    int64_t refill_at_ms;  /* the store is asked for it again */
    int64_t retry_at_ms, last_retry_ms;
    int64_t first_retry_ms; /* of those in a row */
    struct text last_error;
    struct text last_reply, last_server; /* the same: what was said, and of whom */
    struct ip_address last_address;
    bool last_ours;
    struct slice key, domain; /* the domain points into the key */
    char key_bytes[];
};

enum {
    HOP_BUCKETS = 4096,
    RELAY_STEP = 1 << 6, /* from one relay to the next: the low bits tell them from sessions */
};

struct hops {
    struct hop *buckets[HOP_BUCKETS];
    struct lane_index index;
    struct lane_share share;
    uint64_t last_relay;
    uint64_t generation;          /* of what lanes are told: grows when it changes */
    struct hop *busy, **busy_end; /* have work, or may: who has waited longest first */
    bool locked;                  /* a lane is */
    bool crowded;                 /* somebody found no room for a connection */
    uint64_t ticks;
};

/* --- hops.c --- */
const struct send_connector *hop_connector(const struct hub *hub, struct hop *hop);
/* No host could be reached, or all that was tried broke off. */
void hop_failed(struct hub *hub, struct hop *hop, const struct said *said);
/* There is no such place, and there will be none: what waits comes back to its senders. */
void hop_refused(struct hub *hub, struct hop *hop, const struct said *said);
void hop_succeeded(struct hop *hop);
/* It has work again. */
void hop_put(struct hub *hub, struct hop *hop, struct parcel *parcel_take);
/* Nothing leaves for it now: HubTransport is out of service, or the queue is suspended. */
bool hop_is_held(const struct hub *hub, const struct hop *hop);

/* --- hop_lane.c --- */
/* Opens one more connection for what waits. False: there is no room for it. */
bool lane_open(struct hub *hub, struct hop *hop, const struct send_connector *connector);
/* What waits is given to connections that are idle. */
void lanes_give(struct hub *hub, struct hop *hop);
/* The next message, or a while without work, or the end. */
void lane_go_on(struct hub *hub, struct lane *lane);
/* The message under way is with the courier no more. */
void lane_put_down(struct hub *hub, struct lane *lane);
void lane_is_ready(struct lane *lane);
void lane_carried(struct hub *hub, struct lane *lane);
void lane_free(struct hub *hub, struct lane *lane); /* what is under way with it, too */
void lanes_run(struct hub *hub);       /* those the vault gave no password for are given up */
void lanes_tick(struct hub *hub);      /* those that have been idle long enough come to an end */
void lanes_make_room(struct hub *hub); /* all that are idle do */
void lanes_end(struct hub *hub);
struct peer *lane_courier(struct hub *hub); /* one that has room, for no suspect; NULL: none */
bool lane_logs_in(const struct send_connector *connector);

/* --- lane_frames.c --- */
/* It is over for a reason of our own, before the courier knew of it. */
void lane_unopened(struct hub *hub, struct lane *lane, struct slice why);

/* --- lane_order.c: false where the courier or the store does not take part --- */
/* `password` is empty without a login. */
bool lane_send_order(struct hub *hub, const struct lane *lane,
                     const struct send_connector *connector, struct slice password);
bool lane_send_message(struct hub *hub, struct lane *lane); /* with all its recipients */
void lane_send_finish(const struct lane *lane);

/* --- lane_signing.c --- */
/* A message is about to be given. Returns whether the courier is to ask for a signature. */
bool lane_may_sign(struct hub *hub, struct lane *lane);
/* RELAY_AUTHOR, RELAY_DIGESTS. False: out of order. */
bool lane_sign(struct hub *hub, struct lane *lane, const struct frame *frame);

#endif
