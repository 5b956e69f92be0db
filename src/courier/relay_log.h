/* SPDX-License-Identifier: Apache-2.0 */
/* relay_log - one connection told row by row to the hub, which keeps the logs of sending.
 *
 *   protocol      what both say, what was found out about hosts and certificates, why a host was
 *                 left: only for connectors that want it; for all others each function here is the
 *                 test of a flag
 *   connectivity  a few rows of every connection: where to, what was reached, how much was sent
 *
 * Rows are frames among the others on the wire. They never hold up mail: when the wire is half
 * full, or this courier has sent its share of rows in this second, they are dropped, and the next
 * row of the same log that leaves says how many. All rows of one relay, to whichever of its hosts,
 * carry its number and are counted on.
 */
#ifndef COURIER_RELAY_LOG_H
#define COURIER_RELAY_LOG_H

#include "base/ip.h"
#include "smtp/send_witness.h"

struct relay;
struct mail_hosts;

struct relay_rows { /* of a courier; zero is the start */
    uint64_t second, sent;
    uint64_t protocol_lost, connectivity_lost;
};

struct relay_log { /* of a relay */
    struct send_witness witness;
    struct ip_endpoint local; /* of the last connection */
    char tls_version[16];     /* of the last connection; empty in clear */
    uint64_t sequence;
    uint64_t messages, bytes; /* that were taken by the server */
    bool verbose, connected;
};

/* A row of the protocol log, where the connector wants one. */
void relay_log_row(struct relay *relay, char event, struct slice data, struct slice context);
void relay_log_begin(struct relay *relay); /* its order is there, and its policy made */
/* The hosts of a domain, in the order of trying. */
void relay_log_found(struct relay *relay, const struct mail_hosts *walk);
void relay_log_dial(struct relay *relay);      /* the host that is tried */
void relay_log_connected(struct relay *relay); /* its socket is open */
void relay_log_note(struct relay *relay);      /* relay->why is something new */
void relay_log_handshake(struct relay *relay); /* it has succeeded; nothing is judged yet */
void relay_log_message(struct relay *relay);   /* its recipients have their fates */
void relay_log_closed(struct relay *relay);    /* before the socket and the session go */
void relay_log_end(struct relay *relay);

#endif
