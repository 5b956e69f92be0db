/* SPDX-License-Identifier: Apache-2.0 */
/* os/loop by virtual time: a list of what is armed, poll for descriptors. Where libevent would keep
 * its own part of a watch, this one keeps its own. */
#include "os/clock.h"
#include "simulate/virtual_time.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum { WATCHES_MAX = 512, IDLE_US = 200 };

struct loop {
    struct watch *armed;
    struct deferred *first, **last;
    bool stopping;
};

struct overlay { /* in watch->event */
    struct watch *next, **link;
    struct loop *loop;
    int fd; /* -1: a timer */
    uint64_t due_us;
};
struct deferred_overlay { /* in deferred->event */
    struct deferred *next;
};
_Static_assert(sizeof(struct overlay) <= sizeof(struct event), "there is room");

static struct overlay *of(struct watch *watch)
{
    return (struct overlay *)(void *)&watch->event;
}

static struct deferred **next_of(struct deferred *work)
{
    return &((struct deferred_overlay *)(void *)&work->event)->next;
}

int loop_new(struct loop **out_loop)
{
    struct loop *loop = calloc(1, sizeof *loop);
    if (!loop)
        return -ENOMEM;
    loop->last = &loop->first;
    *out_loop = loop;
    return 0;
}

void loop_free(struct loop *loop)
{
    free(loop);
}

void loop_stop(struct loop *loop)
{
    loop->stopping = true;
}

uint64_t loop_now_ms(struct loop *loop)
{
    (void)loop;
    return clock_monotonic_ms();
}

static void arm(struct watch *watch, short events)
{
    struct overlay *own = of(watch);
    watch->armed = events;
    own->next = own->loop->armed;
    own->link = &own->loop->armed;
    if (own->next)
        of(own->next)->link = &own->next;
    own->loop->armed = watch;
}

void watch_stop(struct watch *watch)
{
    struct overlay *own = of(watch);
    if (!watch->armed)
        return;
    watch->armed = 0;
    *own->link = own->next;
    if (own->next)
        of(own->next)->link = own->link;
}

void watch_init(struct watch *watch, struct loop *loop, int fd, watch_fn *run, void *context)
{
    *watch = (struct watch){.run = run, .context = context};
    *of(watch) = (struct overlay){.loop = loop, .fd = fd};
}

void watch_set(struct watch *watch, unsigned events)
{
    if ((unsigned)watch->armed == events)
        return;
    watch_stop(watch);
    if (events)
        arm(watch, (short)events);
}

void timer_init(struct watch *timer, struct loop *loop, watch_fn *run, void *context)
{
    watch_init(timer, loop, -1, run, context);
}

void timer_set(struct watch *timer, uint64_t after_ms)
{
    watch_stop(timer);
    of(timer)->due_us = clock_monotonic_us() + after_ms * 1000;
    arm(timer, 1);
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
    (void)number;
    watch_init(watch, loop, -1, run, context);
}

void loop_defer(struct loop *loop, struct deferred *work)
{
    if (work->queued)
        return;
    work->queued = true;
    *next_of(work) = NULL;
    *loop->last = work;
    loop->last = next_of(work);
}

void loop_defer_cancel(struct loop *loop, struct deferred *work)
{
    if (!work->queued)
        return;
    struct deferred **link = &loop->first;
    work->queued = false;
    while (*link != work)
        link = next_of(*link);
    *link = *next_of(work);
    if (loop->last == next_of(work))
        loop->last = link;
}

static bool run_deferred(struct loop *loop)
{
    bool ran = loop->first != NULL;
    while (loop->first) {
        struct deferred *work = loop->first;
        loop_defer_cancel(loop, work);
        work->run(work->context);
    }
    return ran;
}

static struct watch *earliest(struct loop *loop, uint64_t until_us)
{
    struct watch *found = NULL;
    for (struct watch *watch = loop->armed; watch; watch = of(watch)->next)
        if (of(watch)->fd < 0 && of(watch)->due_us <= until_us &&
            (!found || of(watch)->due_us < of(found)->due_us))
            found = watch;
    return found;
}

/* Those that are due now; what they arm again waits for the next turn. */
static bool run_timers(struct loop *loop)
{
    uint64_t until_us = clock_monotonic_us();
    bool ran = false;
    struct watch *timer;
    while (!loop->stopping && (timer = earliest(loop, until_us))) {
        watch_stop(timer);
        timer->run(timer->context, 1);
        ran = true;
        if (timer->armed && of(timer)->due_us <= until_us)
            break; /* it wants to run again at once */
    }
    return ran;
}

static struct watch *armed_for(struct loop *loop, int fd)
{
    struct watch *watch = loop->armed;
    while (watch && of(watch)->fd != fd)
        watch = of(watch)->next;
    return watch;
}

static unsigned events_of(const struct watch *watch, short ready)
{
    unsigned events = 0;
    if (ready & (POLLIN | POLLHUP | POLLERR))
        events |= (unsigned)watch->armed & LOOP_READ;
    if (ready & (POLLOUT | POLLHUP | POLLERR))
        events |= (unsigned)watch->armed & LOOP_WRITE;
    return events;
}

static bool run_descriptors(struct loop *loop, long real_us)
{
    struct pollfd polled[WATCHES_MAX];
    nfds_t count = 0;
    for (struct watch *watch = loop->armed; watch && count < WATCHES_MAX; watch = of(watch)->next)
        if (of(watch)->fd >= 0)
            polled[count++] =
                (struct pollfd){.fd = of(watch)->fd,
                                .events = (short)((watch->armed & LOOP_READ ? POLLIN : 0) |
                                                  (watch->armed & LOOP_WRITE ? POLLOUT : 0))};
    struct timespec limit = {.tv_nsec = real_us * 1000};
    bool ran = ppoll(polled, count, &limit, NULL) > 0;
    for (nfds_t i = 0; ran && i < count && !loop->stopping; i++) {
        struct watch *watch = polled[i].revents ? armed_for(loop, polled[i].fd) : NULL;
        unsigned events = watch ? events_of(watch, polled[i].revents) : 0;
        if (events)
            watch->run(watch->context, events);
    }
    return ran;
}

bool virtual_loop_turn(struct loop *loop, long real_us)
{
    bool ran = run_deferred(loop);
    ran |= run_timers(loop);
    ran |= run_deferred(loop);
    ran |= run_descriptors(loop, ran ? 0 : real_us);
    ran |= run_deferred(loop);
    return ran;
}

int loop_run(struct loop *loop)
{
    while (!loop->stopping)
        virtual_loop_turn(loop, IDLE_US);
    loop->stopping = false;
    return 0;
}
