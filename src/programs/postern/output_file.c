/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/output_file.h"

#include "base/base64.h"
#include "os/descriptor.h"
#include "shell/value.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MODE = 0600, FILE_MAX_BYTES = OPERATION_REPLY_MAX };

bool output_file_wanted(const struct operation *operation, const struct arguments *arguments)
{
    return operation->writes_file && arguments->file_name.len > 0;
}

static bool may_replace(const struct arguments *arguments)
{
    return json_is_true(json_object_get(arguments->parameters, "Force"));
}

static bool fail(struct text *error, const char *path, int number)
{
    text_append_format(error, "%s: %s", path ? path : "-FileName",
                       path ? strerror(number) : "is no path");
    if (number == EEXIST)
        text_append_c(error, "; -Force replaces it");
    return false;
}

bool output_file_possible(const struct arguments *arguments, struct text *error)
{
    char storage[PATH_MAX];
    struct text name = text_over(storage, sizeof(storage));
    text_append(&name, arguments->file_name);
    const char *path = text_c_string(&name);
    if (path && (may_replace(arguments) || access(path, F_OK) < 0))
        return true;
    return fail(error, path, EEXIST);
}

static int write_new(const char *path, struct slice bytes)
{
    CLEANUP(close_fd) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
    if (fd < 0)
        return -errno;
    int result = fd_write_all(fd, bytes);
    return result == 0 && fsync(fd) < 0 ? -errno : result;
}

static bool write_file(const struct arguments *arguments, json_t *reply, struct text *error)
{
    char storage[PATH_MAX];
    struct text name = text_over(storage, sizeof(storage));
    struct text bytes = text_with_ceiling(FILE_MAX_BYTES);
    text_append(&name, arguments->file_name);
    const char *path = text_c_string(&name);
    json_t *object = json_array_get(json_object_get(reply, "objects"), 0);
    int result = -EINVAL;
    if (path && base64_decode(value_text(object, "FileData"), &bytes) && bytes.len > 0)
        result = may_replace(arguments) ? file_replace(AT_FDCWD, path, MODE, text_slice(&bytes))
                                        : write_new(path, text_slice(&bytes));
    if (bytes.at)
        explicit_bzero(bytes.at, bytes.capacity);
    text_deinit(&bytes);
    return result == 0 || fail(error, path, -result);
}

enum { ERROR_MAX = 4096 };

int output_file_save(json_t *reply, const struct arguments *arguments)
{
    struct text error = text_with_ceiling(ERROR_MAX);
    bool good = write_file(arguments, reply, &error);
    if (good)
        fprintf(stderr, "written: %.*s\n", SLICE_ARG(arguments->file_name));
    else
        fprintf(stderr, "postern: %.*s\n", SLICE_ARG(text_slice(&error)));
    json_array_clear(json_object_get(reply, "objects"));
    text_deinit(&error);
    return good ? OPERATION_OK : OPERATION_FAILED;
}
