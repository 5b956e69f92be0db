/* SPDX-License-Identifier: Apache-2.0 */
#include "model/transport_service.h"

#include "model/check.h"
#include "model/mailbox_transport.h"
#include "model/rule.h"

#include <string.h>

/* clang-format off */
#define ROW(written, member, ...) SETTING_ROW(transport_service, written, member, __VA_ARGS__)
#define AGE_MAX_MS INT64_C(315360000000) /* ten years */
#define FILE_MIN_BYTES (256 << 10)
#define TEBIBYTE (INT64_C(1) << 40)

static const struct setting_word ocsp_fetchings[] = {
    {"None", OCSP_FETCHING_NONE}, {"Public", OCSP_FETCHING_PUBLIC}, {"Any", OCSP_FETCHING_ANY}, {0},
};

const struct setting transport_service_settings[] = {
    ROW("MessageTrackingLogEnabled", message_tracking_log_enabled, .kind = SETTING_BOOL, .flags = SETTING_NOT_IN_SNAPSHOT, .fallback = "$true",
        .help = "Write down what becomes of messages."),
    ROW("MessageTrackingLogSubjectLoggingEnabled", message_tracking_log_subject_logging_enabled, .kind = SETTING_BOOL, .flags = SETTING_NOT_IN_SNAPSHOT, .fallback = "$true",
        .help = "Write down their subjects, too."),
    ROW("MessageTrackingLogMaxAge", message_tracking_log_max_age_ms, .kind = SETTING_TIME_SPAN, .flags = SETTING_NOT_IN_SNAPSHOT, .min = 0, .max = AGE_MAX_MS, .fallback = "30.00:00:00",
        .help = "How long message tracking logs are kept; 00:00:00 is for ever."),
    ROW("MessageTrackingLogMaxDirectorySize", message_tracking_log_max_directory_bytes, .kind = SETTING_BYTES, .flags = SETTING_NOT_IN_SNAPSHOT, .min = FILE_MIN_BYTES, .max = TEBIBYTE, .fallback = "1000MB",
        .help = "The most that all message tracking logs may take; the oldest go."),
    ROW("MessageTrackingLogMaxFileSize", message_tracking_log_max_file_bytes, .kind = SETTING_BYTES, .flags = SETTING_NOT_IN_SNAPSHOT, .min = FILE_MIN_BYTES, .max = INT32_MAX, .fallback = "10MB",
        .help = "How long a message tracking log may be before the next one begins."),
    ROW("ReceiveProtocolLogMaxAge", receive_protocol_log_max_age_ms, .kind = SETTING_TIME_SPAN, .flags = SETTING_NOT_IN_SNAPSHOT, .min = 0, .max = AGE_MAX_MS, .fallback = "30.00:00:00",
        .help = "How long protocol logs of receive connectors are kept; 00:00:00 is for ever."),
    ROW("ReceiveProtocolLogMaxDirectorySize", receive_protocol_log_max_directory_bytes, .kind = SETTING_BYTES, .flags = SETTING_NOT_IN_SNAPSHOT, .min = FILE_MIN_BYTES, .max = TEBIBYTE, .fallback = "250MB",
        .help = "The most that all these protocol logs may take; the oldest go."),
    ROW("ReceiveProtocolLogMaxFileSize", receive_protocol_log_max_file_bytes, .kind = SETTING_BYTES, .flags = SETTING_NOT_IN_SNAPSHOT, .min = FILE_MIN_BYTES, .max = INT32_MAX, .fallback = "10MB",
        .help = "How long one of these protocol logs may be before the next one begins."),
    ROW("SendProtocolLogMaxAge", send_protocol_log_max_age_ms, .kind = SETTING_TIME_SPAN, .flags = SETTING_NOT_IN_SNAPSHOT, .min = 0, .max = AGE_MAX_MS, .fallback = "30.00:00:00",
        .help = "How long protocol logs of send connectors are kept; 00:00:00 is for ever."),
    ROW("SendProtocolLogMaxDirectorySize", send_protocol_log_max_directory_bytes, .kind = SETTING_BYTES, .flags = SETTING_NOT_IN_SNAPSHOT, .min = FILE_MIN_BYTES, .max = TEBIBYTE, .fallback = "250MB",
        .help = "The most that all of them may take; the oldest go."),
    ROW("SendProtocolLogMaxFileSize", send_protocol_log_max_file_bytes, .kind = SETTING_BYTES, .flags = SETTING_NOT_IN_SNAPSHOT, .min = FILE_MIN_BYTES, .max = INT32_MAX, .fallback = "10MB",
        .help = "How long one of them may be before the next one begins."),
    ROW("ConnectivityLogEnabled", connectivity_log_enabled, .kind = SETTING_BOOL, .flags = SETTING_NOT_IN_SNAPSHOT, .fallback = "$true",
        .help = "Write down what connections to other servers come to."),
    ROW("ConnectivityLogMaxAge", connectivity_log_max_age_ms, .kind = SETTING_TIME_SPAN, .flags = SETTING_NOT_IN_SNAPSHOT, .min = 0, .max = AGE_MAX_MS, .fallback = "30.00:00:00",
        .help = "How long connectivity logs are kept; 00:00:00 is for ever."),
    ROW("ConnectivityLogMaxDirectorySize", connectivity_log_max_directory_bytes, .kind = SETTING_BYTES, .flags = SETTING_NOT_IN_SNAPSHOT, .min = FILE_MIN_BYTES, .max = TEBIBYTE, .fallback = "1000MB",
        .help = "The most that all of them may take; the oldest go."),
    ROW("ConnectivityLogMaxFileSize", connectivity_log_max_file_bytes, .kind = SETTING_BYTES, .flags = SETTING_NOT_IN_SNAPSHOT, .min = FILE_MIN_BYTES, .max = INT32_MAX, .fallback = "10MB",
        .help = "How long one of them may be before the next one begins."),
    ROW("OcspFetching", ocsp_fetching, .kind = SETTING_ENUM, .words = ocsp_fetchings, .flags = SETTING_NOT_IN_SNAPSHOT, .fallback = "Public",
        .help = "Whether the issuers of certificates are asked what they think of them now (OCSP), to staple what they say: None, never; Public, responders on the Internet; Any, those in private networks and on this machine, too. Own parameter."),
    ROW("MailboxTransport", mailbox_transport, .kind = SETTING_TEXT, .flags = SETTING_NOT_IN_SNAPSHOT, .max = MAILBOX_TRANSPORT_MAX, .check = check_mailbox_transport,
        .help = "Who holds the mailboxes: a server that takes their mail over LMTP, at unix:/run/dovecot/lmtp, inet:127.0.0.1:24 or inet:store.contoso.com (port 24). $null: Maildirs of this server. Own parameter."),
    ROW("IntraOrgConnectorProtocolLoggingLevel", intra_org_connector_protocol_logging_level, .kind = SETTING_ENUM, .flags = SETTING_NOT_IN_SNAPSHOT, .words = protocol_logging_words, .fallback = "None",
        .help = "Verbose: the protocol log of sending has what is said to the server of MailboxTransport."),
    ROW("ComponentWishes", component_wishes, .kind = SETTING_TEXT_LIST, .flags = SETTING_READ_ONLY | SETTING_HIDDEN, .max = COMPONENTS * COMPONENT_REQUESTERS, .check = check_component_wish,
        .help = "Who wants which component out of service."),
    ROW("Name", name, .kind = SETTING_TEXT, .flags = SETTING_READ_ONLY, .min = 1, .max = 64, .fallback = "Transport Service", .help = "There is one, and this is its name."),
    ROW("Guid", id, .kind = SETTING_UUID, .flags = SETTING_READ_ONLY, .help = "An id that never changes."),
    ROW("WhenChanged", changed_ms, .kind = SETTING_TIME, .flags = SETTING_READ_ONLY, .help = "The last change."),
    ROW("WhenCreated", created_ms, .kind = SETTING_TIME, .flags = SETTING_READ_ONLY, .help = "When it was made."),
    ROW("Version", version, .kind = SETTING_INTEGER, .flags = SETTING_READ_ONLY | SETTING_HIDDEN, .help = "Counts the changes."),
    {0},
};
/* clang-format on */

/* What is kept of a log that can be set, and the names of two settings that must agree. */
static const struct kept {
    enum log_kind kind;
    size_t file_max_bytes, folder_max_bytes, age_max_ms; /* where in the struct */
    const char *folder_setting, *file_setting;
} kept[] = {
/* clang-format off */
#define KEPT(kind, member, prefix) {kind, offsetof(struct transport_service, member##_max_file_bytes), offsetof(struct transport_service, member##_max_directory_bytes), \
        offsetof(struct transport_service, member##_max_age_ms), prefix "MaxDirectorySize", prefix "MaxFileSize"}
    KEPT(LOG_MESSAGE_TRACKING, message_tracking_log, "MessageTrackingLog"),
    KEPT(LOG_PROTOCOL_RECEIVE, receive_protocol_log, "ReceiveProtocolLog"),
    KEPT(LOG_PROTOCOL_SEND, send_protocol_log, "SendProtocolLog"),
    KEPT(LOG_CONNECTIVITY, connectivity_log, "ConnectivityLog"),
    /* clang-format on */
};

static int64_t number_at(const struct transport_service *service, size_t offset)
{
    int64_t number;
    memcpy(&number, (const char *)service + offset, sizeof number);
    return number;
}

static struct log_bounds bounds_of(const struct transport_service *service, const struct kept *row)
{
    int64_t age_max_ms = number_at(service, row->age_max_ms);
    return (struct log_bounds){.file_max_bytes = (uint64_t)number_at(service, row->file_max_bytes),
                               .folder_max_bytes =
                                   (uint64_t)number_at(service, row->folder_max_bytes),
                               .age_max_ms = age_max_ms ? age_max_ms : INT64_MAX};
}

struct log_bounds transport_service_log_bounds(const struct model *model, enum log_kind kind)
{
    const struct transport_service *service = model ? model_transport_service(model) : NULL;
    for (size_t i = 0; service && i < COUNT_OF(kept); i++)
        if (kept[i].kind == kind)
            return bounds_of(service, &kept[i]);
    const struct log_facts *facts = log_facts(kind);
    return (struct log_bounds){facts->file_max_bytes, facts->folder_max_bytes, facts->age_max_ms};
}

bool transport_service_tracks(const struct model *model)
{
    const struct transport_service *service = model ? model_transport_service(model) : NULL;
    return !service || service->message_tracking_log_enabled;
}

bool transport_service_logs_connectivity(const struct model *model)
{
    const struct transport_service *service = model ? model_transport_service(model) : NULL;
    return !service || service->connectivity_log_enabled;
}

bool transport_service_tracks_subjects(const struct model *model)
{
    const struct transport_service *service = model ? model_transport_service(model) : NULL;
    return !service || service->message_tracking_log_subject_logging_enabled;
}

enum ocsp_fetching transport_service_ocsp_fetching(const struct model *model)
{
    const struct transport_service *service = model ? model_transport_service(model) : NULL;
    return service ? (enum ocsp_fetching)service->ocsp_fetching : OCSP_FETCHING_PUBLIC;
}

enum component_state transport_service_state(const struct model *model, enum component component,
                                             struct component_wish *out_wish)
{
    const struct transport_service *service = model ? model_transport_service(model) : NULL;
    return service ? component_state_of(service->component_wishes, component, out_wish)
                   : COMPONENT_ACTIVE;
}

enum component_state transport_service_admits(const struct model *model,
                                              const struct receive_connector *connector,
                                              struct component_wish *out_wish)
{
    enum component_state hub = transport_service_state(model, COMPONENT_HUB_TRANSPORT, out_wish);
    if (connector->transport_role != TRANSPORT_ROLE_FRONTEND)
        return hub;
    struct component_wish own;
    enum component_state front = transport_service_state(model, COMPONENT_FRONTEND_TRANSPORT, &own);
    if (front <= hub)
        return hub;
    if (out_wish)
        *out_wish = own;
    return front;
}

bool rule_transport_service(const struct model *model, const struct transport_service *service,
                            struct text *error)
{
    if (model_count(model, MODEL_TRANSPORT_SERVICE) != 1)
        return rule_broken(error, "There is one TransportService.");
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        if (number_at(service, kept[i].folder_max_bytes) <
            number_at(service, kept[i].file_max_bytes))
            return rule_broken(error, "%s: it is less than one file may have, %s.",
                               kept[i].folder_setting, kept[i].file_setting);
    return true;
}
