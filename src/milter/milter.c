/* SPDX-License-Identifier: Apache-2.0 */
#include "milter/conversation.h"

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

static void queue_connect(struct milter *milter)
{
    const struct milter_facts *facts = milter->facts;
    char storage[64];
    struct text address = text_over(storage, sizeof storage);
    size_t begun;
    if (!command_begin(milter, MILTER_CONNECT, &begun))
        return;
    bool v4 = ip_is_v4(facts->client.address);
    ip_append(&address, facts->client.address);
    packet_append_string(&milter->queue, facts->host);
    text_append_byte(&milter->queue, v4 ? '4' : '6');
    text_append_byte(&milter->queue, (char)(facts->client.port >> 8));
    text_append_byte(&milter->queue, (char)(facts->client.port & 255));
    packet_append_string(&milter->queue, text_slice(&address));
    command_end(milter, begun);
}

static void queue_string(struct milter *milter, char letter, struct slice string)
{
    size_t begun;
    if (!command_begin(milter, letter, &begun))
        return;
    packet_append_string(&milter->queue, string);
    command_end(milter, begun);
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
    command_say(milter, MILTER_MAIL, milter->facts->sender);
    command_pump(milter);
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
    command_end(milter, begun);
    command_pump(milter);
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
    if (conversation_may_ask(milter))
        milter->verdict = MILTER_CONTINUE;
    command_say(milter, MILTER_RECIPIENT, milter->facts->recipient);
}

void milter_data(struct milter *milter)
{
    if (conversation_may_ask(milter))
        milter->verdict = MILTER_CONTINUE;
    command_say(milter, MILTER_DATA, (struct slice){0});
}

void milter_header(struct milter *milter, struct slice name, struct slice value)
{
    size_t begun;
    if (!command_begin(milter, MILTER_HEADER, &begun))
        return;
    packet_append_string(&milter->queue, name);
    packet_append_string(&milter->queue, slice_first(value, MILTER_CHUNK_MAX / 2));
    command_end(milter, begun);
    command_pump(milter);
}

void milter_header_end(struct milter *milter)
{
    command_say(milter, MILTER_HEADER_END, (struct slice){0});
}

static void flush_chunk(struct milter *milter)
{
    if (milter->chunk.len && !milter->skips_body)
        command_say(milter, MILTER_BODY, text_slice(&milter->chunk));
    text_clear(&milter->chunk);
}

bool milter_wants_body(const struct milter *milter)
{
    return conversation_may_ask(milter) && !milter->skips_body && !(milter->steps & MILTER_NO_BODY);
}

void milter_body(struct milter *milter, struct slice bytes)
{
    while (bytes.len && milter_wants_body(milter)) {
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
    command_say(milter, MILTER_END, (struct slice){0});
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
    command_end(milter, begun);
    command_pump(milter);
}

void milter_quit(struct milter *milter)
{
    milter_abort(milter);
    if (milter->state == MILTER_FAILED)
        return;
    size_t begun = packet_begin(&milter->queue, MILTER_QUIT);
    command_end(milter, begun);
    command_pump(milter);
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
        const char *at = milter->awaited ? command_name(milter->awaited) : "";
        answer_take(milter, &packet);
        if (milter->verdict != MILTER_CONTINUE && at[0])
            milter->at = at;
        text_consume(&milter->input, milter->input.len - rest.len);
        command_pump(milter);
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
