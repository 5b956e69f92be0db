/* SPDX-License-Identifier: Apache-2.0 */
/* responder_patience - how long the OCSP responder of a certificate is left in peace.
 *
 * Who fails is asked again after a minute, then after two, four and so on up to an hour; who
 * answers, not before an eighth of the life of its answer has gone by, an hour at most: one that
 * still gives away the old response is not asked without end. Times are those of the loop. Only
 * certificates that were asked about are kept, the latest PATIENCE_MAX of them.
 */
#ifndef HUB_RESPONDER_PATIENCE_H
#define HUB_RESPONDER_PATIENCE_H

#include "base/object_id.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    PATIENCE_MAX = 1024,
    PATIENCE_FAILED_MS = 60 * 1000,
    PATIENCE_ANSWERED_MS = 10 * 1000, /* the least */
    PATIENCE_LONGEST_MS = 3600 * 1000,
};

struct responder_patience {
    struct patience {
        struct object_id id; /* of the certificate */
        uint64_t until_ms;
        unsigned failures; /* in a row */
        bool in_trouble;   /* a failure was the last that was heard of it */
    } rows[PATIENCE_MAX];
    size_t count, next; /* next: the row that makes room */
};

/* When it may be asked; 0: at any time. */
uint64_t patience_until(const struct responder_patience *patience, struct object_id id);
/* True: it is the first failure in a row, or since the pardon. */
bool patience_failed(struct responder_patience *patience, struct object_id id, uint64_t now_ms);
/* True: it had failed before. `life_ms` is that of the response. */
bool patience_answered(struct responder_patience *patience, struct object_id id, int64_t life_ms,
                       uint64_t now_ms);
/* All may be asked at once. */
void patience_pardon(struct responder_patience *patience);

#endif
