/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/intake.h"

#include "hub/transport/address_book.h"
#include "hub/transport/envelope.h"
#include "hub/transport/incoming.h"
#include "hub/transport/scheduler.h"
#include "os/clock.h"

#include <errno.h>
#include <stdlib.h>

enum {
    RECIPIENTS_MAX = 1 << 19, /* more than MaxRecipientsPerMessage may say */
    ENVELOPE_BYTES_MAX = 64 << 20,
    ENVELOPE_TEXT_MAX = 20480, /* nine words of at most 512 bytes, each byte escaped */
};

/* --- frames --- */

/* What the queue keeps with the message. Its end adds what the header says. */
static bool write_envelope(struct incoming *incoming, const struct wire_message_begin *begin)
{
    char storage[64];
    struct text client = text_over(storage, sizeof storage);
    const char ret = (char)begin->ret, body = (char)('0' + begin->body_kind);
    ip_append(&client, begin->client);
    const struct {
        const char *name;
        struct slice value;
    } words[] = {{"client", text_slice(&client)},
                 {"connector", begin->connector},
                 {"account", begin->account},
                 {"auth", begin->auth},
                 {"body", {&body, begin->body_kind ? 1 : 0}},
                 {"ret", {&ret, begin->ret ? 1 : 0}},
                 {"trusted", begin->trusted ? SLICE("1") : SLICE("")},
                 {"smtputf8", begin->smtp_utf8 ? SLICE("1") : SLICE("")},
                 {"tls", begin->require_tls ? SLICE("required") : SLICE("")}};
    incoming->envelope = text_with_ceiling(ENVELOPE_TEXT_MAX);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        envelope_append(&incoming->envelope, words[i].name, words[i].value);
    envelope_append_verbatim(&incoming->envelope, "envid", begin->envid);
    return !incoming->envelope.truncated;
}

/* For the tracking log. */
static bool note_arrival(struct incoming *incoming, const struct wire_message_begin *begin)
{
    struct log_tracking *arrival = &incoming->arrival;
    *arrival = (struct log_tracking){.client = begin->client,
                                     .server = begin->server,
                                     .session = begin->session_id,
                                     .sender = incoming->sender,
                                     .directionality = begin->account.len ? SLICE("Originating")
                                                                          : SLICE("Incoming")};
    char storage[WIRE_NAME_MAX + 16];
    struct text account = text_over(storage, sizeof storage);
    if (begin->account.len) {
        text_append_c(&account, "S:Account=");
        text_append(&account, begin->account);
    }
    return arena_copy(&incoming->arena, begin->client_domain, &arrival->client_hostname) &&
           arena_copy(&incoming->arena, begin->connector, &arrival->connector) &&
           arena_copy(&incoming->arena, text_slice(&account), &arrival->custom_data);
}

static bool message_begin(struct hub *hub, struct peer *edge,
                          const struct wire_message_begin *begin)
{
    if (incoming_find(hub, edge, begin->session))
        return false;
    struct incoming *incoming = calloc(1, sizeof *incoming);
    if (!incoming)
        return false;
    *incoming = (struct incoming){.hub = hub, .edge = edge, .session = begin->session};
    incoming->tls = begin->require_tls ? SENDER_TLS_REQUIRED : SENDER_TLS_UNSAID;
    incoming->arena = arena_with_ceiling(ENVELOPE_BYTES_MAX);
    struct incoming **bucket = incoming_bucket(hub, edge, begin->session);
    incoming->next = *bucket;
    *bucket = incoming;
    if (!arena_copy(&incoming->arena, begin->sender, &incoming->sender) ||
        !write_envelope(incoming, begin) || !note_arrival(incoming, begin)) {
        incoming_fail(incoming, STORE_FULL);
        return true;
    }
    int result = scheduler_accepts(hub)
                     ? body_begin(hub->store, begin->size_hint_bytes, &incoming->body)
                     : STORE_FULL;
    if (result != STORE_OK)
        incoming_fail(incoming, result);
    return true;
}

static bool grow_recipients(struct incoming *incoming)
{
    size_t capacity = incoming->recipient_capacity ? incoming->recipient_capacity * 2 : 4;
    struct envelope_recipient *grown =
        capacity > RECIPIENTS_MAX ? NULL : realloc(incoming->recipients, capacity * sizeof *grown);
    if (!grown)
        return false;
    incoming->recipients = grown;
    incoming->recipient_capacity = capacity;
    return true;
}

/* Behind the envelope recipients come from filters, which do not know whom the client has named. */
static bool is_named_already(const struct incoming *incoming, struct slice address)
{
    if (body_size(incoming->body) == 0)
        return false;
    for (size_t i = 0; i < incoming->recipient_count; i++)
        if (slice_equal_nocase(incoming->recipients[i].address, address))
            return true;
    return false;
}

static bool message_recipient(struct hub *hub, struct peer *edge,
                              const struct wire_message_recipient *message)
{
    struct incoming *incoming = incoming_find(hub, edge, message->session);
    if (!incoming)
        return false;
    if (incoming->failed || is_named_already(incoming, message->address))
        return true;
    char storage[2100];
    struct text data = text_over(storage, sizeof storage);
    if (message->notify)
        text_append_format(&data, "notify=%u", (unsigned)message->notify);
    envelope_append_verbatim(&data, "orcpt", message->orcpt);
    struct envelope_recipient recipient = {.next_at_ms = clock_wall_ms()};
    if ((incoming->recipient_count == incoming->recipient_capacity && !grow_recipients(incoming)) ||
        !arena_copy(&incoming->arena, message->address, &recipient.address) ||
        !arena_copy(&incoming->arena, text_slice(&data), &recipient.data))
        incoming_fail(incoming, STORE_FULL);
    else
        incoming->recipients[incoming->recipient_count++] = recipient;
    return true;
}

static bool message_change(struct hub *hub, struct peer *edge, const struct frame *frame)
{
    struct incoming *incoming = incoming_find(hub, edge, frame->message.session.session);
    return incoming && (incoming->failed || incoming_change(incoming, frame));
}

static bool message_piece(struct hub *hub, struct peer *edge,
                          const struct wire_message_piece_question *question)
{
    struct incoming *incoming = incoming_find(hub, edge, question->session);
    return incoming && incoming_read(incoming, question);
}

static bool message_body(struct hub *hub, struct peer *edge,
                         const struct wire_message_body *message)
{
    struct incoming *incoming = incoming_find(hub, edge, message->session);
    if (!incoming)
        return false;
    if (incoming->failed)
        return true;
    int result = body_write(incoming->body, message->bytes);
    if (result != STORE_OK)
        incoming_fail(incoming, result);
    return true;
}

static bool message_abandon(struct hub *hub, struct peer *edge, uint64_t session)
{
    struct incoming *incoming = incoming_find(hub, edge, session);
    if (!incoming)
        return true; /* answered and forgotten while the edge's word was on its way */
    incoming_over(incoming);
    return true;
}

static bool recipient_question(struct hub *hub, struct peer *edge,
                               const struct wire_recipient_question *question)
{
    struct recipient who = address_book_find(hub, question->address);
    bool known = who.mailbox || who.group || !question->must_exist;
    bool closed = question->stranger && who.group && who.group->require_sender_authentication;
    struct wire_recipient_answer message = {.session = question->session,
                                            .outcome = closed  ? WIRE_RECIPIENT_CLOSED
                                                       : known ? WIRE_RECIPIENT_KNOWN
                                                               : WIRE_RECIPIENT_UNKNOWN};
    channel_send(&edge->channel, WIRE_RECIPIENT_ANSWER, &message, -1);
    return true;
}

bool intake_frame(struct hub *hub, struct peer *edge, const struct frame *frame)
{
    const union wire_any *message = &frame->message;
    if (frame->type == WIRE_MESSAGE_BODY)
        return message_body(hub, edge, &message->message_body);
    if (frame->type == WIRE_MESSAGE_BEGIN)
        return message_begin(hub, edge, &message->message_begin);
    if (frame->type == WIRE_MESSAGE_RECIPIENT)
        return message_recipient(hub, edge, &message->message_recipient);
    if (frame->type == WIRE_MESSAGE_END)
        return intake_end_message(hub, edge, &message->message_end);
    if (frame->type == WIRE_MESSAGE_ABANDON)
        return message_abandon(hub, edge, message->session.session);
    if (frame->type == WIRE_RECIPIENT_QUESTION)
        return recipient_question(hub, edge, &message->recipient_question);
    if (frame->type == WIRE_MESSAGE_PIECE_QUESTION)
        return message_piece(hub, edge, &message->message_piece_question);
    if (frame->type == WIRE_MESSAGE_HEADER || frame->type == WIRE_MESSAGE_REPLACEMENT ||
        frame->type == WIRE_MESSAGE_SENDER || frame->type == WIRE_MESSAGE_RECIPIENT_GONE)
        return message_change(hub, edge, frame);
    return false;
}

/* --- life --- */

int intake_begin(struct hub *hub)
{
    hub->intake = calloc(1, sizeof *hub->intake);
    return hub->intake ? 0 : -ENOMEM;
}

static void forget(struct hub *hub, const struct peer *edge, bool all)
{
    for (size_t i = 0; i < INTAKE_BUCKETS; i++) {
        struct incoming **link = &hub->intake->buckets[i];
        while (*link) {
            struct incoming *incoming = *link;
            if (!all && incoming->edge != edge) {
                link = &incoming->next;
                continue;
            }
            *link = incoming->next;
            if (incoming->ended)
                incoming->edge = NULL; /* on_accepted will release it */
            else
                incoming_release(incoming);
        }
    }
}

void intake_edge_lost(struct hub *hub, struct peer *edge)
{
    forget(hub, edge, false);
}

void intake_end(struct hub *hub)
{
    if (!hub->intake)
        return;
    forget(hub, NULL, true);
    free(hub->intake);
    hub->intake = NULL;
}
