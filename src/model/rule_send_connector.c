/* SPDX-License-Identifier: Apache-2.0 */
/* Send connectors: rules that join parameters of one, and the name among all. */
#include "model/rule.h"

static bool has_no_name(const struct send_connector *c)
{
    return c->name.len == 0;
}

static bool has_no_space(const struct send_connector *c)
{
    return c->address_spaces.count == 0;
}

static bool looks_up_and_has_hosts(const struct send_connector *c)
{
    return c->dns_routing_enabled && c->smart_hosts.count;
}

static bool goes_nowhere(const struct send_connector *c)
{
    return !c->dns_routing_enabled && c->smart_hosts.count == 0;
}

static bool requires_what_it_ignores(const struct send_connector *c)
{
    return c->require_tls && c->ignore_starttls;
}

static bool requires_what_helo_hides(const struct send_connector *c)
{
    return c->require_tls && c->force_helo;
}

static bool level_without_tls(const struct send_connector *c)
{
    return c->tls_auth_level && !c->require_tls;
}

static bool hosts_without_domain(const struct send_connector *c)
{
    return c->tls_auth_level == TLS_AUTH_DOMAIN_VALIDATION && !c->dns_routing_enabled &&
           c->tls_domain.len == 0;
}

static bool domain_without_level(const struct send_connector *c)
{
    return c->tls_domain.len && c->tls_auth_level != TLS_AUTH_DOMAIN_VALIDATION;
}

static bool secure_over_hosts(const struct send_connector *c)
{
    return c->domain_secure_enabled && !c->dns_routing_enabled;
}

static bool secure_without_tls(const struct send_connector *c)
{
    return c->domain_secure_enabled && (c->ignore_starttls || c->force_helo);
}

static bool logs_in(const struct send_connector *c)
{
    return c->smart_host_auth_mechanism == SMART_HOST_AUTH_BASIC ||
           c->smart_host_auth_mechanism == SMART_HOST_AUTH_BASIC_REQUIRE_TLS;
}

static bool login_without_hosts(const struct send_connector *c)
{
    return c->smart_host_auth_mechanism != SMART_HOST_AUTH_NONE && c->dns_routing_enabled;
}

static bool login_without_credential(const struct send_connector *c)
{
    return logs_in(c) && c->credential_user.len == 0;
}

static bool login_after_helo(const struct send_connector *c)
{
    return logs_in(c) && c->force_helo;
}

static bool login_inside_ignored_tls(const struct send_connector *c)
{
    return c->smart_host_auth_mechanism == SMART_HOST_AUTH_BASIC_REQUIRE_TLS && c->ignore_starttls;
}

static bool needs_kerberos(const struct send_connector *c)
{
    return c->smart_host_auth_mechanism == SMART_HOST_AUTH_EXCHANGE_SERVER;
}

static bool certificate_name_is_not_derived(const struct send_connector *c)
{
    bool names = c->tls_issuer_der.len && c->tls_subject_der.len;
    return c->tls_certificate_name.len && !names && c->tls_thumbprint.len != 20;
}

/* clang-format off */
static const struct {
    bool (*broken)(const struct send_connector *connector);
    const char *text;
} rules[] = {
    {has_no_name, "Name: a connector needs one. Give -Name \"Internet\"."},
    {has_no_space, "AddressSpaces: a connector needs at least one. Give -AddressSpaces \"*\" for all the world."},
    {looks_up_and_has_hosts, "DNSRoutingEnabled and SmartHosts exclude each other: mail goes to MX hosts or to smart hosts. Set -DNSRoutingEnabled $false, or -SmartHosts $null."},
    {goes_nowhere, "DNSRoutingEnabled $false needs SmartHosts. Give -SmartHosts relay.contoso.com, or set -DNSRoutingEnabled $true."},
    {requires_what_it_ignores, "RequireTLS and IgnoreSTARTTLS exclude each other. Set -IgnoreSTARTTLS $false, or -RequireTLS $false."},
    {requires_what_helo_hides, "RequireTLS and ForceHELO exclude each other: STARTTLS needs EHLO. Set -ForceHELO $false, or -RequireTLS $false."},
    {level_without_tls, "TlsAuthLevel needs RequireTLS. Set both: -RequireTLS $true; or -TlsAuthLevel $null."},
    {hosts_without_domain, "TlsAuthLevel DomainValidation with SmartHosts needs TlsDomain. Give the name in their certificate: -TlsDomain relay.contoso.com."},
    {domain_without_level, "TlsDomain is compared with TlsAuthLevel DomainValidation only. Set -TlsAuthLevel DomainValidation, or -TlsDomain $null."},
    {secure_over_hosts, "DomainSecureEnabled needs DNSRoutingEnabled: a smart host cannot prove to be the recipient's domain. Set -DomainSecureEnabled $false, or -DNSRoutingEnabled $true -SmartHosts $null."},
    {secure_without_tls, "DomainSecureEnabled needs TLS, which IgnoreSTARTTLS and ForceHELO rule out. Set -IgnoreSTARTTLS $false -ForceHELO $false, or -DomainSecureEnabled $false."},
    {needs_kerberos, "SmartHostAuthMechanism ExchangeServer needs a Windows domain. Use BasicAuthRequireTLS with -AuthenticationCredential, or ExternalAuthoritative for a server of ours."},
    {login_without_hosts, "SmartHostAuthMechanism is for SmartHosts, and DNSRoutingEnabled is on. Set -SmartHostAuthMechanism None, or -DNSRoutingEnabled $false -SmartHosts relay.contoso.com."},
    {login_without_credential, "SmartHostAuthMechanism BasicAuth and BasicAuthRequireTLS need AuthenticationCredential. Give it: -AuthenticationCredential (Get-Credential)."},
    {login_after_helo, "SmartHostAuthMechanism and ForceHELO exclude each other: a login needs EHLO. Set -ForceHELO $false, or -SmartHostAuthMechanism None."},
    {login_inside_ignored_tls, "SmartHostAuthMechanism BasicAuthRequireTLS and IgnoreSTARTTLS exclude each other. Set -IgnoreSTARTTLS $false."},
    {certificate_name_is_not_derived, "TlsCertificateName: it must be \"<I>issuer<S>subject\" or a thumbprint of 40 hexadecimal digits."},
};
/* clang-format on */

static bool name_is_free(const struct model *model, const struct send_connector *connector,
                         struct text *error)
{
    for (size_t i = 0; i < model_count(model, MODEL_SEND_CONNECTOR); i++) {
        const struct send_connector *other = model_send_connector(model, i);
        if (other != connector && slice_equal_nocase(other->name, connector->name))
            return rule_broken(error, "Name: there is a send connector \"%.*s\" already.",
                               SLICE_ARG(connector->name));
    }
    return true;
}

/* bücher.example and xn--bcher-kva.example are one space; the rest the setting keeps apart. */
static bool is_there_in_ascii(struct address_space_list list, size_t i, struct text *error)
{
    for (size_t k = 0; k < list.count; k++)
        if (k != i && domain_pattern_same(list.at[i].space, list.at[k].space))
            return !rule_broken(error, "AddressSpaces: %.*s and %.*s are one domain. Name it once.",
                                SLICE_ARG(list.at[i].space), SLICE_ARG(list.at[k].space));
    return false;
}

static bool spaces_differ(const struct send_connector *connector, struct text *error)
{
    struct address_space_list list = connector->address_spaces;
    for (size_t i = 0; i < list.count; i++)
        if (!slice_all_ascii(list.at[i].space) && is_there_in_ascii(list, i, error))
            return false;
    return true;
}

static bool belongs_here(const struct model *model, const struct send_connector *connector,
                         struct text *error)
{
    const struct server *server = model_server(model);
    for (size_t i = 0; server && i < connector->source_servers.count; i++)
        if (!slice_equal_nocase(connector->source_servers.at[i], server->name))
            return rule_broken(error,
                               "SourceTransportServers: \"%.*s\" is not this server, which is "
                               "\"%.*s\". Leave it out.",
                               SLICE_ARG(connector->source_servers.at[i]), SLICE_ARG(server->name));
    return true;
}

bool rule_send_connector(const struct model *model, const struct send_connector *connector,
                         struct text *error)
{
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        if (rules[i].broken(connector))
            return rule_broken(error, "%s", rules[i].text);
    return spaces_differ(connector, error) && belongs_here(model, connector, error) &&
           name_is_free(model, connector, error);
}
