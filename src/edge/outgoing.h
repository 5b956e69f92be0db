/* SPDX-License-Identifier: Apache-2.0 */
/* outgoing - bytes to a client: through TLS if there is one, into the socket, and what it does not
 * take is kept. */
#ifndef EDGE_OUTGOING_H
#define EDGE_OUTGOING_H

#include "edge/connection.h"

/* Sends the edge's reply text and whatever waits; marks the connection broken when that fails. */
void outgoing_flush(struct connection *connection);
bool outgoing_waits(const struct connection *connection); /* some bytes have not left yet */
/* Asked before each command: whether it must wait, because the client leaves too many replies
 * unread (then the connection is marked as clogged). Sends first what can be sent: replies to a
 * long pipeline leave piece by piece. */
bool outgoing_is_clogged(struct connection *connection);

#endif
