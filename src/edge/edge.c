/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/edge.h"

#include "edge/answer.h"
#include "edge/configuration.h"
#include "edge/connections.h"
#include "edge/filters.h"
#include "edge/listeners.h"
#include "edge/pressure.h"
#include "edge/protocol_log.h"
#include "edge/sessions.h"
#include "os/descriptor.h"
#include "tls/library.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DRAIN_SESSIONS_MS = 10000 };

/* --- the hub --- */

static void take_snapshot(struct edge *edge, uint64_t revision, int fd)
{
    struct configuration *configuration =
        configuration_new(revision, fd, edge->ticket_keys, &edge->trust);
    if (!configuration) {
        role_event(&edge->hub, WIRE_LEVEL_ERROR, 1003,
                   "edge: revision %llu cannot be read, the one before stays",
                   (unsigned long long)revision);
        return;
    }
    configuration_unref(edge->configuration);
    edge->configuration = configuration;
    connections_each(edge, connection_configured);
    listeners_accept(edge, !edge->draining);
    connections_report(edge);
}

static enum session_recipient_answer recipient_answer(uint64_t outcome)
{
    switch ((enum wire_recipient_outcome)outcome) {
    case WIRE_RECIPIENT_KNOWN:
        return SESSION_RECIPIENT_OK;
    case WIRE_RECIPIENT_UNKNOWN:
        return SESSION_RECIPIENT_UNKNOWN;
    case WIRE_RECIPIENT_CLOSED:
        return SESSION_RECIPIENT_CLOSED;
    case WIRE_RECIPIENT_LATER:
    case WIRE_RECIPIENT_OUTCOMES:
        break;
    }
    return SESSION_RECIPIENT_UNAVAILABLE;
}

static void take_filter_answer(struct edge *edge, const struct frame *frame, int fd)
{
    const union wire_any *message = &frame->message;
    bool connected = frame->type == WIRE_FILTER_CONNECTED;
    struct connection *connection = connections_find(
        edge, connected ? message->filter_connected.session : message->filter_unreachable.session);
    if (connection && connected)
        filters_connected(connection, &message->filter_connected, fd);
    else if (connection)
        filters_unreachable(connection, &message->filter_unreachable);
    else
        close_fd(&fd);
}

static void on_hub_message(void *context, struct channel *channel, const struct frame *frame,
                           int fd)
{
    (void)channel;
    struct edge *edge = context;
    const union wire_any *message = &frame->message;
    struct connection *connection;
    if (frame->type == WIRE_SNAPSHOT) {
        take_snapshot(edge, message->snapshot.revision, fd);
    } else if (frame->type == WIRE_RECIPIENT_ANSWER) {
        connection = connections_find(edge, message->recipient_answer.session);
        if (connection)
            answer_recipient(connection, recipient_answer(message->recipient_answer.outcome));
    } else if (frame->type == WIRE_MESSAGE_ANSWER) {
        connection = connections_find(edge, message->message_answer.session);
        if (connection)
            answer_stored(connection, &message->message_answer);
    } else if (frame->type == WIRE_SESSIONS_QUESTION) {
        sessions_answer(edge, &message->sessions_question);
    } else if (frame->type == WIRE_SESSION_LOGGING) {
        protocol_log_raise(edge, &message->session_logging);
    } else if (frame->type == WIRE_PRESSURE) {
        pressure_take(edge, &message->pressure);
    } else if (frame->type == WIRE_FILTER_CONNECTED || frame->type == WIRE_FILTER_UNREACHABLE) {
        take_filter_answer(edge, frame, fd);
    } else if (frame->type == WIRE_MESSAGE_PIECE) {
        filters_piece(edge, &message->message_piece);
    }
}

static void on_hub_closed(void *context, struct channel *channel, bool broken)
{
    (void)channel;
    struct edge *edge = context;
    if (broken) /* the hub lives and will not make a new wire: end, and be started again */
        loop_stop(edge->role.loop);
    edge->blocked = NULL; /* none of them waits for room any more */
    filters_hub_lost(edge);
    connections_each(edge, answer_hub_lost);
}

static void on_hub_drained(void *context, struct channel *channel)
{
    (void)channel;
    struct edge *edge = context;
    filter_release_held(edge);
    struct connection *waiting = edge->blocked;
    edge->blocked = NULL;
    while (waiting) {
        struct connection *connection = waiting;
        waiting = connection->next_blocked;
        connection->next_blocked = NULL;
        connection_unblocked(connection);
    }
}

/* --- the checker --- */

static void on_checker_message(void *context, struct channel *channel, const struct frame *frame,
                               int fd)
{
    (void)channel, (void)fd;
    struct edge *edge = context;
    if (frame->type == WIRE_SASL_ANSWER) {
        const struct wire_sasl_answer *answer = &frame->message.sasl_answer;
        struct connection *connection = connections_find(edge, answer->session);
        if (connection)
            answer_login(connection, answer);
    } else if (frame->type == WIRE_TICKET_KEYS) {
        struct slice keys = frame->message.ticket_keys.keys;
        uint64_t generation = tls_tickets_generation(edge->ticket_keys) + 1;
        (void)!tls_tickets_set(edge->ticket_keys, generation,
                               slice_first(keys, TLS_TICKET_KEY_BYTES),
                               slice_after(keys, TLS_TICKET_KEY_BYTES));
    }
}

static void on_checker_closed(void *context, struct channel *channel, bool broken)
{
    (void)channel, (void)broken;
    connections_each(context, answer_checker_lost);
}

/* --- the supervisor --- */

static void on_peer(void *context, enum wire_role peer, unsigned index, int fd)
{
    struct edge *edge = context;
    struct loop *loop = edge->role.loop;
    int result = -EINVAL;
    if (peer == ROLE_SIGNER) {
        signing_attach(&edge->signing, fd);
        return;
    }
    if (peer == ROLE_HUB) {
        result = channel_open(&edge->hub, loop, fd, peer, index, &edge->hub_owner);
        connections_report(edge);
    } else if (peer == ROLE_CHECKER) {
        result = channel_open(&edge->checker, loop, fd, peer, index, &edge->checker_owner);
    }
    if (result < 0)
        close_fd(&fd);
}

static void take_tally(struct edge *edge, uint64_t index, int fd)
{
    bool own = index == edge->role.start->index;
    if (limits_take(&edge->limits, index, own, fd) || !own)
        return;
    role_event(&edge->hub, WIRE_LEVEL_ERROR, 0, "edge: the memory for counts cannot be mapped");
    loop_stop(edge->role.loop);
}

static void on_supervisor_message(void *context, const struct frame *frame, int fd)
{
    struct edge *edge = context;
    if (frame->type == WIRE_TALLY)
        take_tally(edge, frame->message.tally.edge, fd);
    else if (frame->type == WIRE_LISTENER)
        listeners_add(edge, &frame->message.listener, fd);
    else if (frame->type == WIRE_LISTENER_GONE)
        listeners_remove(edge, frame->message.listener_gone.listener);
}

static void on_drain_limit(void *context, unsigned events)
{
    (void)events;
    struct edge *edge = context;
    loop_stop(edge->role.loop);
}

static void on_drain(void *context)
{
    struct edge *edge = context;
    edge->draining = true;
    listeners_remove(edge, LISTENERS_ALL);
    connections_each(edge, connection_drain);
    if (edge->count == 0)
        loop_stop(edge->role.loop);
    timer_stop(&edge->accept_pause);
    timer_set(&edge->drain_limit, DRAIN_SESSIONS_MS);
}

/* --- life --- */

static int begin(struct edge *edge, const struct role_start *start,
                 const struct role_handlers *handlers)
{
    int result = role_begin(&edge->role, start, handlers);
    if (result < 0)
        return result;
    edge->signing.fd = -1;
    edge->hub_owner = (struct channel_owner){on_hub_message, on_hub_closed, on_hub_drained, edge};
    edge->checker_owner = (struct channel_owner){on_checker_message, on_checker_closed, NULL, edge};
    edge->reply = text_with_ceiling(EDGE_UNSENT_MAX);
    connections_begin(edge);
    listeners_begin(edge);
    timer_init(&edge->drain_limit, edge->role.loop, on_drain_limit, edge);
    result = tls_library_start();
    if (result < 0)
        return result;
    edge->ticket_keys = tls_tickets_new();
    if (!edge->ticket_keys)
        return -ENOMEM;
    remote_key_set_signer(signing_ask, &edge->signing);
    root_store_open(&edge->trust, start->trust);
    return role_confine(&edge->role, NULL, 0);
}

int edge_run(const struct role_start *start)
{
    struct edge *edge = calloc(1, sizeof *edge);
    if (!edge)
        return -ENOMEM;
    struct role_handlers handlers = {
        .peer = on_peer, .message = on_supervisor_message, .drain = on_drain, .context = edge};
    int result = begin(edge, start, &handlers);
    if (result < 0)
        return result;
    role_ready(&edge->role);
    result = role_run(&edge->role);
    connections_end(edge);
    listeners_remove(edge, LISTENERS_ALL);
    channel_close(&edge->hub);
    channel_close(&edge->checker);
    configuration_unref(edge->configuration);
    root_store_close(&edge->trust);
    tls_tickets_free(edge->ticket_keys);
    close_fd(&edge->signing.fd);
    text_deinit(&edge->reply);
    loop_free(edge->role.loop);
    free(edge);
    return result;
}
