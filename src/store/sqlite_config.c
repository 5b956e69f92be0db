/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration: one transaction for each batch, its log in the same transaction. */
#include "store/sqlite_config.h"

/* clang-format off */
/* Parts of the statements on the history: an entry with the name it had last, what it found, and what the
 * next entry about the same object found: that is what this one left. */
#define ENTRY "l.sequence, l.at, l.actor, l.command, l.operation, l.kind, l.id, coalesce(nullif(l.name, ''), p.name, ''), l.version"
#define PAST "p.sequence, p.name, p.key_name, p.body, p.sealed"
#define LOG_AND_PAST " FROM config_log l LEFT JOIN config_past p ON p.sequence = l.sequence AND p.position = l.position"
#define NEXT(operations) "SELECT * FROM (SELECT p.sequence, p.name, p.key_name, p.body, p.sealed" LOG_AND_PAST \
                         " WHERE l.kind = ?1 AND l.id = ?2 AND (l.sequence, l.position) > (?3, ?4) AND l.operation " operations \
                         " ORDER BY l.sequence, l.position LIMIT 1)"

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
    [CONFIG_SQL_KEEP] = "INSERT INTO config_past(sequence, position, total, name, key_name, body, sealed)"
                        " SELECT ?3, ?4, coalesce((SELECT total + 256 + coalesce(length(CAST(body AS BLOB)), 0) + coalesce(length(sealed), 0)"
                        "   FROM config_past ORDER BY sequence DESC, position DESC LIMIT 1), 0),"
                        " o.name, s.key_name, o.body, s.sealed FROM (SELECT 1)"
                        " LEFT JOIN config_object o ON ?5 AND o.kind = ?1 AND o.id = ?2"
                        " LEFT JOIN secret s ON ?6 AND s.kind = ?1 AND s.id = ?2",
    [CONFIG_SQL_OLDEST] = "SELECT l.sequence, l.at, (SELECT total FROM config_past ORDER BY sequence DESC, position DESC LIMIT 1)"
                          " - (SELECT total FROM config_past ORDER BY sequence, position LIMIT 1)"
                          " FROM config_log l ORDER BY l.sequence, l.position LIMIT 1",
    [CONFIG_SQL_PRUNE_PAST] = "DELETE FROM config_past WHERE sequence = ?1",
    [CONFIG_SQL_PRUNE_LOG] = "DELETE FROM config_log WHERE sequence = ?1",
    [CONFIG_SQL_HISTORY] = "SELECT " ENTRY ", p.sequence, p.name, NULL, NULL, NULL, NULL " LOG_AND_PAST
                           " WHERE l.at BETWEEN ?1 AND ?2 ORDER BY l.sequence DESC, l.position",
    [CONFIG_SQL_REVISION] = "SELECT " ENTRY ", " PAST LOG_AND_PAST " WHERE l.sequence = ?1 ORDER BY l.position",
    [CONFIG_SQL_NEXT_OBJECT] = NEXT("IN (0, 1)")
                               " UNION ALL SELECT 1, name, NULL, body, NULL FROM config_object WHERE kind = ?1 AND id = ?2"
                               " UNION ALL SELECT 1, NULL, NULL, NULL, NULL LIMIT 1",
    [CONFIG_SQL_NEXT_SECRET] = NEXT("IN (1, 2, 3)")
                               " UNION ALL SELECT 1, NULL, key_name, NULL, sealed FROM secret WHERE kind = ?1 AND id = ?2"
                               " UNION ALL SELECT 1, NULL, NULL, NULL, NULL LIMIT 1",
    [CONFIG_SQL_BEFORE] = "SELECT " ENTRY ", " PAST ", w.of_secret " LOG_AND_PAST ", (SELECT 0 AS of_secret UNION ALL SELECT 1) w"
                          " WHERE l.sequence BETWEEN ?1 AND ?2"
                          " AND CASE w.of_secret WHEN 0 THEN l.operation IN (0, 1) ELSE l.operation IN (1, 2, 3) END"
                          " AND NOT EXISTS (SELECT 1 FROM config_log e WHERE e.kind = l.kind AND e.id = l.id AND e.sequence >= ?1"
                          " AND (e.sequence, e.position) < (l.sequence, l.position)"
                          " AND CASE w.of_secret WHEN 0 THEN e.operation IN (0, 1) ELSE e.operation IN (1, 2, 3) END)"
                          " ORDER BY l.sequence, l.position",
    [CONFIG_SQL_LATER] = "SELECT DISTINCT e.sequence, e.at, e.actor, e.command, e.operation, e.kind, e.id,"
                         " coalesce(nullif(e.name, ''), p.name, ''), e.version FROM config_log l"
                         " JOIN config_log e ON e.kind = l.kind AND e.id = l.id AND e.sequence > ?1"
                         " LEFT JOIN config_past p ON p.sequence = e.sequence AND p.position = e.position"
                         " WHERE l.sequence = ?1 ORDER BY e.sequence, e.position",
    [CONFIG_SQL_FIRST] = "SELECT coalesce(min(sequence), 0) FROM config_log",
    [CONFIG_SQL_COUNT] = NULL,
};
/* clang-format on */

/* One change on its way: what was there, and what it becomes. */
struct change {
    struct store *store;
    const struct config_change *wanted;
    uint64_t sequence;
    size_t position;
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
        code = history_keep(change->store, change->wanted, change->sequence, change->position);
    if (code == SQLITE_OK)
        code = verb->run(change);
    if ((code & 0xff) == SQLITE_CONSTRAINT)
        return STORE_CONFLICT;
    *out_code = code;
    return database_outcome(code);
}

static int write_log(const struct change *change, const struct config_batch *batch)
{
    const struct config_change *wanted = change->wanted;
    sqlite3_stmt *statement = database_statement(&change->store->config_writer, CONFIG_SQL_LOG);
    (void)sqlite3_bind_int64(statement, 1, (sqlite3_int64)change->sequence);
    (void)sqlite3_bind_int64(statement, 2, (sqlite3_int64)change->position);
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
        struct change change = {
            .store = store, .wanted = &batch->changes[i], .sequence = sequence, .position = i};
        request->outcome = write_change(&change, &code);
        if (request->outcome == STORE_OK)
            code = write_log(&change, batch);
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
    if (code == SQLITE_OK && request->outcome == STORE_OK)
        code = history_prune(store, sequence + 1, request->config.at_ms);
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
