/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "programs/postern/command.h"
#include "programs/postern/queue.h"
#include "programs/postern/terminal.h"

#include <stdio.h>

enum { MESSAGE_MAX_BYTES = 64 << 20, LINE_BYTES = 4096 };

/* NULL: it has failed, and said so. */
static json_t *ask(const struct place *place, enum operation_id operation, const char *id,
                   int *out_exit_code)
{
    json_t *parameters = json_pack("{s:s}", "Identity", id);
    json_t *reply = command_ask(place, operation, parameters, out_exit_code);
    json_decref(parameters);
    if (!reply || *out_exit_code == OPERATION_OK)
        return reply;
    command_show(reply, &operations[operation], FORMAT_DEFAULT, *out_exit_code);
    json_decref(reply);
    return NULL;
}

/* A line at a time; what is longer is escaped in parts. */
static void print_escaped(struct slice message)
{
    struct slice line;
    while (message.len) {
        char storage[4 * LINE_BYTES];
        struct text shown = text_over(storage, sizeof storage);
        struct slice rest = slice_first(message, LINE_BYTES);
        bool ends = slice_take_until(&rest, '\n', &line);
        if (!ends)
            line = rest;
        message = slice_after(message, line.len + ends);
        if (ends && line.len && line.at[line.len - 1] == '\r')
            line = slice_first(line, line.len - 1);
        text_append_escaped(&shown, line, LINE_BYTES);
        printf("%.*s%s", SLICE_ARG(text_slice(&shown)), ends ? "\n" : "");
    }
}

static int print_message(json_t *reply)
{
    json_t *object = json_array_get(json_object_get(reply, "objects"), 0);
    const char *encoded = json_string_value(json_object_get(object, "FileData"));
    CLEANUP(text_deinit) struct text bytes = text_with_ceiling(MESSAGE_MAX_BYTES);
    if (!encoded || !base64_decode(slice_of(encoded), &bytes)) {
        fputs("postern: the message did not come whole\n", stderr);
        return OPERATION_FAILED;
    }
    if (terminal_width())
        print_escaped(text_slice(&bytes));
    else
        (void)!fwrite(bytes.at, 1, bytes.len, stdout);
    return fflush(stdout) == 0 ? OPERATION_OK : OPERATION_FAILED;
}

int queue_show(const struct place *place, const char *id)
{
    int exit_code = OPERATION_OK;
    json_t *known = ask(place, OPERATION_GET_MESSAGE, id, &exit_code);
    if (!known)
        return exit_code;
    json_t *message = ask(place, OPERATION_EXPORT_MESSAGE, id, &exit_code);
    if (message) {
        command_show(known, &operations[OPERATION_GET_MESSAGE], FORMAT_LIST, OPERATION_OK);
        putchar('\n');
        exit_code = print_message(message);
    }
    json_decref(message);
    json_decref(known);
    return exit_code;
}
