/* SPDX-License-Identifier: Apache-2.0 */
/* opening - a client before there is a session: its place, its PROXY header, its first TLS hello.
 *
 * While a header or a handshake is awaited nothing can be said to the client, not even goodbye. The
 * connector is found when the client is known: at once, or by the header of the load balancer.
 */
#ifndef EDGE_OPENING_H
#define EDGE_OPENING_H

#include "edge/connection.h"

/* Takes a socket just accepted; may close it at once. */
void opening_take_socket(struct edge *edge, int fd_take, struct ip_endpoint client,
                         struct ip_endpoint local);
/* A PROXY header or a TLS handshake is awaited; with implicit TLS there is no session yet. */
bool opening_lasts(const struct connection *connection);
bool opening_overdue(const struct connection *connection, uint64_t now_ms); /* while it lasts */
/* Bytes of a connection whose header is awaited; those behind it are the client's first. */
void opening_take_proxy_header(struct connection *connection, struct slice bytes);
void opening_greet(struct connection *connection); /* the session begins */

#endif
