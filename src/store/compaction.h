/* SPDX-License-Identifier: Apache-2.0 */
/* compaction - bodies that stay long, carried out of segments in which little else is left.
 *
 * A sealed segment with less than a quarter of live bytes is emptied in small steps, each a request
 * to the writer: it copies some records into a segment of its own, flushes it, and only then says
 * so in their rows. The old segment counts those records as rows until the caller's thread has
 * heard of it, so that it cannot be reused under a reader. A message that somebody has in hand is
 * left where it is: couriers read from duplicates of the segment's descriptor without a loan. One
 * that was lent while its step was under way keeps its old place, too, until it is gone.
 */
#ifndef STORE_COMPACTION_H
#define STORE_COMPACTION_H

#include "store/request.h"

enum {
    COMPACTION_HELD_MAX = 64,
    COMPACTION_MESSAGES_MAX = 4000, /* a segment with more is not looked at: that would take long */
    COMPACTION_STEP_BYTES = 1 << 20,
};

/* The caller's thread. */
struct compaction {
    bool busy;       /* a step is under way */
    uint32_t victim; /* being emptied; 0: none */
    uint64_t after;  /* messages of it up to here were looked at */
    uint32_t looked; /* segments up to here were */
    uint64_t pass_at_ms;
    size_t moving_count, held_count;
    struct {
        uint64_t message;
        bool lent;
    } moving[COMPACTION_STEP_MESSAGES];
    struct {
        uint64_t message;
        uint32_t segment;
    } held[COMPACTION_HELD_MAX]; /* old places that may still be read from */
};

/* A body has been lent; a message has gone. */
void compaction_lent(struct store *store, uint64_t message);
void compaction_gone(struct store *store, uint64_t message);
void compaction_settle(struct store *store, struct request *request);

/* The writer's thread: sets the outcome. */
void compaction_write(struct store *store, struct request *request);

#endif
