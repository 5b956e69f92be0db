/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/virtual_time.h"

#include "os/clock.h"

#include <stdlib.h>
#include <sys/mman.h>

struct virtual_time *virtual_time;

void virtual_time_map(void)
{
    virtual_time =
        mmap(NULL, sizeof *virtual_time, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (virtual_time == MAP_FAILED)
        abort();
}

void virtual_time_pass(uint64_t us)
{
    atomic_fetch_add(&virtual_time->monotonic_us, us);
}

uint64_t clock_monotonic_us(void)
{
    return atomic_load(&virtual_time->monotonic_us);
}

uint64_t clock_monotonic_ms(void)
{
    return clock_monotonic_us() / 1000;
}

int64_t clock_uptime_ms(void)
{
    return (int64_t)clock_monotonic_ms();
}

int64_t clock_wall_ms(void)
{
    return (int64_t)clock_monotonic_ms() + atomic_load(&virtual_time->wall_offset_ms);
}

int clock_offset_minutes(int64_t at_ms)
{
    (void)at_ms;
    return 0;
}
