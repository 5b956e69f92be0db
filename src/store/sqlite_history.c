/* SPDX-License-Identifier: Apache-2.0 */
/* The writing half of the history: what each change found in its place is kept beside its entry in
 * the log, and forgotten in time. */
#include "store/sqlite_config.h"

enum { PRUNED_AT_ONCE_MAX = 64 };

int history_keep(struct store *store, const struct config_change *wanted, uint64_t sequence,
                 size_t position)
{
    bool object = wanted->operation == CONFIG_PUT || wanted->operation == CONFIG_DELETE;
    sqlite3_stmt *statement = database_statement(&store->config_writer, CONFIG_SQL_KEEP);
    database_bind_slice(statement, 1, wanted->kind);
    database_bind_id(statement, 2, &wanted->id);
    (void)sqlite3_bind_int64(statement, 3, (sqlite3_int64)sequence);
    (void)sqlite3_bind_int64(statement, 4, (sqlite3_int64)position);
    (void)sqlite3_bind_int(statement, 5, object);
    (void)sqlite3_bind_int(statement, 6, wanted->operation != CONFIG_PUT);
    return database_step(statement);
}

/* The oldest revision when it is one to forget, else 0. */
static int find_oldest(struct store *store, uint64_t newest, int64_t now_ms, uint64_t *out_oldest)
{
    const struct store_options *options = &store->options;
    sqlite3_stmt *statement = database_statement(&store->config_writer, CONFIG_SQL_OLDEST);
    int code = statement ? sqlite3_step(statement) : SQLITE_ERROR;
    *out_oldest = 0;
    if (code == SQLITE_ROW) {
        uint64_t oldest = (uint64_t)sqlite3_column_int64(statement, 0);
        bool too_old = sqlite3_column_int64(statement, 1) < now_ms - options->revision_age_max_ms;
        bool too_much = sqlite3_column_int64(statement, 2) > (int64_t)options->history_max_bytes;
        if (oldest < newest && (too_old || too_much || newest - oldest >= options->revisions_max))
            *out_oldest = oldest;
    }
    int reset = sqlite3_reset(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : statement ? reset : code;
}

static int forget(struct store *store, enum config_sql which, uint64_t sequence)
{
    sqlite3_stmt *statement = database_statement(&store->config_writer, which);
    (void)sqlite3_bind_int64(statement, 1, (sqlite3_int64)sequence);
    return database_step(statement);
}

int history_prune(struct store *store, uint64_t newest, int64_t now_ms)
{
    uint64_t oldest = newest;
    int code = SQLITE_OK;
    for (size_t i = 0; i < PRUNED_AT_ONCE_MAX && oldest && code == SQLITE_OK; i++) {
        code = find_oldest(store, newest, now_ms, &oldest);
        if (code == SQLITE_OK && oldest)
            code = forget(store, CONFIG_SQL_PRUNE_PAST, oldest);
        if (code == SQLITE_OK && oldest)
            code = forget(store, CONFIG_SQL_PRUNE_LOG, oldest);
    }
    return code;
}
