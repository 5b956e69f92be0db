/* SPDX-License-Identifier: Apache-2.0 */
/* The parameters of a receive connector, in the order in which Format-List prints them. */
#include "model/check.h"
#include "model/receive_connector.h"

/* clang-format off */
static const struct setting_word auth_mechanisms[] = {
    {"None", 0}, {"Tls", AUTH_TLS}, {"Integrated", AUTH_INTEGRATED}, {"BasicAuth", AUTH_BASIC},
    {"BasicAuthRequireTLS", AUTH_BASIC_REQUIRE_TLS}, {"ExchangeServer", AUTH_EXCHANGE_SERVER},
    {"ExternalAuthoritative", AUTH_EXTERNAL_AUTHORITATIVE}, {0},
};
static const struct setting_word permission_groups[] = {
    {"None", 0}, {"AnonymousUsers", GROUP_ANONYMOUS_USERS}, {"ExchangeUsers", GROUP_EXCHANGE_USERS},
    {"ExchangeServers", GROUP_EXCHANGE_SERVERS}, {"ExchangeLegacyServers", GROUP_EXCHANGE_LEGACY_SERVERS},
    {"Partners", GROUP_PARTNERS}, {"Custom", GROUP_CUSTOM}, {0},
};
static const struct setting_word rate_sources[] = {
    {"None", 0}, {"IPAddress", RATE_SOURCE_IP_ADDRESS}, {"User", RATE_SOURCE_USER}, {"All", RATE_SOURCE_ALL}, {0},
};
static const struct setting_word tls_modes[] = {{"Explicit", TLS_MODE_EXPLICIT}, {"Implicit", TLS_MODE_IMPLICIT}, {0}};
static const struct setting_word tls_minimums[] = {
    {"Tls10", TLS_MINIMUM_10}, {"Tls11", TLS_MINIMUM_11}, {"Tls12", TLS_MINIMUM_12}, {"Tls13", TLS_MINIMUM_13}, {0},
};
const struct setting_word protocol_logging_words[] = {{"None", PROTOCOL_LOGGING_NONE}, {"Verbose", PROTOCOL_LOGGING_VERBOSE}, {0}};
static const struct setting_word milter_failure_actions[] = {{"Tempfail", MILTER_FAILURE_TEMPFAIL}, {"Accept", MILTER_FAILURE_ACCEPT}, {0}};
static const struct setting_word protection_policies[] = {
    {"None", EXTENDED_PROTECTION_NONE}, {"Allow", EXTENDED_PROTECTION_ALLOW}, {"Require", EXTENDED_PROTECTION_REQUIRE}, {0},
};
static const struct setting_word transport_roles[] = {
    {"FrontendTransport", TRANSPORT_ROLE_FRONTEND}, {"HubTransport", TRANSPORT_ROLE_HUB}, {0},
};
static const struct setting_word sizes[] = {
    {"Enabled", SIZE_ENABLED}, {"Disabled", SIZE_DISABLED}, {"EnabledwithoutValue", SIZE_ENABLED_WITHOUT_VALUE}, {0},
};

enum { SECOND_MS = 1000, DAY_MS = 86400 * SECOND_MS };

#define ROW(written, member, ...) SETTING_ROW(receive_connector, written, member, __VA_ARGS__)
#define SWITCH(written, member, default_text, ...) ROW(written, member, .kind = SETTING_BOOL, .fallback = default_text, __VA_ARGS__)

const struct setting receive_connector_settings[] = {
    ROW("AuthMechanism", auth_mechanism, .kind = SETTING_FLAGS, .words = auth_mechanisms, .fallback = "Tls",
        .help = "What is offered for proving who one is. BasicAuth: PLAIN and LOGIN. Integrated: SCRAM-SHA-256, which sends no password; never NTLM or Kerberos. With BasicAuthRequireTLS all of them inside TLS only; it needs BasicAuth and Tls. ExternalAuthoritative allows only Tls beside it."),
    ROW("Banner", banner, .kind = SETTING_TEXT, .max = 510, .check = check_banner,
        .help = "The greeting, beginning with 220. $null returns to the usual one."),
    SWITCH("BinaryMimeEnabled", binary_mime_enabled, "$true", .help = "Offer BINARYMIME. Needs ChunkingEnabled."),
    ROW("Bindings", bindings, .kind = SETTING_BINDINGS, .flags = SETTING_REQUIRED, .max = 64,
        .help = "Addresses and ports to listen on. 0.0.0.0 and [::] are all addresses of their family."),
    SWITCH("ChunkingEnabled", chunking_enabled, "$true", .help = "Offer CHUNKING (BDAT)."),
    ROW("DefaultDomain", default_domain, .kind = SETTING_TEXT, .max = 255, .check = check_host_name,
        .help = "Domain added to senders and recipients that are written without one; without it such names are refused."),
    SWITCH("DeliveryStatusNotificationEnabled", delivery_status_notification_enabled, "$true", .help = "Offer DSN."),
    SWITCH("EightBitMimeEnabled", eight_bit_mime_enabled, "$true", .help = "Offer 8BITMIME."),
    SWITCH("SmtpUtf8Enabled", smtp_utf8_enabled, "$true", .help = "Offer SMTPUTF8: addresses beyond ASCII."),
    SWITCH("BareLinefeedRejectionEnabled", bare_linefeed_rejection_enabled, "$true",
        .help = "Refuse a message with a line feed that has no carriage return before it (554 5.6.11). $false: it is written with one."),
    SWITCH("DomainSecureEnabled", domain_secure_enabled, "$false",
        .help = "Ask clients for a certificate, and take mail of the domains in TLSReceiveDomainSecureList (Set-TransportConfig) only with a valid one for the domain (454 4.7.5). Needs Tls; excludes ExternalAuthoritative."),
    SWITCH("EnhancedStatusCodesEnabled", enhanced_status_codes_enabled, "$true", .help = "Offer ENHANCEDSTATUSCODES and write them into replies."),
    SWITCH("LongAddressesEnabled", long_addresses_enabled, "$false", .help = "Offer XLONGADDR: addresses of up to 1,860 characters. HubTransport only."),
    SWITCH("OrarEnabled", orar_enabled, "$false", .help = "Offer XORAR: the client may name an alternate recipient, who is taken when the one named is unknown."),
    SWITCH("SuppressXAnonymousTls", suppress_x_anonymous_tls, "$false", .flags = SETTING_INERT,
        .help = "X-ANONYMOUSTLS is never offered: servers of one organization use STARTTLS like all others."),
    SWITCH("AdvertiseClientSettings", advertise_client_settings, "$false", .flags = SETTING_INERT,
        .help = "There is no webmail that could show the connector to its users."),
    ROW("Fqdn", fqdn, .kind = SETTING_TEXT, .max = 255, .check = check_host_name,
        .help = "The name in banner, EHLO answer and Received header, by which the certificate is chosen when none is named. $null: the server's."),
    ROW("ServiceDiscoveryFqdn", service_discovery_fqdn, .kind = SETTING_TEXT, .max = 255, .check = check_host_name, .flags = SETTING_INERT,
        .help = "Nothing asks for it: clients find the server by its host name."),
    ROW("TlsCertificateName", tls_certificate_name, .kind = SETTING_TEXT, .max = 2048,
        .help = "The certificate to present: \"<I>issuer<S>subject\", or a thumbprint, which pins one. $null: chosen by Fqdn."),
    SWITCH("TlsCertificateFallback", tls_certificate_fallback, "$true",
        .help = "When the named certificate is missing, present the best one for Fqdn instead of withdrawing STARTTLS."),
    ROW("TlsMode", tls_mode, .kind = SETTING_ENUM, .words = tls_modes, .fallback = "Explicit",
        .help = "Explicit: STARTTLS. Implicit: TLS from the first byte (RFC 8314)."),
    SWITCH("TlsSni", tls_sni, "$false",
        .help = "A client that asks for a host which the usual certificate does not cover gets a valid one that does, if there is one."),
    ROW("TlsMinimumVersion", tls_minimum_version, .kind = SETTING_ENUM, .words = tls_minimums, .fallback = "Tls12",
        .help = "The oldest version of TLS that is spoken."),
    SWITCH("TlsTickets", tls_tickets, "$true", .help = "Let clients resume TLS sessions with tickets; never on a connector that asks for certificates."),
    ROW("Comment", comment, .kind = SETTING_TEXT, .max = 1024, .flags = SETTING_NOT_IN_SNAPSHOT, .help = "Anything worth remembering."),
    SWITCH("Enabled", enabled, "$true", .help = "A disabled connector is not listened for and never chosen."),
    ROW("ConnectionTimeout", connection_timeout_ms, .kind = SETTING_TIME_SPAN, .min = SECOND_MS, .max = DAY_MS, .fallback = "00:10:00",
        .help = "Longest life of a connection, even in the middle of a message."),
    ROW("ConnectionInactivityTimeout", connection_inactivity_timeout_ms, .kind = SETTING_TIME_SPAN, .min = SECOND_MS, .max = DAY_MS, .fallback = "00:05:00",
        .help = "Close an idle session. Less than ConnectionTimeout."),
    ROW("MessageRateLimit", message_rate_limit, .kind = SETTING_UNLIMITED, .min = 1, .max = INT32_MAX, .fallback = "Unlimited",
        .help = "Messages in a minute from one source; one more is answered 421 4.4.2."),
    ROW("MessageRateSource", message_rate_source, .kind = SETTING_FLAGS, .words = rate_sources, .fallback = "IPAddress",
        .help = "What MessageRateLimit counts by: the client's address (IPv6: its first 64 bits), the user who logged in, or both."),
    ROW("Milters", milters, .kind = SETTING_TEXT_LIST, .max = 16, .check = check_milter,
        .help = "Content filters (milter protocol) that are asked about each message, in this order, each hearing what those before it have made of it: unix:/run/filter.sock, or inet:127.0.0.1:11332. Own parameter."),
    ROW("MilterFailureAction", milter_failure_action, .kind = SETTING_ENUM, .words = milter_failure_actions, .fallback = "Tempfail",
        .help = "When a filter cannot be reached, is too slow or breaks the protocol: Tempfail, the client is to try again (451 4.7.1); Accept, the message goes on without it. Own parameter."),
    ROW("MilterTimeout", milter_timeout_ms, .kind = SETTING_TIME_SPAN, .min = SECOND_MS, .max = 240 * SECOND_MS, .fallback = "00:00:30",
        .help = "How long a filter may take to be reached, and to say something. Own parameter."),
    ROW("MaxInboundConnection", max_inbound_connection, .kind = SETTING_UNLIMITED, .min = 1, .max = INT32_MAX, .fallback = "5000",
        .help = "Connections at the same time; one more is answered 421 4.3.2."),
    ROW("MaxInboundConnectionPerSource", max_inbound_connection_per_source, .kind = SETTING_UNLIMITED, .min = 1, .max = 10000, .fallback = "20",
        .help = "Connections at the same time from one address (IPv6: from one /64)."),
    ROW("MaxInboundConnectionPercentagePerSource", max_inbound_connection_percentage_per_source, .kind = SETTING_INTEGER, .min = 1, .max = 100, .fallback = "2",
        .help = "Share of the connections still free that one address may hold, in percent; at least one."),
    ROW("MaxHeaderSize", max_header_bytes, .kind = SETTING_BYTES, .min = 1, .max = INT32_MAX, .fallback = "256KB", .help = "Longest header of a message."),
    ROW("MaxHopCount", max_hop_count, .kind = SETTING_INTEGER, .min = 1, .max = 500, .fallback = "60",
        .help = "Received headers a message may have; one with more is a loop (554 5.4.6)."),
    ROW("MaxLocalHopCount", max_local_hop_count, .kind = SETTING_INTEGER, .min = 0, .max = 50, .fallback = "5",
        .help = "Received headers of this server a message may have; one with more is a loop (554 5.4.6). 0: never counted."),
    ROW("MaxLogonFailures", max_logon_failures, .kind = SETTING_INTEGER, .min = 0, .max = 10, .fallback = "3",
        .help = "Failed logins before the connection is closed; 0: never."),
    ROW("MaxMessageSize", max_message_bytes, .kind = SETTING_BYTES, .min = 65536, .max = INT32_MAX, .fallback = "36MB",
        .help = "Announced as SIZE; a larger message is answered 552 5.3.4."),
    ROW("MaxProtocolErrors", max_protocol_errors, .kind = SETTING_UNLIMITED, .min = 0, .max = INT32_MAX, .fallback = "5",
        .help = "Errors of a client before the connection is closed."),
    ROW("MaxRecipientsPerMessage", max_recipients_per_message, .kind = SETTING_INTEGER, .min = 1, .max = 512000, .fallback = "200",
        .help = "Recipients of one message; further ones are refused for now (452 4.5.3)."),
    ROW("PermissionGroups", permission_groups, .kind = SETTING_FLAGS, .words = permission_groups, .fallback = "None",
        .help = "Who may use this connector, as groups of rights."),
    SWITCH("PipeliningEnabled", pipelining_enabled, "$true", .help = "Offer PIPELINING."),
    ROW("ProtocolLoggingLevel", protocol_logging_level, .kind = SETTING_ENUM, .words = protocol_logging_words, .fallback = "None",
        .help = "Verbose writes every command and reply into the protocol log, without bodies and secrets."),
    ROW("RemoteIPRanges", remote_ip_ranges, .kind = SETTING_IP_RANGES, .flags = SETTING_REQUIRED,
        .fallback = "0.0.0.0-255.255.255.255,::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        .help = "Clients this connector is for. Among connectors on one port, the smallest range that holds the client wins."),
    ROW("ProxyProtocolRanges", proxy_protocol_ranges, .kind = SETTING_IP_RANGES,
        .help = "Load balancers whose connections begin with a PROXY header (version 1 or 2). It is demanded and believed; the connector is then chosen again, for the address in it."),
    SWITCH("RequireEHLODomain", require_ehlo_domain, "$false", .help = "Close a connection whose EHLO names no domain."),
    SWITCH("RequireTLS", require_tls, "$false", .help = "Refuse mail commands before STARTTLS. Needs Tls in AuthMechanism."),
    SWITCH("EnableAuthGSSAPI", enable_auth_gssapi, "$false", .flags = SETTING_INERT,
        .help = "GSSAPI and NTLM need a Windows domain and are never offered; clients log in with PLAIN or LOGIN inside TLS, or with SCRAM."),
    ROW("ExtendedProtectionPolicy", extended_protection_policy, .kind = SETTING_ENUM, .words = protection_policies, .fallback = "None",
        .help = "Whether logins by SCRAM are bound to their TLS session (SCRAM-SHA-256-PLUS, tls-exporter): None, never; Allow, by clients that can; Require, always, and SCRAM without it is refused. PLAIN and LOGIN are not concerned."),
    ROW("TlsDomainCapabilities", tls_domain_capabilities, .kind = SETTING_TEXT_LIST, .flags = SETTING_SEMICOLONS, .max = 64,
        .check = check_domain_capabilities, .help = "Who is trusted with AcceptCloudServicesMail, bringing along fields of the organization (X-MS-Exchange-CrossPremises-*): domain:AcceptCloudServicesMail, a client whose valid certificate is for the domain; NO-TLS:AcceptCloudServicesMail, every client in clear."),
    ROW("Server", server, .kind = SETTING_TEXT, .flags = SETTING_ONLY_NEW, .max = 63, .check = check_server_name, .help = "The server the connector belongs to."),
    ROW("TransportRole", transport_role, .kind = SETTING_ENUM, .words = transport_roles, .fallback = "HubTransport",
        .help = "Which service the connector belongs to. Connectors of different roles can never share an address and port."),
    SWITCH("RejectReservedTopLevelRecipientDomains", reject_reserved_top_level_recipient_domains, "$false",
        .help = "Refuse recipients in .test, .example, .invalid and .localhost (550 5.1.4)."),
    SWITCH("RejectReservedSecondLevelRecipientDomains", reject_reserved_second_level_recipient_domains, "$false",
        .help = "Refuse recipients in example.com, example.net, example.org and below them (550 5.1.5)."),
    SWITCH("RejectSingleLabelRecipientDomains", reject_single_label_recipient_domains, "$false",
        .help = "Refuse recipients in domains without a dot (550 5.1.6)."),
    ROW("SizeEnabled", size_enabled, .kind = SETTING_ENUM, .words = sizes, .fallback = "Enabled", .help = "How SIZE is offered."),
    ROW("TarpitInterval", tarpit_interval_ms, .kind = SETTING_TIME_SPAN, .min = 0, .max = 600 * SECOND_MS, .fallback = "00:00:05",
        .help = "Delay of refusals (5yz) to clients that have not logged in. 00:00:00: none."),
    ROW("AuthTarpitInterval", auth_tarpit_interval_ms, .kind = SETTING_TIME_SPAN, .min = 0, .max = 600 * SECOND_MS, .fallback = "00:00:05",
        .help = "Delay of the answer to a failed login. 00:00:00: none."),
    ROW("MaxAcknowledgementDelay", max_acknowledgement_delay_ms, .kind = SETTING_TIME_SPAN, .min = 0, .max = DAY_MS, .fallback = "00:00:30", .flags = SETTING_INERT,
        .help = "An acknowledgement is never delayed for a second copy: it is given as soon as the message is durable."),
    ROW("Name", name, .kind = SETTING_TEXT, .flags = SETTING_REQUIRED, .min = 1, .max = 64, .check = check_name, .help = "What the connector is called."),
    ROW("Identity", identity, .kind = SETTING_TEXT, .flags = SETTING_READ_ONLY, .max = 128, .help = "SERVER\\Name."),
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
