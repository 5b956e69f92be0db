/* SPDX-License-Identifier: Apache-2.0 */
/* relay - one connection to another server, with the messages the hub gives it one after the other.
 *
 * The hosts of the next hop are tried in order, address after address, until one is ready for a
 * message; then that one it is, and only then the first is asked for (WIRE_RELAY_WANTS): nothing is
 * in hand while somebody is waited for who may never answer. Every recipient that came is reported
 * with its fate (WIRE_RELAY_OUTCOME), and behind the last of a message the next is asked for. At
 * the end, whatever brought it about, WIRE_RELAY_ENDED says why; behind it nothing follows.
 */
#ifndef COURIER_RELAY_H
#define COURIER_RELAY_H

#include "courier/relay_identity.h"
#include "courier/relay_log.h"
#include "tls/root_store.h"
#include "wire/channel.h"

enum {
    RELAYS_MAX = 1000,          /* of one courier */
    RELAY_LOOK_MS = 10000,      /* for one address, when somebody waits for the answer */
    RELAY_RECIPIENTS_MAX = 100, /* of one message */
    RELAY_CONNECT_MS = 30000,   /* for one address; the greeting may take five minutes more */
    RELAY_BUCKETS = 256,
};

struct relay;
struct sts_policies;

struct relays { /* of a courier; borrowed ones outlive them */
    struct loop *loop;
    struct channel *hub;
    struct tls_context *tls;       /* a client's, without a certificate of its own */
    struct root_store *trust;      /* what certificates are judged by */
    struct resolver *resolver;     /* NULL: names cannot be found, addresses can */
    struct sts_policies *policies; /* NULL: domains are not asked for theirs */
    struct relay_identities identities;
    struct relay_rows rows;
    struct relay *buckets[RELAY_BUCKETS]; /* by number */
    size_t count;
};

/* False: the frame speaks of a relay that is not there, or breaks the order; what it carried is
 * dropped. A hub that does so has been started again: nothing is lost. `fd_take` is -1 or the
 * body's. */
bool relays_frame(struct relays *relays, const struct frame *frame, int fd_take);
void relays_end(struct relays *relays); /* without a word to the hub or the servers */

#endif
