/* SPDX-License-Identifier: Apache-2.0 */
/* ballast - a file that is only there to be given up: on a full disk SQLite could not even delete.
 */
#include "store/engine.h"

#include <errno.h>
#include <sys/stat.h>

static const char ballast_file[] = "ballast";

int ballast_make(struct store *store)
{
    CLEANUP(disk_close) int fd = -1;
    struct stat facts;
    int result = disk_create(&store->disk, ballast_file, &fd);
    if (result == 0 && fstat(fd, &facts) < 0)
        result = -errno;
    if (result == 0 && (uint64_t)facts.st_size < store->options.ballast_bytes)
        result = disk_reserve(&store->disk, fd, ballast_file, store->options.ballast_bytes);
    bool full = disk_is_full(result);
    if (full)
        result = disk_truncate(&store->disk, fd, ballast_file, 0);
    pthread_mutex_lock(&store->lock);
    store->ballast_released = full;
    pthread_mutex_unlock(&store->lock);
    return result;
}

void ballast_release(struct store *store)
{
    CLEANUP(disk_close) int fd = -1;
    pthread_mutex_lock(&store->lock);
    bool released = store->ballast_released;
    store->ballast_released = true;
    pthread_mutex_unlock(&store->lock);
    if (released || disk_create(&store->disk, ballast_file, &fd) < 0)
        return;
    int result = disk_truncate(&store->disk, fd, ballast_file, 0);
    if (result < 0)
        store_stop(store, "releasing the ballast", -result);
}
