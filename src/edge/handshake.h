/* SPDX-License-Identifier: Apache-2.0 */
/* handshake - TLS of one connection, from the first byte (implicit) or behind STARTTLS. */
#ifndef EDGE_HANDSHAKE_H
#define EDGE_HANDSHAKE_H

#include "edge/connection.h"

void handshake_begin(struct connection *connection);
/* Goes on with what came; false while it is open (or has ended the connection). When it is done the
 * session begins or goes on, with what is proven of the client. */
bool handshake_done(struct connection *connection);

#endif
