/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/incoming.h"

#include <errno.h>

/* Begins with the first piece. */
static void write_to(struct incoming *incoming, struct body **body, struct slice bytes)
{
    int result = *body ? STORE_OK : body_begin(incoming->hub->store, 0, body);
    if (result == STORE_OK)
        result = body_write(*body, bytes);
    if (result != STORE_OK)
        incoming_fail(incoming, result);
}

static bool take_replacement(struct incoming *incoming,
                             const struct wire_message_replacement *message)
{
    if (message->begins) {
        body_abandon(incoming->replacement);
        incoming->replacement = NULL;
    }
    write_to(incoming, &incoming->replacement, message->bytes);
    return true;
}

static bool take_sender(struct incoming *incoming, struct slice sender)
{
    if (!arena_copy(&incoming->arena, sender, &incoming->sender))
        incoming_fail(incoming, STORE_FULL);
    incoming->arrival.sender = incoming->sender;
    return true;
}

/* One that is not there is no error: two filters may have the same thought. */
static bool take_away(struct incoming *incoming, struct slice address)
{
    size_t kept = 0;
    for (size_t i = 0; i < incoming->recipient_count; i++)
        if (!slice_equal_nocase(incoming->recipients[i].address, address))
            incoming->recipients[kept++] = incoming->recipients[i];
    incoming->recipients_gone |= kept < incoming->recipient_count;
    incoming->recipient_count = kept;
    return true;
}

bool incoming_change(struct incoming *incoming, const struct frame *frame)
{
    const union wire_any *message = &frame->message;
    if (frame->type == WIRE_MESSAGE_REPLACEMENT)
        return take_replacement(incoming, &message->message_replacement);
    if (frame->type == WIRE_MESSAGE_SENDER)
        return take_sender(incoming, message->message_sender.sender);
    if (frame->type == WIRE_MESSAGE_RECIPIENT_GONE)
        return take_away(incoming, message->message_recipient_gone.address);
    write_to(incoming, &incoming->header, message->message_header.bytes);
    return true;
}

/* Of one that has failed there is nothing any more, but each question has its answer: an edge
 * counts them. */
bool incoming_read(struct incoming *incoming, const struct wire_message_piece_question *question)
{
    char buffer[WIRE_BODY_MAX];
    struct wire_message_piece piece = {.session = question->session, .request = question->request};
    struct body *body = incoming->replacement ? incoming->replacement : incoming->body;
    int result = incoming->failed
                     ? STORE_OK
                     : body_read(body, question->offset, buffer, sizeof buffer, &piece.bytes);
    if (result == -EINVAL)
        return false;
    if (result != STORE_OK) {
        piece.bytes = (struct slice){0};
        incoming_fail(incoming, result);
    }
    channel_send(&incoming->edge->channel, WIRE_MESSAGE_PIECE, &piece, -1);
    return true;
}

void incoming_settle_changes(struct incoming *incoming, uint64_t keep_from)
{
    if (!incoming->header)
        return;
    struct body *rest = incoming->replacement ? incoming->replacement : incoming->body;
    int result = body_write_from(incoming->header, rest, incoming->replacement ? 0 : keep_from);
    if (result != STORE_OK) {
        incoming_fail(incoming, result);
        return;
    }
    body_abandon(incoming->body);
    incoming->body = incoming->header;
    incoming->header = NULL;
}

void incoming_forget_changes(struct incoming *incoming)
{
    body_abandon(incoming->header);
    body_abandon(incoming->replacement);
    incoming->header = incoming->replacement = NULL;
}
