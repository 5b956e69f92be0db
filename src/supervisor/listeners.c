/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/listeners.h"

#include "os/descriptor.h"
#include "os/socket.h"

#include <stdlib.h>
#include <string.h>

enum { PACKED_BYTES = 18 };

static struct ip_endpoint unpack(const char *at)
{
    struct ip_endpoint endpoint;
    memcpy(endpoint.address.bytes, at, 16);
    endpoint.port = (uint16_t)((unsigned char)at[16] << 8 | (unsigned char)at[17]);
    return endpoint;
}

static struct listener *find(struct listeners *listeners, struct ip_endpoint endpoint)
{
    for (size_t i = 0; i < listeners->count; i++)
        if (ip_endpoint_equal(listeners->items[i].endpoint, endpoint))
            return &listeners->items[i];
    return NULL;
}

static struct listener *find_or_add(struct listeners *listeners, struct ip_endpoint endpoint)
{
    struct listener *found = find(listeners, endpoint);
    if (found)
        return found;
    struct listener *grown =
        realloc(listeners->items, (listeners->count + 1) * sizeof *listeners->items);
    if (!grown)
        return NULL;
    listeners->items = grown;
    found = &grown[listeners->count++];
    *found = (struct listener){.endpoint = endpoint, .id = ++listeners->next_id, .fd = -1};
    return found;
}

static void drop_unwanted(struct listeners *listeners, const struct listeners_events *events)
{
    size_t kept = 0;
    for (size_t i = 0; i < listeners->count; i++) {
        struct listener *listener = &listeners->items[i];
        if (listener->wanted) {
            listeners->items[kept++] = *listener;
            continue;
        }
        events->closed(events->context, listener);
        close_fd(&listener->fd);
    }
    listeners->count = kept;
}

bool listeners_apply(struct listeners *listeners, struct slice packed,
                     const struct listeners_events *events)
{
    for (size_t i = 0; i < listeners->count; i++)
        listeners->items[i].wanted = false;
    for (size_t at = 0; at + PACKED_BYTES <= packed.len; at += PACKED_BYTES) {
        struct listener *listener = find_or_add(listeners, unpack(packed.at + at));
        if (!listener)
            return false;
        listener->wanted = true;
    }
    drop_unwanted(listeners, events);
    for (size_t i = 0; i < listeners->count; i++) {
        struct listener *listener = &listeners->items[i];
        bool was_open = listener->fd >= 0;
        if (!was_open)
            listener->error = -socket_listen(listener->endpoint, &listener->fd);
        if (!was_open || listener->error == 0)
            events->opened(events->context, listener);
    }
    return true;
}

bool listeners_retry(struct listeners *listeners, const struct listeners_events *events)
{
    bool waiting = false;
    for (size_t i = 0; i < listeners->count; i++) {
        struct listener *listener = &listeners->items[i];
        if (listener->fd >= 0)
            continue;
        listener->error = -socket_listen(listener->endpoint, &listener->fd);
        if (listener->error == 0)
            events->opened(events->context, listener);
        else
            waiting = true;
    }
    return waiting;
}

void listener_announce(const struct listener *listener, struct channel *edge)
{
    if (listener->fd < 0)
        return;
    struct wire_listener message = {.listener = listener->id,
                                    .address = listener->endpoint.address,
                                    .port = listener->endpoint.port};
    channel_send(edge, WIRE_LISTENER, &message, listener->fd);
}

void listeners_announce(const struct listeners *listeners, struct channel *edge)
{
    for (size_t i = 0; i < listeners->count; i++)
        listener_announce(&listeners->items[i], edge);
}

void listeners_close(struct listeners *listeners)
{
    for (size_t i = 0; i < listeners->count; i++)
        close_fd(&listeners->items[i].fd);
    free(listeners->items);
    *listeners = (struct listeners){0};
}
