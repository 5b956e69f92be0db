/* SPDX-License-Identifier: Apache-2.0 */
#include "os/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void close_fd(int *fd)
{
    int kept = errno;
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    errno = kept;
}

int fd_take(int *fd)
{
    int taken = *fd;
    *fd = -1;
    return taken;
}

static int change_flag(int fd, int get, int set, int flag, bool on)
{
    int flags = fcntl(fd, get);
    if (flags < 0)
        return -errno;
    int wanted = on ? flags | flag : flags & ~flag;
    return wanted == flags || fcntl(fd, set, wanted) == 0 ? 0 : -errno;
}

int fd_set_nonblocking(int fd, bool nonblocking)
{
    return change_flag(fd, F_GETFL, F_SETFL, O_NONBLOCK, nonblocking);
}

int fd_set_inherited(int fd, bool inherited)
{
    return change_flag(fd, F_GETFD, F_SETFD, FD_CLOEXEC, !inherited);
}

int fd_write_all(int fd, struct slice bytes)
{
    while (bytes.len) {
        ssize_t written = write(fd, bytes.at, bytes.len);
        if (written < 0 && errno != EINTR)
            return -errno;
        if (written > 0)
            bytes = slice_after(bytes, (size_t)written);
    }
    return 0;
}

int file_read(int folder_fd, const char *path, struct text *out)
{
    CLEANUP(close_fd) int fd = openat(folder_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat facts;
    if (fd < 0 || fstat(fd, &facts) < 0)
        return -errno;
    if (!S_ISREG(facts.st_mode))
        return -EINVAL;
    char piece[16384];
    for (;;) {
        ssize_t got = read(fd, piece, sizeof piece);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : 0;
        if (!text_append(out, (struct slice){piece, (size_t)got}))
            return -EFBIG;
    }
}

int file_replace(int folder_fd, const char *name, unsigned mode, struct slice bytes)
{
    char draft[300];
    int len = snprintf(draft, sizeof draft, "%s.new", name);
    if (len < 0 || (size_t)len >= sizeof draft)
        return -ENAMETOOLONG;
    CLEANUP(close_fd)
    int fd = openat(folder_fd, draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0)
        return -errno;
    int result = fd_write_all(fd, bytes);
    if (result < 0)
        return result;
    if (fsync(fd) < 0 || renameat(folder_fd, draft, folder_fd, name) < 0)
        return -errno;
    if (folder_fd == AT_FDCWD)
        return 0;
    return fsync(folder_fd) < 0 ? -errno : 0;
}

int memory_file_new(const char *label, int *out_fd)
{
    *out_fd = memfd_create(label, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return *out_fd < 0 ? -errno : 0;
}

int memory_file_seal(int fd)
{
    int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
    return fcntl(fd, F_ADD_SEALS, seals) < 0 ? -errno : 0;
}

int memory_file_sealed(const char *label, struct slice bytes, int *out_fd)
{
    CLEANUP(close_fd) int fd = -1;
    int result = memory_file_new(label, &fd);
    if (result == 0)
        result = fd_write_all(fd, bytes);
    if (result == 0)
        result = memory_file_seal(fd);
    if (result < 0)
        return result;
    *out_fd = fd_take(&fd);
    return 0;
}

int memory_file_map(int fd, struct slice *out_bytes)
{
    int seals = fcntl(fd, F_GET_SEALS);
    if (seals < 0 || (seals & (F_SEAL_SHRINK | F_SEAL_WRITE)) != (F_SEAL_SHRINK | F_SEAL_WRITE))
        return -EPERM;
    off_t size = lseek(fd, 0, SEEK_END); /* fstat is a call on paths to a sandbox */
    if (size < 0)
        return -errno;
    if (size == 0) {
        *out_bytes = (struct slice){0};
        return 0;
    }
    void *at = mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        return -errno;
    *out_bytes = (struct slice){at, (size_t)size};
    return 0;
}

void memory_file_unmap(struct slice bytes)
{
    if (bytes.len)
        munmap((void *)(uintptr_t)bytes.at, bytes.len);
}

int memory_file_shared(const char *label, size_t size, int *out_writer, int *out_reader)
{
    CLEANUP(close_fd) int writer = memfd_create(label, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (writer < 0)
        return -errno;
    if (ftruncate(writer, (off_t)size) < 0 ||
        fcntl(writer, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
        return -errno;
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", writer);
    *out_reader = open(path, O_RDONLY | O_CLOEXEC);
    if (*out_reader < 0)
        return -errno;
    *out_writer = fd_take(&writer);
    return 0;
}

int memory_file_map_shared(int fd, size_t size, bool writable, void **out_memory)
{
    int seals = fcntl(fd, F_GET_SEALS);
    if (seals < 0 || !(seals & F_SEAL_SHRINK) || lseek(fd, 0, SEEK_END) != (off_t)size)
        return -EPERM;
    void *at = mmap(NULL, size, PROT_READ | (writable ? PROT_WRITE : 0), MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        return -errno;
    *out_memory = at;
    return 0;
}
