/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/completion_line.h"

static bool ends_command(char c)
{
    return c == '|' || c == ';' || c == '{' || c == '(' || c == '=' || c == '\n';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool completion_is_quote(char c)
{
    return c == '"' || c == '\'';
}

bool completion_ends_word(char byte)
{
    return is_blank(byte) || ends_command(byte);
}

static void end_word(struct command *command, struct slice line, size_t start, size_t end,
                     char quote)
{
    if (command->count == COMMAND_WORDS_MAX)
        return;
    struct slice text = slice_after(slice_first(line, end), start + (quote != 0));
    command->words[command->count++] = (struct word){text, start, quote};
}

/* What a Get- gives goes through a | and into the { } behind it; a new statement has none of it. */
static void note_what_is_brought(struct command *command, char end)
{
    const struct operation *operation =
        command->count ? operation_find(command->words[0].text, NULL) : NULL;
    bool gives = operation && slice_equal(slice_of(operation->verb), SLICE("Get"));
    if (end == ';' || end == '=' || end == '\n')
        command->brings = NULL;
    else if (end == '|' && gives)
        command->brings = operation;
}

/* Words as the shell sees them, of the last command of the line. */
void completion_split(struct slice line, struct command *out)
{
    bool inside = false;
    size_t start = 0;
    char quote = 0, opened = 0;
    *out = (struct command){0};
    for (size_t i = 0; i < line.len; i++) {
        char c = line.at[i];
        if (quote) {
            quote = c == quote ? 0 : quote;
            continue;
        }
        if (inside && !is_blank(c) && !ends_command(c)) {
            quote = completion_is_quote(c) ? c : 0;
            continue;
        }
        if (inside)
            end_word(out, line, start, i - (opened != 0 && line.at[i - 1] == opened), opened);
        inside = !is_blank(c) && !ends_command(c);
        start = i;
        opened = inside && completion_is_quote(c) ? c : 0;
        quote = opened;
        if (ends_command(c)) {
            note_what_is_brought(out, c);
            out->count = 0;
        }
    }
    if (inside)
        end_word(out, line, start, line.len, opened);
    else
        end_word(out, line, line.len, line.len, 0);
}
