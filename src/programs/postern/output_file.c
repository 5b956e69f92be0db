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
    return operation->file_follows || (operation->writes_file && arguments->file_name.len > 0);
}

static bool may_replace(const struct arguments *arguments)
{
    return json_is_true(json_object_get(arguments->parameters, "Force"));
}

static bool fail(struct text *error, const char *path, int number)
{
    bool named = path && *path;
    text_append_format(error, "%s: %s", named ? path : "-FileName",
                       named ? strerror(number) : "it takes the path of a file");
    if (named && number == EEXIST)
        text_append_c(error, "; -Force replaces it");
    return false;
}

bool output_file_possible(const struct arguments *arguments, struct text *error)
{
    char storage[PATH_MAX];
    struct text name = text_over(storage, sizeof(storage));
    text_append(&name, arguments->file_name);
    const char *path = text_c_string(&name);
    if (path && *path && (may_replace(arguments) || access(path, F_OK) < 0))
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
    if (path && *path && base64_decode(value_text(object, "FileData"), &bytes) && bytes.len > 0)
        result = may_replace(arguments) ? file_replace(AT_FDCWD, path, MODE, text_slice(&bytes))
                                        : write_new(path, text_slice(&bytes));
    if (bytes.at)
        explicit_bzero(bytes.at, bytes.capacity);
    text_deinit(&bytes);
    return result == 0 || fail(error, path, -result);
}

enum { ERROR_MAX = 4096 };

/* Says how it went, in the place of the objects. */
static int say(json_t *reply, const struct arguments *arguments, bool good,
               const struct text *error)
{
    if (good)
        fprintf(stderr, "written: %.*s\n", SLICE_ARG(arguments->file_name));
    else
        fprintf(stderr, "postern: %.*s\n", SLICE_ARG(text_slice(error)));
    json_array_clear(json_object_get(reply, "objects"));
    return good ? OPERATION_OK : OPERATION_FAILED;
}

int output_file_save(json_t *reply, const struct arguments *arguments)
{
    struct text error = text_with_ceiling(ERROR_MAX);
    bool good = write_file(arguments, reply, &error);
    int exit_code = say(reply, arguments, good, &error);
    text_deinit(&error);
    return exit_code;
}

/* --- piece by piece --- */

enum { DRAFT_PATH_MAX = PATH_MAX + 8 };

/* What is there is replaced by a whole file or not at all. */
static void paths(const struct arguments *arguments, char path[PATH_MAX],
                  char draft[DRAFT_PATH_MAX])
{
    snprintf(path, PATH_MAX, "%.*s", SLICE_ARG(arguments->file_name));
    snprintf(draft, DRAFT_PATH_MAX, "%s%s", path, may_replace(arguments) ? ".new" : "");
}

void output_stream_init(struct output_stream *stream, const struct arguments *arguments)
{
    *stream = (struct output_stream){.arguments = arguments, .fd = -1};
}

bool output_stream_take(void *context, struct slice piece)
{
    struct output_stream *stream = context;
    char path[PATH_MAX], draft[DRAFT_PATH_MAX];
    if (stream->fd < 0) {
        paths(stream->arguments, path, draft);
        int kind = may_replace(stream->arguments) ? O_TRUNC | O_NOFOLLOW : O_EXCL;
        stream->fd = open(draft, O_WRONLY | O_CREAT | O_CLOEXEC | kind, MODE);
    }
    stream->result = stream->fd < 0 ? -errno : fd_write_all(stream->fd, piece);
    return stream->result == 0;
}

int output_stream_end(struct output_stream *stream, json_t *reply)
{
    char path[PATH_MAX], draft[DRAFT_PATH_MAX], storage[ERROR_MAX];
    struct text error = text_over(storage, sizeof(storage));
    paths(stream->arguments, path, draft);
    bool made = stream->fd >= 0;
    if (stream->result == 0 && made && fsync(stream->fd) < 0)
        stream->result = -errno;
    close_fd(&stream->fd);
    if (reply && stream->result == 0 && made && may_replace(stream->arguments) &&
        rename(draft, path) < 0)
        stream->result = -errno;
    if (made && (!reply || stream->result < 0))
        unlink(draft);
    if (stream->result < 0)
        fail(&error, path, -stream->result);
    return reply ? say(reply, stream->arguments, stream->result == 0, &error) : OPERATION_FAILED;
}
