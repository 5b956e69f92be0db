/* SPDX-License-Identifier: Apache-2.0 */
#include "store/schema.h"

#include <errno.h>
#include <stdio.h>

/* clang-format off */
const struct schema_script schema_config[] = {
    {1, 1,
     "CREATE TABLE config_object(kind TEXT NOT NULL, id BLOB NOT NULL, name TEXT NOT NULL,"
     "  version INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY(kind, id));"
     "CREATE UNIQUE INDEX config_object_name ON config_object(kind, lower(name)) WHERE name <> '';"
     "CREATE TABLE secret(kind TEXT NOT NULL, id BLOB NOT NULL, sealed BLOB NOT NULL,"
     "  key_name TEXT NOT NULL, PRIMARY KEY(kind, id)) WITHOUT ROWID;"
     "CREATE TABLE config_log(sequence INTEGER NOT NULL, position INTEGER NOT NULL, at INTEGER NOT NULL,"
     "  actor TEXT NOT NULL, command TEXT NOT NULL, operation INTEGER NOT NULL, kind TEXT NOT NULL,"
     "  id BLOB NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,"
     "  PRIMARY KEY(sequence, position)) WITHOUT ROWID;"},
    /* What each entry of the log found in its place; `total` counts the bytes of the rows before. An
     * entry without a row was written by a release that knows script 1 only. */
    {2, 1,
     "CREATE TABLE config_past(sequence INTEGER NOT NULL, position INTEGER NOT NULL, total INTEGER NOT NULL,"
     "  name TEXT, key_name TEXT, body TEXT, sealed BLOB, PRIMARY KEY(sequence, position));"
     "CREATE INDEX config_log_object ON config_log(kind, id);"},
    {0, 0, NULL},
};

/* recipient.state and message.state are sets of STATE_ bits (sqlite_queue.h). The body is the last
 * column, so that nothing else is read through it. */
const struct schema_script schema_queue[] = {
    {1, 1,
     "CREATE TABLE node(id INTEGER PRIMARY KEY, incarnation INTEGER NOT NULL);"
     "CREATE TABLE message(id INTEGER PRIMARY KEY, sender TEXT NOT NULL, size INTEGER NOT NULL,"
     "  received_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, state INTEGER NOT NULL,"
     "  checksum INTEGER NOT NULL, segment INTEGER, segment_offset INTEGER, envelope TEXT NOT NULL, body BLOB);"
     "CREATE TABLE destination(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,"
     "  state INTEGER NOT NULL, failures INTEGER NOT NULL, last_error TEXT NOT NULL);"
     "CREATE TABLE recipient(message INTEGER NOT NULL, number INTEGER NOT NULL, address TEXT NOT NULL,"
     "  destination INTEGER NOT NULL, state INTEGER NOT NULL, owner INTEGER, next_at INTEGER NOT NULL,"
     "  attempts INTEGER NOT NULL, last_error TEXT NOT NULL, data TEXT NOT NULL,"
     "  PRIMARY KEY(message, number)) WITHOUT ROWID;"
     "CREATE INDEX recipient_due ON recipient(next_at) WHERE owner IS NULL AND state = 0;"
     "CREATE INDEX recipient_destination ON recipient(destination, next_at)"
     "  WHERE owner IS NULL AND state = 0;"
     "CREATE VIEW v_destination AS SELECT d.key, d.state, d.failures, d.last_error, count(r.message) AS recipients"
     "  FROM destination d LEFT JOIN recipient r ON r.destination = d.id GROUP BY d.id;"
     "CREATE VIEW v_message AS SELECT id, sender, size, received_at, expires_at, state FROM message;"
     "CREATE VIEW v_queue AS SELECT r.message, r.number, m.sender, r.address, d.key AS destination, r.state,"
     "  r.owner IS NOT NULL AS owned, r.next_at, r.attempts, r.last_error FROM recipient r"
     "  JOIN message m ON m.id = r.message JOIN destination d ON d.id = r.destination;"},
    /* Each recipient stands in one of three indexes by destination, so that a queue is counted, and a
     * start forgets owners, without a look at what does not concern them. They hold all that is
     * asked for, what their own conditions ask included: else SQLite looks at each row, too. */
    {2, 1,
     "DROP INDEX recipient_destination;"
     "CREATE INDEX recipient_destination ON recipient(destination, next_at, attempts, owner, state)"
     "  WHERE owner IS NULL AND state = 0;"
     "CREATE INDEX recipient_owned ON recipient(destination, attempts, owner, state)"
     "  WHERE owner IS NOT NULL AND state = 0;"
     "CREATE INDEX recipient_held ON recipient(destination, next_at, attempts, owner, state) WHERE state <> 0;"
     "CREATE INDEX message_segment ON message(segment) WHERE segment IS NOT NULL;"},
    {0, 0, NULL},
};
/* clang-format on */

static int read_version(struct database *database, int *out_version, int *out_oldest_able)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(database->handle,
                                  "SELECT max(version), max(oldest_able) FROM schema_version", -1,
                                  &statement, NULL);
    if (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
        *out_version = sqlite3_column_int(statement, 0);
        *out_oldest_able = sqlite3_column_int(statement, 1);
    }
    int finalized = sqlite3_finalize(statement);
    return code == SQLITE_OK ? finalized : code;
}

static int run_script(struct database *database, const struct schema_script *script)
{
    char note[128];
    snprintf(note, sizeof note, "INSERT INTO schema_version VALUES(%d, %d)", script->number,
             script->oldest_able);
    int code = database_run(database, script->sql);
    return code == SQLITE_OK ? database_run(database, note) : code;
}

static int bring_forward(struct database *database, const struct schema_script *scripts)
{
    int version = 0;
    int oldest_able = 0;
    int code = read_version(database, &version, &oldest_able);
    int known = 0;
    for (const struct schema_script *script = scripts; script->number; script++) {
        known = script->number;
        if (code == SQLITE_OK && script->number > version)
            code = run_script(database, script);
    }
    if (code == SQLITE_OK && oldest_able > known)
        return -ENOTSUP;
    return database_error(code);
}

int schema_apply(struct database *database, const struct schema_script *scripts)
{
    int code = database_run(database, "BEGIN IMMEDIATE;"
                                      "CREATE TABLE IF NOT EXISTS schema_version("
                                      "  version INTEGER PRIMARY KEY, oldest_able INTEGER)");
    int result = code == SQLITE_OK ? bring_forward(database, scripts) : database_error(code);
    if (result == 0)
        result = database_error(database_run(database, "COMMIT"));
    if (result < 0)
        (void)database_run(database, "ROLLBACK");
    return result;
}
