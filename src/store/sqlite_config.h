/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_config - the statements of both connections to the configuration, by name. */
#ifndef STORE_SQLITE_CONFIG_H
#define STORE_SQLITE_CONFIG_H

#include "store/engine.h"

enum config_sql {
    CONFIG_SQL_VERSION,
    CONFIG_SQL_INSERT,
    CONFIG_SQL_UPDATE,
    CONFIG_SQL_DELETE,
    CONFIG_SQL_SECRET_PUT,
    CONFIG_SQL_SECRET_DELETE,
    CONFIG_SQL_SECRET_GET,
    CONFIG_SQL_SEQUENCE,
    CONFIG_SQL_LOG,
    CONFIG_SQL_LIST,
    CONFIG_SQL_LIST_KIND,
    CONFIG_SQL_GET,
    CONFIG_SQL_SINCE,
    CONFIG_SQL_KEEP,
    CONFIG_SQL_OLDEST,
    CONFIG_SQL_PRUNE_PAST,
    CONFIG_SQL_PRUNE_LOG,
    CONFIG_SQL_HISTORY,
    CONFIG_SQL_REVISION,
    CONFIG_SQL_NEXT_OBJECT,
    CONFIG_SQL_NEXT_SECRET,
    CONFIG_SQL_BEFORE,
    CONFIG_SQL_LATER,
    CONFIG_SQL_FIRST,
    CONFIG_SQL_COUNT,
};
_Static_assert((int)CONFIG_SQL_COUNT <= (int)DATABASE_STATEMENTS_MAX, "room for each statement");

/* The first nine columns of a row of the log, in the order of the struct. */
struct config_entry config_entry_of(sqlite3_stmt *statement);
MUST_USE int config_each_entry(struct database *database, sqlite3_stmt *statement,
                               config_entry_fn *each, void *context);
MUST_USE int config_read_sequence(struct database *database, uint64_t *out_sequence);
/* Ends a loop over rows: the result of the call. `code` is what the last step answered. */
MUST_USE int config_end_of_rows(struct database *database, sqlite3_stmt *statement, int code);

/* sqlite_history.c, in the writer's transaction; SQLite's code. */
/* Keeps what the change finds in place, before it is made. */
MUST_USE int history_keep(struct store *store, const struct config_change *wanted,
                          uint64_t sequence, size_t position);
/* Forgets what is too old or too much, a few revisions at a time. */
MUST_USE int history_prune(struct store *store, uint64_t newest, int64_t now_ms);

#endif
