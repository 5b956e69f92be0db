/* SPDX-License-Identifier: Apache-2.0 */
/* virtual_time - time that passes when the simulation says so.
 *
 * virtual_time.c takes the place of os/clock, virtual_loop.c that of os/loop: timers run by this
 * clock, descriptors as ever. It lies in memory that the simulation shares with the hub it has
 * forked, and only the simulation moves it.
 */
#ifndef TESTS_SIMULATE_VIRTUAL_TIME_H
#define TESTS_SIMULATE_VIRTUAL_TIME_H

#include "os/loop.h"

#include <stdatomic.h>

struct virtual_time {
    _Atomic uint64_t monotonic_us;
    _Atomic int64_t wall_offset_ms; /* the wall clock is monotonic time and this: it jumps */
};

extern struct virtual_time *virtual_time;

void virtual_time_map(void); /* once, before anything is forked */
void virtual_time_pass(uint64_t us);

/* One turn: what is ready, or becomes ready within this (real) time. False: nothing was. */
bool virtual_loop_turn(struct loop *loop, long real_us);

#endif
