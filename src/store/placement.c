/* SPDX-License-Identifier: Apache-2.0 */
#include "store/placement.h"

#include "base/checksum.h"

#include <string.h>

enum { RUN_VECTORS = 768, RECORD_VECTORS = 3 };

/* Records that lie behind each other in one segment, to be written in one go. */
struct run {
    uint64_t at;
    size_t count;
    struct iovec vectors[RUN_VECTORS];
};

static bool fits_in_row(const struct store *store, const struct accept_request *accept)
{
    return accept->body->memory ? accept->body->size <= store->options.inline_max_bytes
                                : accept->body->size == 0;
}

static void choose_rows(const struct store *store, const struct request_list *batch)
{
    uint64_t total = 0;
    for (const struct request *request = batch->first; request; request = request->next)
        if (request->kind == REQUEST_ACCEPT && fits_in_row(store, &request->accept))
            total += request->accept.body->size;
    bool low_load = total <= store->options.inline_batch_max_bytes;
    for (struct request *request = batch->first; request; request = request->next)
        if (request->kind == REQUEST_ACCEPT)
            request->accept.in_row = fits_in_row(store, &request->accept) &&
                                     (low_load || request->accept.body->size == 0);
}

static uint64_t record_bytes(const struct accept_request *accept)
{
    return segment_record_bytes(accept->body->size, accept->packed.len);
}

static void write_head(struct accept_request *accept, uint32_t segment)
{
    struct segment_head head = {
        .message = accept->envelope.message,
        .body_bytes = accept->body->size,
        .envelope_bytes = accept->packed.len,
        .segment = segment,
        .body_checksum = accept->body->checksum,
        .envelope_checksum = checksum_crc32c(0, accept->packed),
    };
    segment_head_write(&head, (unsigned char *)accept->head);
}

static struct iovec vector_of(struct slice bytes)
{
    struct iovec vector = {.iov_len = bytes.len};
    memcpy(&vector.iov_base, &bytes.at, sizeof vector.iov_base);
    return vector;
}

/* The packed envelope with the zeros that fill the record. */
static struct slice tail_of(const struct accept_request *accept)
{
    uint64_t before = SEGMENT_HEAD_BYTES + accept->body->size;
    return (struct slice){accept->packed.at, (size_t)(record_bytes(accept) - before)};
}

static int flush_run(struct store *store, struct run *run)
{
    char name[SEGMENT_NAME_BYTES];
    if (run->count == 0)
        return 0;
    segment_name(store->filling->number, name);
    int result =
        disk_write(&store->disk, store->filling->fd, name, run->vectors, run->count, run->at);
    run->count = 0;
    return result;
}

static int sync_segment(struct store *store, struct segment *segment)
{
    char name[SEGMENT_NAME_BYTES];
    segment_name(segment->number, name);
    int result = disk_sync(&store->disk, segment->fd, name);
    return result == 0 ? segment_names_sync(&store->segments, segment) : result;
}

static void want_spare(struct store *store)
{
    pthread_mutex_lock(&store->lock);
    store->spare_wanted = true;
    pthread_cond_signal(&store->keeping);
    pthread_mutex_unlock(&store->lock);
}

/* Makes sure that the segment being filled has room for a record. */
static int make_room(struct store *store, struct run *run, uint64_t bytes)
{
    int result = 0;
    if (store->filling && store->filling->tail + bytes > store->options.segment_bytes &&
        store->filling->tail > 0) {
        result = flush_run(store, run);
        if (result == 0)
            result = sync_segment(store, store->filling);
        if (result < 0)
            return result;
        segment_seal(&store->segments, store->filling);
        store->filling = NULL;
    }
    if (!store->filling) {
        result = segment_take(&store->segments, &store->filling);
        want_spare(store);
    }
    return result;
}

static int add_record(struct store *store, struct run *run, struct accept_request *accept)
{
    uint64_t bytes = record_bytes(accept);
    int result = make_room(store, run, bytes);
    if (result == 0 && run->count + RECORD_VECTORS > RUN_VECTORS)
        result = flush_run(store, run);
    if (result < 0)
        return result;
    struct segment *segment = store->filling;
    if (run->count == 0)
        run->at = segment->tail;
    accept->segment = segment->number;
    accept->offset = segment->tail + SEGMENT_HEAD_BYTES;
    segment->tail += bytes;
    segment_row_added(&store->segments, segment->number);
    write_head(accept, segment->number);
    run->vectors[run->count++] = vector_of((struct slice){accept->head, SEGMENT_HEAD_BYTES});
    run->vectors[run->count++] =
        vector_of((struct slice){accept->body->memory, (size_t)accept->body->size});
    run->vectors[run->count++] = vector_of(tail_of(accept));
    return 0;
}

/* A body that streamed is in its segment already: head and envelope go around it. */
static int finish_large(struct store *store, struct accept_request *accept)
{
    struct body *body = accept->body;
    struct segment *segment = body->segment;
    char name[SEGMENT_NAME_BYTES];
    segment_name(segment->number, name);
    accept->segment = segment->number;
    accept->offset = body->record_at + SEGMENT_HEAD_BYTES;
    segment_row_added(&store->segments, segment->number);
    write_head(accept, segment->number);
    struct iovec head = vector_of((struct slice){accept->head, SEGMENT_HEAD_BYTES});
    struct iovec tail = vector_of(tail_of(accept));
    int result = disk_write(&store->disk, segment->fd, name, &head, 1, body->record_at);
    if (result == 0)
        result = disk_write(&store->disk, segment->fd, name, &tail, 1, accept->offset + body->size);
    return result < 0 ? result : sync_segment(store, segment);
}

int placement_write(struct store *store, const struct request_list *batch,
                    struct placement *out_placement)
{
    struct run run;
    run.count = 0; /* the vectors stay as they are: 12 KiB would be zeroed for each batch */
    bool filled = false;
    int result = 0;
    *out_placement = (struct placement){store->filling, store->filling ? store->filling->tail : 0};
    choose_rows(store, batch);
    for (struct request *request = batch->first; request && result == 0; request = request->next) {
        if (request->kind != REQUEST_ACCEPT || request->accept.in_row)
            continue;
        bool large = request->accept.body->segment != NULL;
        filled |= !large;
        result = large ? finish_large(store, &request->accept)
                       : add_record(store, &run, &request->accept);
    }
    if (result == 0)
        result = flush_run(store, &run);
    if (result == 0 && filled)
        result = sync_segment(store, store->filling);
    return result;
}

static void settle_one(struct store *store, struct request *request, bool committed)
{
    struct accept_request *accept = &request->accept;
    struct body *body = accept->body;
    if (accept->segment == 0)
        return;
    if (!committed || !accept->inserted)
        segment_row_removed(&store->segments, accept->segment);
    else if (body->segment)
        body->segment->tail = body->record_at + record_bytes(accept);
}

void placement_settle(struct store *store, const struct request_list *batch,
                      const struct placement *placement, bool committed)
{
    for (struct request *request = batch->first; request; request = request->next)
        if (request->kind == REQUEST_ACCEPT)
            settle_one(store, request, committed);
    if (!committed && store->filling && store->filling == placement->filling)
        store->filling->tail = placement->tail;
}
