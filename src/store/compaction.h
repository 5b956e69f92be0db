/* SPDX-License-Identifier: Apache-2.0 */
/* compaction - bodies that stay long, carried out of segments in which little else is left.
 *
 * A sealed segment with less than a quarter of live bytes is emptied in small steps, each a request
 * to the writer: it copies some records into a segment of its own, flushes it, and only then says
 * so in their rows. The old segment counts those records as rows until the caller's thread has
 * heard of it; from then on it stays for whoever has borrowed a body of it, and is reused when the
 * last loan has been returned.
 */
#ifndef STORE_COMPACTION_H
#define STORE_COMPACTION_H

#include "store/request.h"

enum {
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
};

void compaction_settle(struct store *store, struct request *request);

/* The writer's thread: sets the outcome. */
void compaction_write(struct store *store, struct request *request);

#endif
