/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/command.h"
#include "programs/postern/hub_link.h"
#include "programs/postern/queue.h"
#include "programs/postern/terminal.h"
#include "shell/format.h"

#include <stdio.h>

enum { LINE_BYTES = 4096, NAME_BYTES = 96 };

struct printer {
    bool escapes;     /* what a terminal would obey */
    struct text line; /* of which the end has not come */
};

/* Without its CR LF; what is longer than LINE_BYTES is shown in parts. */
static void print_line(struct printer *printer, bool ends)
{
    char storage[4 * LINE_BYTES];
    struct text shown = text_over(storage, sizeof storage);
    struct slice line = text_slice(&printer->line);
    if (ends && line.len && line.at[line.len - 1] == '\r')
        line = slice_first(line, line.len - 1);
    text_append_escaped(&shown, line, LINE_BYTES);
    printf("%.*s%s", SLICE_ARG(text_slice(&shown)), ends ? "\n" : "");
    text_clear(&printer->line);
}

static void print_escaped(struct printer *printer, struct slice piece)
{
    for (size_t i = 0; i < piece.len; i++) {
        if (piece.at[i] == '\n') {
            print_line(printer, true);
            continue;
        }
        if (printer->line.len == LINE_BYTES)
            print_line(printer, false);
        text_append_byte(&printer->line, piece.at[i]);
    }
}

static bool on_piece(void *context, struct slice piece)
{
    struct printer *printer = context;
    if (!printer->escapes)
        return fwrite(piece.at, 1, piece.len, stdout) == piece.len;
    print_escaped(printer, piece);
    return !ferror(stdout);
}

static int print_message(const struct place *place, const char *id)
{
    char name_storage[NAME_BYTES], line_storage[LINE_BYTES];
    struct text name = text_over(name_storage, sizeof name_storage);
    struct printer printer = {.escapes = terminal_width() > 0,
                              .line = text_over(line_storage, sizeof line_storage)};
    json_t *parameters = json_pack("{s:s, s:b}", "Identity", id, "IncludeActive", 1);
    json_t *reply = NULL;
    const struct operation *export = &operations[OPERATION_EXPORT_MESSAGE];
    operation_append_name(&name, export);
    int result = hub_ask_file(place, text_c_string(&name), parameters, on_piece, &printer, &reply);
    json_decref(parameters);
    int exit_code = reply ? (int)format_exit_code(reply) : OPERATION_FAILED;
    if (printer.line.len)
        print_line(&printer, false);
    if (result < 0)
        fputs("postern: the message did not come whole\n", stderr);
    else if (exit_code != OPERATION_OK)
        command_show(reply, export, FORMAT_DEFAULT, exit_code);
    json_decref(reply);
    return fflush(stdout) == 0 ? exit_code : OPERATION_FAILED;
}

int queue_show(const struct place *place, const char *id)
{
    int exit_code = OPERATION_OK;
    json_t *parameters = json_pack("{s:s}", "Identity", id);
    json_t *known = command_ask(place, OPERATION_GET_MESSAGE, parameters, &exit_code);
    json_decref(parameters);
    if (!known)
        return exit_code;
    bool found = exit_code == OPERATION_OK;
    command_show(known, &operations[OPERATION_GET_MESSAGE], found ? FORMAT_LIST : FORMAT_DEFAULT,
                 exit_code);
    json_decref(known);
    if (!found)
        return exit_code;
    putchar('\n');
    fflush(stdout);
    return print_message(place, id);
}
