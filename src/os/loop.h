/* SPDX-License-Identifier: Apache-2.0 */
/* loop - one event loop per process: descriptors, timers, signals, and work put off to the end of a
 * turn.
 *
 * A thin face over libevent. Watches, timers and deferred work are embedded in the object that owns
 * them; nothing is allocated per watch. A callback may stop, free or re-arm anything, its own watch
 * too. Deferred work runs once after the callbacks of the turn in which it was put off: this is
 * where bytes gathered by many small writes leave in one system call.
 */
#ifndef OS_LOOP_H
#define OS_LOOP_H

#include "base/attributes.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stdint.h>

struct loop;

enum loop_events { LOOP_READ = EV_READ, LOOP_WRITE = EV_WRITE };

typedef void watch_fn(void *context, unsigned events);

struct watch {
    struct event event;
    watch_fn *run;
    void *context;
    short armed; /* the events it waits for; 0: stopped */
};

struct deferred {
    struct event event;
    void (*run)(void *context);
    void *context;
    bool queued;
};

MUST_USE int loop_new(struct loop **out_loop);
void loop_free(struct loop *loop);
int loop_run(struct loop *loop); /* until loop_stop; may be run again */
void loop_stop(struct loop *loop);
uint64_t loop_now_ms(struct loop *loop); /* monotonic, taken once a turn, when it is first asked */

void watch_init(struct watch *watch, struct loop *loop, int fd, watch_fn *run, void *context);
void watch_set(struct watch *watch, unsigned events); /* 0 stops it */
void watch_stop(struct watch *watch);                 /* also of a zeroed one */

void timer_init(struct watch *timer, struct loop *loop, watch_fn *run, void *context);
void timer_set(struct watch *timer,
               uint64_t after_ms); /* once; again from its callback if wanted */
void timer_stop(struct watch *timer);
bool timer_is_set(const struct watch *timer);

void signal_init(struct watch *watch, struct loop *loop, int number, watch_fn *run, void *context);

void loop_defer(struct loop *loop, struct deferred *work);
void loop_defer_cancel(struct loop *loop, struct deferred *work);

#endif
