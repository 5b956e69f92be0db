/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/logs_state.h"

#include "os/clock.h"
#include "os/descriptor.h"

#include <errno.h>
#include <stdlib.h>

enum {
    FLUSH_AFTER_MS = 100,
    BATCHES_MAX = 64, /* on their way to the writer: some 4 MiB */
    RETAIN_EVERY_MS = 3600000,
};

static void on_flush(void *context, unsigned events)
{
    (void)events;
    logs_flush(context);
}

void logs_append_then(struct hub *hub, enum log_kind kind, const void *row,
                      struct log_sequel *sequel)
{
    struct logs *logs = hub->logs;
    struct log_stream *stream = logs ? &logs->streams[kind] : NULL;
    if (!stream || !log_stream_gather(stream, row)) {
        if (sequel)
            sequel->run(sequel->context);
        return;
    }
    if (sequel)
        log_stream_follow(stream, sequel);
    if (stream->gathered.len >= LOG_FLUSH_BYTES || !logs->writer)
        log_stream_flush(stream);
    else if (!timer_is_set(&logs->flush))
        timer_set(&logs->flush, FLUSH_AFTER_MS);
}

void logs_append(struct hub *hub, enum log_kind kind, const void *row)
{
    logs_append_then(hub, kind, row, NULL);
}

uint64_t logs_rows_lost(const struct hub *hub)
{
    return hub->logs ? hub->logs->rows_lost : 0;
}

/* --- events --- */

void logs_event(struct hub *hub, const struct wire_event *event, struct slice source)
{
    static const struct slice levels[WIRE_LEVELS] = {
        [WIRE_LEVEL_INFORMATION] = SLICE_INIT("Information"),
        [WIRE_LEVEL_WARNING] = SLICE_INIT("Warning"),
        [WIRE_LEVEL_ERROR] = SLICE_INIT("Error"),
    };
    struct log_event row = {.at_ms = clock_wall_ms(),
                            .level = levels[event->level],
                            .id = event->id,
                            .source = source,
                            .text = event->text};
    logs_append(hub, LOG_EVENTS, &row);
}

static void on_own_event(void *context, const struct wire_event *event)
{
    logs_event(context, event, SLICE("hub"));
}

/* --- old files --- */

static void run_retain(void *context)
{
    struct log_stream *stream = context;
    log_stream_use_bounds(&stream->file, &stream->retain_bounds);
    (void)!log_file_retain(&stream->file, clock_wall_ms()); /* tried again in an hour */
}

static void retain(struct log_stream *stream);

static void on_retained(void *context, bool ran)
{
    struct log_stream *stream = context;
    stream->retaining = false;
    if (ran && stream->retain_again)
        retain(stream);
}

static void retain(struct log_stream *stream)
{
    stream->retain_again = stream->retaining;
    if (stream->retaining)
        return;
    stream->retain = (struct work){.run = run_retain, .done = on_retained, .context = stream};
    stream->retain_bounds = stream->bounds;
    struct worker_pool *writer = stream->hub->logs->writer;
    stream->retaining = writer && worker_pool_submit(writer, &stream->retain);
}

/* A log that nobody writes to has old files, too. */
static void on_retain(void *context, unsigned events)
{
    (void)events;
    struct logs *logs = context;
    for (size_t i = 0; i < LOG_KINDS; i++)
        retain(&logs->streams[i]);
    timer_set(&logs->retain, RETAIN_EVERY_MS);
}

void logs_configure(struct hub *hub)
{
    struct logs *logs = hub->logs;
    for (size_t i = 0; logs && i < LOG_KINDS; i++) {
        struct log_stream *stream = &logs->streams[i];
        struct log_bounds wanted = transport_service_log_bounds(hub->model, stream->kind);
        const struct log_bounds *now = &stream->bounds;
        if (wanted.file_max_bytes == now->file_max_bytes &&
            wanted.folder_max_bytes == now->folder_max_bytes &&
            wanted.age_max_ms == now->age_max_ms)
            continue;
        stream->bounds = wanted;
        retain(stream);
    }
}

/* --- life --- */

static bool append_header(struct text *text, const void *context, int64_t at_ms)
{
    const struct log_stream *stream = context;
    return log_append_header(text, stream->kind, at_ms);
}

static int open_stream(struct hub *hub, enum log_kind kind, int folder_fd)
{
    const struct log_facts *facts = log_facts(kind);
    struct log_stream *stream = &hub->logs->streams[kind];
    /* nothing is deleted before the model has said how much is kept */
    *stream = (struct log_stream){.hub = hub,
                                  .kind = kind,
                                  .bounds = {.file_max_bytes = facts->file_max_bytes,
                                             .folder_max_bytes = UINT64_MAX,
                                             .age_max_ms = INT64_MAX}};
    stream->gathered = text_with_ceiling(LOG_BATCH_MAX);
    struct log_file_rules rules = {.folder = facts->folder,
                                   .prefix = facts->prefix,
                                   .append_header = append_header,
                                   .context = stream};
    int result = log_file_open(&stream->file, folder_fd, &rules);
    log_stream_use_bounds(&stream->file, &stream->bounds);
    return result;
}

int logs_begin(struct hub *hub, int folder_fd)
{
    CLEANUP(close_fd) int taken = folder_fd;
    struct loop *loop = hub->role.loop;
    struct logs *logs = calloc(1, sizeof *logs);
    if (!logs)
        return -ENOMEM;
    hub->logs = logs;
    timer_init(&logs->flush, loop, on_flush, logs);
    timer_init(&logs->retain, loop, on_retain, logs);
    int result = worker_pool_new(loop, 1, BATCHES_MAX, &logs->writer);
    if (result == 0)
        result = worker_pool_new(loop, 1, LOG_READINGS_MAX, &logs->reader);
    for (size_t i = 0; result == 0 && i < LOG_KINDS; i++)
        result = open_stream(hub, (enum log_kind)i, taken);
    if (result < 0)
        return result;
    role_event_also(on_own_event, hub);
    timer_set(&logs->retain, RETAIN_EVERY_MS);
    return 0;
}

/* What the pools still hold is done by their callbacks. */
void logs_settle(struct hub *hub)
{
    struct logs *logs = hub->logs;
    if (!logs)
        return;
    logs_flush(logs);
    atomic_store_explicit(&logs->ending, true, memory_order_relaxed);
    worker_pool_free(logs->writer);
    worker_pool_free(logs->reader);
    logs->writer = logs->reader = NULL;
    logs_flush(logs);
}

void logs_end(struct hub *hub)
{
    struct logs *logs = hub->logs;
    if (!logs)
        return;
    logs_settle(hub);
    role_event_also(NULL, NULL);
    timer_stop(&logs->flush);
    timer_stop(&logs->retain);
    for (size_t i = 0; i < LOG_KINDS; i++) {
        text_deinit(&logs->streams[i].gathered);
        log_file_close(&logs->streams[i].file);
    }
    free(logs);
    hub->logs = NULL;
}
