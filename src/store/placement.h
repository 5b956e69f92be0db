/* SPDX-License-Identifier: Apache-2.0 */
/* placement - where the bodies of one batch go, and getting them there before any row says so.
 *
 * Short bodies stay for their rows when the batch is small; all others are in their segments, and
 * flushed, when placement_write answers 0. A segment counts each record as a row at once, so that
 * it cannot be reused under the batch; placement_settle takes that back for the rows that never
 * came.
 */
#ifndef STORE_PLACEMENT_H
#define STORE_PLACEMENT_H

#include "store/engine.h"

struct placement {
    struct segment *filling; /* at the start of the batch, and how far it was filled */
    uint64_t tail;
};

MUST_USE int placement_write(struct store *store, const struct request_list *batch,
                             struct placement *out_placement);
void placement_settle(struct store *store, const struct request_list *batch,
                      const struct placement *placement, bool committed);

#endif
