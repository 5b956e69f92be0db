/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/handlers/message_property.h"

#include "base/calendar.h"
#include "hub/handlers/message_why.h"
#include "hub/handlers/object.h"
#include "hub/handlers/queue_identity.h"
#include "hub/handlers/queue_state.h"
#include "hub/transport/envelope.h"
#include "hub/transport/said.h"

static struct message_value written(const struct message_sight *sight)
{
    return (struct message_value){.text = text_slice(sight->scratch)};
}

static struct message_value read_queue(const struct message_sight *sight)
{
    queue_append_identity(sight->scratch, sight->call, sight->item->destination);
    return written(sight);
}

static struct message_value read_identity(const struct message_sight *sight)
{
    queue_append_identity(sight->scratch, sight->call, sight->item->destination);
    text_append_byte(sight->scratch, '\\');
    text_append_u64(sight->scratch, sight->item->message);
    return written(sight);
}

static struct message_value envelope_value(const struct message_sight *sight, struct slice word)
{
    return (struct message_value){.text = envelope_word(sight->item->envelope, word)};
}

static struct message_value read_subject(const struct message_sight *sight)
{
    return envelope_value(sight, SLICE("subject"));
}

static struct message_value read_message_id(const struct message_sight *sight)
{
    return envelope_value(sight, SLICE("message-id"));
}

static struct message_value read_quarantine(const struct message_sight *sight)
{
    return envelope_value(sight, SLICE("quarantine"));
}

static struct message_value read_tls(const struct message_sight *sight)
{
    return (struct message_value){.text = sender_tls_text(envelope_tls(sight->item->envelope))};
}

static struct message_value read_client(const struct message_sight *sight)
{
    return envelope_value(sight, SLICE("client"));
}

static struct message_value read_sender(const struct message_sight *sight)
{
    struct slice sender = sight->item->sender;
    return (struct message_value){.text = sender.len ? sender : SLICE("<>")};
}

static struct message_value read_status(const struct message_sight *sight)
{
    return (struct message_value){
        .text = slice_of(message_status(sight->call->hub, sight->item, sight->now_ms))};
}

/* SMTP:MX1\Default Frontend MX1; DSN of what the server itself has to say */
static struct message_value read_source(const struct message_sight *sight)
{
    struct slice connector = envelope_word(sight->item->envelope, SLICE("connector"));
    if (slice_equal(connector, SLICE("(notice)")))
        return (struct message_value){.text = SLICE("DSN")};
    text_append_c(sight->scratch, "SMTP:");
    envelope_append_word(sight->scratch, sight->item->envelope, SLICE("connector"));
    return written(sight);
}

/* Whoever has logged in is one of us; and what has no connector, but a word for it, is our own. */
static struct message_value read_directionality(const struct message_sight *sight)
{
    struct slice envelope = sight->item->envelope;
    bool ours = envelope_word(envelope, SLICE("account")).len ||
                slice_starts(envelope_word(envelope, SLICE("connector")), SLICE("("));
    return (struct message_value){.text = ours ? SLICE("Originating") : SLICE("Incoming")};
}

/* hh:mm:ss.ff, since it came */
static struct message_value read_latency(const struct message_sight *sight)
{
    int64_t ms = sight->now_ms - sight->item->received_at_ms;
    ms = ms > 0 ? ms : 0;
    text_append_format(sight->scratch, "%02lld:%02lld:%02lld.%02lld", (long long)(ms / 3600000),
                       (long long)(ms / 60000 % 60), (long long)(ms / 1000 % 60),
                       (long long)(ms / 10 % 100));
    return written(sight);
}

static struct message_value read_last_error(const struct message_sight *sight)
{
    queue_append_last_error(sight->scratch, sight->call->hub, sight->item->destination,
                            sight->item->last_error);
    return written(sight);
}

static struct message_value read_why(const struct message_sight *sight)
{
    message_append_why(sight->scratch, sight->call->hub, sight->item, sight->now_ms);
    return written(sight);
}

static struct message_value read_next_attempt(const struct message_sight *sight)
{
    const struct queue_item *item = sight->item;
    bool waits = !item->owned && item->next_at_ms != INT64_MAX;
    return (struct message_value){.number = waits ? item->next_at_ms : 0};
}

static struct message_value read_last_attempt(const struct message_sight *sight)
{
    return (struct message_value){.number = said_moment_ms(sight->item->last_error)};
}

static struct message_value read_size(const struct message_sight *sight)
{
    return (struct message_value){.number = (int64_t)sight->item->size_bytes};
}

static struct message_value read_received(const struct message_sight *sight)
{
    return (struct message_value){.number = sight->item->received_at_ms};
}

static struct message_value read_expires(const struct message_sight *sight)
{
    return (struct message_value){.number = sight->item->expires_at_ms};
}

static struct message_value read_attempts(const struct message_sight *sight)
{
    return (struct message_value){.number = sight->item->attempts};
}

static struct message_value read_number(const struct message_sight *sight)
{
    return (struct message_value){.number = (int64_t)sight->item->message};
}

static struct message_value read_damaged(const struct message_sight *sight)
{
    return (struct message_value){.number = sight->item->damaged};
}

enum {
    ERROR_FIELDS = QUEUE_DESTINATION | QUEUE_LAST_ERROR,
    STATUS_FIELDS = QUEUE_DESTINATION | QUEUE_STATE | QUEUE_OWNED | QUEUE_ATTEMPTS | QUEUE_NEXT,
};

const struct message_property message_properties[] = {
    {"Identity", MESSAGE_TEXT, read_identity, QUEUE_DESTINATION},
    {"Subject", MESSAGE_TEXT, read_subject, QUEUE_ENVELOPE},
    {"InternetMessageId", MESSAGE_TEXT, read_message_id, QUEUE_ENVELOPE},
    {"FromAddress", MESSAGE_TEXT, read_sender, QUEUE_SENDER},
    {"Status", MESSAGE_TEXT, read_status, STATUS_FIELDS},
    {"Size", MESSAGE_NUMBER, read_size, QUEUE_SIZE},
    {"MessageSourceName", MESSAGE_TEXT, read_source, QUEUE_ENVELOPE},
    {"SourceIP", MESSAGE_TEXT, read_client, QUEUE_ENVELOPE},
    {"DateReceived", MESSAGE_TIME, read_received, QUEUE_RECEIVED},
    {"ExpirationTime", MESSAGE_TIME, read_expires, QUEUE_EXPIRES},
    {"Queue", MESSAGE_TEXT, read_queue, QUEUE_DESTINATION},
    {"Recipients", MESSAGE_LIST, NULL, QUEUE_ADDRESS},
    {"LastError", MESSAGE_TEXT, read_last_error, ERROR_FIELDS},
    {"QuarantineReason", MESSAGE_TEXT, read_quarantine, QUEUE_ENVELOPE},
    {"TlsRequired", MESSAGE_TEXT, read_tls, QUEUE_ENVELOPE},
    {"Directionality", MESSAGE_TEXT, read_directionality, QUEUE_ENVELOPE},
    {"MessageLatency", MESSAGE_TEXT, read_latency, QUEUE_RECEIVED},
    {"RetryCount", MESSAGE_NUMBER, read_attempts, QUEUE_ATTEMPTS},
    {"LastRetryTime", MESSAGE_TIME, read_last_attempt, QUEUE_LAST_ERROR},
    {"NextRetryTime", MESSAGE_TIME, read_next_attempt, QUEUE_OWNED | QUEUE_NEXT},
    {"Why", MESSAGE_TEXT, read_why, STATUS_FIELDS | ERROR_FIELDS | QUEUE_EXPIRES},
    {"InternalId", MESSAGE_NUMBER, read_number, 0},
    {"Damaged", MESSAGE_TRUTH, read_damaged, QUEUE_STATE},
    {0},
};

const struct message_property *message_property_find(struct slice name)
{
    const struct message_property *row = message_properties;
    while (row->name && !slice_equal_nocase(slice_of(row->name), name))
        row++;
    return row->name ? row : NULL;
}

bool message_property_fits(const struct message_property *property,
                           const struct message_sight *sight,
                           const struct filter_condition *condition)
{
    text_clear(sight->scratch);
    struct message_value value = property->read(sight);
    switch (property->kind) {
    case MESSAGE_TEXT:
        return filter_condition_takes(condition, value.text);
    case MESSAGE_NUMBER:
        return filter_condition_takes_number(condition, value.number);
    case MESSAGE_TIME:
        return value.number ? filter_condition_takes_moment(condition, value.number)
                            : filter_condition_takes(condition, SLICE(""));
    case MESSAGE_TRUTH:
        return filter_condition_takes(condition, value.number ? SLICE("true") : SLICE("false"));
    case MESSAGE_LIST:
        break;
    }
    return false;
}

static json_t *value_json(const struct message_property *property,
                          const struct message_sight *sight)
{
    if (property->kind == MESSAGE_LIST)
        return json_array();
    text_clear(sight->scratch);
    struct message_value value = property->read(sight);
    switch (property->kind) {
    case MESSAGE_TEXT:
    case MESSAGE_LIST:
        return json_of_slice(value.text);
    case MESSAGE_TIME:
        return json_of_time(value.number);
    case MESSAGE_TRUTH:
        return json_boolean(value.number);
    case MESSAGE_NUMBER:
        break;
    }
    return json_integer(value.number);
}

json_t *message_json(const struct message_sight *sight)
{
    json_t *json = json_object();
    for (const struct message_property *row = message_properties; row->name; row++)
        json_object_set_new(json, row->name, value_json(row, sight));
    return json;
}
