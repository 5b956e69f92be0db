/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/connections.h"

#include "edge/connection.h"
#include "os/clock.h"

#include <stdlib.h>

enum {
    SWEEP_MS = 1000,
    SESSION_ID_COUNT_BITS = 17, /* more sessions in a millisecond than any edge can take */
    SESSION_ID_EDGE_BITS = 6,
};

static const int64_t session_id_epoch_ms = 1577836800000; /* 2020-01-01 */

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
bool connections_add(struct edge *edge, struct connection *connection)
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

void connections_remove(struct edge *edge, struct connection *connection)
{
    edge->slots[connection->id & 0xffffff] = NULL;
    if (connection->next)
        connection->next->previous = connection->previous;
    *(connection->previous ? &connection->previous->next : &edge->connections) = connection->next;
    edge->count--;
    if (edge->draining && edge->count == 0)
        loop_stop(edge->role.loop);
}

struct connection *connections_find(const struct edge *edge, uint64_t id)
{
    size_t slot = id & 0xffffff;
    struct connection *connection = slot < edge->slot_count ? edge->slots[slot] : NULL;
    return connection && connection->id == id ? connection : NULL;
}

void connections_each(struct edge *edge, void (*run)(struct connection *connection))
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

void connections_report(struct edge *edge)
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
        connections_report(edge);
    if (edge->count)
        timer_set(&edge->sweep, SWEEP_MS);
}

/* --- life --- */

void connections_begin(struct edge *edge)
{
    edge->next_session = (uint64_t)(clock_wall_ms() - session_id_epoch_ms) << SESSION_ID_COUNT_BITS;
    timer_init(&edge->sweep, edge->role.loop, on_sweep, edge);
}

void connections_end(struct edge *edge)
{
    connections_each(edge, connection_free);
    free(edge->slots);
    free(edge->generations);
    edge->slots = NULL;
    edge->generations = NULL;
    edge->slot_count = 0;
}
