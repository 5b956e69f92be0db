/* SPDX-License-Identifier: Apache-2.0 */
/* The writer's part: copies of records, flushed before any row names them. */
#include "base/checksum.h"
#include "store/sqlite_queue.h"

#include <errno.h>
#include <string.h>

enum { PIECE_BYTES = 64 << 10 };

struct carrying {
    struct store *store;
    struct compact_request *step;
    int from; /* the old segment */
    struct segment *to;
    char name[SEGMENT_NAME_BYTES];
    uint64_t tail, bytes;
};

struct found {
    struct segment_head head;
    uint64_t record_at; /* in the old segment */
};

static int write_at(const struct carrying *carrying, const void *at, size_t len, uint64_t offset)
{
    struct iovec vector = {.iov_len = len};
    memcpy(&vector.iov_base, &at, sizeof vector.iov_base);
    return disk_write(&carrying->store->disk, carrying->to->fd, carrying->name, &vector, 1, offset);
}

/* False: it has gone, or what is there is not what its row says. */
static bool find(const struct carrying *carrying, uint64_t message, struct found *found)
{
    unsigned char bytes[SEGMENT_HEAD_BYTES];
    sqlite3_stmt *row = queue_statement(carrying->store, WRITE_BODY_PLACE);
    (void)sqlite3_bind_int64(row, 1, (sqlite3_int64)message);
    (void)sqlite3_bind_int64(row, 2, carrying->step->segment);
    bool there = row && sqlite3_step(row) == SQLITE_ROW;
    uint64_t size = there ? (uint64_t)sqlite3_column_int64(row, 0) : 0;
    uint32_t checksum = there ? (uint32_t)sqlite3_column_int64(row, 1) : 0;
    uint64_t offset = there ? (uint64_t)sqlite3_column_int64(row, 2) : 0;
    (void)sqlite3_reset(row);
    if (offset < SEGMENT_HEAD_BYTES)
        return false;
    found->record_at = offset - SEGMENT_HEAD_BYTES;
    return disk_read(carrying->from, bytes, sizeof bytes, found->record_at) == 0 &&
           segment_head_read(bytes, &found->head) && found->head.message == message &&
           found->head.body_bytes == size && found->head.body_checksum == checksum;
}

/* The record without its head. `out_whole`: the body is what its checksum says. */
static int copy_rest(const struct carrying *carrying, const struct found *found, uint64_t len,
                     bool *out_whole)
{
    char piece[PIECE_BYTES];
    uint32_t checksum = 0;
    uint64_t body_end = SEGMENT_HEAD_BYTES + found->head.body_bytes;
    for (uint64_t at = SEGMENT_HEAD_BYTES; at < len;) {
        size_t count = len - at < sizeof piece ? (size_t)(len - at) : sizeof piece;
        int result = disk_read(carrying->from, piece, count, found->record_at + at);
        *out_whole = result == 0;
        if (result == 0)
            result = write_at(carrying, piece, count, carrying->tail + at);
        else if (result == -EIO)
            return 0; /* the old one is cut off: that body stays where it is */
        if (result < 0)
            return result;
        if (at < body_end)
            checksum = checksum_crc32c(
                checksum,
                (struct slice){piece, body_end - at < count ? (size_t)(body_end - at) : count});
        at += count;
    }
    *out_whole = checksum == found->head.body_checksum;
    return 0;
}

static int copy(struct carrying *carrying, struct moved_body *body, struct found *found,
                uint64_t len)
{
    unsigned char bytes[SEGMENT_HEAD_BYTES];
    bool whole = true;
    found->head.segment = carrying->to->number;
    segment_head_write(&found->head, bytes);
    int result = write_at(carrying, bytes, sizeof bytes, carrying->tail);
    if (result == 0)
        result = copy_rest(carrying, found, len, &whole);
    if (result < 0 || !whole)
        return result;
    body->offset = carrying->tail + SEGMENT_HEAD_BYTES;
    carrying->tail += len;
    carrying->bytes += len;
    return 0;
}

/* As many as are a step, and have room. */
static int copy_all(struct carrying *carrying)
{
    struct compact_request *step = carrying->step;
    int result = 0;
    while (result == 0 && step->handled < step->count && carrying->bytes < COMPACTION_STEP_BYTES) {
        struct moved_body *body = &step->bodies[step->handled];
        struct found found;
        if (find(carrying, body->message, &found)) {
            uint64_t len = segment_record_bytes(found.head.body_bytes, found.head.envelope_bytes);
            if (carrying->tail + len > carrying->store->options.segment_bytes && carrying->tail > 0)
                break;
            result = copy(carrying, body, &found, len);
        }
        step->handled++;
    }
    return result;
}

static int name_new_places(struct carrying *carrying)
{
    struct store *store = carrying->store;
    struct compact_request *step = carrying->step;
    int code = database_run(&store->queue_writer, "BEGIN IMMEDIATE");
    for (size_t i = 0; code == SQLITE_OK && i < step->handled; i++) {
        sqlite3_stmt *moved = queue_statement(store, WRITE_BODY_MOVED);
        if (!step->bodies[i].offset)
            continue;
        (void)sqlite3_bind_int64(moved, 1, (sqlite3_int64)step->bodies[i].message);
        (void)sqlite3_bind_int64(moved, 2, carrying->to->number);
        (void)sqlite3_bind_int64(moved, 3, (sqlite3_int64)step->bodies[i].offset);
        (void)sqlite3_bind_int64(moved, 4, step->segment);
        code = moved ? database_step(moved) : queue_failure(store, SQLITE_ERROR);
        step->bodies[i].moved = code == SQLITE_OK && queue_changes(store) == 1;
    }
    if (code == SQLITE_OK)
        code = database_run(&store->queue_writer, "COMMIT");
    return code;
}

static void take_back(struct store *store, struct request *request, int code)
{
    request->outcome = database_outcome(code);
    request->compact->handled = 0;
    if (database_code_is_fatal(code))
        store_stop(store, "writing the queue", code);
    else if (!sqlite3_get_autocommit(store->queue_writer.handle))
        (void)database_run(&store->queue_writer, "ROLLBACK");
}

static int open_both(struct carrying *carrying)
{
    char name[SEGMENT_NAME_BYTES];
    struct store *store = carrying->store;
    segment_name(carrying->step->segment, name);
    int result = disk_open_read(&store->disk, name, &carrying->from);
    if (result == 0 && !store->carried)
        result = segment_take(&store->segments, &store->carried);
    if (result < 0)
        return result;
    carrying->to = store->carried;
    carrying->tail = store->carried->tail;
    segment_name(store->carried->number, carrying->name);
    return 0;
}

static void settle(struct carrying *carrying, bool was_full)
{
    struct store *store = carrying->store;
    for (size_t i = 0; i < carrying->step->handled; i++)
        if (carrying->step->bodies[i].moved)
            segment_row_added(&store->segments, carrying->to->number);
    carrying->to->tail = carrying->tail;
    if (was_full) {
        segment_seal(&store->segments, carrying->to);
        store->carried = NULL;
    }
}

void compaction_write(struct store *store, struct request *request)
{
    struct carrying carrying = {.store = store, .step = request->compact, .from = -1};
    request->outcome = STORE_OK;
    int result = open_both(&carrying);
    if (result == 0)
        result = copy_all(&carrying);
    if (result == 0 && carrying.bytes)
        result = disk_sync(&store->disk, carrying.to->fd, carrying.name);
    if (result == 0 && carrying.bytes)
        result = segment_names_sync(&store->segments, carrying.to);
    disk_close(&carrying.from);
    if (result < 0) {
        request->compact->handled = 0;
        request->outcome = disk_is_full(result) ? STORE_FULL : STORE_FAILED;
        if (!disk_is_full(result) && result != -ENOMEM && result != -EMFILE && result != -ENFILE &&
            result != -ENOENT)
            store_stop(store, "carrying bodies to another segment", -result);
        return;
    }
    bool was_full = carrying.bytes < COMPACTION_STEP_BYTES &&
                    request->compact->handled < request->compact->count;
    int code = carrying.bytes ? name_new_places(&carrying) : SQLITE_OK;
    if (code != SQLITE_OK)
        take_back(store, request, code);
    else
        settle(&carrying, was_full);
}
