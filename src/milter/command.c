/* SPDX-License-Identifier: Apache-2.0 */
/* What is said to a filter: a table of the commands, and the queue in which they wait for the reply
 * to the one before. */
#include "milter/conversation.h"

#include <assert.h>

/* clang-format off */
static const struct command {
    char letter;
    const char *name;
    uint32_t unwanted, silent; /* bits by which a filter does without it, or without a reply to it */
    int stage;                 /* whose macros go in front; -1: none */
} commands[] = {
    {MILTER_CONNECT,    "CONNECT", MILTER_NO_CONNECT,    MILTER_SILENT_CONNECT,    STAGE_CONNECT},
    {MILTER_HELLO,      "EHLO",    MILTER_NO_HELLO,      MILTER_SILENT_HELLO,      STAGE_HELLO},
    {MILTER_MAIL,       "MAIL",    MILTER_NO_MAIL,       MILTER_SILENT_MAIL,       STAGE_MAIL},
    {MILTER_RECIPIENT,  "RCPT",    MILTER_NO_RECIPIENT,  MILTER_SILENT_RECIPIENT,  STAGE_RECIPIENT},
    {MILTER_DATA,       "DATA",    MILTER_NO_DATA,       MILTER_SILENT_DATA,       STAGE_DATA},
    {MILTER_HEADER,     "header",  MILTER_NO_HEADERS,    MILTER_SILENT_HEADER,     -1},
    {MILTER_HEADER_END, "header",  MILTER_NO_HEADER_END, MILTER_SILENT_HEADER_END, STAGE_HEADER_END},
    {MILTER_BODY,       "body",    MILTER_NO_BODY,       MILTER_SILENT_BODY,       -1},
    {MILTER_END,        "end of message", 0,             0,                        STAGE_END},
    {MILTER_NEGOTIATE,  "negotiation",    0,             0,                        -1},
    {MILTER_ABORT,      "",               0,             ~0u,                      -1},
    {MILTER_QUIT,       "",               0,             ~0u,                      -1},
    {MILTER_MACROS,     "",               0,             ~0u,                      -1},
};
/* clang-format on */

static const struct command *command_of(char letter)
{
    size_t i = 0;
    while (i < COUNT_OF(commands) && commands[i].letter != letter)
        i++;
    assert(i < COUNT_OF(commands));
    return &commands[i];
}

const char *command_name(char letter)
{
    return command_of(letter)->name;
}

static bool is_silent(const struct milter *milter, const struct command *command)
{
    return command->silent == ~0u || (command->silent & milter->steps);
}

void command_pump(struct milter *milter)
{
    struct slice rest = text_slice(&milter->queue);
    struct packet packet;
    while (!milter->awaited && packet_take(&rest, &packet) == PACKET_COMPLETE)
        if (!is_silent(milter, command_of(packet.letter)))
            milter->awaited = packet.letter;
    size_t leaving = milter->queue.len - rest.len;
    if (leaving == 0)
        return;
    if (!text_append(&milter->output, slice_first(text_slice(&milter->queue), leaving)))
        milter_fail(milter, "takes less than it is told");
    else
        text_consume(&milter->queue, leaving);
}

void command_end(struct milter *milter, size_t begun)
{
    if (!packet_end(&milter->queue, begun))
        milter_fail(milter, "takes less than it is told");
}

static void queue_macros(struct milter *milter, const struct command *command)
{
    if (command->stage < 0)
        return;
    size_t begun = packet_begin(&milter->queue, MILTER_MACROS);
    text_append_byte(&milter->queue, command->letter);
    size_t empty = milter->queue.len;
    facts_append_macros(milter->facts, milter->macros[command->stage], &milter->queue);
    if (milter->queue.len > empty)
        command_end(milter, begun);
    else
        milter->queue.len = begun;
}

bool conversation_may_ask(const struct milter *milter)
{
    return milter->state == MILTER_OPEN && !milter_is_final(milter);
}

bool command_begin(struct milter *milter, char letter, size_t *out_begun)
{
    const struct command *command = command_of(letter);
    if (!conversation_may_ask(milter) || (command->unwanted & milter->steps))
        return false;
    queue_macros(milter, command);
    *out_begun = packet_begin(&milter->queue, letter);
    return true;
}

void command_say(struct milter *milter, char letter, struct slice data)
{
    size_t begun;
    if (!command_begin(milter, letter, &begun))
        return;
    text_append(&milter->queue, data);
    command_end(milter, begun);
    command_pump(milter);
}
