/* SPDX-License-Identifier: Apache-2.0 */
#include "model/retry.h"

enum { FIRST_MS = 60 * 1000, LONGEST_MS = 3600 * 1000, DOUBLED_MAX = 6, SPREAD_PART = 5 };
enum {
    GLITCHES = 4,
    GLITCH_MS = 60 * 1000,
    TRANSIENTS = 6,
    TRANSIENT_MS = 300 * 1000,
    FAILURE_MS = 600 * 1000
};

static int64_t notice_at_ms(const struct retry *retry)
{
    return retry->received_at_ms + RETRY_NOTICE_AFTER_MS;
}

/* No later than a moment that must not be slept over. */
static int64_t woken_at(const struct retry *retry, int64_t now_ms, int64_t next_ms)
{
    const int64_t moments[] = {notice_at_ms(retry), retry->expires_at_ms};
    for (unsigned i = 0; i < sizeof moments / sizeof moments[0]; i++)
        if (moments[i] > now_ms && moments[i] < next_ms)
            next_ms = moments[i];
    return next_ms;
}

static int64_t spread_over(int64_t delay, uint64_t chance)
{
    int64_t spread = delay / SPREAD_PART;
    return delay + (int64_t)(chance % (uint64_t)(2 * spread)) - spread;
}

int64_t retry_hop_ms(uint32_t failures, int64_t now_ms, uint64_t chance)
{
    int64_t delay = failures < GLITCHES                ? GLITCH_MS
                    : failures < GLITCHES + TRANSIENTS ? TRANSIENT_MS
                                                       : FAILURE_MS;
    return now_ms + spread_over(delay, chance);
}

int64_t retry_at_hop_ms(const struct retry *retry, int64_t now_ms, int64_t hop_ms)
{
    return woken_at(retry, now_ms, hop_ms);
}

int64_t retry_next_ms(const struct retry *retry, int64_t now_ms, uint64_t chance)
{
    int64_t delay =
        retry->attempts < DOUBLED_MAX ? (int64_t)FIRST_MS << retry->attempts : LONGEST_MS;
    return woken_at(retry, now_ms, now_ms + spread_over(delay, chance));
}

int64_t retry_wait_ms(const struct retry *retry, int64_t now_ms)
{
    int64_t expires = retry->expires_at_ms > now_ms ? retry->expires_at_ms : now_ms + LONGEST_MS;
    return woken_at(retry, now_ms, expires);
}

bool retry_tells_delay(const struct retry *retry, int64_t now_ms)
{
    return retry->due_at_ms <= notice_at_ms(retry) && notice_at_ms(retry) <= now_ms;
}

bool retry_is_over(const struct retry *retry, int64_t now_ms)
{
    return now_ms >= retry->expires_at_ms;
}
