/* SPDX-License-Identifier: Apache-2.0 */
#include "model/log.h"

#include "base/calendar.h"
#include "base/log_row.h"

#include <string.h>

enum { MIB = 1 << 20, NAME_MAX_BYTES = 512, ADDRESS_MAX_BYTES = 2048 };
#define DAYS(count) (INT64_C(86400000) * (count))

/* clang-format off */
#define COLUMN(row, written, shown, sort, member, most) {written, shown, LOG_COLUMN_##sort, offsetof(struct log_##row, member), most}
#define EMPTY(written, shown) {written, shown, LOG_COLUMN_NONE, 0, 0}

static const struct log_column event_columns[] = {
    COLUMN(event, "date-time", NULL, TIME, at_ms, 0),
    COLUMN(event, "level", NULL, TEXT, level, 16),
    COLUMN(event, "event-id", NULL, NUMBER, id, 0),
    COLUMN(event, "source", NULL, TEXT, source, 32),
    COLUMN(event, "text", NULL, TEXT, text, 2048),
    {0},
};

static const struct log_column protocol_columns[] = {
    COLUMN(protocol, "date-time", NULL, TIME, at_ms, 0),
    COLUMN(protocol, "connector-id", NULL, TEXT, connector, NAME_MAX_BYTES),
    COLUMN(protocol, "session-id", NULL, HEX, session, 0),
    COLUMN(protocol, "sequence-number", NULL, NUMBER, sequence, 0),
    COLUMN(protocol, "local-endpoint", NULL, ENDPOINT, local, 0),
    COLUMN(protocol, "remote-endpoint", NULL, ENDPOINT, remote, 0),
    COLUMN(protocol, "event", NULL, TEXT, event, 1),
    COLUMN(protocol, "data", NULL, TEXT, data, LOG_DATA_MAX),
    COLUMN(protocol, "context", NULL, TEXT, context, LOG_CONTEXT_MAX),
    {0},
};

static const struct log_column connectivity_columns[] = {
    COLUMN(connectivity, "date-time", NULL, TIME, at_ms, 0),
    COLUMN(connectivity, "session", NULL, HEX, session, 0),
    COLUMN(connectivity, "source", NULL, TEXT, source, 32),
    COLUMN(connectivity, "Destination", NULL, TEXT, destination, LOG_CONTEXT_MAX),
    COLUMN(connectivity, "direction", NULL, TEXT, direction, 1),
    COLUMN(connectivity, "description", NULL, TEXT, description, LOG_CONTEXT_MAX),
    {0},
};

/* In the order in which scripts for message tracking logs expect them. */
static const struct log_column tracking_columns[] = {
    COLUMN(tracking, "date-time", "Timestamp", TIME, at_ms, 0),
    COLUMN(tracking, "client-ip", "ClientIp", ADDRESS, client, 0),
    COLUMN(tracking, "client-hostname", "ClientHostname", TEXT, client_hostname, NAME_MAX_BYTES),
    COLUMN(tracking, "server-ip", "ServerIp", ADDRESS, server, 0),
    COLUMN(tracking, "server-hostname", "ServerHostname", TEXT, server_hostname, NAME_MAX_BYTES),
    COLUMN(tracking, "source-context", "SourceContext", HEX, session, 0),
    COLUMN(tracking, "connector-id", "ConnectorId", TEXT, connector, NAME_MAX_BYTES),
    COLUMN(tracking, "source", "Source", TEXT, source, 32),
    COLUMN(tracking, "event-id", "EventId", TEXT, event, 32),
    COLUMN(tracking, "internal-message-id", "InternalMessageId", NUMBER, message, 0),
    COLUMN(tracking, "message-id", "MessageId", TEXT, message_id, NAME_MAX_BYTES),
    EMPTY("network-message-id", NULL),
    COLUMN(tracking, "recipient-address", "Recipients", LIST, recipients, LOG_RECIPIENTS_MAX),
    COLUMN(tracking, "recipient-status", "RecipientStatus", TEXT, recipient_status, 3072),
    COLUMN(tracking, "total-bytes", "TotalBytes", NUMBER, total_bytes, 0),
    COLUMN(tracking, "recipient-count", "RecipientCount", NUMBER, recipient_count, 0),
    EMPTY("related-recipient-address", NULL),
    COLUMN(tracking, "reference", "Reference", TEXT, reference, NAME_MAX_BYTES),
    COLUMN(tracking, "message-subject", "MessageSubject", TEXT, subject, NAME_MAX_BYTES),
    COLUMN(tracking, "sender-address", "Sender", TEXT, sender, ADDRESS_MAX_BYTES),
    COLUMN(tracking, "return-path", "ReturnPath", TEXT, return_path, ADDRESS_MAX_BYTES),
    COLUMN(tracking, "message-info", "MessageInfo", TEXT, message_info, NAME_MAX_BYTES),
    COLUMN(tracking, "directionality", "Directionality", TEXT, directionality, 32),
    EMPTY("tenant-id", NULL),
    COLUMN(tracking, "original-client-ip", "OriginalClientIp", ADDRESS, client, 0),
    COLUMN(tracking, "original-server-ip", "OriginalServerIp", ADDRESS, server, 0),
    COLUMN(tracking, "custom-data", "CustomData", TEXT, custom_data, NAME_MAX_BYTES),
    EMPTY("transport-traffic-type", NULL),
    EMPTY("log-id", NULL),
    EMPTY("schema-version", NULL),
    {0},
};
_Static_assert(COUNT_OF(tracking_columns) - 1 <= LOG_COLUMNS_MAX, "rows are split into so many fields");

static const struct log_column audit_columns[] = {
    COLUMN(audit, "date-time", "RunDate", TIME, at_ms, 0),
    COLUMN(audit, "identity", "Identity", TEXT, identity, 36),
    COLUMN(audit, "caller", "Caller", TEXT, caller, NAME_MAX_BYTES),
    COLUMN(audit, "cmdlet-name", "CmdletName", TEXT, cmdlet, 128),
    COLUMN(audit, "cmdlet-parameters", "CmdletParameters", TEXT, parameters, LOG_PARAMETERS_MAX),
    COLUMN(audit, "object-modified", "ObjectModified", TEXT, object, NAME_MAX_BYTES),
    COLUMN(audit, "modified-properties", "ModifiedProperties", LIST, properties, 8 << 10),
    COLUMN(audit, "succeeded", "Succeeded", TEXT, succeeded, 5),
    COLUMN(audit, "error", "Error", TEXT, error, 2048),
    COLUMN(audit, "originating-server", "OriginatingServer", TEXT, server, NAME_MAX_BYTES),
    {0},
};

static const struct log_facts facts[LOG_KINDS] = {
    [LOG_EVENTS]           = {"",                "EVENT",  "Event Log",                 event_columns,    10 * MIB, 250 * MIB,  DAYS(30)},
    [LOG_PROTOCOL_RECEIVE] = {"SmtpReceive",     "RECV",   "SMTP Receive Protocol Log", protocol_columns, 10 * MIB, 250 * MIB,  DAYS(30)},
    [LOG_PROTOCOL_SEND]    = {"SmtpSend",        "SEND",   "SMTP Send Protocol Log",    protocol_columns, 10 * MIB, 250 * MIB,  DAYS(30)},
    [LOG_CONNECTIVITY]     = {"Connectivity",    "CONNECTLOG", "Transport Connectivity Log", connectivity_columns, 10 * MIB, 1000 * MIB, DAYS(30)},
    [LOG_MESSAGE_TRACKING] = {"MessageTracking", "MSGTRK", "Message Tracking Log",      tracking_columns, 10 * MIB, 1000 * MIB, DAYS(30)},
    [LOG_ADMIN_AUDIT]      = {"AdminAudit",      "AUDIT",  "Admin Audit Log",           audit_columns,    10 * MIB, 1000 * MIB, DAYS(90)},
};
/* clang-format on */

const struct log_facts *log_facts(enum log_kind kind)
{
    return &facts[kind];
}

bool log_append_header(struct text *text, enum log_kind kind, int64_t at_ms)
{
    text_append_format(text, "#Software: Postern\r\n#Version: %s\r\n#Log-Type: %s\r\n#Date: ",
                       POSTERN_VERSION, facts[kind].type);
    calendar_append_rfc3339(text, at_ms);
    text_append_c(text, "\r\n#Fields: ");
    for (const struct log_column *column = facts[kind].columns; column->name; column++) {
        text_append_c(text, column == facts[kind].columns ? "" : ",");
        text_append_c(text, column->name);
    }
    return text_append_c(text, "\r\n");
}

/* --- a value of each kind --- */

static uint64_t number_at(const void *value)
{
    uint64_t number;
    memcpy(&number, value, sizeof number);
    return number;
}

static bool append_hex(struct text *row, uint64_t number)
{
    char digits[16];
    if (number == 0)
        return true;
    for (size_t i = sizeof digits; i > 0; i--, number >>= 4)
        digits[i - 1] = "0123456789ABCDEF"[number & 15];
    return text_append(row, (struct slice){digits, sizeof digits});
}

static bool append_address(struct text *row, struct ip_address address)
{
    static const struct ip_address none = {{0}};
    if (!ip_equal(address, none))
        ip_append(row, address);
    return text_append_byte(row, ',');
}

static bool append_endpoint(struct text *row, struct ip_endpoint endpoint)
{
    static const struct ip_address none = {{0}};
    if (endpoint.port || !ip_equal(endpoint.address, none))
        ip_endpoint_append(row, endpoint);
    return text_append_byte(row, ',');
}

static bool append_column(struct text *row, const struct log_column *column, const char *value)
{
    struct ip_address address;
    struct ip_endpoint endpoint;
    switch (column->kind) {
    case LOG_COLUMN_NONE:
        break;
    case LOG_COLUMN_TEXT:
    case LOG_COLUMN_LIST:
        return log_row_field(row, slice_load(value), column->max);
    case LOG_COLUMN_NUMBER:
        return log_row_number(row, number_at(value));
    case LOG_COLUMN_HEX:
        return append_hex(row, number_at(value)) && text_append_byte(row, ',');
    case LOG_COLUMN_TIME:
        return log_row_time(row, (int64_t)number_at(value));
    case LOG_COLUMN_ADDRESS:
        memcpy(&address, value, sizeof address);
        return append_address(row, address);
    case LOG_COLUMN_ENDPOINT:
        memcpy(&endpoint, value, sizeof endpoint);
        return append_endpoint(row, endpoint);
    }
    return text_append_byte(row, ',');
}

bool log_append_row(struct text *text, enum log_kind kind, const void *row)
{
    for (const struct log_column *column = facts[kind].columns; column->name; column++)
        append_column(text, column, (const char *)row + column->offset);
    return log_row_end(text);
}

size_t log_column_index(enum log_kind kind, struct slice name)
{
    for (size_t i = 0; facts[kind].columns[i].name; i++)
        if (slice_equal(slice_of(facts[kind].columns[i].name), name))
            return i;
    return LOG_COLUMNS_MAX;
}
