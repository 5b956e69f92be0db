/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper thread: a spare segment ahead of need, the log moved into its database while nobody
 * waits for it, the ballast made again when there is room. */
#include "store/engine.h"

#include <errno.h>
#include <sys/statvfs.h>
#include <time.h>

static uint64_t free_bytes(const struct store *store)
{
    struct statvfs volume;
    if (fstatvfs(store->disk.folder_fd, &volume) < 0)
        return 0;
    return (uint64_t)volume.f_bavail * volume.f_frsize;
}

static bool take_flag(struct store *store, bool *flag)
{
    pthread_mutex_lock(&store->lock);
    bool was = *flag;
    *flag = false;
    pthread_mutex_unlock(&store->lock);
    return was;
}

static void judge(struct store *store, const char *what, int result)
{
    if (result < 0 && !disk_is_full(result) && result != -ENOMEM && result != -EMFILE &&
        result != -ENFILE)
        store_stop(store, what, -result);
}

static void keep_segments(struct store *store)
{
    uint64_t needed = store->options.free_high_bytes + store->options.segment_bytes;
    if (take_flag(store, &store->spare_wanted) && free_bytes(store) > needed)
        judge(store, "preparing a segment", segment_prepare_spare(&store->segments));
    judge(store, "giving back a segment", segment_trim(&store->segments));
}

static void keep_ballast(struct store *store)
{
    pthread_mutex_lock(&store->lock);
    bool released = store->ballast_released;
    pthread_mutex_unlock(&store->lock);
    uint64_t needed = store->options.free_high_bytes + 2 * store->options.ballast_bytes;
    if (released && free_bytes(store) > needed)
        judge(store, "making the ballast", ballast_make(store));
}

/* Under lock: until the next second, or until a spare is wanted. */
static bool wait_a_second(struct store *store)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec++;
    int waited = 0;
    while (!store->closing && !store->spare_wanted && waited == 0)
        waited = pthread_cond_timedwait(&store->keeping, &store->lock, &until);
    return !store->closing;
}

void *keeper_main(void *context)
{
    struct store *store = context;
    uint64_t moved_bytes = 0;
    pthread_mutex_lock(&store->lock);
    while (!store->closing) {
        uint64_t log_bytes = store->log_bytes;
        bool stopped = store->stopped;
        pthread_mutex_unlock(&store->lock);
        if (!stopped) {
            keep_segments(store);
            keep_ballast(store);
        }
        if (!stopped && log_bytes != moved_bytes)
            store_checkpoint(store, &store->queue_keeper);
        moved_bytes = log_bytes;
        pthread_mutex_lock(&store->lock);
        if (!wait_a_second(store))
            break;
    }
    pthread_mutex_unlock(&store->lock);
    return NULL;
}
