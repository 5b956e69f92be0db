/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/outgoing.h"

#include "edge/protocol_log.h"

#include <errno.h>
#include <sys/socket.h>

_Static_assert(EDGE_REPLIES_MAX + SESSION_REPLY_MAX <= EDGE_UNSENT_MAX, "no reply is cut");
_Static_assert((int)EDGE_UNSENT_MAX <= (int)TLS_WRITE_MAX, "one write takes all replies");

bool outgoing_waits(const struct connection *connection)
{
    return connection->unsent.len ||
           (connection->engine && tls_engine_cipher_out(connection->engine).len);
}

static size_t waiting(const struct connection *connection)
{
    size_t cipher = connection->engine ? tls_engine_cipher_out(connection->engine).len : 0;
    return connection->edge->reply.len + connection->unsent.len + cipher;
}

/* Returns how many bytes the socket took. */
static size_t push(struct connection *connection, struct slice bytes)
{
    size_t pushed = 0;
    while (pushed < bytes.len && !connection->broken) {
        ssize_t sent = send(connection->fd, bytes.at + pushed, bytes.len - pushed,
                            MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EAGAIN)
            break;
        if (sent < 0 && errno != EINTR)
            connection->broken = true;
        else if (sent > 0)
            pushed += (size_t)sent;
    }
    return pushed;
}

static void flush_unsent(struct connection *connection)
{
    size_t pushed = push(connection, text_slice(&connection->unsent));
    text_consume(&connection->unsent, pushed);
    if (connection->unsent.len == 0 && connection->unsent.capacity) {
        text_deinit(&connection->unsent);
        connection->unsent = text_with_ceiling(EDGE_UNSENT_MAX);
    }
}

static void flush_cipher(struct connection *connection)
{
    struct slice cipher;
    while ((cipher = tls_engine_cipher_out(connection->engine)).len && !connection->broken) {
        size_t pushed = push(connection, cipher);
        tls_engine_cipher_out_sent(connection->engine, pushed);
        if (pushed < cipher.len)
            return;
    }
}

static void send_plain(struct connection *connection, struct slice reply)
{
    if (connection->unsent.len == 0)
        reply = slice_after(reply, push(connection, reply));
    if (!text_append(&connection->unsent, reply))
        connection->broken = true;
}

void outgoing_flush(struct connection *connection)
{
    struct slice reply = text_slice(&connection->edge->reply);
    if (connection->broken)
        return;
    protocol_log_replies(connection, true);
    flush_unsent(connection);
    /* the 220 of STARTTLS goes in clear: the engine exists only once it was written */
    if (!connection->engine || connection->unsent.len) {
        send_plain(connection, reply);
    } else if (!connection->handshake_deadline_ms && reply.len &&
               tls_engine_write(connection->engine, reply) != TLS_OK) {
        connection->closing = true;
    }
    text_clear(&connection->edge->reply);
    if (connection->engine && connection->closing && !connection->handshake_deadline_ms)
        tls_engine_close_notify(connection->engine);
    if (connection->engine && connection->unsent.len == 0)
        flush_cipher(connection);
}

bool outgoing_is_clogged(struct connection *connection)
{
    if (waiting(connection) >= EDGE_REPLIES_MAX)
        outgoing_flush(connection);
    connection->clogged = waiting(connection) >= EDGE_REPLIES_MAX;
    return connection->clogged;
}
