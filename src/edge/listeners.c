/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/listeners.h"

#include "edge/opening.h"
#include "os/descriptor.h"
#include "os/socket.h"

#include <errno.h>
#include <stdlib.h>

enum {
    ACCEPTS_PER_TURN = 1 /* level triggered: what waits wakes us again, or another edge */,
    ACCEPT_PAUSE_MS = 100,
};

void listeners_accept(struct edge *edge, bool accepting)
{
    for (struct edge_listener *listener = edge->listeners; listener; listener = listener->next)
        watch_set(&listener->watch, accepting && edge->configuration ? LOOP_READ : 0u);
}

/* Out of descriptors: accepting again at once would only turn the loop. */
static void on_accept_pause_over(void *context, unsigned events)
{
    (void)events;
    listeners_accept(context, true);
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
            listeners_accept(edge, false);
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

void listeners_add(struct edge *edge, const struct wire_listener *message, int fd)
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

void listeners_remove(struct edge *edge, uint64_t id)
{
    struct edge_listener **link = &edge->listeners;
    while (*link) {
        struct edge_listener *listener = *link;
        if (id != LISTENERS_ALL && listener->id != id) {
            link = &listener->next;
            continue;
        }
        *link = listener->next;
        watch_stop(&listener->watch);
        close_fd(&listener->fd);
        free(listener);
    }
}

void listeners_begin(struct edge *edge)
{
    timer_init(&edge->accept_pause, edge->role.loop, on_accept_pause_over, edge);
}
