/* SPDX-License-Identifier: Apache-2.0 */
/* The life of the embedded store: opening, closing, stopping. */
#include "store/schema.h"
#include "store/sqlite_config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

int64_t store_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

uint64_t store_monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

const char *store_outcome_name(enum store_outcome outcome)
{
    static const char *const names[] = {
        [STORE_OK] = "ok",         [STORE_CONFLICT] = "conflict",   [STORE_NOT_FOUND] = "not found",
        [STORE_FULL] = "full",     [STORE_BUSY] = "busy",           [STORE_UNKNOWN] = "unknown",
        [STORE_LOST] = "lost",     [STORE_TOO_LARGE] = "too large", [STORE_DAMAGED] = "damaged",
        [STORE_FAILED] = "failed", [STORE_STOPPED] = "stopped",
    };
    return (size_t)outcome < COUNT_OF(names) ? names[outcome] : "?";
}

static void fill_in_options(struct store_options *options)
{
#define DEFAULT(field, value)                                                                      \
    if (options->field == 0)                                                                       \
    options->field = (value)
    uint64_t memory = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    DEFAULT(inline_max_bytes, 16 << 10);
    DEFAULT(inline_batch_max_bytes, 256 << 10);
    DEFAULT(memory_body_max_bytes, 256 << 10);
    DEFAULT(recent_bodies_bytes, 32 << 20);
    DEFAULT(batch_max_messages, 256);
    DEFAULT(batch_max_bytes, 8 << 20);
    DEFAULT(segment_bytes, 64 << 20);
    DEFAULT(segments_kept_free, 16);
    DEFAULT(max_body_bytes, 150 << 20);
    DEFAULT(ballast_bytes, 256 << 20);
    DEFAULT(log_pages_max, 4000);
    DEFAULT(revisions_max, 10000);
    DEFAULT(revision_age_max_ms, INT64_C(366) * 86400000);
    DEFAULT(history_max_bytes, UINT64_C(512) << 20);
    DEFAULT(finish_delay_ms, 20);
    DEFAULT(compaction_pause_ms, 3600000);
    DEFAULT(recipients_medium, 1000000);
    DEFAULT(recipients_high, 4000000);
    DEFAULT(calm_ms, 30000);
    DEFAULT(memory_medium_bytes, memory / 100 * 25);
    DEFAULT(memory_high_bytes, memory / 100 * 40);
#undef DEFAULT
}

/* --- the folder ------------------------------------------------------------------------------ */

static int open_folder(struct store *store, const char *folder)
{
    struct stat facts;
    store->folder_path = realpath(folder, NULL);
    if (!store->folder_path)
        return -errno;
    store->disk.folder_fd = open(store->folder_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store->disk.folder_fd < 0 || fstat(store->disk.folder_fd, &facts) < 0)
        return -errno;
    if (facts.st_uid != geteuid() || (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return -EPERM;
    if (mkdirat(store->disk.folder_fd, "segments", 0700) == 0)
        return disk_sync_folder(&store->disk, "");
    return errno == EEXIST ? 0 : -errno;
}

static void default_limit(uint64_t *limit, uint64_t part_of_volume, uint64_t at_least)
{
    if (*limit == 0)
        *limit = part_of_volume > at_least ? part_of_volume : at_least;
}

static int fill_in_free_limits(struct store *store)
{
    struct statvfs volume;
    if (fstatvfs(store->disk.folder_fd, &volume) < 0)
        return -errno;
    uint64_t percent = (uint64_t)volume.f_blocks * volume.f_frsize / 100;
    default_limit(&store->options.free_medium_bytes, 10 * percent, UINT64_C(2) << 30);
    default_limit(&store->options.free_high_bytes, 5 * percent, UINT64_C(1) << 30);
    return 0;
}

static int note_log(void *context, sqlite3 *handle, const char *name, int pages)
{
    struct store *store = context;
    (void)handle;
    (void)name;
    store->log_pages = pages;
    pthread_mutex_lock(&store->lock);
    store->log_bytes = (uint64_t)pages * 4120;
    pthread_mutex_unlock(&store->lock);
    return SQLITE_OK;
}

static int note_config_log(void *context, sqlite3 *handle, const char *name, int pages)
{
    struct store *store = context;
    (void)handle;
    (void)name;
    store->config_log_pages = pages;
    return SQLITE_OK;
}

static int open_databases(struct store *store)
{
    const struct {
        struct database *database;
        const char *file, *log;
        const char *const *texts;
        const struct schema_script *scripts; /* the first to open brings the tables forward */
    } rows[] = {
        {&store->config_writer, "config.db", "config.db-wal", config_texts, schema_config},
        {&store->queue_writer, "queue.db", "queue.db-wal", queue_write_texts, schema_queue},
        {&store->config_reader, "config.db", NULL, config_texts, NULL},
        {&store->queue_reader, "queue.db", NULL, queue_read_texts, NULL},
        {&store->queue_keeper, "queue.db", NULL, NULL, NULL},
    };
    int result = 0;
    for (size_t i = 0; result == 0 && i < COUNT_OF(rows); i++) {
        if (rows[i].log)
            result = database_refresh_log(&store->place, rows[i].log);
        if (result == 0)
            result = database_open(rows[i].database, &store->place, rows[i].file, rows[i].texts);
        if (result == 0 && rows[i].scripts)
            result = schema_apply(rows[i].database, rows[i].scripts);
    }
    return result < 0 ? result : disk_sync_folder(&store->disk, "");
}

/* --- what the last life left ----------------------------------------------------------------- */

/* Nobody owns anything any more: what was owned is due by now, even if it was claimed before its
 * time. Destinations without recipients and orders are forgotten. */
static int begin_incarnation(struct store *store)
{
    static const char sql[] =
        "BEGIN IMMEDIATE;"
        "INSERT INTO node(id, incarnation) VALUES(0, 1)"
        "  ON CONFLICT(id) DO UPDATE SET incarnation = incarnation + 1;"
        "UPDATE recipient INDEXED BY recipient_owned"
        "  SET owner = NULL, next_at = min(next_at, 1000 * strftime('%s', 'now'))"
        "  WHERE owner IS NOT NULL AND state = 0;"
        "UPDATE recipient INDEXED BY recipient_held"
        "  SET owner = NULL, next_at = min(next_at, 1000 * strftime('%s', 'now'))"
        "  WHERE owner IS NOT NULL AND state <> 0;"
        "DELETE FROM destination WHERE state = 0 AND NOT EXISTS"
        "  (SELECT 1 FROM recipient INDEXED BY recipient_destination"
        "    WHERE destination = destination.id AND owner IS NULL AND state = 0)"
        "  AND NOT EXISTS (SELECT 1 FROM recipient INDEXED BY recipient_held"
        "    WHERE destination = destination.id AND state <> 0);"
        "COMMIT";
    int code = database_run(&store->queue_writer, sql);
    sqlite3_stmt *statement = NULL;
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(store->queue_writer.handle, "SELECT incarnation FROM node", -1,
                                  &statement, NULL);
    if (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        store->incarnation = sqlite3_column_int64(statement, 0);
    int finalized = sqlite3_finalize(statement);
    store->some_destination_failing = true;
    return database_error(code == SQLITE_OK ? finalized : code);
}

static int recover(struct store *store)
{
    int result = begin_incarnation(store);
    if (result == 0)
        result = segment_table_init(&store->segments, &store->disk, store->options.segment_bytes,
                                    store->options.segments_kept_free);
    if (result == 0)
        result = queue_read_totals(store);
    if (result != 0)
        return result;
    segment_settle(&store->segments);
    store->accepting = deaths_recent(&store->disk, store_clock_ms()) < 2;
    return ballast_make(store);
}

/* --- threads --------------------------------------------------------------------------------- */

static void init_locks(struct store *store)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&store->lock, NULL);
    pthread_cond_init(&store->work, &monotonic);
    pthread_cond_init(&store->keeping, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static void end_writer(struct store *store)
{
    pthread_mutex_lock(&store->lock);
    store->closing = true;
    pthread_cond_broadcast(&store->work);
    pthread_cond_broadcast(&store->keeping);
    pthread_mutex_unlock(&store->lock);
    pthread_join(store->writer, NULL);
}

static int start_threads(struct store *store)
{
    store->spare_wanted = true;
    int failed = pthread_create(&store->writer, NULL, writer_main, store);
    if (failed)
        return -failed;
    failed = pthread_create(&store->keeper, NULL, keeper_main, store);
    if (failed)
        end_writer(store);
    store->threads_started = !failed;
    return -failed;
}

/* --- life ------------------------------------------------------------------------------------ */

static int open_all(struct store *store, const char *folder)
{
    store->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (store->event_fd < 0)
        return -errno;
    int result = open_folder(store, folder);
    if (result == 0)
        result = fill_in_free_limits(store);
    if (result == 0)
        result = disk_vfs_new(&store->disk, store->folder_path, &store->vfs);
    if (result < 0)
        return result;
    store->place =
        (struct database_place){&store->disk, store->folder_path, disk_vfs_name(store->vfs)};
    result = open_databases(store);
    if (result == 0)
        result = recover(store);
    if (result != 0)
        return result;
    (void)sqlite3_wal_hook(store->queue_writer.handle, note_log, store);
    (void)sqlite3_wal_hook(store->config_writer.handle, note_config_log, store);
    return start_threads(store);
}

int store_open(const char *folder, const struct store_options *options, struct store **out_store)
{
    struct store *store = calloc(1, sizeof *store);
    if (!store)
        return -ENOMEM;
    if (options)
        store->options = *options;
    fill_in_options(&store->options);
    store->disk = (struct disk){-1, store->options.disk_hook, store->options.disk_context};
    store->recent.bytes_max = store->options.recent_bodies_bytes;
    store->event_fd = -1;
    init_locks(store);
    int result = open_all(store, folder);
    if (result != 0) {
        store_close(store);
        return result;
    }
    *out_store = store;
    return STORE_OK;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    if (store->threads_started) {
        end_writer(store);
        pthread_join(store->keeper, NULL);
        store_dispatch(store);
    }
    struct database *databases[] = {&store->config_reader, &store->queue_reader,
                                    &store->queue_keeper, &store->config_writer,
                                    &store->queue_writer};
    for (size_t i = 0; i < COUNT_OF(databases); i++)
        database_close(databases[i], store->stopped);
    segment_table_deinit(&store->segments);
    disk_vfs_free(store->vfs);
    destination_forget(store);
    recent_clear(&store->recent);
    disk_close(&store->disk.folder_fd);
    disk_close(&store->event_fd);
    pthread_cond_destroy(&store->work);
    pthread_cond_destroy(&store->keeping);
    pthread_mutex_destroy(&store->lock);
    free(store->folder_path);
    free(store);
}

void store_stop(struct store *store, const char *what, int code)
{
    pthread_mutex_lock(&store->lock);
    bool first = !store->stopped;
    store->stopped = true;
    if (first)
        snprintf(store->stop_reason, sizeof store->stop_reason, "%s failed (%d)", what, code);
    pthread_mutex_unlock(&store->lock);
    if (first)
        deaths_record(&store->disk, store_clock_ms());
}

bool store_stopped(struct store *store)
{
    pthread_mutex_lock(&store->lock);
    bool stopped = store->stopped;
    pthread_mutex_unlock(&store->lock);
    return stopped;
}

const char *store_stop_reason(struct store *store)
{
    return store_stopped(store) ? store->stop_reason : "";
}

bool store_accepting(const struct store *store)
{
    return store->accepting;
}

int store_event_fd(const struct store *store)
{
    return store->event_fd;
}
