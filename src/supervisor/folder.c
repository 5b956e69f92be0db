/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/folder.h"

#include "os/descriptor.h"
#include "os/socket.h"
#include "wire/role.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct part {
    const char *name;
    enum wire_role owner;
    mode_t mode;
} parts[] = {
    {"store", ROLE_HUB, 0700}, {"vault", ROLE_CHECKER, 0700},    {"mail", ROLE_COURIER, 0700},
    {"logs", ROLE_HUB, 0700},  {"policies", ROLE_COURIER, 0700},
};

static int prepare_part(int data_fd, const struct part *part)
{
    if (mkdirat(data_fd, part->name, part->mode) < 0 && errno != EEXIST)
        return -errno;
    CLEANUP(close_fd)
    int fd = openat(data_fd, part->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    uid_t owner = role_uid(part->owner);
    if (geteuid() == 0 && fchown(fd, owner, owner) < 0)
        return -errno;
    return fsync(data_fd) < 0 ? -errno : 0;
}

/* The lock lives as long as this descriptor: as long as the process. */
static int lock_folder(int data_fd)
{
    int fd = openat(data_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -errno;
    return flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
}

static int open_control(const char *data, int *out_fd)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/control.socket", data);
    int result = socket_listen_unix(path, 0666, out_fd);
    if (result == 0 && geteuid() == 0 && chown(path, 0, 0) < 0)
        return -errno;
    return result;
}

int folder_prepare(const char *data, int *out_control_fd)
{
    if (mkdir(data, 0755) < 0 && errno != EEXIST) {
        fprintf(stderr, "%s: cannot create the data folder: %s\n", data, strerror(errno));
        return -errno;
    }
    CLEANUP(close_fd) int data_fd = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (data_fd < 0) {
        fprintf(stderr, "%s: %s\n", data, strerror(errno));
        return -errno;
    }
    int result = lock_folder(data_fd);
    if (result < 0) {
        fprintf(stderr, "%s: %s\n", data,
                result == -EWOULDBLOCK ? "another posternd is using this folder"
                                       : strerror(-result));
        return result;
    }
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        result = prepare_part(data_fd, &parts[i]);
        if (result < 0) {
            fprintf(stderr, "%s/%s: %s\n", data, parts[i].name, strerror(-result));
            return result;
        }
    }
    result = open_control(data, out_control_fd);
    if (result < 0)
        fprintf(stderr, "%s/control.socket: %s\n", data,
                result == -ENAMETOOLONG ? "the path is too long for a UNIX socket (107 characters)"
                                        : strerror(-result));
    return result;
}

void folder_release(const char *data, int *control_fd)
{
    char path[PATH_MAX];
    if (*control_fd < 0)
        return;
    close_fd(control_fd);
    snprintf(path, sizeof path, "%s/control.socket", data);
    unlink(path);
}
