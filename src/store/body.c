/* SPDX-License-Identifier: Apache-2.0 */
#include "base/checksum.h"
#include "store/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 4096, PUSH_BYTES = 4 << 20, COPY_BYTES = 64 << 10 };

int body_begin(struct store *store, uint64_t size_hint_bytes, struct body **out_body)
{
    if (store_stopped(store))
        return STORE_STOPPED;
    if (size_hint_bytes > store->options.max_body_bytes)
        return STORE_TOO_LARGE;
    if (store->body_memory_bytes > store->options.memory_high_bytes)
        return STORE_BUSY;
    struct body *body = calloc(1, sizeof *body);
    if (!body)
        return -ENOMEM;
    body->store = store;
    *out_body = body;
    return STORE_OK;
}

static void memory_freed(struct body *body)
{
    body->store->body_memory_bytes -= body->capacity;
    body->capacity = 0;
    free(body->memory);
    body->memory = NULL;
}

void body_abandon(struct body *body)
{
    if (!body)
        return;
    memory_freed(body);
    if (body->segment)
        segment_put_back(&body->store->segments, body->segment);
    free(body);
}

static int result_of(struct body *body, const char *what, int result)
{
    if (result == 0)
        return STORE_OK;
    body->failed = true;
    if (disk_is_full(result))
        return STORE_FULL;
    if (result == -ENOMEM || result == -EMFILE || result == -ENFILE)
        return result;
    store_stop(body->store, what, -result);
    return STORE_STOPPED;
}

/* Asks the kernel to begin writing, so that the last flush is short. */
static void push(struct body *body)
{
    uint64_t from = body->record_at + SEGMENT_HEAD_BYTES + body->pushed;
    if (body->size - body->pushed < PUSH_BYTES)
        return;
    (void)sync_file_range(body->segment->fd, (off_t)from, (off_t)(body->size - body->pushed),
                          SYNC_FILE_RANGE_WRITE);
    body->pushed = body->size;
}

static int stream(struct body *body, struct slice bytes, uint64_t at)
{
    char name[SEGMENT_NAME_BYTES];
    segment_name(body->segment->number, name);
    struct iovec vector = {.iov_len = bytes.len};
    memcpy(&vector.iov_base, &bytes.at, sizeof vector.iov_base);
    return disk_write(&body->store->disk, body->segment->fd, name, &vector, 1,
                      body->record_at + SEGMENT_HEAD_BYTES + at);
}

static int begin_streaming(struct body *body)
{
    struct store *store = body->store;
    int result = segment_take_large(&store->segments, &body->segment);
    if (result < 0)
        return result;
    body->record_at = body->segment->tail;
    if (body->size > 0)
        result = stream(body, (struct slice){body->memory, (size_t)body->size}, 0);
    memory_freed(body);
    return result;
}

static int reserve(struct body *body, size_t needed)
{
    if (needed <= body->capacity)
        return 0;
    size_t capacity = body->capacity ? body->capacity : FIRST_CAPACITY;
    while (capacity < needed)
        capacity *= 2;
    char *grown = realloc(body->memory, capacity);
    if (!grown)
        return -ENOMEM;
    body->store->body_memory_bytes += capacity - body->capacity;
    body->memory = grown;
    body->capacity = capacity;
    return 0;
}

static int keep(struct body *body, struct slice bytes)
{
    if (!body->segment && body->size + bytes.len <= body->store->options.memory_body_max_bytes) {
        int reserved = reserve(body, (size_t)body->size + bytes.len);
        if (reserved == 0)
            memcpy(body->memory + body->size, bytes.at, bytes.len);
        return reserved;
    }
    int result = body->segment ? 0 : begin_streaming(body);
    return result < 0 ? result : stream(body, bytes, body->size);
}

int body_write(struct body *body, struct slice bytes)
{
    if (body->failed)
        return -EINVAL;
    if (bytes.len == 0)
        return STORE_OK;
    if (bytes.len > body->store->options.max_body_bytes - body->size) {
        body->failed = true;
        return STORE_TOO_LARGE;
    }
    int result = result_of(body, "writing a body", keep(body, bytes));
    if (result != STORE_OK)
        return result;
    body->checksum = checksum_crc32c(body->checksum, bytes);
    body->size += bytes.len;
    if (body->segment)
        push(body);
    return STORE_OK;
}

int body_read(struct body *body, uint64_t offset, char *buffer, size_t size,
              struct slice *out_bytes)
{
    if (offset > body->size || body->failed)
        return -EINVAL;
    uint64_t left = body->size - offset;
    size_t len = left < size ? (size_t)left : size;
    if (!body->segment) {
        struct slice all = {body->memory, (size_t)body->size};
        *out_bytes = slice_first(slice_after(all, (size_t)offset), len);
        return STORE_OK;
    }
    *out_bytes = (struct slice){buffer, len};
    uint64_t at = body->record_at + SEGMENT_HEAD_BYTES + offset;
    return result_of(body, "reading a body", disk_read(body->segment->fd, buffer, len, at));
}

int body_write_from(struct body *body, struct body *from, uint64_t offset)
{
    char buffer[COPY_BYTES];
    struct slice bytes = {0};
    int result;
    do {
        result = body_read(from, offset, buffer, sizeof buffer, &bytes);
        if (result == STORE_OK)
            result = body_write(body, bytes);
        offset += bytes.len;
    } while (result == STORE_OK && bytes.len);
    return result;
}

uint64_t body_size(const struct body *body)
{
    return body->size;
}
