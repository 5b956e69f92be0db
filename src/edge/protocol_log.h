/* SPDX-License-Identifier: Apache-2.0 */
/* protocol_log - one session told row by row to the hub, which keeps the protocol log.
 *
 * Only sessions of connectors that want it have one, and those of clients an administrator watches;
 * for all others each function here is the test of a pointer. Rows are frames among the others on
 * the wire. They never hold up mail: when the wire is half full, or this edge has sent its share of
 * rows in this second, they are dropped, and the next row that leaves says how many.
 *
 * Replies are taken from the edge's reply text, in which those to pipelined commands gather: they
 * are written down before the next row, or when they are sent.
 */
#ifndef EDGE_PROTOCOL_LOG_H
#define EDGE_PROTOCOL_LOG_H

#include "edge/connection.h"

/* Connected: begins to log when the connector wants it, or the client's address is raised. */
void protocol_log_open(struct connection *connection);
/* The hub says whose sessions are to be logged for a while; those that are open are from now on. */
void protocol_log_raise(struct edge *edge, const struct wire_session_logging *logging);
void protocol_log_close(struct connection *connection); /* says who ended it, and ends the log */

void protocol_log_command(struct connection *connection, struct slice line);
/* A line that was refused as it stands; its bytes are not shown. */
void protocol_log_bad_line(struct connection *connection, bool too_long);
/* Replies that were written since the last row; `sent`: the text is emptied behind it. */
void protocol_log_replies(struct connection *connection, bool sent);
/* The replies are held back for so long; then they are in the reply text again, known to the log.
 */
void protocol_log_tarpit(struct connection *connection, int64_t interval_ms);
void protocol_log_held(struct connection *connection);
/* Information: either part may be empty. */
void protocol_log_note(struct connection *connection, struct slice data, const char *context);
void protocol_log_rights(struct connection *connection);
void protocol_log_logged_in(struct connection *connection);
void protocol_log_certificate(
    struct connection *connection);                         /* the one that is presented, and why */
void protocol_log_handshake(struct connection *connection); /* has succeeded */
/* What the client has shown of itself in the handshake, where it was asked to. */
void protocol_log_peer(struct connection *connection);
void protocol_log_message(struct connection *connection); /* a transaction begins */
/* A right was missing: `what` was refused. */
void protocol_log_refusal(struct connection *connection, const char *what, const char *right);
/* Who ended the connection, when it was not this server. */
void protocol_log_remote_end(struct connection *connection, int error);

#endif
