/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/filter.h"

#include "edge/filters.h"
#include "os/descriptor.h"

#include <errno.h>
#include <sys/socket.h>

static struct connection *connection_of(const struct filter *filter)
{
    return filter->filters->connection;
}

static uint64_t timeout_ms(const struct filter *filter)
{
    return (uint64_t)connection_of(filter)->connector->milter_timeout_ms;
}

static void on_limit(void *context, unsigned events)
{
    (void)events;
    struct filter *filter = context;
    filter_fail(filter, filter->fd < 0 ? "could not be reached in time" : "said nothing in time");
    filters_moved(filter->filters);
}

void filter_init(struct filter *filter, struct filters *filters, unsigned number,
                 struct slice endpoint)
{
    *filter = (struct filter){.filters = filters, .number = number, .endpoint = endpoint, .fd = -1};
    timer_init(&filter->limit, connection_of(filter)->edge->role.loop, on_limit, filter);
}

/* A filter may be faster than the hub: what it makes waits with it then, not here. */
static bool hold(struct filter *filter)
{
    struct edge *edge = connection_of(filter)->edge;
    if (!filter->held && channel_full(&edge->hub)) {
        filter->held = true;
        filter->next_held = edge->held;
        edge->held = filter;
    }
    return filter->held;
}

static void let_go(struct filter *filter)
{
    struct filter **link = &connection_of(filter)->edge->held;
    while (filter->held && *link && *link != filter)
        link = &(*link)->next_held;
    if (filter->held && *link)
        *link = filter->next_held;
    filter->held = false;
}

static void disconnect(struct filter *filter)
{
    let_go(filter);
    watch_stop(&filter->watch);
    timer_stop(&filter->limit);
    close_fd(&filter->fd);
}

static void push(struct filter *filter)
{
    struct slice output;
    while (filter->fd >= 0 && (output = milter_output(&filter->milter)).len) {
        ssize_t sent = send(filter->fd, output.at, output.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EAGAIN)
            return;
        if (sent < 0 && errno != EINTR)
            filter_fail(filter, "closed the connection");
        else if (sent > 0)
            milter_sent(&filter->milter, (size_t)sent);
    }
}

void filter_end(struct filter *filter)
{
    if (filter->begun && filter->fd >= 0 && !filter_has_failed(filter)) {
        milter_quit(&filter->milter);
        push(filter);
    }
    disconnect(filter);
    if (filter->begun)
        milter_end(&filter->milter);
}

bool filter_has_failed(const struct filter *filter)
{
    return filter->begun && filter->milter.state == MILTER_FAILED;
}

bool filter_listens(const struct filter *filter)
{
    return filter->begun && !filter_has_failed(filter) && !milter_is_final(&filter->milter);
}

bool filter_is_settled(const struct filter *filter)
{
    return milter_settled(&filter->milter);
}

/* What has given its last word for the message may go. */
void filter_fail(struct filter *filter, const char *why)
{
    filter->asked = false;
    disconnect(filter);
    if (milter_is_final(&filter->milter)) {
        filter->gone = true;
        return;
    }
    filter->dropped = filter->milter.changes > 0;
    milter_fail(&filter->milter, why);
}

/* The deadline runs while something of the filter is awaited; what has moved begins it anew. */
static void wait(struct filter *filter, bool moved)
{
    bool sending = milter_output(&filter->milter).len > 0;
    bool waiting = !filter_is_settled(filter) || (sending && filter->fd >= 0);
    if (filter_has_failed(filter)) {
        disconnect(filter);
        return;
    }
    if (filter->fd >= 0)
        watch_set(&filter->watch, (filter->held ? 0u : LOOP_READ) | (sending ? LOOP_WRITE : 0u));
    if (!waiting || filter->held)
        timer_stop(&filter->limit);
    else if (moved || !timer_is_set(&filter->limit))
        timer_set(&filter->limit, timeout_ms(filter));
}

void filter_settle(struct filter *filter)
{
    push(filter);
    wait(filter, false);
}

/* Only whole packets count as something said. */
static bool receive(struct filter *filter)
{
    struct edge *edge = connection_of(filter)->edge;
    ssize_t got = recv(filter->fd, edge->buffer, sizeof edge->buffer, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (got <= 0) {
        filter_fail(filter, "closed the connection");
        return false;
    }
    milter_feed(&filter->milter, (struct slice){edge->buffer, (size_t)got});
    if (filter_has_failed(filter))
        filter_fail(filter, filter->milter.fault);
    return filter->milter.input.len == 0;
}

static void on_ready(void *context, unsigned events)
{
    struct filter *filter = context;
    size_t before = milter_output(&filter->milter).len;
    bool moved = false;
    if (events & LOOP_READ && !hold(filter))
        moved = receive(filter);
    push(filter);
    wait(filter, moved || milter_output(&filter->milter).len < before);
    filters_moved(filter->filters);
}

void filter_release_held(struct edge *edge)
{
    while (edge->held) {
        struct filter *filter = edge->held;
        let_go(filter);
        wait(filter, false);
    }
}

static void ask_for_connection(struct filter *filter)
{
    struct connection *connection = connection_of(filter);
    struct wire_filter_question question = {.session = connection->id,
                                            .session_id = connection->session_id,
                                            .number = filter->number,
                                            .endpoint = filter->endpoint,
                                            .within_ms = timeout_ms(filter)};
    filter->asked = channel_send(&connection->edge->hub, WIRE_FILTER_QUESTION, &question, -1);
    if (!filter->asked)
        filter_fail(filter, "cannot be reached without the hub");
}

/* A conversation that has failed, or that the filter has ended, begins anew. */
void filter_mail(struct filter *filter)
{
    bool anew = !filter->begun || filter->gone || filter_has_failed(filter);
    if (anew) {
        if (filter->begun)
            milter_end(&filter->milter);
        filter->begun = true;
        filter->told = filter->dropped = filter->gone = false;
        milter_begin(&filter->milter, &filter->filters->facts, filters_change, filter);
        ask_for_connection(filter);
    }
    milter_mail(&filter->milter);
    filter_settle(filter);
}

void filter_connected(struct filter *filter, int fd)
{
    if (!filter->asked || filter->fd >= 0) {
        close_fd(&fd);
        return;
    }
    filter->asked = false;
    filter->fd = fd;
    watch_init(&filter->watch, connection_of(filter)->edge->role.loop, fd, on_ready, filter);
    push(filter);
    wait(filter, true);
}
