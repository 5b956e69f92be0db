/* SPDX-License-Identifier: Apache-2.0 */
/* One log: rows are gathered, and written by a thread of its own. */
#include "hub/logs_state.h"
#include "os/clock.h"

#include <stdlib.h>
#include <string.h>

/* What was gathered, on its way into the file. */
struct batch {
    struct work work;
    struct log_stream *stream;
    struct text rows;
    uint64_t count;
    struct log_sequels sequels;
    struct log_bounds bounds;
    int result;
};

/* --- loss --- */

static void append_path(struct text *text, const struct log_stream *stream)
{
    const struct log_facts *facts = log_facts(stream->kind);
    text_append_format(text, "logs/%s%s%s*.log", facts->folder, facts->folder[0] ? "/" : "",
                       facts->prefix);
}

static void rows_lost(struct log_stream *stream, uint64_t count, const char *why)
{
    char storage[128];
    struct text path = text_over(storage, sizeof storage);
    bool first = !stream->failing;
    stream->failing = true;
    stream->lost += count;
    stream->hub->logs->rows_lost += count;
    if (!first)
        return;
    append_path(&path, stream);
    role_event(NULL, WIRE_LEVEL_ERROR, 0, "hub: rows of %.*s are being lost: %s",
               SLICE_ARG(text_slice(&path)), why);
}

static void rows_written(struct log_stream *stream)
{
    char storage[128];
    struct text path = text_over(storage, sizeof storage);
    if (!stream->failing)
        return;
    append_path(&path, stream);
    role_event(NULL, WIRE_LEVEL_INFORMATION, 0, "hub: %.*s is written again; %llu rows were lost",
               SLICE_ARG(text_slice(&path)), (unsigned long long)stream->lost);
    stream->failing = false;
    stream->lost = 0;
}

/* --- writing --- */

static void append_sequel(struct log_sequels *sequels, struct log_sequel *sequel)
{
    sequel->next = NULL;
    *(sequels->first ? &sequels->last->next : &sequels->first) = sequel;
    sequels->last = sequel;
}

static void run_sequels(const struct log_sequels *sequels)
{
    struct log_sequel *next = sequels->first;
    while (next) {
        struct log_sequel *sequel = next;
        next = sequel->next;
        sequel->run(sequel->context);
    }
}

void log_stream_use_bounds(struct log_file *file, const struct log_bounds *bounds)
{
    file->rules.file_max_bytes = bounds->file_max_bytes;
    file->rules.folder_max_bytes = bounds->folder_max_bytes;
    file->rules.age_max_ms = bounds->age_max_ms;
}

static void write_batch(void *context)
{
    struct batch *batch = context;
    log_stream_use_bounds(&batch->stream->file, &batch->bounds);
    batch->result =
        log_file_append(&batch->stream->file, text_slice(&batch->rows), clock_wall_ms());
}

static void on_batch_done(void *context, bool ran)
{
    struct batch *batch = context;
    if (!ran) /* the writer has ended */
        write_batch(batch);
    if (batch->result < 0)
        rows_lost(batch->stream, batch->count, strerror(-batch->result));
    else
        rows_written(batch->stream);
    run_sequels(&batch->sequels);
    text_deinit(&batch->rows);
    free(batch);
}

void log_stream_flush(struct log_stream *stream)
{
    struct logs *logs = stream->hub->logs;
    if (stream->rows == 0)
        return;
    struct batch *batch = calloc(1, sizeof *batch);
    struct text rows = stream->gathered;
    uint64_t count = stream->rows;
    struct log_sequels sequels = stream->sequels;
    stream->gathered = text_with_ceiling(LOG_BATCH_MAX);
    stream->rows = 0;
    stream->sequels = (struct log_sequels){0};
    if (batch) {
        *batch = (struct batch){.stream = stream,
                                .rows = rows,
                                .count = count,
                                .sequels = sequels,
                                .bounds = stream->bounds};
        batch->work = (struct work){.run = write_batch, .done = on_batch_done, .context = batch};
        if (!logs->writer) {
            on_batch_done(batch, false);
            return;
        }
        if (worker_pool_submit(logs->writer, &batch->work))
            return;
    }
    text_deinit(&rows);
    free(batch);
    rows_lost(stream, count, "the disk is too slow for them");
    run_sequels(&sequels);
}

bool log_stream_gather(struct log_stream *stream, const void *row)
{
    size_t start = stream->gathered.len;
    if (log_append_row(&stream->gathered, stream->kind, row)) {
        stream->rows++;
        return true;
    }
    stream->gathered.len = start;
    stream->gathered.truncated = false;
    rows_lost(stream, 1, "there is no memory for them");
    return false;
}

void log_stream_follow(struct log_stream *stream, struct log_sequel *sequel)
{
    append_sequel(&stream->sequels, sequel);
}

void logs_flush(struct logs *logs)
{
    for (size_t i = 0; i < LOG_KINDS; i++)
        log_stream_flush(&logs->streams[i]);
}
