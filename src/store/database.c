/* SPDX-License-Identifier: Apache-2.0 */
#include "store/database.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char connection_settings[] = "PRAGMA journal_mode=WAL;"
                                          "PRAGMA synchronous=FULL;"
                                          "PRAGMA wal_autocheckpoint=0;"
                                          "PRAGMA journal_size_limit=67108864;"
                                          "PRAGMA secure_delete=OFF;"
                                          "PRAGMA temp_store=MEMORY;"
                                          "PRAGMA cache_spill=OFF;"
                                          "PRAGMA trusted_schema=OFF;"
                                          "PRAGMA cache_size=-16384;";

int database_open(struct database *database, const struct database_place *place, const char *file,
                  const char *const *texts)
{
    int fd = -1;
    int created = disk_create(place->disk, file, &fd);
    if (created < 0)
        return created;
    disk_close(&fd);
    char path[4096];
    int len = snprintf(path, sizeof path, "%s/%s", place->folder_path, file);
    if (len < 0 || (size_t)len >= sizeof path)
        return -ENAMETOOLONG;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
                SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE;
    *database = (struct database){.texts = texts};
    int code = sqlite3_open_v2(path, &database->handle, flags, place->vfs_name);
    if (code == SQLITE_OK)
        code = sqlite3_busy_timeout(database->handle, 10000);
    if (code == SQLITE_OK)
        code = database_run(database, connection_settings);
    if (code == SQLITE_OK)
        return 0;
    database_close(database, true);
    return database_error(code);
}

void database_close(struct database *database, bool stopped)
{
    for (size_t i = 0; i < DATABASE_STATEMENTS_MAX; i++)
        sqlite3_finalize(database->statements[i]);
    if (database->handle && stopped)
        (void)sqlite3_db_config(database->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    (void)sqlite3_close(database->handle);
    *database = (struct database){0};
}

static void free_bytes(char **bytes)
{
    free(*bytes);
}

int database_refresh_log(const struct database_place *place, const char *log_file)
{
    enum { STEP = 1 << 20 };
    struct stat facts;
    if (fstatat(place->disk->folder_fd, log_file, &facts, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : -errno;
    CLEANUP(disk_close) int fd = -1;
    int result = disk_create(place->disk, log_file, &fd);
    CLEANUP(free_bytes) char *bytes = malloc(STEP);
    if (result == 0 && !bytes)
        result = -ENOMEM;
    uint64_t size = (uint64_t)facts.st_size;
    for (uint64_t at = 0; result == 0 && at < size; at += STEP) {
        size_t len = size - at < STEP ? (size_t)(size - at) : STEP;
        result = disk_read(fd, bytes, len, at);
        struct iovec vector = {bytes, len};
        if (result == 0)
            result = disk_write(place->disk, fd, log_file, &vector, 1, at);
    }
    return result < 0 || size == 0 ? result : disk_sync(place->disk, fd, log_file);
}

int database_run(struct database *database, const char *sql)
{
    return sqlite3_exec(database->handle, sql, NULL, NULL, NULL);
}

sqlite3_stmt *database_statement(struct database *database, unsigned index)
{
    sqlite3_stmt **statement = &database->statements[index];
    if (!*statement)
        (void)sqlite3_prepare_v3(database->handle, database->texts[index], -1,
                                 SQLITE_PREPARE_PERSISTENT, statement, NULL);
    else
        (void)sqlite3_reset(*statement);
    return *statement;
}

int database_step(sqlite3_stmt *statement)
{
    if (!statement)
        return SQLITE_ERROR;
    int code = sqlite3_step(statement);
    int reset = sqlite3_reset(statement);
    return code == SQLITE_DONE || code == SQLITE_ROW ? reset : code;
}

void database_bind_slice(sqlite3_stmt *statement, int index, struct slice text)
{
    (void)sqlite3_bind_text64(statement, index, text.len ? text.at : "", text.len, SQLITE_STATIC,
                              SQLITE_UTF8);
}

void database_bind_blob(sqlite3_stmt *statement, int index, struct slice bytes)
{
    (void)sqlite3_bind_blob64(statement, index, bytes.len ? bytes.at : "", bytes.len,
                              SQLITE_STATIC);
}

void database_bind_id(sqlite3_stmt *statement, int index, const struct object_id *id)
{
    (void)sqlite3_bind_blob(statement, index, id->bytes, (int)sizeof id->bytes, SQLITE_STATIC);
}

struct slice database_column_slice(sqlite3_stmt *statement, int column)
{
    const void *at = sqlite3_column_blob(statement, column);
    return slice_bytes(at, at ? (size_t)sqlite3_column_bytes(statement, column) : 0);
}

struct object_id database_column_id(sqlite3_stmt *statement, int column)
{
    struct object_id id = {0};
    struct slice bytes = database_column_slice(statement, column);
    if (bytes.len == sizeof id.bytes)
        memcpy(id.bytes, bytes.at, sizeof id.bytes);
    return id;
}

bool database_code_is_fatal(int code)
{
    int primary = code & 0xff;
    if (code == SQLITE_IOERR_NOMEM || code == SQLITE_IOERR_SHMSIZE)
        return false;
    return primary == SQLITE_IOERR || primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB ||
           primary == SQLITE_CANTOPEN || primary == SQLITE_READONLY;
}

enum store_outcome database_outcome(int code)
{
    if (code == SQLITE_OK)
        return STORE_OK;
    return (code & 0xff) == SQLITE_FULL || code == SQLITE_IOERR_SHMSIZE ? STORE_FULL : STORE_FAILED;
}

int database_error(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
        return 0;
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EBUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return -EUCLEAN;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return -EACCES;
    default:
        return -EIO;
    }
}
