/* SPDX-License-Identifier: Apache-2.0 */
/* send_connector - where mail for other servers leaves: for which domains, to whom, how protected.
 *
 * A fresh model has none, and mail for elsewhere is then unreachable. The settings table is in the
 * order in which Format-List prints it. Derived members are computed from the others by
 * send_connector_derive, which whoever changes a connector calls once behind the last change and
 * before model_validate. The password of the credential lies sealed in the store, under the id of
 * the connector; the model knows the user's name alone.
 */
#ifndef MODEL_SEND_CONNECTOR_H
#define MODEL_SEND_CONNECTOR_H

#include "model/receive_connector.h"

enum smart_host_auth {
    SMART_HOST_AUTH_NONE = 1,
    SMART_HOST_AUTH_BASIC,             /* logs in when the host offers it, in clear too */
    SMART_HOST_AUTH_BASIC_REQUIRE_TLS, /* logs in inside TLS only */
    SMART_HOST_AUTH_EXCHANGE_SERVER,   /* Kerberos: refused by the rules */
    SMART_HOST_AUTH_EXTERNAL,          /* the host is trusted, by other means than SMTP's */
};

/* 0: TLS whenever the peer offers it, with whatever certificate */
enum tls_auth_level {
    TLS_AUTH_ENCRYPTION_ONLY = 1,
    TLS_AUTH_CERTIFICATE_VALIDATION, /* the chain ends at a trusted root */
    TLS_AUTH_DOMAIN_VALIDATION,      /* and the certificate is for tls_domain */
};

/* ErrorPolicies; Default = 0 */
enum error_policy { ERROR_POLICY_DOWNGRADE_DNS_FAILURES = 1 };

enum connector_type { CONNECTOR_TYPE_DEFAULT = 1, CONNECTOR_TYPE_XPREMISES };

struct send_connector {
    struct object_id id;
    uint64_t version;
    int64_t created_ms, changed_ms;

    /* what goes out here */
    struct slice name;
    bool enabled;
    struct address_space_list address_spaces;
    int64_t max_message_bytes; /* INT64_MAX: unlimited */
    struct slice comment;

    /* to whom */
    bool dns_routing_enabled; /* to the MX hosts of the recipient's domain */
    struct slice_list
        smart_hosts; /* names, and addresses in brackets; else to these, any of them */
    int64_t port;
    struct slice source_ip_address;         /* "0.0.0.0": whichever the system takes */
    struct slice_list source_servers;       /* this one */
    uint32_t error_policies;                /* a mask */
    bool use_external_dns_servers_enabled;  /* inert */
    bool frontend_proxy_enabled, is_scoped; /* inert */
    uint32_t connector_type;                /* inert */

    /* what it says and keeps */
    struct slice fqdn; /* empty: the server's */
    bool force_helo, cloud_services_mail_enabled, dkim_signing_enabled;
    int64_t connection_inactivity_timeout_ms;
    int64_t max_messages_per_connection;
    uint32_t protocol_logging_level; /* enum protocol_logging */

    /* TLS and login */
    bool ignore_starttls, require_tls, domain_secure_enabled;
    uint32_t tls_auth_level;
    struct slice tls_domain;
    struct slice tls_certificate_name; /* as written; empty: chosen by Fqdn */
    uint32_t smart_host_auth_mechanism;
    struct slice credential_user; /* empty: there is no credential */

    /* derived */
    struct slice tls_issuer_der; /* as those of a receive connector */
    struct slice tls_subject_der;
    struct slice tls_thumbprint;
};

extern const struct setting send_connector_settings[];

/* As receive_connector_derive. A connector that names no source server belongs to the model's. */
bool send_connector_derive(struct send_connector *connector, const struct model *model,
                           distinguished_name_parse_fn *parse_name, struct arena *arena,
                           struct text *error);

/* Whether its TlsCertificateName means this certificate. */
struct certificate;
bool send_connector_names(const struct send_connector *connector,
                          const struct certificate *certificate);

enum send_connector_usage {
    SEND_USAGE_CUSTOM,
    SEND_USAGE_INTERNAL,
    SEND_USAGE_INTERNET,
    SEND_USAGE_PARTNER,
};
/* "Internet" and so on, any case. */
bool send_connector_usage_parse(struct slice written, enum send_connector_usage *out_usage);
/* Puts what the usage implies on a fresh connector (settings_reset): Internal has no limit of size;
 * the others are labels. */
void send_connector_apply_usage(struct send_connector *connector, enum send_connector_usage usage);

/* The server's name where the connector has none of its own. */
struct slice send_connector_fqdn(const struct send_connector *connector,
                                 const struct server *server);

#endif
