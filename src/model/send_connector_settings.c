/* SPDX-License-Identifier: Apache-2.0 */
/* The parameters of a send connector, in the order in which Format-List prints them. */
#include "model/check.h"
#include "model/send_connector.h"

/* clang-format off */
static const struct setting_word smart_host_auths[] = {
    {"None", SMART_HOST_AUTH_NONE}, {"BasicAuth", SMART_HOST_AUTH_BASIC}, {"BasicAuthRequireTLS", SMART_HOST_AUTH_BASIC_REQUIRE_TLS},
    {"ExchangeServer", SMART_HOST_AUTH_EXCHANGE_SERVER}, {"ExternalAuthoritative", SMART_HOST_AUTH_EXTERNAL}, {0},
};
static const struct setting_word auth_levels[] = {
    {"EncryptionOnly", TLS_AUTH_ENCRYPTION_ONLY}, {"CertificateValidation", TLS_AUTH_CERTIFICATE_VALIDATION},
    {"DomainValidation", TLS_AUTH_DOMAIN_VALIDATION}, {0},
};
static const struct setting_word connector_types[] = {{"Default", CONNECTOR_TYPE_DEFAULT}, {"XPremises", CONNECTOR_TYPE_XPREMISES}, {0}};
static const struct setting_word error_policies[] = {{"Default", 0}, {"DowngradeDnsFailures", ERROR_POLICY_DOWNGRADE_DNS_FAILURES}, {0}};

enum { SECOND_MS = 1000, DAY_MS = 86400 * SECOND_MS };

#define ROW(written, member, ...) SETTING_ROW(send_connector, written, member, __VA_ARGS__)
#define SWITCH(written, member, default_text, ...) ROW(written, member, .kind = SETTING_BOOL, .fallback = default_text, __VA_ARGS__)

const struct setting send_connector_settings[] = {
    ROW("AddressSpaces", address_spaces, .kind = SETTING_ADDRESS_SPACES, .flags = SETTING_REQUIRED, .max = 4096, .check = check_address_space,
        .help = "Recipients this connector is for: contoso.com without its subdomains, *.contoso.com with them, * all, -- accepted domains whose mail is passed on. The most specific one wins, then the lowest cost, then the first name."),
    ROW("AuthenticationCredential", credential_user, .kind = SETTING_TEXT, .flags = SETTING_READ_ONLY, .max = 256,
        .help = "The user who logs in at the smart hosts. The password is never shown."),
    SWITCH("CloudServicesMailEnabled", cloud_services_mail_enabled, "$false",
        .help = "For the other half of a hybrid organization: fields of the organization (X-MS-Exchange-Organization-*) go out as X-MS-Exchange-CrossPremises-*; otherwise they are taken out."),
    ROW("Comment", comment, .kind = SETTING_TEXT, .max = 1024, .help = "Anything worth remembering."),
    ROW("ConnectionInactivityTimeOut", connection_inactivity_timeout_ms, .kind = SETTING_TIME_SPAN, .min = SECOND_MS, .max = DAY_MS, .fallback = "00:10:00",
        .help = "Close a connection on which the peer says nothing for this long."),
    ROW("ConnectorType", connector_type, .kind = SETTING_ENUM, .words = connector_types, .fallback = "Default", .flags = SETTING_INERT,
        .help = "A label; what it stands for is switched by CloudServicesMailEnabled."),
    SWITCH("DkimSigningEnabled", dkim_signing_enabled, "$true",
        .help = "Sign messages of domains that have a DKIM signing config. $false: what follows signs them itself, or they stay within the house."),
    SWITCH("DNSRoutingEnabled", dns_routing_enabled, "$true",
        .help = "Deliver to the MX hosts of the recipient's domain. $false: to SmartHosts."),
    SWITCH("DomainSecureEnabled", domain_secure_enabled, "$false",
        .help = "Deliver to the domains in TLSSendDomainSecureList (Set-TransportConfig) only inside TLS and to a host whose valid certificate is for the domain, and show a certificate of our own. Needs DNSRoutingEnabled; excludes IgnoreSTARTTLS."),
    SWITCH("Enabled", enabled, "$true", .help = "A disabled connector is never chosen."),
    ROW("ErrorPolicies", error_policies, .kind = SETTING_FLAGS, .words = error_policies, .fallback = "Default",
        .help = "DowngradeDnsFailures: a domain that does not exist is tried again later instead of being given up."),
    SWITCH("ForceHELO", force_helo, "$false", .help = "Say HELO instead of EHLO: no extension, no TLS, no login."),
    ROW("Fqdn", fqdn, .kind = SETTING_TEXT, .max = 255, .check = check_host_name,
        .help = "The name in EHLO, by which our own certificate is chosen when none is named. $null: the server's."),
    SWITCH("FrontendProxyEnabled", frontend_proxy_enabled, "$false", .flags = SETTING_INERT,
        .help = "There is no second service to pass through: mail leaves from this one."),
    SWITCH("IgnoreSTARTTLS", ignore_starttls, "$false", .help = "Never use TLS, even when it is offered. Excludes RequireTLS."),
    SWITCH("IsScopedConnector", is_scoped, "$false", .flags = SETTING_INERT, .help = "There are no other sites from which it could be hidden."),
    ROW("MaxMessageSize", max_message_bytes, .kind = SETTING_UNLIMITED_BYTES, .min = 65536, .max = INT32_MAX, .fallback = "35MB",
        .help = "A larger message does not go this way; one that is too large for every connector of its domain is returned."),
    ROW("Name", name, .kind = SETTING_TEXT, .flags = SETTING_REQUIRED, .min = 1, .max = 64, .check = check_name, .help = "What the connector is called."),
    ROW("Port", port, .kind = SETTING_INTEGER, .min = 1, .max = 65535, .fallback = "25", .help = "The port to connect to."),
    ROW("ProtocolLoggingLevel", protocol_logging_level, .kind = SETTING_ENUM, .words = protocol_logging_words, .fallback = "None",
        .help = "Verbose writes every command and reply into the protocol log, without bodies and secrets."),
    SWITCH("RequireTLS", require_tls, "$false", .help = "Deliver inside TLS or not at all. Excludes IgnoreSTARTTLS and ForceHELO."),
    ROW("SmartHostAuthMechanism", smart_host_auth_mechanism, .kind = SETTING_ENUM, .words = smart_host_auths, .fallback = "None",
        .help = "How to log in at SmartHosts. BasicAuth: with AuthenticationCredential, in clear where there is no TLS; BasicAuthRequireTLS: inside TLS only. ExternalAuthoritative: the host is one of ours and the way to it is protected."),
    ROW("SmartHosts", smart_hosts, .kind = SETTING_HOSTS, .max = 64, .check = check_smart_host,
        .help = "Servers that carry the mail on, any of them: names or addresses. Needs DNSRoutingEnabled $false."),
    ROW("SmtpMaxMessagesPerConnection", max_messages_per_connection, .kind = SETTING_INTEGER, .min = 1, .max = INT32_MAX, .fallback = "20",
        .help = "Messages sent over one connection before it is closed."),
    ROW("SourceIPAddress", source_ip_address, .kind = SETTING_TEXT, .flags = SETTING_REQUIRED, .min = 1, .max = 45, .check = check_ip_address, .fallback = "0.0.0.0",
        .help = "The address of this server to connect from; peers of its family only. 0.0.0.0: whichever the system takes."),
    ROW("SourceTransportServers", source_servers, .kind = SETTING_TEXT_LIST, .max = 1, .check = check_server_name,
        .help = "The server that sends; this one is the only one."),
    ROW("TlsAuthLevel", tls_auth_level, .kind = SETTING_ENUM, .words = auth_levels,
        .help = "EncryptionOnly: any certificate; CertificateValidation: one that a trusted root vouches for; DomainValidation: and that is for TlsDomain, or without it for the recipient's domain. Needs RequireTLS. $null: as TLS goes between strangers."),
    ROW("TlsCertificateName", tls_certificate_name, .kind = SETTING_TEXT, .max = 2048,
        .help = "Our own certificate, for peers who ask: \"<I>issuer<S>subject\", or a thumbprint. $null: the best one for Fqdn, or none."),
    ROW("TlsDomain", tls_domain, .kind = SETTING_TEXT, .max = 255, .check = check_host_name,
        .help = "The name the peer's certificate must hold with TlsAuthLevel DomainValidation."),
    SWITCH("UseExternalDNSServersEnabled", use_external_dns_servers_enabled, "$false", .flags = SETTING_INERT,
        .help = "Names are looked up by the servers the system uses."),
    ROW("Identity", name, .kind = SETTING_TEXT, .flags = SETTING_READ_ONLY, .max = 64, .help = "The name."),
    ROW("Guid", id, .kind = SETTING_UUID, .flags = SETTING_READ_ONLY, .help = "An id that never changes."),
    ROW("WhenChanged", changed_ms, .kind = SETTING_TIME, .flags = SETTING_READ_ONLY, .help = "The last change."),
    ROW("WhenCreated", created_ms, .kind = SETTING_TIME, .flags = SETTING_READ_ONLY, .help = "When it was made."),
    ROW("Version", version, .kind = SETTING_INTEGER, .flags = SETTING_READ_ONLY | SETTING_HIDDEN, .help = "Counts the changes."),
    ROW("TlsIssuerDer", tls_issuer_der, .kind = SETTING_HEX, .flags = SETTING_READ_ONLY | SETTING_HIDDEN, .max = 4096, .help = "Issuer of TlsCertificateName, canonical."),
    ROW("TlsSubjectDer", tls_subject_der, .kind = SETTING_HEX, .flags = SETTING_READ_ONLY | SETTING_HIDDEN, .max = 4096, .help = "Subject of TlsCertificateName, canonical."),
    ROW("TlsThumbprint", tls_thumbprint, .kind = SETTING_HEX, .flags = SETTING_READ_ONLY | SETTING_HIDDEN, .min = 20, .max = 20, .help = "Thumbprint in TlsCertificateName."),
    {0},
};
/* clang-format on */
