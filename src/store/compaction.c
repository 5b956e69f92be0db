/* SPDX-License-Identifier: Apache-2.0 */
/* Which bodies are carried away next, and what becomes of the place they had. */
#include "store/engine.h"
#include "store/sqlite_read.h"

#include <string.h>

enum { LIVE_PART = 4 };

/* --- choosing -------------------------------------------------------------------------------- */

static bool is_sparse(struct store *store, uint32_t segment)
{
    sqlite3_stmt *statement = database_statement(&store->queue_reader, READ_SEGMENT_BYTES);
    (void)sqlite3_bind_int64(statement, 1, segment);
    int code = statement ? sqlite3_step(statement) : SQLITE_ERROR;
    uint64_t live = code == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(statement, 0) : UINT64_MAX;
    return queue_end_of_rows(store, statement, code) == STORE_OK &&
           live < store->options.segment_bytes / LIVE_PART;
}

/* One segment a call; when all were seen, a pause. */
static void find_victim(struct store *store)
{
    struct compaction *compaction = &store->compaction;
    if (store_monotonic_ms() < compaction->pass_at_ms)
        return;
    uint32_t segment =
        segment_next_sealed(&store->segments, compaction->looked, COMPACTION_MESSAGES_MAX);
    compaction->looked = segment;
    compaction->after = 0;
    if (!segment)
        compaction->pass_at_ms = store_monotonic_ms() + store->options.compaction_pause_ms;
    else if (is_sparse(store, segment))
        compaction->victim = segment;
}

static bool is_claimed(const struct store *store, uint64_t message)
{
    for (size_t i = 0; i < store->claim_count; i++)
        if (store->claims[i].message == message)
            return true;
    return false;
}

/* The next messages of the victim; those that are claimed are about to leave by themselves. */
static int choose(struct store *store, struct compact_request *step, uint64_t *out_last)
{
    sqlite3_stmt *row = database_statement(&store->queue_reader, READ_SEGMENT_MESSAGES);
    int code = SQLITE_ERROR;
    (void)sqlite3_bind_int64(row, 1, store->compaction.victim);
    (void)sqlite3_bind_int64(row, 2, (sqlite3_int64)store->compaction.after);
    (void)sqlite3_bind_int64(row, 3, COMPACTION_STEP_MESSAGES);
    while (row && (code = sqlite3_step(row)) == SQLITE_ROW) {
        *out_last = (uint64_t)sqlite3_column_int64(row, 0);
        if (!is_claimed(store, *out_last))
            step->bodies[step->count++].message = *out_last;
    }
    return queue_end_of_rows(store, row, code);
}

/* --- a step ---------------------------------------------------------------------------------- */

static bool begin_step(struct store *store)
{
    struct compaction *compaction = &store->compaction;
    uint64_t last = 0;
    struct request *request = request_new_compact(compaction->victim);
    if (!request)
        return false;
    int result = choose(store, request->compact, &last);
    if (result != STORE_OK || request->compact->count == 0) {
        if (result != STORE_OK || last == 0)
            compaction->victim = 0; /* nothing is left that could be moved */
        compaction->after = last;
        request_free(request);
        return false;
    }
    compaction->busy = store_submit(store, request) == STORE_OK;
    return compaction->busy;
}

bool store_compact(struct store *store)
{
    struct compaction *compaction = &store->compaction;
    if (compaction->busy || store_stopped(store))
        return false;
    if (!compaction->victim)
        find_victim(store);
    return compaction->victim && begin_step(store);
}

/* --- afterwards ------------------------------------------------------------------------------ */

void compaction_settle(struct store *store, struct request *request)
{
    struct compaction *compaction = &store->compaction;
    const struct compact_request *step = request->compact;
    compaction->busy = false;
    for (size_t i = 0; i < step->handled; i++) {
        compaction->after = step->bodies[i].message;
        if (!step->bodies[i].moved)
            continue;
        recent_remove(&store->recent, step->bodies[i].message);
        segment_row_removed(&store->segments, step->segment);
    }
    if (request->outcome == STORE_OK)
        return;
    compaction->victim = 0;
    compaction->pass_at_ms = store_monotonic_ms() + store->options.compaction_pause_ms;
}
