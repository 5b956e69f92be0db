/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/filter_sockets.h"

#include "milter/endpoint.h"
#include "os/descriptor.h"
#include "os/socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct filter_socket {
    struct filter_socket *next, **link;
    struct channel *hub;
    struct wire_filter_connected what;
    int fd;
    struct watch watch, limit;
};

static void say_unreachable(struct channel *hub, const struct wire_filter_connected *what,
                            int error)
{
    struct wire_filter_unreachable answer = {.edge = what->edge,
                                             .session = what->session,
                                             .session_id = what->session_id,
                                             .number = what->number,
                                             .text = slice_of(strerror(error))};
    channel_send(hub, WIRE_FILTER_UNREACHABLE, &answer, -1);
}

static void socket_free(struct filter_socket *socket)
{
    watch_stop(&socket->watch);
    timer_stop(&socket->limit);
    *socket->link = socket->next;
    if (socket->next)
        socket->next->link = socket->link;
    close_fd(&socket->fd);
    free(socket);
}

static void on_connected(void *context, unsigned events)
{
    (void)events;
    struct filter_socket *socket = context;
    int result = socket_connect_result(socket->fd);
    if (result < 0 || !channel_send(socket->hub, WIRE_FILTER_CONNECTED, &socket->what, socket->fd))
        say_unreachable(socket->hub, &socket->what, result < 0 ? -result : EIO);
    socket_free(socket);
}

static void on_limit(void *context, unsigned events)
{
    (void)events;
    struct filter_socket *socket = context;
    say_unreachable(socket->hub, &socket->what, ETIMEDOUT);
    socket_free(socket);
}

static int begin_connect(struct slice written, int *out_fd)
{
    struct milter_endpoint endpoint;
    char path[ENDPOINT_PATH_MAX + 1];
    if (!milter_endpoint_parse(written, &endpoint))
        return -EINVAL;
    if (endpoint.path.len == 0)
        return socket_connect_begin(endpoint.inet, out_fd);
    memcpy(path, endpoint.path.at, endpoint.path.len);
    path[endpoint.path.len] = '\0';
    return socket_connect_unix_at_once(path, out_fd);
}

void filter_socket_start(struct filter_socket **all, struct loop *loop, struct channel *hub,
                         const struct wire_filter_connect *order)
{
    struct wire_filter_connected what = {.edge = order->edge,
                                         .session = order->session,
                                         .session_id = order->session_id,
                                         .number = order->number};
    CLEANUP(close_fd) int fd = -1;
    int result = begin_connect(order->endpoint, &fd);
    struct filter_socket *socket = result < 0 ? NULL : calloc(1, sizeof *socket);
    if (!socket) {
        say_unreachable(hub, &what, result < 0 ? -result : ENOMEM);
        return;
    }
    *socket = (struct filter_socket){
        .next = *all, .link = all, .hub = hub, .what = what, .fd = fd_take(&fd)};
    if (socket->next)
        socket->next->link = &socket->next;
    *all = socket;
    watch_init(&socket->watch, loop, socket->fd, on_connected, socket);
    watch_set(&socket->watch, LOOP_WRITE);
    timer_init(&socket->limit, loop, on_limit, socket);
    timer_set(&socket->limit, order->within_ms);
}

void filter_sockets_end(struct filter_socket **all)
{
    while (*all)
        socket_free(*all);
}
