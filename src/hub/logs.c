/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/logs.h"

#include "os/clock.h"
#include "os/descriptor.h"
#include "os/log_file.h"
#include "os/worker.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    FLUSH_AFTER_MS = 100,
    FLUSH_BYTES = 64 << 10,
    BATCHES_MAX = 64, /* on their way to the writer: some 4 MiB */
    READINGS_MAX = 16,
    RETAIN_EVERY_MS = 3600000,
    BATCH_MAX = FLUSH_BYTES + LOG_ROW_MAX,
};

struct log_sequels { /* the first that was appended is the first to run; zeroed: none */
    struct log_sequel *first, *last;
};

/* One log: what is gathered for it, its file, and what it has lost. */
struct stream {
    struct hub *hub;
    enum log_kind kind;
    struct log_file file; /* the writer's alone, once it is open */
    struct text gathered;
    uint64_t rows;              /* in `gathered` */
    struct log_sequels sequels; /* of these */
    uint64_t lost;              /* since it began to fail */
    bool failing;
    struct log_bounds bounds;
    struct work retain;
    struct log_bounds retain_bounds;
    bool retaining, retain_again;
};

/* What was gathered, on its way into the file. */
struct batch {
    struct work work;
    struct stream *stream;
    struct text rows;
    uint64_t count;
    struct log_sequels sequels;
    struct log_bounds bounds;
    int result;
};

struct logs {
    struct worker_pool *writer, *reader; /* NULL: settled */
    struct stream streams[LOG_KINDS];
    struct watch flush, retain; /* timers */
    uint64_t rows_lost;
    atomic_bool ending;
};

/* --- loss --- */

static void append_path(struct text *text, const struct stream *stream)
{
    const struct log_facts *facts = log_facts(stream->kind);
    text_append_format(text, "logs/%s%s%s*.log", facts->folder, facts->folder[0] ? "/" : "",
                       facts->prefix);
}

static void rows_lost(struct stream *stream, uint64_t count, const char *why)
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

static void rows_written(struct stream *stream)
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

/* On the writer's thread, which alone touches the file. */
static void use_bounds(struct log_file *file, const struct log_bounds *bounds)
{
    file->rules.file_max_bytes = bounds->file_max_bytes;
    file->rules.folder_max_bytes = bounds->folder_max_bytes;
    file->rules.age_max_ms = bounds->age_max_ms;
}

static void write_batch(void *context)
{
    struct batch *batch = context;
    use_bounds(&batch->stream->file, &batch->bounds);
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

static void flush(struct stream *stream)
{
    struct logs *logs = stream->hub->logs;
    if (stream->rows == 0)
        return;
    struct batch *batch = calloc(1, sizeof *batch);
    struct text rows = stream->gathered;
    uint64_t count = stream->rows;
    struct log_sequels sequels = stream->sequels;
    stream->gathered = text_with_ceiling(BATCH_MAX);
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

static void on_flush(void *context, unsigned events)
{
    (void)events;
    struct logs *logs = context;
    for (size_t i = 0; i < LOG_KINDS; i++)
        flush(&logs->streams[i]);
}

static bool gather(struct stream *stream, const void *row)
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

void logs_append_then(struct hub *hub, enum log_kind kind, const void *row,
                      struct log_sequel *sequel)
{
    struct logs *logs = hub->logs;
    struct stream *stream = logs ? &logs->streams[kind] : NULL;
    if (!stream || !gather(stream, row)) {
        if (sequel)
            sequel->run(sequel->context);
        return;
    }
    if (sequel)
        append_sequel(&stream->sequels, sequel);
    if (stream->gathered.len >= FLUSH_BYTES || !logs->writer)
        flush(stream);
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
    struct stream *stream = context;
    use_bounds(&stream->file, &stream->retain_bounds);
    (void)!log_file_retain(&stream->file, clock_wall_ms()); /* tried again in an hour */
}

static void retain(struct stream *stream);

static void on_retained(void *context, bool ran)
{
    struct stream *stream = context;
    stream->retaining = false;
    if (ran && stream->retain_again)
        retain(stream);
}

static void retain(struct stream *stream)
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
        struct stream *stream = &logs->streams[i];
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

/* --- reading --- */

struct reading {
    struct logs *logs;
    struct work barrier, work;
    void (*run)(void *context);
    void (*done)(void *context, bool ran);
    void *context;
};

static void run_reading(void *context)
{
    struct reading *reading = context;
    reading->run(reading->context);
}

static void on_reading_done(void *context, bool ran)
{
    struct reading *reading = context;
    reading->done(reading->context, ran);
    free(reading);
}

static void do_nothing(void *context)
{
    (void)context;
}

/* What was handed to the writer before the barrier is in the files now. */
static void on_barrier(void *context, bool ran)
{
    (void)ran;
    struct reading *reading = context;
    if (!worker_pool_submit(reading->logs->reader, &reading->work))
        on_reading_done(reading, false);
}

bool logs_read(struct hub *hub, void (*run)(void *context), void (*done)(void *context, bool ran),
               void *context)
{
    struct logs *logs = hub->logs;
    bool room = logs && logs->reader && worker_pool_waiting(logs->reader) < READINGS_MAX;
    struct reading *reading = room ? calloc(1, sizeof *reading) : NULL;
    if (!reading)
        return false;
    *reading =
        (struct reading){.logs = logs,
                         .barrier = {.run = do_nothing, .done = on_barrier, .context = reading},
                         .work = {.run = run_reading, .done = on_reading_done, .context = reading},
                         .run = run,
                         .done = done,
                         .context = context};
    on_flush(logs, 0);
    if (worker_pool_submit(logs->writer, &reading->barrier))
        return true;
    free(reading);
    return false;
}

int logs_folder_fd(const struct hub *hub, enum log_kind kind)
{
    return hub->logs->streams[kind].file.folder_fd;
}

bool logs_are_ending(const struct hub *hub)
{
    return atomic_load_explicit(&hub->logs->ending, memory_order_relaxed);
}

/* --- life --- */

static bool append_header(struct text *text, const void *context, int64_t at_ms)
{
    const struct stream *stream = context;
    return log_append_header(text, stream->kind, at_ms);
}

static int open_stream(struct hub *hub, enum log_kind kind, int folder_fd)
{
    const struct log_facts *facts = log_facts(kind);
    struct stream *stream = &hub->logs->streams[kind];
    /* nothing is deleted before the model has said how much is kept */
    *stream = (struct stream){.hub = hub,
                              .kind = kind,
                              .bounds = {.file_max_bytes = facts->file_max_bytes,
                                         .folder_max_bytes = UINT64_MAX,
                                         .age_max_ms = INT64_MAX}};
    stream->gathered = text_with_ceiling(BATCH_MAX);
    struct log_file_rules rules = {.folder = facts->folder,
                                   .prefix = facts->prefix,
                                   .append_header = append_header,
                                   .context = stream};
    int result = log_file_open(&stream->file, folder_fd, &rules);
    use_bounds(&stream->file, &stream->bounds);
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
        result = worker_pool_new(loop, 1, READINGS_MAX, &logs->reader);
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
    on_flush(logs, 0);
    atomic_store_explicit(&logs->ending, true, memory_order_relaxed);
    worker_pool_free(logs->writer);
    worker_pool_free(logs->reader);
    logs->writer = logs->reader = NULL;
    on_flush(logs, 0);
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
