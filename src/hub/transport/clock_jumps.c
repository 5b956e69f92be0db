/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/clock_jumps.h"

#include "base/number.h"

#include <stdio.h>
#include <string.h>

/* --- gaps --- */

static void add_gap(struct clock_jumps *jumps, int64_t from_ms, int64_t until_ms)
{
    if (jumps->count == CLOCK_GAPS_MAX)
        memmove(jumps->gaps, jumps->gaps + 1, --jumps->count * sizeof jumps->gaps[0]);
    jumps->gaps[jumps->count].from_ms = from_ms;
    jumps->gaps[jumps->count++].until_ms = until_ms;
}

/* The clock will show these moments once more, and then they pass. */
static void take_back(struct clock_jumps *jumps, int64_t wall_ms)
{
    while (jumps->count && jumps->gaps[jumps->count - 1].from_ms >= wall_ms)
        jumps->count--;
    if (jumps->count && jumps->gaps[jumps->count - 1].until_ms > wall_ms)
        jumps->gaps[jumps->count - 1].until_ms = wall_ms;
}

int64_t clock_jumps_look(struct clock_jumps *jumps, int64_t wall_ms, int64_t uptime_ms)
{
    int64_t by_ms = wall_ms - uptime_ms - jumps->ahead_ms;
    jumps->ahead_ms += by_ms;
    if (by_ms > -CLOCK_JUMP_MS && by_ms < CLOCK_JUMP_MS)
        return 0;
    if (by_ms > 0)
        add_gap(jumps, wall_ms - by_ms, wall_ms);
    else
        take_back(jumps, wall_ms);
    return by_ms;
}

int64_t clock_jumps_between(const struct clock_jumps *jumps, int64_t from_ms, int64_t until_ms)
{
    int64_t sum = 0;
    for (size_t i = 0; i < jumps->count; i++) {
        int64_t from = jumps->gaps[i].from_ms, until = jumps->gaps[i].until_ms;
        from = from > from_ms ? from : from_ms;
        until = until < until_ms ? until : until_ms;
        sum += until > from ? until - from : 0;
    }
    return sum;
}

/* --- as text --- */

bool clock_jumps_drifted(const struct clock_jumps *jumps)
{
    int64_t by_ms = jumps->ahead_ms - jumps->kept_ahead_ms;
    return by_ms >= CLOCK_DRIFT_MS || by_ms <= -CLOCK_DRIFT_MS;
}

bool clock_jumps_append(struct text *text, struct clock_jumps *jumps)
{
    text_append_format(text, "%s %lld\n", jumps->boot, (long long)jumps->ahead_ms);
    for (size_t i = 0; i < jumps->count; i++)
        text_append_format(text, "%lld %lld\n", (long long)jumps->gaps[i].from_ms,
                           (long long)jumps->gaps[i].until_ms);
    jumps->kept_ahead_ms = jumps->ahead_ms;
    return !text->truncated;
}

/* "WORD NUMBER\n" */
static bool take_line(struct slice *rest, struct slice *out_word, int64_t *out_number)
{
    struct slice line, word;
    if (!slice_take_field(rest, '\n', &line) || !slice_take_field(&line, ' ', &word))
        return false;
    *out_word = word;
    return number_parse_i64(line, INT64_MIN / 4, INT64_MAX / 4, out_number);
}

static void take_gaps(struct clock_jumps *jumps, struct slice rest)
{
    struct slice word;
    int64_t from_ms, until_ms;
    while (rest.len && take_line(&rest, &word, &until_ms) &&
           number_parse_i64(word, INT64_MIN / 4, INT64_MAX / 4, &from_ms) && until_ms > from_ms)
        add_gap(jumps, from_ms, until_ms);
}

void clock_jumps_begin(struct clock_jumps *jumps, struct slice kept, const char *boot,
                       int64_t wall_ms, int64_t uptime_ms)
{
    struct slice before;
    int64_t ahead_ms;
    *jumps = (struct clock_jumps){.ahead_ms = wall_ms - uptime_ms};
    jumps->kept_ahead_ms = jumps->ahead_ms;
    snprintf(jumps->boot, sizeof jumps->boot, "%s", boot);
    if (!take_line(&kept, &before, &ahead_ms))
        return;
    take_gaps(jumps, kept);
    if (before.len && slice_equal(before, slice_of(jumps->boot)))
        jumps->ahead_ms = ahead_ms;
    else
        take_back(jumps, wall_ms);
}
