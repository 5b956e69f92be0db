/* SPDX-License-Identifier: Apache-2.0 */
/* The reading half of the history. */
#include "store/sqlite_config.h"

enum { ENTRY_COLUMNS = 9 };

/* Five columns: whether it was kept, the name, the key's name, the body, the sealed bytes. */
static struct config_state state_of(sqlite3_stmt *statement, int column, bool of_secret)
{
    int bytes = column + (of_secret ? 4 : 3), witness = of_secret ? bytes : column + 1;
    return (struct config_state){
        .kept = sqlite3_column_type(statement, column) != SQLITE_NULL,
        .exists = sqlite3_column_type(statement, witness) != SQLITE_NULL,
        .name = database_column_slice(statement, column + 1),
        .key_name = database_column_slice(statement, column + 2),
        .body = database_column_slice(statement, bytes),
    };
}

static bool is_of_secret(enum config_operation operation)
{
    return operation == CONFIG_PUT_SECRET || operation == CONFIG_DELETE_SECRET;
}

int config_history(struct store *store, const struct config_history_filter *filter,
                   config_revision_fn *each, void *context)
{
    sqlite3_stmt *statement = database_statement(&store->config_reader, CONFIG_SQL_HISTORY);
    (void)sqlite3_bind_int64(statement, 1, filter->from_ms);
    (void)sqlite3_bind_int64(statement, 2, filter->until_ms);
    int code = SQLITE_ERROR;
    while (statement && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        struct config_revision_entry entry = {.entry = config_entry_of(statement)};
        entry.of_secret = is_of_secret(entry.entry.operation);
        entry.before = state_of(statement, ENTRY_COLUMNS, false);
        if (!each(context, &entry))
            break;
    }
    return config_end_of_rows(&store->config_reader, statement, code);
}

/* What the entry left: the statement stays at its row until it is reset. NULL: `code` says why. */
static sqlite3_stmt *find_after(struct store *store, const struct config_revision_entry *entry,
                                size_t position, int *out_code)
{
    sqlite3_stmt *statement = database_statement(
        &store->config_reader, entry->of_secret ? CONFIG_SQL_NEXT_SECRET : CONFIG_SQL_NEXT_OBJECT);
    database_bind_slice(statement, 1, entry->entry.kind);
    database_bind_id(statement, 2, &entry->entry.id);
    (void)sqlite3_bind_int64(statement, 3, (sqlite3_int64)entry->entry.sequence);
    (void)sqlite3_bind_int64(statement, 4, (sqlite3_int64)position);
    *out_code = statement ? sqlite3_step(statement) : SQLITE_ERROR;
    return *out_code == SQLITE_ROW ? statement : NULL;
}

int config_revision(struct store *store, uint64_t sequence, config_revision_fn *each, void *context)
{
    struct database *database = &store->config_reader;
    sqlite3_stmt *statement = database_statement(database, CONFIG_SQL_REVISION);
    (void)sqlite3_bind_int64(statement, 1, (sqlite3_int64)sequence);
    int code = SQLITE_ERROR;
    size_t position = 0;
    bool more = true;
    while (statement && more && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        struct config_revision_entry entry = {.entry = config_entry_of(statement)};
        entry.of_secret = is_of_secret(entry.entry.operation);
        entry.before = state_of(statement, ENTRY_COLUMNS, entry.of_secret);
        sqlite3_stmt *after = find_after(store, &entry, position++, &code);
        if (!after) {
            (void)sqlite3_reset(statement);
            return database_error(sqlite3_errcode(database->handle));
        }
        entry.after = state_of(after, 0, entry.of_secret);
        more = each(context, &entry);
        (void)sqlite3_reset(after);
    }
    int result = config_end_of_rows(database, statement, code);
    return result == STORE_OK && position == 0 ? STORE_NOT_FOUND : result;
}

int config_before(struct store *store, uint64_t first, uint64_t last, config_revision_fn *each,
                  void *context)
{
    sqlite3_stmt *statement = database_statement(&store->config_reader, CONFIG_SQL_BEFORE);
    (void)sqlite3_bind_int64(statement, 1, (sqlite3_int64)first);
    (void)sqlite3_bind_int64(statement, 2, (sqlite3_int64)last);
    int code = SQLITE_ERROR;
    while (statement && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        struct config_revision_entry entry = {.entry = config_entry_of(statement)};
        entry.of_secret = sqlite3_column_int(statement, ENTRY_COLUMNS + 5) != 0;
        entry.before = state_of(statement, ENTRY_COLUMNS, entry.of_secret);
        if (!each(context, &entry))
            break;
    }
    return config_end_of_rows(&store->config_reader, statement, code);
}

int config_later(struct store *store, uint64_t sequence, config_entry_fn *each, void *context)
{
    sqlite3_stmt *statement = database_statement(&store->config_reader, CONFIG_SQL_LATER);
    (void)sqlite3_bind_int64(statement, 1, (sqlite3_int64)sequence);
    return config_each_entry(&store->config_reader, statement, each, context);
}

int config_oldest(struct store *store, uint64_t *out_sequence)
{
    sqlite3_stmt *statement = database_statement(&store->config_reader, CONFIG_SQL_FIRST);
    int code = statement ? sqlite3_step(statement) : SQLITE_ERROR;
    if (code == SQLITE_ROW)
        *out_sequence = (uint64_t)sqlite3_column_int64(statement, 0);
    return config_end_of_rows(&store->config_reader, statement, code);
}
