/* SPDX-License-Identifier: Apache-2.0 */
/* disk - every change the store makes to its folder, each shown to a hook first.
 *
 * Names are paths below the store's folder. Results are 0 or -errno. The hook may refuse a change
 * with a negative result, which then is the result of the change; tests use it to break the disk
 * and to record what a power cut may leave. SQLite's changes come the same way (disk_vfs.h).
 */
#ifndef STORE_DISK_H
#define STORE_DISK_H

#include "base/attributes.h"
#include "base/slice.h"

#include <sys/uio.h>

enum store_disk_operation {
    STORE_DISK_CREATE,
    STORE_DISK_WRITE,
    STORE_DISK_TRUNCATE, /* offset is the new size */
    STORE_DISK_SYNC,
    STORE_DISK_RENAME,
    STORE_DISK_UNLINK,
    STORE_DISK_SYNC_FOLDER,
};

struct store_disk_event {
    enum store_disk_operation operation;
    const char *file;
    const char *to; /* rename */
    uint64_t offset;
    struct slice bytes; /* write */
};

struct disk {
    int folder_fd;
    int (*hook)(void *context, const struct store_disk_event *event);
    void *context;
};

MUST_USE int disk_show(const struct disk *disk, const struct store_disk_event *event);
/* Opens for reading and writing, creating it with mode 0600 when missing. */
MUST_USE int disk_create(const struct disk *disk, const char *file, int *out_fd);
MUST_USE int disk_open_read(const struct disk *disk, const char *file, int *out_fd);
/* Writes all of it, or fails. The vector is consumed. */
MUST_USE int disk_write(const struct disk *disk, int fd, const char *file, struct iovec *vector,
                        size_t count, uint64_t offset);
MUST_USE int disk_read(int fd, void *at, size_t len, uint64_t offset); /* short file: -EIO */
MUST_USE int disk_sync(const struct disk *disk, int fd, const char *file);
MUST_USE int disk_truncate(const struct disk *disk, int fd, const char *file, uint64_t size);
/* Space is taken, contents read as zero. */
MUST_USE int disk_reserve(const struct disk *disk, int fd, const char *file, uint64_t size);
MUST_USE int disk_rename(const struct disk *disk, const char *from, const char *to);
MUST_USE int disk_unlink(const struct disk *disk, const char *file);
MUST_USE int disk_sync_folder(const struct disk *disk, const char *folder); /* "" or "segments" */

/* Calls `each` for every name in the folder, until it answers other than 0. */
MUST_USE int disk_list(const struct disk *disk, const char *folder,
                       int (*each)(void *context, const char *name), void *context);

static inline bool disk_is_full(int result)
{
    return result == -28 /* ENOSPC */ || result == -122 /* EDQUOT */;
}

void disk_close(int *fd); /* for CLEANUP; -1 is fine */

#endif
