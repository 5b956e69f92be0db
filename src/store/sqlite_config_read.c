/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_config.h"

struct config_entry config_entry_of(sqlite3_stmt *statement)
{
    return (struct config_entry){
        .sequence = (uint64_t)sqlite3_column_int64(statement, 0),
        .at_ms = sqlite3_column_int64(statement, 1),
        .actor = database_column_slice(statement, 2),
        .command = database_column_slice(statement, 3),
        .operation = (enum config_operation)sqlite3_column_int(statement, 4),
        .kind = database_column_slice(statement, 5),
        .id = database_column_id(statement, 6),
        .name = database_column_slice(statement, 7),
        .version = (uint64_t)sqlite3_column_int64(statement, 8),
    };
}

int config_end_of_rows(struct database *database, sqlite3_stmt *statement, int code)
{
    if (!statement)
        return database_error(sqlite3_errcode(database->handle));
    int reset = sqlite3_reset(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? STORE_OK : database_error(reset);
}

static int each_object(struct store *store, sqlite3_stmt *statement, config_each_fn *each,
                       void *context, size_t *out_count)
{
    int code = SQLITE_ERROR;
    while (statement && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        struct config_object object = {
            .kind = database_column_slice(statement, 0),
            .id = database_column_id(statement, 1),
            .name = database_column_slice(statement, 2),
            .version = (uint64_t)sqlite3_column_int64(statement, 3),
            .body = database_column_slice(statement, 4),
        };
        ++*out_count;
        if (!each(context, &object))
            break;
    }
    return config_end_of_rows(&store->config_reader, statement, code);
}

int config_list(struct store *store, struct slice kind, config_each_fn *each, void *context)
{
    size_t count = 0;
    sqlite3_stmt *statement = database_statement(&store->config_reader,
                                                 kind.len ? CONFIG_SQL_LIST_KIND : CONFIG_SQL_LIST);
    if (kind.len)
        database_bind_slice(statement, 1, kind);
    return each_object(store, statement, each, context, &count);
}

int config_get(struct store *store, struct slice kind, struct object_id id, config_each_fn *each,
               void *context)
{
    size_t count = 0;
    sqlite3_stmt *statement = database_statement(&store->config_reader, CONFIG_SQL_GET);
    database_bind_slice(statement, 1, kind);
    database_bind_id(statement, 2, &id);
    int result = each_object(store, statement, each, context, &count);
    return result == STORE_OK && count == 0 ? STORE_NOT_FOUND : result;
}

int config_each_entry(struct database *database, sqlite3_stmt *statement, config_entry_fn *each,
                      void *context)
{
    int code = SQLITE_ERROR;
    while (statement && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        struct config_entry entry = config_entry_of(statement);
        if (!each(context, &entry))
            break;
    }
    return config_end_of_rows(database, statement, code);
}

int config_since(struct store *store, uint64_t sequence, config_entry_fn *each, void *context)
{
    sqlite3_stmt *statement = database_statement(&store->config_reader, CONFIG_SQL_SINCE);
    (void)sqlite3_bind_int64(statement, 1, (sqlite3_int64)sequence);
    return config_each_entry(&store->config_reader, statement, each, context);
}

int config_sequence(struct store *store, uint64_t *out_sequence)
{
    return database_error(config_read_sequence(&store->config_reader, out_sequence));
}

int config_secret_get(struct store *store, struct slice kind, struct object_id id,
                      struct text *out_sealed, struct text *out_key_name)
{
    sqlite3_stmt *statement = database_statement(&store->config_reader, CONFIG_SQL_SECRET_GET);
    database_bind_slice(statement, 1, kind);
    database_bind_id(statement, 2, &id);
    int code = statement ? sqlite3_step(statement) : SQLITE_ERROR;
    bool fits = true;
    if (code == SQLITE_ROW)
        fits = text_append(out_sealed, database_column_slice(statement, 0)) &&
               text_append(out_key_name, database_column_slice(statement, 1));
    int result = config_end_of_rows(&store->config_reader, statement, code);
    if (result != STORE_OK)
        return result;
    if (code == SQLITE_DONE)
        return STORE_NOT_FOUND;
    return fits ? STORE_OK : STORE_TOO_LARGE;
}

void config_watch(struct store *store, config_hint_fn *hint, void *context)
{
    store->hint = hint;
    store->hint_context = context;
}
