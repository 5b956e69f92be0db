/* SPDX-License-Identifier: Apache-2.0 */
/* clock_jumps - the time that the clock on the wall showed and that never passed.
 *
 * The clock on the wall is compared with the uptime (which runs on while the machine sleeps): where
 * it goes forward by more, that much of it is a gap. Ages are the time between two moments without
 * the gaps in between. A clock that goes back again takes the gaps behind it with it. Kept as text,
 * so that a restart knows of them, and of a jump meanwhile. After the machine was started anew the
 * clock is believed: nothing says how long it was off. Pure; milliseconds.
 */
#ifndef HUB_TRANSPORT_CLOCK_JUMPS_H
#define HUB_TRANSPORT_CLOCK_JUMPS_H

#include "base/text.h"

enum {
    CLOCK_JUMP_MS = 60000,   /* less is an adjustment */
    CLOCK_DRIFT_MS = 10000,  /* adjustments together that are worth keeping */
    CLOCK_GAPS_MAX = 8,      /* the oldest goes */
    CLOCK_BOOT_ID_MAX = 40,  /* with its end */
    CLOCK_JUMPS_TEXT = 1024, /* of them as text */
};

struct clock_jumps {
    char boot[CLOCK_BOOT_ID_MAX]; /* which start of the machine; empty: nobody knows */
    int64_t ahead_ms;             /* of the uptime, as it was last seen */
    int64_t kept_ahead_ms;        /* as it was written down */
    size_t count;
    struct {
        int64_t from_ms, until_ms; /* on the wall */
    } gaps[CLOCK_GAPS_MAX];        /* in their order; none overlap */
};

/* What is kept of the life before (empty: nothing), and the two clocks now. */
void clock_jumps_begin(struct clock_jumps *jumps, struct slice kept, const char *boot,
                       int64_t wall_ms, int64_t uptime_ms);
/* Looks at the clocks again: by how much the one on the wall has jumped, or 0. */
int64_t clock_jumps_look(struct clock_jumps *jumps, int64_t wall_ms, int64_t uptime_ms);
/* What is to be taken off the time between the two. */
int64_t clock_jumps_between(const struct clock_jumps *jumps, int64_t from_ms, int64_t until_ms);
/* Whether it would be kept otherwise than it was. */
bool clock_jumps_drifted(const struct clock_jumps *jumps);
bool clock_jumps_append(struct text *text, struct clock_jumps *jumps);

#endif
