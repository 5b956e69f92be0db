/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/connection.h"

#include "edge/account.h"
#include "edge/alternate.h"
#include "edge/configuration.h"
#include "edge/connections.h"
#include "edge/filters.h"
#include "edge/handshake.h"
#include "edge/login.h"
#include "edge/opening.h"
#include "edge/outgoing.h"
#include "edge/protocol_log.h"
#include "edge/tarpit.h"
#include "edge/wants.h"
#include "os/descriptor.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void on_ready(void *context, unsigned events);

static uint64_t now_of(const struct connection *connection)
{
    return loop_now_ms(connection->edge->role.loop);
}

void connection_free(struct connection *connection)
{
    struct edge *edge = connection->edge;
    protocol_log_close(connection);
    watch_stop(&connection->watch);
    for (struct connection **link = &edge->blocked; *link; link = &(*link)->next_blocked)
        if (*link == connection) {
            *link = connection->next_blocked;
            break;
        }
    if (connection->transaction && connection->transaction->begun)
        channel_send(&edge->hub, WIRE_MESSAGE_ABANDON, &(struct wire_session){connection->id}, -1);
    login_abandon(connection);
    filters_free(connection);
    transaction_free(connection->transaction);
    account_free(connection->account);
    client_certificate_free(connection->shown);
    tls_engine_free(connection->engine);
    tls_context_unref(connection->context);
    configuration_unref(connection->configuration);
    text_deinit(&connection->pending);
    text_deinit(&connection->unsent);
    tarpit_free(connection->tarpit);
    limit_leave(&edge->limits, &connection->counted);
    close_fd(&connection->fd);
    connections_remove(edge, connection);
    free(connection);
}

struct connection *connection_new(struct edge *edge, int fd, struct ip_endpoint client,
                                  struct ip_endpoint local)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        return NULL;
    *connection = (struct connection){.edge = edge,
                                      .fd = fd,
                                      .opened_ms = loop_now_ms(edge->role.loop),
                                      .client = client,
                                      .local = local};
    if (!connections_add(edge, connection)) {
        free(connection);
        return NULL;
    }
    connection->configuration = configuration_ref(edge->configuration);
    connection->pending = text_with_ceiling(EDGE_PENDING_MAX);
    connection->unsent = text_with_ceiling(EDGE_UNSENT_MAX);
    watch_init(&connection->watch, edge->role.loop, fd, on_ready, connection);
    return connection;
}

struct submission connection_submission(const struct connection *connection)
{
    return (struct submission){.model = connection->configuration->model,
                               .connector = connection->connector,
                               .mailbox =
                                   connection->account ? &connection->account->mailbox : NULL,
                               .peer = &connection->peer,
                               .who = connection->who,
                               .rights = connection->rights};
}

/* --- reading --- */

/* How much may be read now: nothing while an answer of another role is awaited. */
static bool may_read(const struct connection *connection)
{
    return !connection->asked && !connection->blocked && !connection->tarpit &&
           !connection->clogged && !connection->closing;
}

/* After every entry from outside: send what was written, then wait for the right thing or end. */
void connection_settle(struct connection *connection)
{
    outgoing_flush(connection);
    if (connection->broken || (connection->closing && !outgoing_waits(connection))) {
        connection_free(connection);
        return;
    }
    if (connection->engine && !outgoing_waits(connection) && !connection->asked)
        tls_engine_idle(connection->engine);
    /* while an answer is awaited the watch stays as it is: most clients are silent then, and two
     * system calls saved */
    bool reading =
        may_read(connection) || (connection->asked && connection->watch.armed & LOOP_READ);
    bool writing = outgoing_waits(connection) || connection->clogged;
    watch_set(&connection->watch, (reading ? LOOP_READ : 0u) | (writing ? LOOP_WRITE : 0u));
}

/* Plain bytes of the client, behind those that were kept from before. What cannot be used yet is
 * kept. */
static void take_plain(struct connection *connection, struct slice bytes)
{
    bool kept = connection->pending.len > 0;
    if (kept && !text_append(&connection->pending, bytes)) {
        connection->broken = true;
        return;
    }
    struct slice rest = kept ? text_slice(&connection->pending) : bytes;
    wants_run(connection, &rest);
    if (connection->broken)
        return;
    if (kept)
        text_consume(&connection->pending, connection->pending.len - rest.len);
    else if (!text_append(&connection->pending, rest))
        connection->broken = true;
    if (connection->pending.len == 0)
        text_deinit(&connection->pending);
    connection->pending.ceiling = EDGE_PENDING_MAX;
}

static void read_plain(struct connection *connection)
{
    struct edge *edge = connection->edge;
    while (!connection->broken && !connection->closing) {
        size_t len;
        enum tls_outcome outcome =
            tls_engine_read(connection->engine, edge->plain, sizeof edge->plain, &len);
        if (outcome == TLS_CLOSED || outcome == TLS_FAILED) {
            protocol_log_remote_end(connection, 0);
            connection->closing = true;
        }
        if (outcome != TLS_OK)
            return;
        take_plain(connection, (struct slice){edge->plain, len});
    }
}

static void take_cipher(struct connection *connection, struct slice cipher)
{
    while (cipher.len && !connection->broken && !connection->closing) {
        size_t taken = tls_engine_cipher_in(connection->engine, cipher);
        cipher = slice_after(cipher, taken);
        if (handshake_done(connection))
            read_plain(connection);
        if (taken == 0)
            connection->broken = true;
    }
}

void connection_take_bytes(struct connection *connection, struct slice bytes)
{
    if (connection->engine)
        take_cipher(connection, bytes);
    else
        take_plain(connection, bytes);
}

static void receive(struct connection *connection)
{
    struct edge *edge = connection->edge;
    ssize_t got = recv(connection->fd, edge->buffer, sizeof edge->buffer, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        protocol_log_remote_end(connection, got < 0 ? errno : 0);
        connection->broken = true;
        return;
    }
    if (!opening_lasts(connection))
        session_activity(&connection->session, now_of(connection));
    struct slice bytes = {edge->buffer, (size_t)got};
    if (connection->proxy_deadline_ms)
        opening_take_proxy_header(connection, bytes);
    else
        connection_take_bytes(connection, bytes);
}

/* By the newest configuration, not by the session's own. */
static bool is_out_of_service(const struct connection *connection)
{
    return connection->connector &&
           connection->edge->configuration->admits[connection->connector->transport_role] ==
               COMPONENT_INACTIVE;
}

static bool must_leave(const struct connection *connection)
{
    return connection->edge->draining || connection->stopping || is_out_of_service(connection);
}

/* 421, but not while an answer is awaited. When the server ends, a transaction may be finished
 * first. */
static void say_goodbye(struct connection *connection)
{
    if ((connection->transaction && !connection->stopping) || connection->asked ||
        connection->closing || opening_lasts(connection))
        return;
    connection->want = session_shutdown(&connection->session, &connection->edge->reply);
    connection->closing = true;
}

static void on_ready(void *context, unsigned events)
{
    struct connection *connection = context;
    text_clear(&connection->edge->reply);
    if (events & LOOP_READ && may_read(connection))
        receive(connection);
    else if (events & LOOP_READ) /* it was not silent */
        watch_set(&connection->watch, 0);
    if (connection->clogged)
        take_plain(connection, (struct slice){0});
    if (must_leave(connection))
        say_goodbye(connection);
    connection_settle(connection);
}

/* --- going on --- */

void connection_go_on(struct connection *connection)
{
    take_plain(connection, (struct slice){0});
    if (must_leave(connection))
        say_goodbye(connection);
    connection_settle(connection);
}

void connection_unblocked(struct connection *connection)
{
    connection->blocked = false;
    text_clear(&connection->edge->reply);
    connection_go_on(connection);
}

/* --- time and the end --- */

void connection_sweep(struct connection *connection, uint64_t now_ms)
{
    if (opening_lasts(connection)) {
        if (opening_overdue(connection, now_ms)) {
            text_clear(&connection->edge->reply);
            protocol_log_note(connection, (struct slice){0}, "TLS negotiation took too long");
            connection_free(connection);
        }
        return;
    }
    if (connection->tarpit || now_ms < session_deadline_ms(&connection->session))
        return;
    if (connection->closing) { /* its last words were not taken in time */
        connection_free(connection);
        return;
    }
    text_clear(&connection->edge->reply);
    connection->want = session_timeout(&connection->session, now_ms, &connection->edge->reply);
    connection->closing = true;
    connection_settle(connection);
}

void connection_stop(struct connection *connection)
{
    connection->stopping = true;
    connection_drain(connection);
}

void connection_configured(struct connection *connection)
{
    if (is_out_of_service(connection))
        connection_drain(connection);
}

void connection_drain(struct connection *connection)
{
    if (opening_lasts(connection)) {
        connection_free(connection);
        return;
    }
    text_clear(&connection->edge->reply);
    say_goodbye(connection);
    connection_settle(connection);
}
