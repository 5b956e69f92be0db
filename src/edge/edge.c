/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/edge.h"

#include "edge/configuration.h"
#include "edge/connection.h"
#include "edge/filters.h"
#include "edge/opening.h"
#include "edge/pressure.h"
#include "edge/protocol_log.h"
#include "edge/sessions.h"
#include "os/clock.h"
#include "os/descriptor.h"
#include "os/socket.h"
#include "tls/library.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    ACCEPTS_PER_TURN = 1 /* level triggered: what waits wakes us again, or another edge */,
    SWEEP_MS = 1000,
    ACCEPT_PAUSE_MS = 100,
    DRAIN_SESSIONS_MS = 10000,
    SESSION_ID_COUNT_BITS = 17, /* more sessions in a millisecond than any edge can take */
    SESSION_ID_EDGE_BITS = 6,
};

static const int64_t session_id_epoch_ms = 1577836800000; /* 2020-01-01 */

/* --- all connections of the edge --- */

static bool grow_slots(struct edge *edge)
{
    size_t count = edge->slot_count ? edge->slot_count * 2 : 256;
    struct connection **slots = realloc(edge->slots, count * sizeof *slots);
    if (slots)
        edge->slots = slots;
    uint32_t *generations = realloc(edge->generations, count * sizeof *generations);
    if (generations)
        edge->generations = generations;
    if (!slots || !generations)
        return false;
    for (size_t i = edge->slot_count; i < count; i++) {
        slots[i] = NULL;
        generations[i] = 0;
    }
    edge->slot_next = edge->slot_count;
    edge->slot_count = count;
    return true;
}

static bool find_slot(struct edge *edge, size_t *out_slot)
{
    for (size_t tried = 0; tried < edge->slot_count; tried++) {
        size_t slot = edge->slot_next++ % edge->slot_count;
        if (!edge->slots[slot]) {
            *out_slot = slot;
            return true;
        }
    }
    if (!grow_slots(edge))
        return false;
    *out_slot = edge->slot_next++;
    return true;
}

/* The low 24 bits of a session number are its slot, the rest counts how often the slot was used: an
 * answer to a session that has gone finds nobody. */
bool edge_connection_added(struct edge *edge, struct connection *connection)
{
    size_t slot;
    if (edge->count >= EDGE_CONNECTIONS_MAX || !find_slot(edge, &slot))
        return false;
    edge->slots[slot] = connection;
    connection->id = (uint64_t)++edge->generations[slot] << 24 | slot;
    connection->session_id = edge->next_session++ << SESSION_ID_EDGE_BITS | edge->role.start->index;
    connection->next = edge->connections;
    if (connection->next)
        connection->next->previous = connection;
    edge->connections = connection;
    if (edge->count++ == 0)
        timer_set(&edge->sweep, SWEEP_MS);
    return true;
}

void edge_connection_gone(struct edge *edge, struct connection *connection)
{
    edge->slots[connection->id & 0xffffff] = NULL;
    if (connection->next)
        connection->next->previous = connection->previous;
    *(connection->previous ? &connection->previous->next : &edge->connections) = connection->next;
    edge->count--;
    if (edge->draining && edge->count == 0)
        loop_stop(edge->role.loop);
}

struct connection *connection_find(struct edge *edge, uint64_t id)
{
    size_t slot = id & 0xffffff;
    struct connection *connection = slot < edge->slot_count ? edge->slots[slot] : NULL;
    return connection && connection->id == id ? connection : NULL;
}

/* Calls for every connection, each of which may free itself. */
static void for_each(struct edge *edge, void (*run)(struct connection *connection))
{
    for (struct connection *connection = edge->connections, *next; connection; connection = next) {
        next = connection->next;
        run(connection);
    }
}

static size_t sessions_older(const struct edge *edge)
{
    size_t count = 0;
    for (const struct connection *connection = edge->connections; connection;
         connection = connection->next)
        count += connection->configuration != edge->configuration;
    return count;
}

static void report_sessions(struct edge *edge)
{
    if (!edge->configuration)
        return;
    edge->older_reported = sessions_older(edge);
    struct wire_snapshot_in_force report = {.revision = edge->configuration->revision,
                                            .sessions_older = edge->older_reported};
    channel_send(&edge->hub, WIRE_SNAPSHOT_IN_FORCE, &report, -1);
}

static void on_sweep(void *context, unsigned events)
{
    (void)events;
    struct edge *edge = context;
    uint64_t now_ms = loop_now_ms(edge->role.loop);
    for (struct connection *connection = edge->connections, *next; connection; connection = next) {
        next = connection->next;
        connection_sweep(connection, now_ms);
    }
    if (edge->older_reported && sessions_older(edge) != edge->older_reported)
        report_sessions(edge);
    if (edge->count)
        timer_set(&edge->sweep, SWEEP_MS);
}

/* --- listening --- */

static void set_accepting(struct edge *edge, bool accepting)
{
    for (struct edge_listener *listener = edge->listeners; listener; listener = listener->next)
        watch_set(&listener->watch, accepting && edge->configuration ? LOOP_READ : 0u);
}

/* Out of descriptors: accepting again at once would only turn the loop. */
static void on_accept_pause_over(void *context, unsigned events)
{
    (void)events;
    set_accepting(context, true);
}

static void on_acceptable(void *context, unsigned events)
{
    (void)events;
    struct edge_listener *listener = context;
    struct edge *edge = listener->edge;
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        int fd;
        struct ip_endpoint client, local;
        int result = socket_accept(listener->fd, &fd, &client);
        if (result == -EMFILE || result == -ENFILE || result == -ENOMEM || result == -ENOBUFS) {
            set_accepting(edge, false);
            timer_set(&edge->accept_pause, ACCEPT_PAUSE_MS);
        }
        if (result < 0)
            return;
        if (socket_local(fd, &local) < 0)
            close_fd(&fd);
        else
            opening_take_socket(edge, fd, client, local);
    }
}

static void add_listener(struct edge *edge, const struct wire_listener *message, int fd)
{
    for (struct edge_listener *known = edge->listeners; known; known = known->next)
        if (known->id == message->listener) {
            close_fd(&fd);
            return;
        }
    struct edge_listener *listener = calloc(1, sizeof *listener);
    if (!listener || edge->draining) {
        free(listener);
        close_fd(&fd);
        return;
    }
    *listener = (struct edge_listener){
        .edge = edge, .next = edge->listeners, .id = message->listener, .fd = fd};
    edge->listeners = listener;
    watch_init(&listener->watch, edge->role.loop, fd, on_acceptable, listener);
    watch_set(&listener->watch, edge->configuration ? LOOP_READ : 0u);
}

static void remove_listener(struct edge *edge, uint64_t id, bool all)
{
    struct edge_listener **link = &edge->listeners;
    while (*link) {
        struct edge_listener *listener = *link;
        if (!all && listener->id != id) {
            link = &listener->next;
            continue;
        }
        *link = listener->next;
        watch_stop(&listener->watch);
        close_fd(&listener->fd);
        free(listener);
    }
}

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
    for_each(edge, connection_configured);
    set_accepting(edge, !edge->draining);
    report_sessions(edge);
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
    struct connection *connection = connection_find(
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
        connection = connection_find(edge, message->recipient_answer.session);
        if (connection)
            connection_recipient_answered(connection,
                                          recipient_answer(message->recipient_answer.outcome));
    } else if (frame->type == WIRE_MESSAGE_ANSWER) {
        connection = connection_find(edge, message->message_answer.session);
        if (connection)
            connection_stored(connection, &message->message_answer);
    } else if (frame->type == WIRE_SESSIONS_QUESTION) {
        sessions_answer(edge, &message->sessions_question);
    } else if (frame->type == WIRE_SESSION_LOGGING) {
        protocol_log_raise(edge, &message->session_logging);
    } else if (frame->type == WIRE_PRESSURE) {
        pressure_take(edge, &message->pressure);
    } else if (frame->type == WIRE_FILTER_CONNECTED || frame->type == WIRE_FILTER_UNREACHABLE) {
        take_filter_answer(edge, frame, fd);
    }
}

static void on_hub_closed(void *context, struct channel *channel, bool broken)
{
    (void)channel;
    struct edge *edge = context;
    if (broken) /* the hub lives and will not make a new wire: end, and be started again */
        loop_stop(edge->role.loop);
    edge->blocked = NULL; /* none of them waits for room any more */
    for_each(edge, connection_lost_hub);
}

static void on_hub_drained(void *context, struct channel *channel)
{
    (void)channel;
    struct edge *edge = context;
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
        struct connection *connection = connection_find(edge, answer->session);
        if (connection)
            connection_authenticated(connection, answer);
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
    for_each(context, connection_lost_checker);
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
        report_sessions(edge);
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
        add_listener(edge, &frame->message.listener, fd);
    else if (frame->type == WIRE_LISTENER_GONE)
        remove_listener(edge, frame->message.listener_gone.listener, false);
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
    remove_listener(edge, 0, true);
    for_each(edge, connection_drain);
    if (edge->count == 0)
        loop_stop(edge->role.loop);
    timer_stop(&edge->accept_pause);
    timer_init(&edge->accept_pause, edge->role.loop, on_drain_limit, edge);
    timer_set(&edge->accept_pause, DRAIN_SESSIONS_MS);
}

/* --- life --- */

static int begin(struct edge *edge, const struct role_start *start,
                 const struct role_handlers *handlers)
{
    int result = role_begin(&edge->role, start, handlers);
    if (result < 0)
        return result;
    edge->signing.fd = -1;
    edge->next_session = (uint64_t)(clock_wall_ms() - session_id_epoch_ms) << SESSION_ID_COUNT_BITS;
    edge->hub_owner = (struct channel_owner){on_hub_message, on_hub_closed, on_hub_drained, edge};
    edge->checker_owner = (struct channel_owner){on_checker_message, on_checker_closed, NULL, edge};
    edge->reply = text_with_ceiling(EDGE_UNSENT_MAX);
    timer_init(&edge->sweep, edge->role.loop, on_sweep, edge);
    timer_init(&edge->accept_pause, edge->role.loop, on_accept_pause_over, edge);
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
    for_each(edge, connection_free);
    remove_listener(edge, 0, true);
    channel_close(&edge->hub);
    channel_close(&edge->checker);
    configuration_unref(edge->configuration);
    root_store_close(&edge->trust);
    tls_tickets_free(edge->ticket_keys);
    close_fd(&edge->signing.fd);
    text_deinit(&edge->reply);
    free(edge->slots);
    free(edge->generations);
    loop_free(edge->role.loop);
    free(edge);
    return result;
}
