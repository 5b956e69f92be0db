/* SPDX-License-Identifier: Apache-2.0 */
/* logs_state - the logs of a hub, to the files they are in: log_stream.c has what is written,
 * logs_reading.c what is read, logs.c the rest. */
#ifndef HUB_LOGS_STATE_H
#define HUB_LOGS_STATE_H

#include "hub/logs.h"
#include "os/log_file.h"
#include "os/worker.h"

#include <stdatomic.h>

enum {
    LOG_FLUSH_BYTES = 64 << 10,
    LOG_BATCH_MAX = LOG_FLUSH_BYTES + LOG_ROW_MAX,
    LOG_READINGS_MAX = 16,
};

struct log_sequels { /* the first that was appended is the first to run; zeroed: none */
    struct log_sequel *first, *last;
};

/* One log: what is gathered for it, its file, and what it has lost. */
struct log_stream {
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

struct logs {
    struct worker_pool *writer, *reader; /* NULL: settled */
    struct log_stream streams[LOG_KINDS];
    struct watch flush, retain; /* timers */
    uint64_t rows_lost;
    atomic_bool ending;
};

/* --- log_stream.c --- */
/* False: the row is lost. */
MUST_USE bool log_stream_gather(struct log_stream *stream, const void *row);
/* Of the row that was gathered last. */
void log_stream_follow(struct log_stream *stream, struct log_sequel *sequel);
void log_stream_flush(struct log_stream *stream); /* what was gathered, to the writer */
void logs_flush(struct logs *logs);
/* On the writer's thread, which alone touches the file. */
void log_stream_use_bounds(struct log_file *file, const struct log_bounds *bounds);

#endif
