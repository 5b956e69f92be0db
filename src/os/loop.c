/* SPDX-License-Identifier: Apache-2.0 */
#include "os/loop.h"

#include "os/clock.h"

#include <errno.h>
#include <stdlib.h>

struct loop {
    struct event_base *base;
    uint64_t now_ms;
    bool now_taken; /* in this turn */
    bool stopping;
};

int loop_new(struct loop **out_loop)
{
    struct loop *loop = calloc(1, sizeof *loop);
    struct event_config *config = event_config_new();
    if (loop && config) {
        event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
        event_config_set_flag(config, EVENT_BASE_FLAG_IGNORE_ENV);
        /* A timer set at the end of a long callback does not count what the callback took. */
        event_config_set_flag(config, EVENT_BASE_FLAG_NO_CACHE_TIME);
        loop->base = event_base_new_with_config(config);
    }
    if (config)
        event_config_free(config);
    if (!loop || !loop->base) {
        free(loop);
        return -ENOMEM;
    }
    *out_loop = loop;
    return 0;
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    event_base_free(loop->base);
    free(loop);
}

int loop_run(struct loop *loop)
{
    while (!loop->stopping) {
        loop->now_taken = false;
        if (event_base_loop(loop->base, EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY) < 0)
            return -EIO;
    }
    loop->stopping = false;
    return 0;
}

void loop_stop(struct loop *loop)
{
    loop->stopping = true;
    event_base_loopbreak(loop->base);
}

/* Behind the wait, not before it: a loop that has slept for an hour must not think that it is an
 * hour ago. */
uint64_t loop_now_ms(struct loop *loop)
{
    if (!loop->now_taken)
        loop->now_ms = clock_monotonic_ms();
    loop->now_taken = true;
    return loop->now_ms;
}

static void on_event(evutil_socket_t fd, short events, void *context)
{
    (void)fd;
    struct watch *watch = context;
    watch->run(watch->context, (unsigned)events);
}

static void on_timer(evutil_socket_t fd, short events, void *context)
{
    (void)fd;
    struct watch *timer = context;
    timer->armed = 0;
    timer->run(timer->context, (unsigned)events);
}

void watch_init(struct watch *watch, struct loop *loop, int fd, watch_fn *run, void *context)
{
    watch->run = run;
    watch->context = context;
    watch->armed = 0;
    event_assign(&watch->event, loop->base, fd, EV_PERSIST, on_event, watch);
}

void watch_set(struct watch *watch, unsigned events)
{
    if ((unsigned)watch->armed == events)
        return;
    if (watch->armed)
        event_del(&watch->event);
    watch->armed = (short)events;
    if (!events)
        return;
    struct event_base *base = event_get_base(&watch->event);
    evutil_socket_t fd = event_get_fd(&watch->event);
    event_assign(&watch->event, base, fd, (short)(events | EV_PERSIST), on_event, watch);
    event_add(&watch->event, NULL);
}

void watch_stop(struct watch *watch)
{
    if (watch->armed)
        event_del(&watch->event);
    watch->armed = 0;
}

void timer_init(struct watch *timer, struct loop *loop, watch_fn *run, void *context)
{
    timer->run = run;
    timer->context = context;
    timer->armed = 0;
    event_assign(&timer->event, loop->base, -1, 0, on_timer, timer);
}

void timer_set(struct watch *timer, uint64_t after_ms)
{
    struct timeval after = {.tv_sec = (time_t)(after_ms / 1000),
                            .tv_usec = (suseconds_t)(after_ms % 1000 * 1000)};
    event_add(&timer->event, &after);
    timer->armed = 1;
}

void timer_stop(struct watch *timer)
{
    watch_stop(timer);
}

bool timer_is_set(const struct watch *timer)
{
    return timer->armed != 0;
}

void signal_init(struct watch *watch, struct loop *loop, int number, watch_fn *run, void *context)
{
    watch->run = run;
    watch->context = context;
    watch->armed = 1;
    event_assign(&watch->event, loop->base, number, EV_SIGNAL | EV_PERSIST, on_event, watch);
    event_add(&watch->event, NULL);
}

static void on_deferred(evutil_socket_t fd, short events, void *context)
{
    (void)fd, (void)events;
    struct deferred *work = context;
    work->queued = false;
    work->run(work->context);
}

/* An event made active behind those that are active already: it runs when they are done. */
void loop_defer(struct loop *loop, struct deferred *work)
{
    if (work->queued)
        return;
    work->queued = true;
    event_assign(&work->event, loop->base, -1, 0, on_deferred, work);
    event_active(&work->event, EV_TIMEOUT, 0);
}

void loop_defer_cancel(struct loop *loop, struct deferred *work)
{
    (void)loop;
    if (work->queued)
        event_del(&work->event);
    work->queued = false;
}
