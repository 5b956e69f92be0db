/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/intake.h"

#include "hub/transport/address_book.h"
#include "hub/transport/envelope.h"
#include "hub/transport/expand.h"
#include "hub/transport/incoming.h"
#include "hub/transport/scheduler.h"
#include "hub/transport/tracking.h"
#include "os/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUCKETS = 4096,
    RECIPIENTS_MAX = 100000,
    ENVELOPE_BYTES_MAX = 64 << 20,
    ENVELOPE_TEXT_MAX = 20480, /* nine words of at most 512 bytes, each byte escaped */
};

struct intake {
    struct incoming *buckets[BUCKETS];
};

static struct incoming **bucket_of(struct hub *hub, const struct peer *edge, uint64_t session)
{
    uint64_t mixed = (session ^ (uint64_t)(uintptr_t)edge) * 0x9e3779b97f4a7c15u;
    return &hub->intake->buckets[mixed >> 52];
}

static struct incoming *find(struct hub *hub, const struct peer *edge, uint64_t session)
{
    struct incoming *incoming = *bucket_of(hub, edge, session);
    while (incoming && (incoming->session != session || incoming->edge != edge || incoming->ended))
        incoming = incoming->next;
    return incoming;
}

static void unlink_incoming(struct incoming *incoming, const struct peer *edge)
{
    struct incoming **link = bucket_of(incoming->hub, edge, incoming->session);
    while (*link && *link != incoming)
        link = &(*link)->next;
    if (*link)
        *link = incoming->next;
}

static void release(struct incoming *incoming)
{
    body_abandon(incoming->body);
    incoming_forget_changes(incoming);
    text_deinit(&incoming->envelope);
    arena_deinit(&incoming->arena);
    free(incoming->recipients);
    expand_free(&incoming->expanded);
    free(incoming);
}

static void answer(struct incoming *incoming, enum wire_message_outcome outcome)
{
    struct wire_message_answer message = {
        .session = incoming->session, .outcome = outcome, .message = incoming->message};
    if (incoming->edge)
        channel_send(&incoming->edge->channel, WIRE_MESSAGE_ANSWER, &message, -1);
}

static enum wire_message_outcome outcome_of(int result)
{
    return result == STORE_OK                             ? WIRE_MESSAGE_STORED
           : result == STORE_FULL || result == STORE_BUSY ? WIRE_MESSAGE_FULL
                                                          : WIRE_MESSAGE_FAILED;
}

/* Tells the edge at once, so that it need not send the rest. */
void incoming_fail(struct incoming *incoming, int result)
{
    if (incoming->failed)
        return;
    incoming->failed = true;
    body_abandon(incoming->body);
    incoming->body = NULL;
    answer(incoming, result == STORE_OK ? WIRE_MESSAGE_FAILED : outcome_of(result));
}

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
                 {"envid", begin->envid},
                 {"auth", begin->auth},
                 {"body", {&body, begin->body_kind ? 1 : 0}},
                 {"ret", {&ret, begin->ret ? 1 : 0}},
                 {"trusted", begin->trusted ? SLICE("1") : SLICE("")},
                 {"smtputf8", begin->smtp_utf8 ? SLICE("1") : SLICE("")},
                 {"tls", begin->require_tls ? SLICE("required") : SLICE("")}};
    incoming->envelope = text_with_ceiling(ENVELOPE_TEXT_MAX);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        envelope_append(&incoming->envelope, words[i].name, words[i].value);
    return !incoming->envelope.truncated;
}

/* RFC 8689 4.1: REQUIRETLS counts more than the field of the header. For the tracking log, too. */
static bool settle_tls(struct incoming *incoming, bool optional)
{
    char storage[WIRE_NAME_MAX + 64];
    struct text custom = text_over(storage, sizeof storage);
    struct log_tracking *arrival = &incoming->arrival;
    if (optional && incoming->tls == SENDER_TLS_UNSAID) {
        incoming->tls = SENDER_TLS_OPTIONAL;
        envelope_append(&incoming->envelope, "tls", SLICE("optional"));
    }
    if (incoming->tls == SENDER_TLS_UNSAID)
        return true;
    text_append(&custom, arrival->custom_data);
    text_append_c(&custom, custom.len ? ";S:TlsRequired=" : "S:TlsRequired=");
    text_append(&custom, sender_tls_text(incoming->tls));
    return arena_copy(&incoming->arena, text_slice(&custom), &arrival->custom_data);
}

static bool complete_envelope(struct incoming *incoming, const struct wire_message_end *end)
{
    envelope_append_shown(&incoming->envelope, "message-id", end->message_id);
    envelope_append_shown(&incoming->envelope, "subject", end->subject);
    envelope_append(&incoming->envelope, "quarantine", end->quarantine);
    incoming->quarantined = end->quarantine.len > 0;
    return settle_tls(incoming, end->tls_optional) && !incoming->envelope.truncated &&
           arena_copy(&incoming->arena, end->message_id, &incoming->arrival.message_id) &&
           arena_copy(&incoming->arena, end->subject, &incoming->arrival.subject);
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
    if (find(hub, edge, begin->session))
        return false;
    struct incoming *incoming = calloc(1, sizeof *incoming);
    if (!incoming)
        return false;
    *incoming = (struct incoming){.hub = hub, .edge = edge, .session = begin->session};
    incoming->tls = begin->require_tls ? SENDER_TLS_REQUIRED : SENDER_TLS_UNSAID;
    incoming->arena = arena_with_ceiling(ENVELOPE_BYTES_MAX);
    struct incoming **bucket = bucket_of(hub, edge, begin->session);
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
    struct incoming *incoming = find(hub, edge, message->session);
    if (!incoming)
        return false;
    if (incoming->failed || is_named_already(incoming, message->address))
        return true;
    char storage[2100];
    struct text data = text_over(storage, sizeof storage);
    if (message->notify)
        text_append_format(&data, "notify=%u\n", (unsigned)message->notify);
    if (message->orcpt.len) {
        text_append_c(&data, "orcpt=");
        text_append_escaped(&data, message->orcpt, 500);
    }
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
    struct incoming *incoming = find(hub, edge, frame->message.session.session);
    return incoming && (incoming->failed || incoming_change(incoming, frame));
}

static bool message_body(struct hub *hub, struct peer *edge,
                         const struct wire_message_body *message)
{
    struct incoming *incoming = find(hub, edge, message->session);
    if (!incoming)
        return false;
    if (incoming->failed)
        return true;
    int result = body_write(incoming->body, message->bytes);
    if (result != STORE_OK)
        incoming_fail(incoming, result);
    return true;
}

/* Those who get it: what the client said, or what came of that. */
static struct envelope_recipient *recipients_of(const struct incoming *incoming, size_t *out_count)
{
    bool expanded = incoming->expanded.recipients != NULL;
    *out_count = expanded ? incoming->expanded.count : incoming->recipient_count;
    return expanded ? incoming->expanded.recipients : incoming->recipients;
}

static void schedule(const struct incoming *incoming)
{
    size_t count;
    const struct envelope_recipient *recipients = recipients_of(incoming, &count);
    for (size_t i = 0; i < count; i++) {
        const struct envelope_recipient *recipient = &recipients[i];
        struct scheduled work = {.message = incoming->message,
                                 .recipient = (uint32_t)i,
                                 .received_at_ms = incoming->received_at_ms,
                                 .expires_at_ms = incoming->received_at_ms + SCHEDULER_EXPIRES_MS,
                                 .size_bytes = incoming->arrival.total_bytes,
                                 .sender = incoming->sender,
                                 .address = recipient->address};
        envelope_read(text_slice(&incoming->envelope), recipient->data, &work);
        scheduler_add(incoming->hub, &work);
    }
}

static void on_accepted(void *context, enum store_outcome outcome, uint64_t message)
{
    struct incoming *incoming = context;
    incoming->message = incoming->arrival.message = message;
    answer(incoming, outcome_of((int)outcome));
    if (outcome == STORE_OK) {
        tracking_received(incoming->hub, &incoming->arrival, incoming->recipients,
                          incoming->recipient_count);
        expand_report(incoming->hub, &incoming->arrival, incoming->recipients, &incoming->expanded);
        if (!incoming->quarantined)
            schedule(incoming);
    }
    unlink_incoming(incoming, incoming->edge);
    release(incoming);
}

static bool expand(struct incoming *incoming)
{
    return !expand_is_needed(incoming->hub, incoming->recipients, incoming->recipient_count) ||
           expand_recipients(incoming->hub, &incoming->arena, incoming->recipients,
                             incoming->recipient_count, &incoming->expanded);
}

/* Where each recipient goes depends on the size, which is known only now. */
static bool route_recipients(struct incoming *incoming)
{
    size_t count;
    struct envelope_recipient *recipients = recipients_of(incoming, &count);
    return expand_route(incoming->hub, &incoming->arena, recipients, count,
                        incoming->arrival.total_bytes,
                        sender_tls_of_way(incoming->tls, incoming->sender));
}

/* Taken and gone, as content filters wish: the log alone knows. */
static void discard(struct incoming *incoming, const struct wire_message_end *end)
{
    char storage[WIRE_NAME_MAX + 64];
    struct text why = text_over(storage, sizeof storage);
    incoming->message = store_message_id(incoming->hub->store, clock_wall_ms());
    incoming->arrival.message = incoming->message;
    incoming->arrival.message_id = end->message_id;
    incoming->arrival.subject = end->subject;
    if (end->discarded_by.len)
        text_append_format(&why, "discarded by the content filter %.*s",
                           SLICE_ARG(end->discarded_by));
    else
        text_append_c(&why, "content filters have taken all recipients away");
    tracking_discarded(incoming->hub, &incoming->arrival, incoming->recipients,
                       incoming->recipient_count, text_slice(&why));
    answer(incoming, WIRE_MESSAGE_STORED);
    unlink_incoming(incoming, incoming->edge);
    release(incoming);
}

static bool message_end(struct hub *hub, struct peer *edge, const struct wire_message_end *end)
{
    struct incoming *incoming = find(hub, edge, end->session);
    if (!incoming)
        return false;
    if (!incoming->failed)
        incoming_settle_changes(incoming, end->keep_from);
    if (incoming->body)
        incoming->arrival.total_bytes = body_size(incoming->body);
    bool deserted = incoming->recipients_gone && incoming->recipient_count == 0;
    if (!incoming->failed && (deserted || end->discarded_by.len)) {
        discard(incoming, end);
        return true;
    }
    if (incoming->failed || incoming->recipient_count == 0 || !complete_envelope(incoming, end) ||
        !expand(incoming) || !route_recipients(incoming)) {
        incoming_fail(incoming, STORE_FAILED);
        unlink_incoming(incoming, edge);
        release(incoming);
        return true;
    }
    int64_t now_ms = clock_wall_ms();
    size_t count;
    const struct envelope_recipient *recipients = recipients_of(incoming, &count);
    struct envelope envelope = {.message = store_message_id(hub->store, now_ms),
                                .sender = incoming->sender,
                                .envelope = text_slice(&incoming->envelope),
                                .received_at_ms = now_ms,
                                .expires_at_ms = now_ms + SCHEDULER_EXPIRES_MS,
                                .recipients = recipients,
                                .recipient_count = count,
                                .suspended = incoming->quarantined};
    struct body *body = incoming->body;
    incoming->body = NULL;
    incoming->ended = true;
    incoming->received_at_ms = now_ms;
    int result = queue_accept(hub->store, body, &envelope, on_accepted, incoming);
    if (result != STORE_OK) {
        answer(incoming, result < 0 ? WIRE_MESSAGE_FAILED : outcome_of(result));
        unlink_incoming(incoming, edge);
        release(incoming);
    }
    return true;
}

static bool message_abandon(struct hub *hub, struct peer *edge, uint64_t session)
{
    struct incoming *incoming = find(hub, edge, session);
    if (!incoming)
        return true; /* answered and forgotten while the edge's word was on its way */
    unlink_incoming(incoming, edge);
    release(incoming);
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
        return message_end(hub, edge, &message->message_end);
    if (frame->type == WIRE_MESSAGE_ABANDON)
        return message_abandon(hub, edge, message->session.session);
    if (frame->type == WIRE_RECIPIENT_QUESTION)
        return recipient_question(hub, edge, &message->recipient_question);
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
    for (size_t i = 0; i < BUCKETS; i++) {
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
                release(incoming);
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
