/* SPDX-License-Identifier: Apache-2.0 */
/* clock - the clocks: one that only runs forward, the same with the sleep of the machine, and the
 * one on the wall. */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include <stdint.h>

uint64_t clock_monotonic_ms(void);
uint64_t clock_monotonic_us(void);
int64_t clock_uptime_ms(void);           /* since the machine was started, while it sleeps, too */
int64_t clock_wall_ms(void);             /* since 1970-01-01T00:00:00Z */
int clock_offset_minutes(int64_t at_ms); /* of local time from UTC at that moment */

#endif
