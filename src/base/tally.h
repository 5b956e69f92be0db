/* SPDX-License-Identifier: Apache-2.0 */
/* tally - how many of something there are by key, in memory that one process writes and others
 * read.
 *
 * Each process has a table of its own, which it alone writes; the others map it read-only, and the
 * sum over all tables is the truth. So nobody waits for anybody, what a process counted goes with
 * the process, and a table that lies can only say that there is more than there is.
 *
 * A key has two counts: how many are open now, and how often something happened in the minute that
 * is running and in the one before it, from which the last sixty seconds are estimated. Keys are
 * 64-bit keyed hashes; 0 is none. A slot whose counts say nothing any more is free for another key.
 * A reader may see a slot between two writes of its owner: its sum is then off by that one event.
 *
 * Zeroed memory is an empty table. The time is a monotonic clock that all processes share.
 */
#ifndef BASE_TALLY_H
#define BASE_TALLY_H

#include "base/siphash.h"

#include <stdbool.h>

enum {
    TALLY_SLOTS = 1 << 18,
    TALLY_PROBES = 64, /* a key is within so many slots of its place */
    TALLY_MINUTE_MS = 60000,
};

struct tally_slot {
    _Atomic uint64_t key;
    _Atomic uint32_t open;
    _Atomic uint32_t minute;      /* that `now` counts in */
    _Atomic uint32_t now, before; /* in that minute, in the one before it */
};

struct tally {
    struct siphash_key hash; /* the same in all tables that are added up */
    struct tally_slot slots[TALLY_SLOTS];
};

/* One more is open. False when the table has no room near the key's place. */
bool tally_open(struct tally *tally, uint64_t key, uint64_t now_ms);
void tally_close(struct tally *tally, uint64_t key); /* one that was opened */
uint32_t tally_count(const struct tally *tally, uint64_t key);

/* It has happened once more. False when there is no room. */
bool tally_note(struct tally *tally, uint64_t key, uint64_t now_ms);
/* How often in the last sixty seconds, times TALLY_MINUTE_MS, so that sums lose nothing: what
 * happened in the minute before is thought to be spread evenly over it. */
uint64_t tally_recent(const struct tally *tally, uint64_t key, uint64_t now_ms);

#endif
