/* SPDX-License-Identifier: Apache-2.0 */
/* Files of logs are read by another thread, behind what was gathered before. */
#include "hub/logs_state.h"

#include <stdlib.h>

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
    bool room = logs && logs->reader && worker_pool_waiting(logs->reader) < LOG_READINGS_MAX;
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
    logs_flush(logs);
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
