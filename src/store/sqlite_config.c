/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration: one transaction for each batch, its log in the same transaction. */
#include "store/sqlite_config.h"

/* clang-format off */
const char *const config_texts[] = {
    [CONFIG_SQL_VERSION] = "SELECT version, name FROM config_object WHERE kind = ?1 AND id = ?2",
    [CONFIG_SQL_INSERT] = "INSERT INTO config_object(kind, id, name, version, body) VALUES(?1, ?2, ?3, ?4, ?5)",
    [CONFIG_SQL_UPDATE] = "UPDATE config_object SET name = ?3, version = ?4, body = ?5 WHERE kind = ?1 AND id = ?2",
    [CONFIG_SQL_DELETE] = "DELETE FROM config_object WHERE kind = ?1 AND id = ?2",
    [CONFIG_SQL_SECRET_PUT] = "INSERT INTO secret(kind, id, sealed, key_name) VALUES(?1, ?2, ?3, ?4)"
                              " ON CONFLICT(kind, id) DO UPDATE SET sealed = excluded.sealed,"
                              " key_name = excluded.key_name",
    [CONFIG_SQL_SECRET_DELETE] = "DELETE FROM secret WHERE kind = ?1 AND id = ?2",
    [CONFIG_SQL_SECRET_GET] = "SELECT sealed, key_name FROM secret WHERE kind = ?1 AND id = ?2",
    [CONFIG_SQL_SEQUENCE] = "SELECT coalesce(max(sequence), 0) FROM config_log",
    [CONFIG_SQL_LOG] = "INSERT INTO config_log(sequence, position, at, actor, command, operation, kind, id, name,"
                       " version) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [CONFIG_SQL_LIST] = "SELECT kind, id, name, version, body FROM config_object ORDER BY kind, lower(name), id",
    [CONFIG_SQL_LIST_KIND] = "SELECT kind, id, name, version, body FROM config_object WHERE kind = ?1"
                             " ORDER BY lower(name), id",
    [CONFIG_SQL_GET] = "SELECT kind, id, name, version, body FROM config_object WHERE kind = ?1 AND id = ?2",
    [CONFIG_SQL_SINCE] = "SELECT sequence, at, actor, command, operation, kind, id, name, version FROM config_log"
                         " WHERE sequence > ?1 ORDER BY sequence, position",
    [CONFIG_SQL_COUNT] = NULL,
};
/* clang-format on */

/* One change on its way: what was there, and what it becomes. */
struct change {
    struct store *store;
    const struct config_change *wanted;
    bool exists;
    uint64_t version;     /* found */
    uint64_t new_version; /* 0 when it goes */
};

static sqlite3_stmt *statement_for(const struct change *change, enum config_sql which)
{
    sqlite3_stmt *statement = database_statement(&change->store->config_writer, which);
    database_bind_slice(statement, 1, change->wanted->kind);
    database_bind_id(statement, 2, &change->wanted->id);
    return statement;
}

static int find_version(struct change *change)
{
    sqlite3_stmt *statement = statement_for(change, CONFIG_SQL_VERSION);
    int code = statement ? sqlite3_step(statement) : SQLITE_ERROR;
    change->exists = code == SQLITE_ROW;
    if (change->exists)
        change->version = (uint64_t)sqlite3_column_int64(statement, 0);
    int reset = sqlite3_reset(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : statement ? reset : code;
}

static enum store_outcome judge_version(const struct change *change)
{
    uint64_t expected = change->wanted->expected_version;
    if (expected == CONFIG_VERSION_ANY || (expected == CONFIG_VERSION_NEW && !change->exists))
        return STORE_OK;
    if (!change->exists)
        return STORE_NOT_FOUND;
    return change->version == expected ? STORE_OK : STORE_CONFLICT;
}

static int put_object(struct change *change)
{
    change->new_version = change->version + 1;
    sqlite3_stmt *statement =
        statement_for(change, change->exists ? CONFIG_SQL_UPDATE : CONFIG_SQL_INSERT);
    database_bind_slice(statement, 3, change->wanted->name);
    (void)sqlite3_bind_int64(statement, 4, (sqlite3_int64)change->new_version);
    database_bind_slice(statement, 5, change->wanted->body);
    return database_step(statement);
}

static int delete_object(struct change *change)
{
    int code = database_step(statement_for(change, CONFIG_SQL_DELETE));
    return code == SQLITE_OK ? database_step(statement_for(change, CONFIG_SQL_SECRET_DELETE))
                             : code;
}

static int put_secret(struct change *change)
{
    sqlite3_stmt *statement = statement_for(change, CONFIG_SQL_SECRET_PUT);
    database_bind_blob(statement, 3, change->wanted->body);
    database_bind_slice(statement, 4, change->wanted->key_name);
    return database_step(statement);
}

static int delete_secret(struct change *change)
{
    return database_step(statement_for(change, CONFIG_SQL_SECRET_DELETE));
}

static const struct config_verb {
    bool versioned;  /* expected_version counts */
    bool must_exist; /* or STORE_NOT_FOUND */
    int (*run)(struct change *change);
} verbs[] = {
    [CONFIG_PUT] = {true, false, put_object},
    [CONFIG_DELETE] = {true, true, delete_object},
    [CONFIG_PUT_SECRET] = {false, false, put_secret},
    [CONFIG_DELETE_SECRET] = {false, false, delete_secret},
};

/* STORE_OK, or why the batch cannot be; *out_code is for the machine's failures. */
static enum store_outcome write_change(struct change *change, int *out_code)
{
    const struct config_verb *verb = &verbs[change->wanted->operation];
    int code = verb->versioned ? find_version(change) : SQLITE_OK;
    enum store_outcome judged = STORE_OK;
    if (code == SQLITE_OK && verb->versioned)
        judged = judge_version(change);
    if (judged == STORE_OK && verb->must_exist && !change->exists)
        judged = STORE_NOT_FOUND;
    if (judged != STORE_OK)
        return judged;
    if (code == SQLITE_OK)
        code = verb->run(change);
    if ((code & 0xff) == SQLITE_CONSTRAINT)
        return STORE_CONFLICT;
    *out_code = code;
    return database_outcome(code);
}

static int write_log(const struct change *change, const struct config_batch *batch,
                     uint64_t sequence, size_t position)
{
    const struct config_change *wanted = change->wanted;
    sqlite3_stmt *statement = database_statement(&change->store->config_writer, CONFIG_SQL_LOG);
    (void)sqlite3_bind_int64(statement, 1, (sqlite3_int64)sequence);
    (void)sqlite3_bind_int64(statement, 2, (sqlite3_int64)position);
    (void)sqlite3_bind_int64(statement, 3, batch->at_ms);
    database_bind_slice(statement, 4, batch->actor);
    database_bind_slice(statement, 5, batch->command);
    (void)sqlite3_bind_int(statement, 6, (int)wanted->operation);
    database_bind_slice(statement, 7, wanted->kind);
    database_bind_id(statement, 8, &wanted->id);
    database_bind_slice(statement, 9, wanted->name);
    (void)sqlite3_bind_int64(statement, 10, (sqlite3_int64)change->new_version);
    return database_step(statement);
}

int config_read_sequence(struct database *database, uint64_t *out_sequence)
{
    sqlite3_stmt *statement = database_statement(database, CONFIG_SQL_SEQUENCE);
    int code = statement ? sqlite3_step(statement) : SQLITE_ERROR;
    if (code == SQLITE_ROW)
        *out_sequence = (uint64_t)sqlite3_column_int64(statement, 0);
    int reset = sqlite3_reset(statement);
    return code == SQLITE_ROW ? SQLITE_OK : statement ? reset : code;
}

static int write_changes(struct store *store, struct request *request, uint64_t sequence)
{
    const struct config_batch *batch = &request->config;
    int code = SQLITE_OK;
    for (size_t i = 0; i < batch->count && request->outcome == STORE_OK; i++) {
        struct change change = {.store = store, .wanted = &batch->changes[i]};
        request->outcome = write_change(&change, &code);
        if (request->outcome == STORE_OK)
            code = write_log(&change, batch, sequence, i);
        if (code != SQLITE_OK)
            return code;
        if (request->outcome != STORE_OK)
            request->number = i;
    }
    return SQLITE_OK;
}

void config_write(struct store *store, struct request *request)
{
    struct database *database = &store->config_writer;
    uint64_t sequence = 0;
    request->outcome = STORE_OK;
    int code = database_run(database, "BEGIN IMMEDIATE");
    if (code == SQLITE_OK)
        code = config_read_sequence(database, &sequence);
    if (code == SQLITE_OK)
        code = write_changes(store, request, sequence + 1);
    if (code == SQLITE_OK && request->outcome == STORE_OK) {
        code = database_run(database, "COMMIT");
        request->number = sequence + 1;
    }
    if (code == SQLITE_OK && request->outcome == STORE_OK)
        return;
    if (code != SQLITE_OK)
        request->outcome = database_outcome(code);
    if (database_code_is_fatal(code))
        store_stop(store, "writing the configuration", code);
    else if (!sqlite3_get_autocommit(database->handle))
        (void)database_run(database, "ROLLBACK");
}
