/* SPDX-License-Identifier: Apache-2.0 */
#include "milter/conversation.h"

#include <assert.h>
#include <string.h>

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

static bool is_silent(const struct milter *milter, const struct command *command)
{
    return command->silent == ~0u || (command->silent & milter->steps);
}

/* --- the queue --- */

void milter_fail(struct milter *milter, const char *fault)
{
    if (milter->state == MILTER_FAILED)
        return;
    milter->state = MILTER_FAILED;
    milter->fault = fault;
    milter->awaited = 0;
    text_clear(&milter->queue);
    text_clear(&milter->output);
    text_clear(&milter->chunk);
}

/* What may leave now: up to and with the first command that is to be answered. */
static void pump(struct milter *milter)
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

static void end_packet(struct milter *milter, size_t begun)
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
        end_packet(milter, begun);
    else
        milter->queue.len = begun;
}

static bool may_ask(const struct milter *milter)
{
    return milter->state == MILTER_OPEN && !milter_is_final(milter);
}

/* False: the filter does not want to hear it. */
static bool begin_command(struct milter *milter, char letter, size_t *out_begun)
{
    const struct command *command = command_of(letter);
    if (!may_ask(milter) || (command->unwanted & milter->steps))
        return false;
    queue_macros(milter, command);
    *out_begun = packet_begin(&milter->queue, letter);
    return true;
}

static void say(struct milter *milter, char letter, struct slice data)
{
    size_t begun;
    if (!begin_command(milter, letter, &begun))
        return;
    text_append(&milter->queue, data);
    end_packet(milter, begun);
    pump(milter);
}

static void queue_connect(struct milter *milter)
{
    const struct milter_facts *facts = milter->facts;
    char storage[64];
    struct text address = text_over(storage, sizeof storage);
    size_t begun;
    if (!begin_command(milter, MILTER_CONNECT, &begun))
        return;
    bool v4 = ip_is_v4(facts->client.address);
    ip_append(&address, facts->client.address);
    packet_append_string(&milter->queue, facts->host);
    text_append_byte(&milter->queue, v4 ? '4' : '6');
    text_append_byte(&milter->queue, (char)(facts->client.port >> 8));
    text_append_byte(&milter->queue, (char)(facts->client.port & 255));
    packet_append_string(&milter->queue, text_slice(&address));
    end_packet(milter, begun);
}

static void queue_string(struct milter *milter, char letter, struct slice string)
{
    size_t begun;
    if (!begin_command(milter, letter, &begun))
        return;
    packet_append_string(&milter->queue, string);
    end_packet(milter, begun);
}

static void queue_mail(struct milter *milter)
{
    milter->mail_wanted = false;
    if (!milter->greeted) {
        milter->greeted = true;
        queue_connect(milter);
        queue_string(milter, MILTER_HELLO, milter->facts->hello);
    }
    milter->in_message = true;
    say(milter, MILTER_MAIL, milter->facts->sender);
    pump(milter);
}

/* --- life --- */

void milter_begin(struct milter *milter, const struct milter_facts *facts, milter_change_fn *change,
                  void *context)
{
    *milter = (struct milter){.facts = facts,
                              .change = change,
                              .context = context,
                              .at = "",
                              .input = text_with_ceiling(PACKET_DATA_MAX + PACKET_HEAD_BYTES),
                              .queue = text_with_ceiling(MILTER_QUEUE_MAX),
                              .output = text_with_ceiling(MILTER_QUEUE_MAX),
                              .chunk = text_with_ceiling(MILTER_CHUNK_MAX),
                              .reply = text_with_ceiling(MILTER_REPLY_MAX)};
    size_t begun = packet_begin(&milter->queue, MILTER_NEGOTIATE);
    packet_append_u32(&milter->queue, MILTER_VERSION);
    packet_append_u32(&milter->queue, MILTER_MAY_ALL);
    packet_append_u32(&milter->queue, MILTER_STEPS_ALL);
    end_packet(milter, begun);
    pump(milter);
}

void milter_end(struct milter *milter)
{
    text_deinit(&milter->input);
    text_deinit(&milter->queue);
    text_deinit(&milter->output);
    text_deinit(&milter->chunk);
    text_deinit(&milter->reply);
}

void conversation_negotiated(struct milter *milter)
{
    milter->state = MILTER_OPEN;
    if (milter->mail_wanted)
        queue_mail(milter);
}

/* --- a message --- */

void milter_mail(struct milter *milter)
{
    milter->changes = 0;
    milter->skips_body = false;
    if (milter->final_connection || milter->state == MILTER_FAILED)
        return;
    milter->final_message = false;
    milter->verdict = MILTER_CONTINUE;
    if (milter->state == MILTER_NEGOTIATING)
        milter->mail_wanted = true;
    else
        queue_mail(milter);
}

void milter_recipient(struct milter *milter)
{
    if (may_ask(milter))
        milter->verdict = MILTER_CONTINUE;
    say(milter, MILTER_RECIPIENT, milter->facts->recipient);
}

void milter_data(struct milter *milter)
{
    if (may_ask(milter))
        milter->verdict = MILTER_CONTINUE;
    say(milter, MILTER_DATA, (struct slice){0});
}

void milter_header(struct milter *milter, struct slice name, struct slice value)
{
    size_t begun;
    if (!begin_command(milter, MILTER_HEADER, &begun))
        return;
    packet_append_string(&milter->queue, name);
    packet_append_string(&milter->queue, slice_first(value, MILTER_CHUNK_MAX / 2));
    end_packet(milter, begun);
    pump(milter);
}

void milter_header_end(struct milter *milter)
{
    say(milter, MILTER_HEADER_END, (struct slice){0});
}

static void flush_chunk(struct milter *milter)
{
    if (milter->chunk.len && !milter->skips_body)
        say(milter, MILTER_BODY, text_slice(&milter->chunk));
    text_clear(&milter->chunk);
}

void milter_body(struct milter *milter, struct slice bytes)
{
    while (bytes.len && may_ask(milter) && !milter->skips_body &&
           !(milter->steps & MILTER_NO_BODY)) {
        struct slice piece = slice_first(bytes, MILTER_CHUNK_MAX - milter->chunk.len);
        text_append(&milter->chunk, piece);
        bytes = slice_after(bytes, piece.len);
        if (milter->chunk.len == MILTER_CHUNK_MAX)
            flush_chunk(milter);
    }
}

void milter_message_end(struct milter *milter)
{
    flush_chunk(milter);
    say(milter, MILTER_END, (struct slice){0});
}

/* A reply that is on its way belongs to the message that is no more. */
void milter_abort(struct milter *milter)
{
    milter->mail_wanted = false;
    if (!milter->in_message || milter->state != MILTER_OPEN)
        return;
    milter->in_message = false;
    milter->stale_reply =
        milter->awaited && milter->awaited != MILTER_CONNECT && milter->awaited != MILTER_HELLO;
    text_clear(&milter->queue);
    text_clear(&milter->chunk);
    size_t begun = packet_begin(&milter->queue, MILTER_ABORT);
    end_packet(milter, begun);
    pump(milter);
}

void milter_quit(struct milter *milter)
{
    milter_abort(milter);
    if (milter->state == MILTER_FAILED)
        return;
    size_t begun = packet_begin(&milter->queue, MILTER_QUIT);
    end_packet(milter, begun);
    pump(milter);
}

/* --- bytes --- */

struct slice milter_output(const struct milter *milter)
{
    return text_slice(&milter->output);
}

void milter_sent(struct milter *milter, size_t count)
{
    text_consume(&milter->output, count);
}

void milter_feed(struct milter *milter, struct slice bytes)
{
    while (milter->state != MILTER_FAILED) {
        struct slice piece = slice_first(bytes, milter->input.ceiling - milter->input.len);
        text_append(&milter->input, piece);
        bytes = slice_after(bytes, piece.len);
        struct slice rest = text_slice(&milter->input);
        struct packet packet;
        enum packet_outcome outcome = packet_take(&rest, &packet);
        if (outcome == PACKET_PARTIAL)
            return;
        if (outcome == PACKET_TOO_LONG) {
            milter_fail(milter, "sent a packet of an impossible length");
            return;
        }
        const char *at = milter->awaited ? command_of(milter->awaited)->name : "";
        answer_take(milter, &packet);
        if (milter->verdict != MILTER_CONTINUE && at[0])
            milter->at = at;
        text_consume(&milter->input, milter->input.len - rest.len);
        pump(milter);
    }
}

bool milter_settled(const struct milter *milter)
{
    return milter->state == MILTER_FAILED ||
           (milter->state == MILTER_OPEN && !milter->awaited && milter->queue.len == 0);
}

bool milter_is_final(const struct milter *milter)
{
    return milter->final_connection || milter->final_message;
}

bool milter_full(const struct milter *milter)
{
    return milter->queue.len + milter->output.len > MILTER_FULL;
}

struct slice milter_reply(const struct milter *milter)
{
    return text_slice(&milter->reply);
}
