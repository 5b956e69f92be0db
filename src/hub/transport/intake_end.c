/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a message that an edge hands over: what is known only then, and the way into the
 * store. */
#include "hub/transport/envelope.h"
#include "hub/transport/incoming.h"
#include "hub/transport/scheduler.h"
#include "hub/transport/tracking.h"
#include "os/clock.h"

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
    incoming_answer(incoming, incoming_outcome((int)outcome));
    if (outcome == STORE_OK) {
        tracking_received(incoming->hub, &incoming->arrival, incoming->recipients,
                          incoming->recipient_count);
        expand_report(incoming->hub, &incoming->arrival, incoming->recipients, &incoming->expanded);
        if (!incoming->quarantined)
            schedule(incoming);
    }
    incoming_over(incoming);
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
    incoming_answer(incoming, WIRE_MESSAGE_STORED);
    incoming_over(incoming);
}

bool intake_end_message(struct hub *hub, struct peer *edge, const struct wire_message_end *end)
{
    struct incoming *incoming = incoming_find(hub, edge, end->session);
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
        incoming_over(incoming);
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
        incoming_answer(incoming, result < 0 ? WIRE_MESSAGE_FAILED : incoming_outcome(result));
        incoming_over(incoming);
    }
    return true;
}
