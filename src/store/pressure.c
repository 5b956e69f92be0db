/* SPDX-License-Identifier: Apache-2.0 */
/* How close the store is to what it can bear, and by which measure. */
#include "store/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

enum { WINDOW_MS = 10000 };

static int compare_took(const void *left, const void *right)
{
    unsigned a = *(const unsigned *)left;
    unsigned b = *(const unsigned *)right;
    return (a > b) - (a < b);
}

static unsigned p99(struct store *store)
{
    unsigned took[LATENCIES_MAX];
    size_t count = 0;
    int64_t since = (int64_t)store_monotonic_ms() - WINDOW_MS;
    pthread_mutex_lock(&store->lock);
    for (size_t i = 0; i < LATENCIES_MAX && i < store->latency_count; i++)
        if (store->latencies[i].at_ms >= since)
            took[count++] = store->latencies[i].took_ms;
    pthread_mutex_unlock(&store->lock);
    if (count == 0)
        return 0;
    qsort(took, count, sizeof took[0], compare_took);
    return took[(count * 99 - 1) / 100];
}

/* 80 % of the limit, on the calm side. */
static uint64_t calm_limit(const struct store_measure *measure, uint64_t limit)
{
    return measure->scarce ? limit + limit / 4 : limit - limit / 5;
}

static bool is_over(const struct store_measure *measure, uint64_t limit)
{
    return measure->scarce ? measure->now < limit : measure->now > limit;
}

static enum store_pressure_level level_by(const struct store_measure *m, bool calm)
{
    return is_over(m, calm ? calm_limit(m, m->high) : m->high)       ? STORE_PRESSURE_HIGH
           : is_over(m, calm ? calm_limit(m, m->medium) : m->medium) ? STORE_PRESSURE_MEDIUM
                                                                     : STORE_PRESSURE_NONE;
}

static enum store_pressure_level level_of(const struct store_measure *measures, size_t count,
                                          bool calm, const char **out_cause)
{
    enum store_pressure_level level = STORE_PRESSURE_NONE;
    *out_cause = "";
    for (size_t i = 0; i < count; i++) {
        const struct store_measure *m = &measures[i];
        enum store_pressure_level here = level_by(m, calm);
        if (here > level) {
            level = here;
            *out_cause = m->cause;
        }
    }
    return level;
}

/* Up at once; down to what also the stricter limits allow, after 30 s of it. */
static void remember(struct pressure_memory *memory, const struct store_measure *measures,
                     size_t count, int64_t now_ms, int64_t calm_ms)
{
    const char *cause;
    const char *calm_cause;
    enum store_pressure_level level = level_of(measures, count, false, &cause);
    enum store_pressure_level calm = level_of(measures, count, true, &calm_cause);
    if (level >= memory->level || !memory->cause) {
        memory->level = level;
        memory->cause = cause;
        memory->calm_since_ms = 0;
    } else if (calm >= memory->level) {
        memory->calm_since_ms = 0;
    } else if (memory->calm_since_ms == 0) {
        memory->calm_since_ms = now_ms;
    } else if (now_ms - memory->calm_since_ms >= calm_ms) {
        *memory = (struct pressure_memory){.level = calm, .cause = calm_cause};
    }
}

int store_pressure(struct store *store, int64_t now_ms, struct store_pressure *out_pressure)
{
    struct store_pressure *p = out_pressure;
    const struct store_options *o = &store->options;
    struct statvfs volume;
    if (fstatvfs(store->disk.folder_fd, &volume) < 0)
        return -errno;
    *p = (struct store_pressure){
        .free_bytes = (uint64_t)volume.f_bavail * volume.f_frsize,
        .volume_bytes = (uint64_t)volume.f_blocks * volume.f_frsize,
        .commit_p99_ms = p99(store),
        .body_memory_bytes = store->body_memory_bytes,
        .queued_recipients = store->queued_recipients,
    };
    pthread_mutex_lock(&store->lock);
    p->writer_messages = store->pending_messages;
    p->writer_bytes = store->pending_bytes;
    p->log_bytes = store->log_bytes;
    pthread_mutex_unlock(&store->lock);
    /* clang-format off */
    const struct store_measure measures[] = {
        {"free space",        true,  p->free_bytes,        o->free_medium_bytes,   o->free_high_bytes, 0},
        {"commit latency",    false, p->commit_p99_ms,     1000,                   5000, 0},
        {"writer messages",   false, p->writer_messages,   1000,                   4000, 0},
        {"writer bytes",      false, p->writer_bytes,      64 << 20,               256 << 20, 0},
        {"write-ahead log",   false, p->log_bytes,         256 << 20,              1 << 30, 0},
        {"body memory",       false, p->body_memory_bytes, o->memory_medium_bytes, o->memory_high_bytes, 0},
        {"queued recipients", false, p->queued_recipients, o->recipients_medium,   o->recipients_high, 0},
    };
    /* clang-format on */
    _Static_assert(COUNT_OF(measures) <= STORE_MEASURES_MAX, "all of them are handed out");
    p->measure_count = COUNT_OF(measures);
    for (size_t i = 0; i < p->measure_count; i++) {
        p->measures[i] = measures[i];
        p->measures[i].level = level_by(&measures[i], false);
    }
    remember(&store->pressure, measures, COUNT_OF(measures), now_ms, o->calm_ms);
    p->level = store->pressure.level;
    p->cause = store->pressure.cause;
    return STORE_OK;
}
