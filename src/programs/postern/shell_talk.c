/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/shell_talk.h"

#include "programs/postern/hub_link.h"
#include "programs/postern/line_editor.h"
#include "shell/value.h"

#include <jansson.h>
#include <stdio.h>

enum { COMMAND_MAX = 8 << 20, NAME_BYTES = 96 };

/* --- names for Tab --- */

static void append_names(json_t *objects, struct text *out)
{
    size_t index;
    json_t *object;
    json_array_foreach(objects, index, object)
    {
        struct slice thumbprint = value_text(object, "Thumbprint");
        text_append(out, thumbprint.len ? thumbprint : value_text(object, "Identity"));
        text_append_byte(out, '\n');
    }
}

/* What cannot be asked is not offered: nobody wants an error for a key that was pressed. */
static void identities(void *context, const char *noun, struct text *out)
{
    const struct place *place = context;
    char cmdlet[NAME_BYTES];
    snprintf(cmdlet, sizeof cmdlet, "Get-%s", noun);
    json_t *parameters = json_object(), *reply = NULL;
    if (operation_find(slice_of(cmdlet), NULL) && hub_ask(place, cmdlet, parameters, &reply) == 0)
        append_names(json_object_get(reply, "objects"), out);
    json_decref(reply);
    json_decref(parameters);
}

/* --- the conversation --- */

struct talk {
    struct shell *shell;
    struct line_editor *editor;
    struct text command; /* begun, and not yet complete */
    size_t empty_lines;  /* behind what was begun: two of them say that nothing more comes */
};

static void forget(struct talk *talk)
{
    text_clear(&talk->command);
    talk->empty_lines = 0;
}

/* Pasted functions have empty lines: one alone does not end a command. */
static enum shell_outcome take_line(struct talk *talk, struct slice line)
{
    talk->empty_lines = line.len || !talk->command.len ? 0 : talk->empty_lines + 1;
    text_append(&talk->command, line);
    text_append_byte(&talk->command, '\n');
    enum shell_outcome outcome =
        shell_run(talk->shell, text_slice(&talk->command), talk->empty_lines < 2);
    if (outcome == SHELL_INCOMPLETE)
        return outcome;
    line_editor_remember(talk->editor, slice_trim(text_slice(&talk->command)));
    forget(talk);
    return outcome;
}

static void converse(struct talk *talk)
{
    enum shell_outcome outcome = SHELL_DONE;
    while (outcome != SHELL_EXIT) {
        struct text line = text_with_ceiling(COMMAND_MAX);
        const char *prompt = talk->command.len ? ">> " : "[Postern] > ";
        enum line_editor_outcome read = line_editor_read(talk->editor, prompt, &line);
        if (read == LINE_EDITOR_LINE)
            outcome = take_line(talk, text_slice(&line));
        else
            forget(talk);
        text_deinit(&line);
        if (read == LINE_EDITOR_END)
            return;
    }
}

int shell_talk(struct shell *shell, const struct place *place)
{
    union {
        const struct place *lent;
        void *context; /* given back to `identities`, which only reads it */
    } reach = {place};
    struct completion_source source = {.identities = identities, .context = reach.context};
    struct talk talk = {.shell = shell,
                        .editor = line_editor_new(&source),
                        .command = text_with_ceiling(COMMAND_MAX)};
    bool talked = talk.editor != NULL;
    if (talked)
        converse(&talk);
    else
        fprintf(stderr, "postern: no memory, or no terminal that lines can be edited on\n");
    line_editor_free(talk.editor);
    text_deinit(&talk.command);
    return talked ? shell_exit_code(shell) : OPERATION_FAILED;
}
