/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/tracking.h"

#include "base/calendar.h"
#include "hub/logs.h"
#include "os/clock.h"

static void append(struct hub *hub, struct log_tracking *row, const char *event)
{
    const struct server *server = hub->model ? model_server(hub->model) : NULL;
    if (!transport_service_tracks(hub->model))
        return;
    if (!transport_service_tracks_subjects(hub->model))
        row->subject = (struct slice){0};
    row->at_ms = clock_wall_ms();
    row->event = slice_of(event);
    row->server_hostname = server ? server->fqdn : (struct slice){0};
    row->return_path = row->sender = row->sender.len ? row->sender : SLICE("<>");
    logs_append(hub, LOG_MESSAGE_TRACKING, row);
}

/* A message with very many recipients has several rows: none of them is left out. */
static void append_rows(struct hub *hub, struct log_tracking row,
                        const struct envelope_recipient *recipients, size_t count,
                        const char *event)
{
    char storage[LOG_RECIPIENTS_MAX];
    for (size_t i = 0; i < count;) {
        struct text list = text_over(storage, sizeof storage);
        text_append(&list, slice_first(recipients[i++].address, sizeof storage));
        while (i < count && list.len + 1 + recipients[i].address.len <= sizeof storage) {
            text_append_byte(&list, ';');
            text_append(&list, recipients[i++].address);
        }
        row.recipients = text_slice(&list);
        append(hub, &row, event);
    }
}

void tracking_received(struct hub *hub, const struct log_tracking *arrival,
                       const struct envelope_recipient *recipients, size_t count)
{
    struct log_tracking row = *arrival;
    row.source = SLICE("SMTP");
    row.recipient_count = count;
    if (count > 1) {
        append_rows(hub, row, recipients, count, "RECEIVE");
        return;
    }
    row.recipients = recipients[0].address;
    append(hub, &row, "RECEIVE");
}

void tracking_expanded(struct hub *hub, const struct log_tracking *arrival, const char *event,
                       struct slice from, const struct envelope_recipient *recipients, size_t count)
{
    struct log_tracking row = {.source = arrival->source.len ? arrival->source : SLICE("ROUTING"),
                               .message = arrival->message,
                               .message_id = arrival->message_id,
                               .total_bytes = arrival->total_bytes,
                               .recipient_count = count,
                               .related = from,
                               .subject = arrival->subject,
                               .sender = arrival->sender};
    append_rows(hub, row, recipients, count, event);
}

void tracking_outcome(struct hub *hub, const struct scheduled *what, enum delivery_verdict verdict,
                      const struct said *said, struct slice shown)
{
    bool remote = said->remote_name.len > 0;
    static const char *const events[] = {
        [DELIVERY_DONE] = "DELIVER",
        [DELIVERY_FAILED] = "FAIL",
        [DELIVERY_DEFERRED] = "DEFER",
        [DELIVERY_RELEASED] = NULL, /* nothing was tried */
    };
    if (!events[verdict])
        return;
    char storage[40];
    struct text received = text_over(storage, sizeof storage);
    calendar_append_rfc3339(&received, what->received_at_ms);
    struct log_tracking row = {.source = remote ? SLICE("SMTP") : SLICE("STOREDRIVER"),
                               .message = what->message,
                               .message_id = what->message_id,
                               .recipients = what->address,
                               .recipient_status = shown,
                               .total_bytes = what->size_bytes,
                               .recipient_count = 1,
                               .subject = what->subject,
                               .sender = what->sender,
                               .message_info = text_slice(&received)};
    if (remote && verdict == DELIVERY_DONE) { /* their fields are of the server that took it */
        row.server = said->remote_address;
        append(hub, &row, "SEND");
        return;
    }
    append(hub, &row, events[verdict]);
}

void tracking_notice(struct hub *hub, const struct scheduled *what, struct slice about)
{
    struct log_tracking row = {.source = SLICE("DSN"),
                               .message = what->message,
                               .recipients = what->address,
                               .recipient_count = 1,
                               .message_id = what->message_id,
                               .reference = about};
    append(hub, &row, "DSN");
}

void tracking_removed(struct hub *hub, const struct scheduled *what, struct slice recipients,
                      size_t recipient_count, struct slice why)
{
    struct log_tracking row = {.source = SLICE("ADMIN"),
                               .message = what->message,
                               .message_id = what->message_id,
                               .recipients = recipients,
                               .recipient_status = why,
                               .total_bytes = what->size_bytes,
                               .recipient_count = recipient_count,
                               .subject = what->subject,
                               .sender = what->sender};
    append(hub, &row, "FAIL");
}
