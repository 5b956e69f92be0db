/* SPDX-License-Identifier: Apache-2.0 */
#include "model/transport_service.h"

#include "model/rule.h"

/* clang-format off */
#define ROW(written, member, ...) SETTING_ROW(transport_service, written, member, __VA_ARGS__)
#define AGE_MAX_MS INT64_C(315360000000) /* ten years */
#define FILE_MIN_BYTES (256 << 10)
#define TEBIBYTE (INT64_C(1) << 40)

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

static struct log_bounds bounds(int64_t file_max_bytes, int64_t folder_max_bytes,
                                int64_t age_max_ms)
{
    return (struct log_bounds){.file_max_bytes = (uint64_t)file_max_bytes,
                               .folder_max_bytes = (uint64_t)folder_max_bytes,
                               .age_max_ms = age_max_ms ? age_max_ms : INT64_MAX};
}

struct log_bounds transport_service_log_bounds(const struct model *model, enum log_kind kind)
{
    const struct transport_service *service = model ? model_transport_service(model) : NULL;
    if (service && kind == LOG_MESSAGE_TRACKING)
        return bounds(service->message_tracking_log_max_file_bytes,
                      service->message_tracking_log_max_directory_bytes,
                      service->message_tracking_log_max_age_ms);
    if (service && kind == LOG_PROTOCOL_RECEIVE)
        return bounds(service->receive_protocol_log_max_file_bytes,
                      service->receive_protocol_log_max_directory_bytes,
                      service->receive_protocol_log_max_age_ms);
    const struct log_facts *facts = log_facts(kind);
    return (struct log_bounds){facts->file_max_bytes, facts->folder_max_bytes, facts->age_max_ms};
}

bool transport_service_tracks(const struct model *model)
{
    const struct transport_service *service = model ? model_transport_service(model) : NULL;
    return !service || service->message_tracking_log_enabled;
}

bool transport_service_tracks_subjects(const struct model *model)
{
    const struct transport_service *service = model ? model_transport_service(model) : NULL;
    return !service || service->message_tracking_log_subject_logging_enabled;
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
    if (service->message_tracking_log_max_directory_bytes <
        service->message_tracking_log_max_file_bytes)
        return rule_broken(error,
                           "MessageTrackingLogMaxDirectorySize: it is less than one file may "
                           "have, MessageTrackingLogMaxFileSize.");
    return service->receive_protocol_log_max_directory_bytes >=
               service->receive_protocol_log_max_file_bytes ||
           rule_broken(error, "ReceiveProtocolLogMaxDirectorySize: it is less than one file may "
                              "have, ReceiveProtocolLogMaxFileSize.");
}
