/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/maildir.h"

#include "os/descriptor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_BYTES = 64, COPY_BYTES = 128 << 10 };

bool maildir_append_name(struct text *text, uint64_t message, uint64_t number)
{
    return text_append_format(text, "%016llx.%llu.postern", (unsigned long long)message,
                              (unsigned long long)number);
}

/* One path component that is nothing but a name. */
static bool name_is_safe(struct slice name)
{
    if (name.len == 0 || name.len > 255 || name.at[0] == '.')
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!ascii_is_alnum(name.at[i]) && !strchr("-_.", name.at[i]))
            return false;
    return true;
}

/* Opens a folder that must be one; creates it, durably, if it is not there. */
static int open_folder(int parent_fd, const char *name)
{
    int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(parent_fd, name, flags);
    if (fd >= 0 || errno != ENOENT)
        return fd < 0 ? -errno : fd;
    if (mkdirat(parent_fd, name, 0700) < 0 && errno != EEXIST)
        return -errno;
    fd = openat(parent_fd, name, flags);
    if (fd < 0)
        return -errno;
    if (fsync(parent_fd) < 0) {
        close_fd(&fd);
        return -EIO;
    }
    return fd;
}

/* In cur a reader has put flags behind the name: "NAME:2,S". */
static bool is_in_cur(int cur_fd, const char *name)
{
    int fd = openat(cur_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    bool found = false;
    size_t len = strlen(name);
    for (struct dirent *entry; folder && !found && (entry = readdir(folder));)
        found = strncmp(entry->d_name, name, len) == 0 &&
                (entry->d_name[len] == '\0' || entry->d_name[len] == ':');
    if (folder)
        closedir(folder);
    return found;
}

static int append_fields(int fd, const struct maildir_message *message)
{
    char storage[8192];
    struct text fields = text_over(storage, sizeof storage);
    text_append_c(&fields, "Return-Path: <");
    text_append(&fields, message->sender);
    text_append_c(&fields, ">\r\nDelivered-To: ");
    text_append(&fields, message->recipient);
    text_append_c(&fields, "\r\n");
    return fields.truncated ? -E2BIG : fd_write_all(fd, text_slice(&fields));
}

static int append_body(int fd, const struct maildir_message *message)
{
    static char piece[COPY_BYTES];
    uint64_t at = message->offset, left = message->length;
    while (left) {
        size_t wanted = left < sizeof piece ? (size_t)left : sizeof piece;
        ssize_t got = pread(message->body_fd, piece, wanted, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : -EIO;
        int result = fd_write_all(fd, (struct slice){piece, (size_t)got});
        if (result < 0)
            return result;
        at += (uint64_t)got;
        left -= (uint64_t)got;
    }
    return 0;
}

static int write_file(int tmp_fd, const char *name, const struct maildir_message *message)
{
    CLEANUP(close_fd)
    int fd = openat(tmp_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    int result = append_fields(fd, message);
    if (result == 0)
        result = append_body(fd, message);
    if (result == 0 && fsync(fd) < 0)
        result = -errno;
    if (result < 0)
        unlinkat(tmp_fd, name, 0);
    return result;
}

static int deliver_into(int box_fd, const char *name, const struct maildir_message *message)
{
    CLEANUP(close_fd) int tmp_fd = open_folder(box_fd, "tmp");
    CLEANUP(close_fd) int new_fd = open_folder(box_fd, "new");
    CLEANUP(close_fd) int cur_fd = open_folder(box_fd, "cur");
    if (tmp_fd < 0 || new_fd < 0 || cur_fd < 0)
        return tmp_fd < 0 ? tmp_fd : new_fd < 0 ? new_fd : cur_fd;
    struct stat facts;
    if (fstatat(new_fd, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 ||
        (message->repeat && is_in_cur(cur_fd, name)))
        return MAILDIR_ALREADY_THERE;
    int result = write_file(tmp_fd, name, message);
    if (result < 0)
        return result;
    if (renameat(tmp_fd, name, new_fd, name) < 0 || fsync(new_fd) < 0)
        return -errno;
    return MAILDIR_DELIVERED;
}

int maildir_deliver(int root_fd, struct slice mailbox, const struct maildir_message *message)
{
    char name_storage[NAME_BYTES], box_storage[256];
    struct text name = text_over(name_storage, sizeof name_storage);
    struct text box = text_over(box_storage, sizeof box_storage);
    maildir_append_name(&name, message->message, message->number);
    text_append(&box, mailbox);
    const char *box_name = text_c_string(&box), *file_name = text_c_string(&name);
    if (!name_is_safe(mailbox) || !box_name || !file_name)
        return MAILDIR_BAD_NAME;
    CLEANUP(close_fd) int box_fd = open_folder(root_fd, box_name);
    return box_fd < 0 ? box_fd : deliver_into(box_fd, file_name, message);
}
