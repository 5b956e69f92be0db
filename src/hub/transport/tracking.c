/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/tracking.h"

#include "base/calendar.h"
#include "hub/logs.h"
#include "os/clock.h"

static void append_then(struct hub *hub, struct log_tracking *row, const char *event,
                        struct log_sequel *sequel)
{
    const struct server *server = hub->model ? model_server(hub->model) : NULL;
    if (!transport_service_tracks(hub->model)) {
        if (sequel)
            sequel->run(sequel->context);
        return;
    }
    if (!transport_service_tracks_subjects(hub->model))
        row->subject = (struct slice){0};
    row->at_ms = clock_wall_ms();
    row->event = slice_of(event);
    if (!row->server_hostname.len && server)
        row->server_hostname = server->fqdn;
    row->return_path = row->sender = row->sender.len ? row->sender : SLICE("<>");
    logs_append_then(hub, LOG_MESSAGE_TRACKING, row, sequel);
}

static void append(struct hub *hub, struct log_tracking *row, const char *event)
{
    append_then(hub, row, event, NULL);
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

void tracking_discarded(struct hub *hub, const struct log_tracking *arrival,
                        const struct envelope_recipient *recipients, size_t count, struct slice why)
{
    struct log_tracking row = *arrival;
    row.source = SLICE("AGENT");
    row.recipient_status = why;
    row.recipient_count = count;
    if (count > 0)
        append_rows(hub, row, recipients, count, "FAIL");
    else
        append(hub, &row, "FAIL");
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

/* S:E2ELatency=0.512;S:TlsVersion=TLS1.3 */
static void append_custom(struct text *text, const struct scheduled *what, const struct sent *sent)
{
    int64_t latency_ms = clock_wall_ms() - what->received_at_ms;
    if (latency_ms < 0)
        latency_ms = 0;
    text_append_format(text, "S:E2ELatency=%lld.%03d", (long long)(latency_ms / 1000),
                       (int)(latency_ms % 1000));
    if (sent->tls_version.len) {
        text_append_c(text, ";S:TlsVersion=");
        text_append(text, sent->tls_version);
    }
}

/* What the row says of the server that took the message, or did not; we are its client. */
static void show_server(struct hub *hub, struct log_tracking *row, const struct said *said)
{
    const struct server *server = hub->model ? model_server(hub->model) : NULL;
    row->connector = said->sent.connector;
    row->session = said->sent.session;
    if (!said->remote_name.len)
        return;
    row->client = said->sent.local_address;
    row->client_hostname = server ? server->fqdn : (struct slice){0};
    row->server = said->remote_address;
    row->server_hostname = said->remote_name;
}

static struct slice source_of(const struct said *said)
{
    if (said->source.len)
        return said->source;
    bool sent = (said->remote_name.len || said->sent.connector.len) && !said->sent.to_mailbox;
    return sent ? SLICE("SMTP") : SLICE("STOREDRIVER");
}

void tracking_outcome(struct hub *hub, const struct scheduled *what, enum delivery_verdict verdict,
                      const struct said *said, struct slice shown, struct log_sequel *sequel)
{
    static const char *const events[] = {
        [DELIVERY_DONE] = "DELIVER",
        [DELIVERY_FAILED] = "FAIL",
        [DELIVERY_DEFERRED] = "DEFER",
        [DELIVERY_RELEASED] = "DEFER", /* nothing was tried: told if what was before is doubtful */
    };
    if (verdict == DELIVERY_RELEASED && !what->uncertain)
        return; /* whoever has a sequel is in doubt */
    char storage[40], custom_storage[128];
    struct text received = text_over(storage, sizeof storage);
    struct text custom = text_over(custom_storage, sizeof custom_storage);
    bool relayed = verdict == DELIVERY_DONE && said->remote_name.len;
    calendar_append_rfc3339(&received, what->received_at_ms);
    if (relayed)
        append_custom(&custom, what, &said->sent);
    if (what->uncertain && (relayed || verdict != DELIVERY_DONE)) {
        text_append_c(&custom, custom.len ? ";" : "");
        text_append_c(&custom, "S:PossibleDuplicate=True");
    }
    struct log_tracking row = {.source = source_of(said),
                               .message = what->message,
                               .message_id = what->message_id,
                               .recipients = what->address,
                               .recipient_status = shown,
                               .total_bytes = what->size_bytes,
                               .recipient_count = 1,
                               .subject = what->subject,
                               .sender = what->sender,
                               .custom_data = text_slice(&custom),
                               .message_info = text_slice(&received)};
    show_server(hub, &row, said);
    append_then(hub, &row, relayed && !said->sent.to_mailbox ? "SEND" : events[verdict], sequel);
}

void tracking_notice(struct hub *hub, const struct scheduled *what, struct slice about)
{
    struct log_tracking row = {.source = SLICE("DSN"),
                               .message = what->message,
                               .recipients = what->address,
                               .recipient_count = 1,
                               .message_id = what->message_id,
                               .total_bytes = what->size_bytes,
                               .subject = what->subject,
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

void tracking_poison(struct hub *hub, const struct scheduled *what, struct log_sequel *sequel)
{
    struct log_tracking row = {.source = SLICE("POISONMESSAGE"),
                               .message = what->message,
                               .message_id = what->message_id,
                               .recipients = what->address,
                               .recipient_count = 1,
                               .total_bytes = what->size_bytes,
                               .subject = what->subject,
                               .sender = what->sender};
    append_then(hub, &row, "POISONMESSAGE", sequel);
}
