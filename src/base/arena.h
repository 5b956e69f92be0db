/* SPDX-License-Identifier: Apache-2.0 */
/* arena - memory that is taken piece by piece and given back all at once.
 *
 * Born with a ceiling. Every piece is zeroed and aligned for any type. A request that passes the
 * ceiling, or finds no memory, gives NULL; what was handed out before stays valid.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/attributes.h"
#include "base/slice.h"

struct arena_block;

struct arena {
    struct arena_block *newest;
    size_t used;
    size_t ceiling;
};

struct arena arena_with_ceiling(size_t ceiling);
void arena_deinit(struct arena *arena); /* frees all pieces; accepts NULL */
void arena_reset(struct arena *arena);  /* frees all pieces, keeps the ceiling */

MUST_USE void *arena_take(struct arena *arena, size_t size);
MUST_USE void *arena_take_array(struct arena *arena, size_t count,
                                size_t size); /* overflow: NULL */
/* A copy of the bytes with a NUL behind them (not counted in len). False without memory. */
MUST_USE bool arena_copy(struct arena *arena, struct slice bytes, struct slice *out_copy);

#endif
