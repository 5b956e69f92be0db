/* SPDX-License-Identifier: Apache-2.0 */
/* transport_service - how this server does its work: what it keeps of its logs, who holds its
 * mailboxes, and which of its components are in service. A model has at most one; without it the
 * fallbacks hold.
 */
#ifndef MODEL_TRANSPORT_SERVICE_H
#define MODEL_TRANSPORT_SERVICE_H

#include "model/component.h"
#include "model/log.h"
#include "model/object.h"
#include "model/receive_connector.h"

enum ocsp_fetching { /* which OCSP responders of certificates of ours are asked */
                     OCSP_FETCHING_PUBLIC = 1,
                     OCSP_FETCHING_ANY, /* in private networks and on this machine, too */
                     OCSP_FETCHING_NONE,
};

struct transport_service {
    struct object_id id;
    uint64_t version;
    int64_t created_ms, changed_ms;
    struct slice name;
    bool message_tracking_log_enabled, message_tracking_log_subject_logging_enabled;
    int64_t message_tracking_log_max_age_ms, message_tracking_log_max_directory_bytes,
        message_tracking_log_max_file_bytes;
    int64_t receive_protocol_log_max_age_ms, receive_protocol_log_max_directory_bytes,
        receive_protocol_log_max_file_bytes;
    int64_t send_protocol_log_max_age_ms, send_protocol_log_max_directory_bytes,
        send_protocol_log_max_file_bytes;
    bool connectivity_log_enabled;
    int64_t connectivity_log_max_age_ms, connectivity_log_max_directory_bytes,
        connectivity_log_max_file_bytes;
    uint32_t ocsp_fetching;                              /* enum ocsp_fetching */
    struct slice mailbox_transport;                      /* model/mailbox_transport */
    uint32_t intra_org_connector_protocol_logging_level; /* enum protocol_logging */
    struct slice_list component_wishes;                  /* see model/component.h */
};

extern const struct setting transport_service_settings[];

struct model;

/* How much of a log is kept. */
struct log_bounds {
    uint64_t file_max_bytes, folder_max_bytes;
    int64_t age_max_ms; /* INT64_MAX: whatever its age */
};
struct log_bounds transport_service_log_bounds(const struct model *model, enum log_kind kind);
bool transport_service_tracks(const struct model *model);          /* writes the tracking log */
bool transport_service_tracks_subjects(const struct model *model); /* with subjects in it */
bool transport_service_logs_connectivity(const struct model *model);
enum ocsp_fetching transport_service_ocsp_fetching(const struct model *model);

enum component_state transport_service_state(const struct model *model, enum component component,
                                             struct component_wish *out_wish);
/* What a new session at this connector meets: its own component, and HubTransport, which takes the
 * mail of all of them. *out_wish (may be NULL) is the wish that decides. */
enum component_state transport_service_admits(const struct model *model,
                                              const struct receive_connector *connector,
                                              struct component_wish *out_wish);

#endif
