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
    text_append_format(sight->scratch, "\\%llu", (unsigned long long)sight->item->message);
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

/* SMTP:MX1\Default Frontend MX1 */
static struct message_value read_source(const struct message_sight *sight)
{
    text_append_c(sight->scratch, "SMTP:");
    envelope_append_word(sight->scratch, sight->item->envelope, SLICE("connector"));
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

const struct message_property message_properties[] = {
    {"Identity", MESSAGE_TEXT, read_identity},
    {"Subject", MESSAGE_TEXT, read_subject},
    {"InternetMessageId", MESSAGE_TEXT, read_message_id},
    {"FromAddress", MESSAGE_TEXT, read_sender},
    {"Status", MESSAGE_TEXT, read_status},
    {"Size", MESSAGE_NUMBER, read_size},
    {"MessageSourceName", MESSAGE_TEXT, read_source},
    {"SourceIP", MESSAGE_TEXT, read_client},
    {"DateReceived", MESSAGE_TIME, read_received},
    {"ExpirationTime", MESSAGE_TIME, read_expires},
    {"Queue", MESSAGE_TEXT, read_queue},
    {"Recipients", MESSAGE_LIST, NULL},
    {"LastError", MESSAGE_TEXT, read_last_error},
    {"QuarantineReason", MESSAGE_TEXT, read_quarantine},
    {"TlsRequired", MESSAGE_TEXT, read_tls},
    {"RetryCount", MESSAGE_NUMBER, read_attempts},
    {"LastRetryTime", MESSAGE_TIME, read_last_attempt},
    {"NextRetryTime", MESSAGE_TIME, read_next_attempt},
    {"Why", MESSAGE_TEXT, read_why},
    {"InternalId", MESSAGE_NUMBER, read_number},
    {"Damaged", MESSAGE_TRUTH, read_damaged},
    {0},
};

const struct message_property *message_property_find(struct slice name)
{
    const struct message_property *row = message_properties;
    while (row->name && !slice_equal_nocase(slice_of(row->name), name))
        row++;
    return row->name ? row : NULL;
}

struct slice message_property_text(const struct message_property *property,
                                   const struct message_sight *sight)
{
    text_clear(sight->scratch);
    struct message_value value = property->read(sight);
    if (property->kind == MESSAGE_TEXT)
        return value.text;
    text_clear(sight->scratch);
    if (property->kind == MESSAGE_TRUTH)
        text_append_c(sight->scratch, value.number ? "true" : "false");
    else if (property->kind == MESSAGE_NUMBER)
        text_append_i64(sight->scratch, value.number);
    else if (value.number)
        (void)calendar_append_rfc3339(sight->scratch, value.number);
    return text_slice(sight->scratch);
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
