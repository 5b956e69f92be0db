/* SPDX-License-Identifier: Apache-2.0 */
/* The time of a turn: one moment for all its callbacks, and not the one before the wait; timers
 * begin when they are set. */
#include "support/rows.h"

#include "os/clock.h"
#include "os/loop.h"

#include <time.h>

enum { WAIT_MS = 60 };

struct times {
    struct loop *loop;
    struct watch first, second;
    uint64_t seen[2], clock;
};

static void on_second(void *context, unsigned events)
{
    (void)events;
    struct times *times = context;
    times->seen[1] = loop_now_ms(times->loop);
    loop_stop(times->loop);
}

static void on_first(void *context, unsigned events)
{
    (void)events;
    struct times *times = context;
    times->clock = clock_monotonic_ms();
    times->seen[0] = loop_now_ms(times->loop);
    timer_set(&times->second, WAIT_MS);
}

static void the_time_is_taken_behind_the_wait(void **state)
{
    (void)state;
    struct times times = {0};
    assert_int_equal(loop_new(&times.loop), 0);
    uint64_t before = loop_now_ms(times.loop);
    timer_init(&times.first, times.loop, on_first, &times);
    timer_init(&times.second, times.loop, on_second, &times);
    timer_set(&times.first, WAIT_MS);
    assert_int_equal(loop_run(times.loop), 0);
    assert_true(times.seen[0] >= before + WAIT_MS - 5);
    assert_true(times.seen[0] >= times.clock);
    assert_true(times.seen[1] >= times.seen[0] + WAIT_MS - 5);
    loop_free(times.loop);
}

static void on_long(void *context, unsigned events)
{
    (void)events;
    struct times *times = context;
    struct timespec busy = {.tv_nsec = 2 * WAIT_MS * 1000000L};
    (void)nanosleep(&busy, NULL);
    times->seen[0] = clock_monotonic_ms();
    timer_set(&times->second, WAIT_MS);
}

static void a_timer_does_not_count_what_came_before_it(void **state)
{
    (void)state;
    struct times times = {0};
    assert_int_equal(loop_new(&times.loop), 0);
    timer_init(&times.first, times.loop, on_long, &times);
    timer_init(&times.second, times.loop, on_second, &times);
    timer_set(&times.first, 1);
    assert_int_equal(loop_run(times.loop), 0);
    assert_true(times.seen[1] >= times.seen[0] + WAIT_MS - 5);
    loop_free(times.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_time_is_taken_behind_the_wait),
        cmocka_unit_test(a_timer_does_not_count_what_came_before_it)};
    return cmocka_run_group_tests_name("os/loop", tests, NULL, NULL);
}
