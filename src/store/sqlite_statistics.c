/* SPDX-License-Identifier: Apache-2.0 */
/* Queues in numbers, one destination after the other: each costs what it holds, read from indexes
 * alone. */
#include "store/sqlite_read.h"

static void add_counts(sqlite3_stmt *row, struct queue_statistic *statistic, uint64_t *oldest)
{
    uint64_t first = (uint64_t)sqlite3_column_int64(row, 3);
    statistic->recipients += (uint64_t)sqlite3_column_int64(row, 0);
    statistic->owned += (uint64_t)sqlite3_column_int64(row, 1);
    statistic->deferred += (uint64_t)sqlite3_column_int64(row, 2);
    if (first && (!*oldest || first < *oldest))
        *oldest = first;
    if (sqlite3_column_type(row, 4) != SQLITE_NULL &&
        sqlite3_column_int64(row, 4) < statistic->next_at_ms)
        statistic->next_at_ms = sqlite3_column_int64(row, 4);
}

static int count(struct store *store, int64_t destination, struct queue_statistic *statistic)
{
    sqlite3_stmt *row = database_statement(&store->queue_reader, READ_DESTINATION_COUNTS);
    (void)sqlite3_bind_int64(row, 1, destination);
    uint64_t oldest = 0;
    int code = SQLITE_ERROR;
    while (row && (code = sqlite3_step(row)) == SQLITE_ROW)
        add_counts(row, statistic, &oldest);
    int result = queue_end_of_rows(store, row, code);
    if (result != STORE_OK || !oldest)
        return result;
    sqlite3_stmt *received = database_statement(&store->queue_reader, READ_RECEIVED);
    (void)sqlite3_bind_int64(received, 1, (sqlite3_int64)oldest);
    code = received ? sqlite3_step(received) : SQLITE_ERROR;
    if (code == SQLITE_ROW)
        statistic->oldest_ms = sqlite3_column_int64(received, 0);
    return queue_end_of_rows(store, received, code);
}

int queue_statistics(struct store *store, struct slice after, queue_statistic_fn *each,
                     void *context)
{
    sqlite3_stmt *row = database_statement(&store->queue_reader, READ_DESTINATIONS);
    database_bind_slice(row, 1, after);
    (void)sqlite3_bind_int(row, 2, after.at == NULL); /* "" is a key, too */
    int code = SQLITE_ERROR;
    int result = STORE_OK;
    bool more = true;
    while (more && row && (code = sqlite3_step(row)) == SQLITE_ROW) {
        struct queue_statistic statistic = {
            .destination = database_column_slice(row, 1),
            .suspended = (sqlite3_column_int(row, 2) & STATE_DESTINATION_SUSPENDED) != 0,
            .next_at_ms = INT64_MAX,
            .failures = (uint32_t)sqlite3_column_int64(row, 3),
            .last_error = database_column_slice(row, 4),
        };
        result = count(store, sqlite3_column_int64(row, 0), &statistic);
        more = result == STORE_OK;
        if (more && (statistic.recipients > 0 || sqlite3_column_int(row, 2) != 0))
            more = each(context, &statistic);
    }
    int ended = queue_end_of_rows(store, row, code);
    return result != STORE_OK ? result : ended;
}
