/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/shell_world.h"

#include "os/clock.h"
#include "os/descriptor.h"
#include "programs/postern/command.h"
#include "programs/postern/hub_link.h"
#include "programs/postern/member_names.h"
#include "programs/postern/terminal.h"
#include "shell/format.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MODE = 0600, NAME_MAX_BYTES = 96, PROMPT_MAX = 300 };

static const char *name_of(const struct operation *operation, char storage[NAME_MAX_BYTES])
{
    struct text name = text_over(storage, NAME_MAX_BYTES);
    operation_append_name(&name, operation);
    return text_c_string(&name);
}

/* What came back, or why nothing did. */
static json_t *settle(const struct place *place, int result, json_t *reply,
                      enum operation_error *out_outcome, struct text *error)
{
    if (result == 0) {
        *out_outcome = format_exit_code(reply);
        return reply;
    }
    *out_outcome = result == -EACCES || result == -EPERM ? OPERATION_DENIED : OPERATION_UNREACHABLE;
    text_append_format(error,
                       "%s: %s\nStart the server (./dev run, or systemctl start postern), or name "
                       "its folder: postern --data DIR shell",
                       place->socket, strerror(-result));
    return NULL;
}

static json_t *call(void *context, const struct operation *operation, json_t *parameters,
                    enum operation_error *out_outcome, struct text *error)
{
    const struct place *place = context;
    char name[NAME_MAX_BYTES];
    json_t *reply = NULL;
    int exit_code = OPERATION_OK;
    enum terminal_answer answer = TERMINAL_YES;
    if (!member_names_look_up(operation, parameters, error)) {
        *out_outcome = OPERATION_USAGE;
        return json_pack("{s:[], s:{s:s, s:s%}}", "objects", "error", "category",
                         operation_error_category(OPERATION_USAGE), "message", error->at,
                         error->len);
    }
    if (!command_may_run(place, operation, parameters, &answer, &exit_code)) {
        *out_outcome = (enum operation_error)exit_code;
        return json_pack("{s:[], s:{s:s, s:s}, s:b}", "objects", "error", "category",
                         operation_error_category(*out_outcome), "message", "nothing was changed",
                         "no-to-all", answer == TERMINAL_NO_TO_ALL);
    }
    int result = hub_ask(place, name_of(operation, name), parameters, &reply);
    if (reply && answer == TERMINAL_YES_TO_ALL)
        json_object_set_new(reply, "yes-to-all", json_true());
    return settle(place, result, reply, out_outcome, error);
}

static json_t *call_names(void *context, const struct operation *operation, json_t *parameters,
                          enum operation_error *out_outcome, struct text *error)
{
    const struct place *place = context;
    char name[NAME_MAX_BYTES];
    json_t *reply = NULL;
    int result = hub_ask_names(place, name_of(operation, name), parameters, &reply);
    return settle(place, result, reply, out_outcome, error);
}

static json_t *call_file(void *context, const struct operation *operation, json_t *parameters,
                         hub_piece_fn *take, void *taker, enum operation_error *out_outcome,
                         struct text *error)
{
    const struct place *place = context;
    char name[NAME_MAX_BYTES];
    json_t *reply = NULL;
    int result = hub_ask_file(place, name_of(operation, name), parameters, take, taker, &reply);
    return settle(place, result, reply, out_outcome, error);
}

static json_t *call_each(void *context, const struct operation *operation, json_t *parameters,
                         json_t *each, bool stop, enum operation_error *out_outcome,
                         struct text *error)
{
    const struct place *place = context;
    char name[NAME_MAX_BYTES];
    json_t *reply = NULL;
    int result = hub_ask_each(place, name_of(operation, name), parameters, each, stop, &reply);
    return settle(place, result, reply, out_outcome, error);
}

static const char *path_of(struct slice written, char *storage, struct text *error)
{
    struct text name = text_over(storage, PATH_MAX);
    size_t zero;
    text_append(&name, written);
    const char *path = text_c_string(&name);
    if (path && written.len > 0 && !slice_find(written, '\0', &zero))
        return path;
    text_append_c(error, "this is no path of a file");
    return NULL;
}

static bool read_file(void *context, struct slice path, struct text *out, struct text *error)
{
    char storage[PATH_MAX];
    (void)context;
    const char *name = path_of(path, storage, error);
    int result = name ? file_read(AT_FDCWD, name, out) : 0;
    if (result < 0)
        text_append_format(error, "%s: %s", name, strerror(-result));
    return name && result == 0;
}

static bool file_exists(void *context, struct slice path)
{
    char storage[PATH_MAX], unused[NAME_MAX_BYTES];
    struct text error = text_over(unused, sizeof(unused));
    (void)context;
    const char *name = path_of(path, storage, &error);
    return name && access(name, F_OK) == 0;
}

static bool write_file(void *context, struct slice path, struct slice bytes, bool append,
                       struct text *error)
{
    char storage[PATH_MAX];
    (void)context;
    const char *name = path_of(path, storage, error);
    if (!name)
        return false;
    CLEANUP(close_fd)
    int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC), MODE);
    int result = fd < 0 ? -errno : fd_write_all(fd, bytes);
    if (result < 0)
        text_append_format(error, "%s: %s", name, strerror(-result));
    return result == 0;
}

static bool ask(void *context, struct slice prompt, bool secret, struct text *out)
{
    char storage[PROMPT_MAX];
    struct text question = text_over(storage, sizeof(storage));
    (void)context;
    text_append(&question, slice_first(prompt, PROMPT_MAX - 2));
    const char *written = text_c_string(&question);
    fflush(stdout);
    return secret ? terminal_read_secret(written ? written : "", out)
                  : terminal_read_answer(written ? written : "", out);
}

static int64_t now_ms(void *context)
{
    (void)context;
    return clock_wall_ms();
}

static void print(void *context, enum world_stream stream, struct slice bytes)
{
    (void)context;
    if (bytes.len > 0)
        fwrite(bytes.at, 1, bytes.len, stream == WORLD_OUTPUT ? stdout : stderr);
    fflush(stream == WORLD_OUTPUT ? stdout : stderr);
}

struct world shell_world(const struct place *place)
{
    union {
        const struct place *borrowed;
        void *context;
    } handed = {place}; /* never written through */
    return (struct world){.context = handed.context,
                          .call = call,
                          .call_names = call_names,
                          .call_file = call_file,
                          .call_each = call_each,
                          .read_file = read_file,
                          .file_exists = file_exists,
                          .write_file = write_file,
                          .ask = ask,
                          .now_ms = now_ms,
                          .print = print,
                          .width = terminal_width()};
}
