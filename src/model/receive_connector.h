/* SPDX-License-Identifier: Apache-2.0 */
/* receive_connector - where sessions come in, who may send what, and within which limits.
 *
 * The settings table is in the order in which Format-List prints it. Derived members are computed
 * from the others by receive_connector_derive, which whoever changes a connector calls once behind
 * the last change and before model_validate.
 */
#ifndef MODEL_RECEIVE_CONNECTOR_H
#define MODEL_RECEIVE_CONNECTOR_H

#include "model/object.h"

/* AuthMechanism; None = 0 */
enum auth_mechanism {
    AUTH_TLS = 1,
    AUTH_INTEGRATED = 2, /* logins that prove a password: SCRAM-SHA-256, and -PLUS */
    AUTH_BASIC = 4,      /* logins that send it: PLAIN, LOGIN */
    AUTH_BASIC_REQUIRE_TLS = 8,
    AUTH_EXCHANGE_SERVER = 16,
    AUTH_EXTERNAL_AUTHORITATIVE = 32,
};

/* PermissionGroups; None = 0 */
enum permission_group {
    GROUP_ANONYMOUS_USERS = 1,
    GROUP_EXCHANGE_USERS = 2,
    GROUP_EXCHANGE_SERVERS = 4,
    GROUP_EXCHANGE_LEGACY_SERVERS = 8,
    GROUP_PARTNERS = 16,
    GROUP_CUSTOM = 32, /* rights were set one by one: printed, never stored */
};

enum message_rate_source { RATE_SOURCE_IP_ADDRESS = 1, RATE_SOURCE_USER = 2, RATE_SOURCE_ALL = 3 };
enum transport_role { TRANSPORT_ROLE_FRONTEND = 1, TRANSPORT_ROLE_HUB };
enum tls_mode {
    TLS_MODE_EXPLICIT = 1 /* STARTTLS */,
    TLS_MODE_IMPLICIT /* TLS from the first byte */
};
enum tls_minimum { TLS_MINIMUM_10 = 1, TLS_MINIMUM_11, TLS_MINIMUM_12, TLS_MINIMUM_13 };
enum size_enabled { SIZE_ENABLED = 1, SIZE_DISABLED, SIZE_ENABLED_WITHOUT_VALUE };
enum protocol_logging { PROTOCOL_LOGGING_NONE = 1, PROTOCOL_LOGGING_VERBOSE };
extern const struct setting_word protocol_logging_words[];
enum milter_failure_action { MILTER_FAILURE_TEMPFAIL = 1, MILTER_FAILURE_ACCEPT };
enum extended_protection {
    EXTENDED_PROTECTION_NONE = 1,
    EXTENDED_PROTECTION_ALLOW,
    EXTENDED_PROTECTION_REQUIRE
};

struct receive_connector {
    struct object_id id;
    uint64_t version;
    int64_t created_ms, changed_ms;

    /* who and where */
    struct slice name;   /* without the server */
    struct slice server; /* the server's name */
    uint32_t transport_role;
    bool enabled;
    struct ip_endpoint_list bindings;
    struct ip_range_list remote_ip_ranges;
    struct ip_range_list proxy_protocol_ranges; /* balancers that speak the PROXY protocol */
    struct slice comment;

    /* what it says of itself */
    struct slice fqdn;   /* empty: the server's */
    struct slice banner; /* empty: the usual one */
    struct slice service_discovery_fqdn, default_domain;
    bool advertise_client_settings;

    /* TLS */
    struct slice tls_certificate_name; /* as written; empty: chosen by Fqdn */
    bool tls_certificate_fallback;     /* serve by Fqdn when the named certificate is missing */
    uint32_t tls_mode, tls_minimum_version;
    bool tls_sni, tls_tickets, require_tls, domain_secure_enabled, suppress_x_anonymous_tls;
    struct slice_list tls_domain_capabilities;

    /* who may do what */
    uint32_t auth_mechanism, permission_groups; /* masks */
    bool enable_auth_gssapi;
    uint32_t extended_protection_policy;
    int64_t max_logon_failures; /* 0: no limit */

    /* what EHLO offers */
    bool binary_mime_enabled, chunking_enabled, delivery_status_notification_enabled,
        eight_bit_mime_enabled, smtp_utf8_enabled, enhanced_status_codes_enabled,
        long_addresses_enabled, orar_enabled, pipelining_enabled;
    uint32_t size_enabled;

    /* what is refused */
    bool bare_linefeed_rejection_enabled, require_ehlo_domain,
        reject_reserved_top_level_recipient_domains, reject_reserved_second_level_recipient_domains,
        reject_single_label_recipient_domains;

    /* limits; INT64_MAX = unlimited where that is allowed */
    int64_t connection_timeout_ms, connection_inactivity_timeout_ms;
    int64_t message_rate_limit; /* per minute and source */
    uint32_t message_rate_source;
    int64_t max_inbound_connection, max_inbound_connection_per_source,
        max_inbound_connection_percentage_per_source;
    int64_t max_header_bytes, max_message_bytes;
    int64_t max_hop_count, max_local_hop_count, max_protocol_errors, max_recipients_per_message;
    int64_t tarpit_interval_ms, auth_tarpit_interval_ms, max_acknowledgement_delay_ms;
    uint32_t protocol_logging_level;

    /* content filters */
    struct slice_list milters; /* milter/endpoint, in the order in which they are asked */
    uint32_t milter_failure_action;
    int64_t milter_timeout_ms;

    /* derived */
    struct slice identity;       /* SERVER\Name */
    struct slice tls_issuer_der; /* canonical, of tls_certificate_name; empty when it is none of
                                    <I>..<S>.. */
    struct slice tls_subject_der;
    struct slice
        tls_thumbprint; /* 20 bytes when tls_certificate_name is a thumbprint, else empty */
};

extern const struct setting receive_connector_settings[];

/* Turns a distinguished name as people write it into its canonical DER; false with the reason when
 * it is none. */
typedef bool distinguished_name_parse_fn(struct slice written, struct text *out_canonical);

struct model;
/* Computes the derived members. False when tls_certificate_name is malformed: the error says how it
 * must look, with the certificates of `model` (may be NULL) that it may mean. */
bool receive_connector_derive(struct receive_connector *connector, const struct model *model,
                              distinguished_name_parse_fn *parse_name, struct arena *arena,
                              struct text *error);

enum receive_connector_usage {
    USAGE_CUSTOM,
    USAGE_CLIENT,
    USAGE_INTERNAL,
    USAGE_INTERNET,
    USAGE_PARTNER,
};
/* "Client" and so on, any case. */
bool receive_connector_usage_parse(struct slice written, enum receive_connector_usage *out_usage);
/* Puts what the usage implies on a fresh connector (settings_reset): mechanisms, groups (partners
 * are known by DomainSecureEnabled), and the bindings or ranges that the usage fixes.
 * `bindings_given`, `ranges_given`: the command names them itself; false with the reason when the
 * usage needs one that is not given. port_offset is the server's. */
bool receive_connector_apply_usage(struct receive_connector *connector,
                                   enum receive_connector_usage usage, bool bindings_given,
                                   bool ranges_given, int64_t port_offset, struct arena *arena,
                                   struct text *error);

/* The server's name where the connector has none of its own. */
struct server;
struct slice receive_connector_fqdn(const struct receive_connector *connector,
                                    const struct server *server);

#endif
