/* SPDX-License-Identifier: Apache-2.0 */
/* worker - a few threads for work that would hold up the loop.
 *
 * All threads exist when worker_pool_new returns and have touched the allocator, so a sandbox can
 * be entered behind it. Work is embedded in the object it is about, nothing is allocated per piece.
 * `run` happens on a thread of the pool and may touch only what its context points at; `done`
 * happens on the loop, exactly once for each piece that was submitted. From submit to `done` the
 * object belongs to the pool.
 */
#ifndef OS_WORKER_H
#define OS_WORKER_H

#include "os/loop.h"

struct worker_pool;

enum { WORKER_THREADS_MAX = 64 };

struct work {
    void (*run)(void *context);
    void (*done)(void *context, bool ran); /* ran is false when the pool ended before its turn */
    void *context;
    struct work *next;
    bool ran;
};

/* `threads` is brought within 1 and WORKER_THREADS_MAX. 0 or -errno. */
MUST_USE int worker_pool_new(struct loop *loop, unsigned threads, size_t waiting_max,
                             struct worker_pool **out_pool);
/* Waits for what runs, then calls `done` for everything that is left. Accepts NULL. */
void worker_pool_free(struct worker_pool *pool);
/* False: waiting_max pieces wait already; the work was not taken. */
MUST_USE bool worker_pool_submit(struct worker_pool *pool, struct work *work);
size_t worker_pool_waiting(struct worker_pool *pool); /* submitted, not yet on a thread */

#endif
