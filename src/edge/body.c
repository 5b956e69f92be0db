/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/body.h"

#include "edge/filters.h"
#include "edge/wants.h"

#include <string.h>

static uint64_t now_of(const struct connection *connection)
{
    return loop_now_ms(connection->edge->role.loop);
}

/* The hub takes no more for now: read nothing until it does. */
static bool hub_is_full(struct connection *connection)
{
    struct edge *edge = connection->edge;
    if (!channel_full(&edge->hub))
        return false;
    if (!connection->blocked) {
        connection->blocked = true;
        connection->next_blocked = edge->blocked;
        edge->blocked = connection;
    }
    return true;
}

/* Small pieces of content (dots taken away, line ends mended) leave together: each alone would cost
 * a frame, and a peer chooses how many there are. */
struct gather {
    struct connection *connection;
    size_t len;
    char bytes[4096];
};

static void gather_flush(struct gather *gather)
{
    if (gather->len)
        transaction_body(gather->connection, (struct slice){gather->bytes, gather->len});
    gather->len = 0;
}

static void gather_add(struct gather *gather, struct slice piece)
{
    if (piece.len > sizeof gather->bytes - gather->len)
        gather_flush(gather);
    if (piece.len > sizeof gather->bytes) {
        transaction_body(gather->connection, piece);
        return;
    }
    memcpy(gather->bytes + gather->len, piece.at, piece.len);
    gather->len += piece.len;
}

bool body_meet(struct connection *connection, struct slice *rest)
{
    struct transaction *transaction = connection->transaction;
    struct slice piece;
    if (rest->len == 0 || filters_hold(connection) || hub_is_full(connection))
        return false;
    if (!transaction->opened)
        transaction_begin_body(connection);
    struct gather gather;
    gather.connection = connection;
    gather.len = 0;
    enum dot_outcome outcome;
    while ((outcome = dot_take(&transaction->dot, rest, &piece)) == DOT_PIECE)
        gather_add(&gather, piece);
    gather_flush(&gather);
    if (outcome == DOT_MORE)
        return false;
    if (transaction->dot.bad_byte)
        transaction_refuse(connection, SESSION_STORE_BAD_BYTE);
    connection->want = session_body_ended(&connection->session, now_of(connection));
    return true;
}

static void take_chunk(struct connection *connection, struct slice content)
{
    struct octets *octets = &connection->transaction->octets;
    struct slice piece;
    if (connection->session.body == SESSION_BODY_BINARYMIME) {
        transaction_body(connection, content);
        return;
    }
    struct gather gather;
    gather.connection = connection;
    gather.len = 0;
    while (octets_take(octets, &content, &piece))
        gather_add(&gather, piece);
    gather_flush(&gather);
    if (octets->bad_byte)
        transaction_refuse(connection, SESSION_STORE_BAD_BYTE);
}

bool body_meet_chunk(struct connection *connection, struct slice *rest)
{
    const struct session_chunk *chunk = session_chunk(&connection->session);
    if (filters_hold(connection) || hub_is_full(connection))
        return false;
    if (!connection->chunk_open) {
        connection->chunk_open = true;
        connection->chunk_left = chunk->size;
        if (!chunk->discard && !connection->transaction->opened)
            transaction_begin_body(connection);
    }
    struct slice piece =
        slice_first(*rest, rest->len < connection->chunk_left ? rest->len : connection->chunk_left);
    *rest = slice_after(*rest, piece.len);
    connection->chunk_left -= piece.len;
    if (!chunk->discard && piece.len)
        take_chunk(connection, piece);
    if (connection->chunk_left)
        return false;
    connection->chunk_open = false;
    connection->want =
        session_chunk_ended(&connection->session, now_of(connection), &connection->edge->reply);
    if (session_transaction_dropped(&connection->session))
        wants_drop_transaction(connection);
    return true;
}
