/* SPDX-License-Identifier: Apache-2.0 */
#include "store/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(ENOSPC == 28 && EDQUOT == 122, "disk_is_full names them by number");

int disk_show(const struct disk *disk, const struct store_disk_event *event)
{
    return disk->hook ? disk->hook(disk->context, event) : 0;
}

static int show(const struct disk *disk, enum store_disk_operation operation, const char *file,
                uint64_t offset)
{
    return disk_show(
        disk, &(struct store_disk_event){.operation = operation, .file = file, .offset = offset});
}

int disk_create(const struct disk *disk, const char *file, int *out_fd)
{
    int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;
    int fd = openat(disk->folder_fd, file, flags);
    if (fd < 0 && errno == ENOENT) {
        int shown = show(disk, STORE_DISK_CREATE, file, 0);
        if (shown < 0)
            return shown;
        fd = openat(disk->folder_fd, file, flags | O_CREAT | O_EXCL, 0600);
    }
    if (fd < 0)
        return -errno;
    *out_fd = fd;
    return 0;
}

int disk_open_read(const struct disk *disk, const char *file, int *out_fd)
{
    int fd = openat(disk->folder_fd, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    *out_fd = fd;
    return 0;
}

static int show_vector(const struct disk *disk, const char *file, const struct iovec *vector,
                       size_t count, uint64_t offset)
{
    for (size_t i = 0; disk->hook && i < count; i++) {
        int shown =
            disk_show(disk, &(struct store_disk_event){
                                .operation = STORE_DISK_WRITE,
                                .file = file,
                                .offset = offset,
                                .bytes = slice_bytes(vector[i].iov_base, vector[i].iov_len)});
        if (shown < 0)
            return shown;
        offset += vector[i].iov_len;
    }
    return 0;
}

int disk_write(const struct disk *disk, int fd, const char *file, struct iovec *vector,
               size_t count, uint64_t offset)
{
    int shown = show_vector(disk, file, vector, count, offset);
    if (shown < 0)
        return shown;
    while (count > 0) {
        ssize_t written = pwritev(fd, vector, (int)(count > 1024 ? 1024 : count), (off_t)offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        size_t done = (size_t)written;
        offset += done;
        for (; count > 0 && done >= vector->iov_len; vector++, count--)
            done -= vector->iov_len;
        if (count > 0) {
            vector->iov_base = (char *)vector->iov_base + done;
            vector->iov_len -= done;
        }
    }
    return 0;
}

int disk_read(int fd, void *at, size_t len, uint64_t offset)
{
    char *to = at;
    while (len > 0) {
        ssize_t got = pread(fd, to, len, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : -EIO;
        to += got;
        offset += (uint64_t)got;
        len -= (size_t)got;
    }
    return 0;
}

int disk_sync(const struct disk *disk, int fd, const char *file)
{
    int shown = show(disk, STORE_DISK_SYNC, file, 0);
    if (shown < 0)
        return shown;
    return fdatasync(fd) < 0 ? -errno : 0;
}

int disk_truncate(const struct disk *disk, int fd, const char *file, uint64_t size)
{
    int shown = show(disk, STORE_DISK_TRUNCATE, file, size);
    if (shown < 0)
        return shown;
    return ftruncate(fd, (off_t)size) < 0 ? -errno : 0;
}

int disk_reserve(const struct disk *disk, int fd, const char *file, uint64_t size)
{
    int shown = show(disk, STORE_DISK_TRUNCATE, file, size);
    if (shown < 0)
        return shown;
    return -posix_fallocate(fd, 0, (off_t)size);
}

int disk_rename(const struct disk *disk, const char *from, const char *to)
{
    int shown = disk_show(
        disk, &(struct store_disk_event){.operation = STORE_DISK_RENAME, .file = from, .to = to});
    if (shown < 0)
        return shown;
    return renameat(disk->folder_fd, from, disk->folder_fd, to) < 0 ? -errno : 0;
}

int disk_unlink(const struct disk *disk, const char *file)
{
    int shown = show(disk, STORE_DISK_UNLINK, file, 0);
    if (shown < 0)
        return shown;
    return unlinkat(disk->folder_fd, file, 0) < 0 && errno != ENOENT ? -errno : 0;
}

int disk_sync_folder(const struct disk *disk, const char *folder)
{
    int shown = show(disk, STORE_DISK_SYNC_FOLDER, folder, 0);
    if (shown < 0)
        return shown;
    CLEANUP(disk_close)
    int fd = openat(disk->folder_fd, *folder ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

int disk_list(const struct disk *disk, const char *folder,
              int (*each)(void *context, const char *name), void *context)
{
    int fd = openat(disk->folder_fd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    DIR *stream = fdopendir(fd);
    if (!stream) {
        close(fd);
        return -ENOMEM;
    }
    int result = 0;
    const struct dirent *entry;
    while (result == 0 && (entry = readdir(stream)))
        result = each(context, entry->d_name);
    closedir(stream);
    return result;
}

void disk_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}
