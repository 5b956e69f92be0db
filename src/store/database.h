/* SPDX-License-Identifier: Apache-2.0 */
/* database - one SQLite connection with its prepared statements, used by one thread.
 *
 * A room that needs statements lists their texts in a table; each is prepared at its first use and
 * kept. Results are SQLite's codes; database_outcome translates them.
 */
#ifndef STORE_DATABASE_H
#define STORE_DATABASE_H

#include "store/disk.h"
#include "store/store.h"

#include <sqlite3.h>

enum { DATABASE_STATEMENTS_MAX = 32 };

struct database {
    sqlite3 *handle;
    const char *const *texts; /* DATABASE_STATEMENTS_MAX at most */
    sqlite3_stmt *statements[DATABASE_STATEMENTS_MAX];
};

/* What all connections to the store's files share. */
struct database_place {
    const struct disk *disk;
    const char *folder_path; /* without symbolic links */
    const char *vfs_name;
};

/* Makes `file` with mode 0600 when it is missing. 0 or -errno. */
MUST_USE int database_open(struct database *database, const struct database_place *place,
                           const char *file, const char *const *texts);
/* Accepts a zeroed one. When `stopped`, nothing more is written, not even a checkpoint. */
void database_close(struct database *database, bool stopped);

/* Writes the log of an earlier life once more and flushes it: what the page cache shows of it need
 * not be on the disk when that life ended by EIO. 0 or -errno. */
MUST_USE int database_refresh_log(const struct database_place *place, const char *log_file);

int database_run(struct database *database, const char *sql);
/* The statement, reset and without bindings; NULL when it cannot be prepared (see the handle). */
sqlite3_stmt *database_statement(struct database *database, unsigned index);
/* One that gives no rows: SQLITE_OK or an error; resets it. */
MUST_USE int database_step(sqlite3_stmt *statement);

void database_bind_slice(sqlite3_stmt *statement, int index, struct slice text);
void database_bind_blob(sqlite3_stmt *statement, int index, struct slice bytes);
void database_bind_id(sqlite3_stmt *statement, int index, const struct object_id *id);
struct slice database_column_slice(sqlite3_stmt *statement, int column); /* text or blob */
struct object_id database_column_id(sqlite3_stmt *statement, int column);

/* True for the errors after which the database is not to be trusted. */
bool database_code_is_fatal(int code);
enum store_outcome database_outcome(int code); /* never STORE_OK but for SQLITE_OK */
int database_error(int code);                  /* 0 or -errno */

#endif
