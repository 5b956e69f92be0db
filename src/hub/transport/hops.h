/* SPDX-License-Identifier: Apache-2.0 */
/* hops - the queues for other servers: one for each next hop, with what is in hand for it, the
 * connections that carry it, and its patience.
 *
 * A hop begins with one connection; once it has taken mail there may be as many as there is work
 * for, at most HOP_LANES_MAX, or what the host bears. One without work is kept for two seconds, so
 * that mail that comes in drops shares it. When no host of the hop can be reached, all that is in
 * hand waits until its retry time, and then one connection tries alone before the others follow.
 * Hops that have not taken mail lately share a part of all connections (hub/transport/lane_share).
 * Suspects (hub/transport/isolation) have hops of their own beside those of all other mail.
 * Before a connection with a login is opened, the vault is asked for its password.
 *
 *     key      dns:CONNECTOR:DOMAIN or hosts:CONNECTOR (model/routing); mailbox, where another
 *              server holds the mailboxes (hub/transport/mailbox_transport)
 *     lane     a connection, in a courier (courier/relay): one message at a time, with all its
 *              recipients of the hop
 */
#ifndef HUB_TRANSPORT_HOPS_H
#define HUB_TRANSPORT_HOPS_H

#include "hub/state.h"
#include "model/routing.h"

struct parcel;

enum {
    HOP_LANES_MAX = 20,    /* MaxPerDomainOutboundConnections */
    HOP_WAITING_MAX = 500, /* in hand for one hop; more is left to the store */
};

MUST_USE int hops_begin(struct hub *hub);
void hops_end(struct hub *hub);
/* Takes the parcel, which may be settled at once. */
void hops_add(struct hub *hub, struct slice key, struct parcel *parcel_take);
/* Opens connections where there is work; at the end of a turn. */
void hops_run(struct hub *hub);
void hops_tick(struct hub *hub); /* the same, and forgets hops without work, now and then */
/* The store has suspended or resumed the queue of this key. */
void hops_hold(struct hub *hub, struct slice key, bool held);
/* Connections that were made by the configuration as it was take no more mail. */
void hops_configuration_changed(struct hub *hub);
void hops_retry(struct hub *hub, struct slice key); /* its retry time has come */
/* Another place than before is meant by the key: what was learnt of that one is of no use. */
void hops_forget(struct hub *hub, struct slice key);
/* As scheduler_give_back. */
void hops_give_back(struct hub *hub, uint64_t message, bool removed);
/* Of a courier: RELAY_WANTS, RELAY_AUTHOR, RELAY_DIGESTS, RELAY_OUTCOME, RELAY_ENDED. False: it
 * breaks the order. */
bool hops_frame(struct hub *hub, struct peer *courier, const struct frame *frame);
void hops_courier_lost(struct hub *hub, struct peer *courier);

struct hop_state {      /* for Get-Queue */
    const char *status; /* Active, Connecting, Retry; NULL: nothing is going on */
    struct slice last_error;
    uint32_t failures;
    int64_t retry_at_ms, last_retry_ms, first_retry_ms; /* 0: none */
    size_t connections;
};
/* False: nothing is known of it: no attempt, or long ago. */
bool hops_state(struct hub *hub, struct slice key, struct hop_state *out);

#endif
