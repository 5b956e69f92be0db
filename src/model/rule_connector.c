/* SPDX-License-Identifier: Apache-2.0 */
/* Receive connectors: rules that join parameters of one, and rules between two. */
#include "model/rule.h"

/* --- one connector --- */

static bool has(const struct receive_connector *c, uint32_t mechanisms)
{
    return (c->auth_mechanism & mechanisms) == mechanisms;
}

static bool tls_is_required_but_missing(const struct receive_connector *c)
{
    return c->require_tls && !has(c, AUTH_TLS);
}

static bool implicit_without_tls(const struct receive_connector *c)
{
    return c->tls_mode == TLS_MODE_IMPLICIT && !has(c, AUTH_TLS);
}

static bool basic_after_tls_is_incomplete(const struct receive_connector *c)
{
    return has(c, AUTH_BASIC_REQUIRE_TLS) && !has(c, AUTH_BASIC | AUTH_TLS);
}

static bool external_has_company(const struct receive_connector *c)
{
    return has(c, AUTH_EXTERNAL_AUTHORITATIVE) &&
           (c->auth_mechanism & ~(uint32_t)(AUTH_EXTERNAL_AUTHORITATIVE | AUTH_TLS));
}

static bool external_lacks_servers(const struct receive_connector *c)
{
    return has(c, AUTH_EXTERNAL_AUTHORITATIVE) && !(c->permission_groups & GROUP_EXCHANGE_SERVERS);
}

static bool binary_without_chunks(const struct receive_connector *c)
{
    return c->binary_mime_enabled && !c->chunking_enabled;
}

static bool domain_secure_without_tls(const struct receive_connector *c)
{
    return c->domain_secure_enabled && !has(c, AUTH_TLS);
}

static bool domain_secure_with_external(const struct receive_connector *c)
{
    return c->domain_secure_enabled && has(c, AUTH_EXTERNAL_AUTHORITATIVE);
}

static bool idle_outlasts_connection(const struct receive_connector *c)
{
    return c->connection_inactivity_timeout_ms >= c->connection_timeout_ms;
}

static bool long_addresses_in_front(const struct receive_connector *c)
{
    return c->long_addresses_enabled && c->transport_role != TRANSPORT_ROLE_HUB;
}

static bool has_no_binding(const struct receive_connector *c)
{
    return c->bindings.count == 0;
}

static bool has_no_range(const struct receive_connector *c)
{
    return c->remote_ip_ranges.count == 0;
}

static bool has_no_name(const struct receive_connector *c)
{
    return c->name.len == 0;
}

static bool certificate_name_is_not_derived(const struct receive_connector *c)
{
    bool names = c->tls_issuer_der.len && c->tls_subject_der.len;
    return c->tls_certificate_name.len && !names && c->tls_thumbprint.len != 20;
}

static const struct {
    bool (*broken)(const struct receive_connector *connector);
    const char *text;
} rules[] = {
    {has_no_name, "Name: a connector needs one. Give -Name \"Relay\"."},
    {has_no_binding, "Bindings: a connector needs at least one. Give -Bindings 0.0.0.0:25."},
    {has_no_range, "RemoteIPRanges: a connector needs at least one. Give -RemoteIPRanges "
                   "192.0.2.0/24."},
    {tls_is_required_but_missing,
     "RequireTLS needs Tls in AuthMechanism. Add it: -AuthMechanism @{Add='Tls'}."},
    {implicit_without_tls,
     "TlsMode Implicit needs Tls in AuthMechanism. Add it: -AuthMechanism @{Add='Tls'}."},
    {basic_after_tls_is_incomplete, "AuthMechanism: BasicAuthRequireTLS needs BasicAuth and Tls "
                                    "beside it. Write Tls, BasicAuth, BasicAuthRequireTLS."},
    {external_has_company, "AuthMechanism: only Tls may stand beside ExternalAuthoritative. Write "
                           "Tls, ExternalAuthoritative."},
    {external_lacks_servers, "AuthMechanism ExternalAuthoritative needs ExchangeServers in "
                             "PermissionGroups. Add it: -PermissionGroups "
                             "@{Add='ExchangeServers'}."},
    {binary_without_chunks, "BinaryMimeEnabled needs ChunkingEnabled. Set both: "
                            "-BinaryMimeEnabled $false -ChunkingEnabled $false."},
    {domain_secure_without_tls,
     "DomainSecureEnabled needs Tls in AuthMechanism. Add it: -AuthMechanism @{Add='Tls'}."},
    {domain_secure_with_external,
     "DomainSecureEnabled excludes ExternalAuthoritative in AuthMechanism: one of them must go."},
    {idle_outlasts_connection,
     "ConnectionInactivityTimeout must be less than ConnectionTimeout: shorten the one or lengthen "
     "the other."},
    {long_addresses_in_front, "LongAddressesEnabled is for connectors of the TransportRole "
                              "HubTransport only."},
    {certificate_name_is_not_derived, "TlsCertificateName: it must be \"<I>issuer<S>subject\" or "
                                      "a thumbprint of 40 hexadecimal digits."},
};

static bool keeps_its_own_rules(const struct receive_connector *connector, struct text *error)
{
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        if (rules[i].broken(connector))
            return rule_broken(error, "%s", rules[i].text);
    return true;
}

/* --- two connectors --- */

static bool bindings_meet(struct ip_endpoint a, struct ip_endpoint b)
{
    if (a.port != b.port || ip_is_v4(a.address) != ip_is_v4(b.address))
        return false;
    return ip_equal(a.address, b.address) || ip_is_any(a.address) || ip_is_any(b.address);
}

static bool find_shared_binding(const struct receive_connector *a,
                                const struct receive_connector *b, struct ip_endpoint *out_shared,
                                bool *out_equal)
{
    bool found = false;
    *out_equal = false;
    for (size_t i = 0; i < a->bindings.count; i++)
        for (size_t k = 0; k < b->bindings.count; k++) {
            if (!bindings_meet(a->bindings.at[i], b->bindings.at[k]))
                continue;
            bool equal = ip_endpoint_equal(a->bindings.at[i], b->bindings.at[k]);
            if (!found || equal)
                *out_shared = a->bindings.at[i];
            found = true;
            *out_equal = *out_equal || equal;
        }
    return found;
}

static struct ip_range intersection(struct ip_range a, struct ip_range b)
{
    return (struct ip_range){ip_compare(a.first, b.first) > 0 ? a.first : b.first,
                             ip_compare(a.last, b.last) < 0 ? a.last : b.last};
}

/* Ranges that overlap without one holding the other; and, on one and the same binding, equal ones:
 * then nothing would decide which connector gets the client. */
static bool find_conflict(struct ip_range_list a, struct ip_range_list b, bool same_binding,
                          struct ip_range *out_shared, bool *out_equal)
{
    for (size_t i = 0; i < a.count; i++)
        for (size_t k = 0; k < b.count; k++) {
            bool within = ip_range_within(a.at[i], b.at[k]);
            bool around = ip_range_within(b.at[k], a.at[i]);
            *out_equal = within && around;
            *out_shared = intersection(a.at[i], b.at[k]);
            if (*out_equal ? same_binding : ip_range_meets(a.at[i], b.at[k]) && !within && !around)
                return true;
        }
    return false;
}

static bool explain_conflict(const struct receive_connector *a, const struct receive_connector *b,
                             struct ip_endpoint binding, struct ip_range range, bool equal,
                             struct text *error)
{
    char binding_storage[64], range_storage[128];
    struct text where = text_over(binding_storage, sizeof binding_storage);
    struct text who = text_over(range_storage, sizeof range_storage);
    ip_endpoint_append(&where, binding);
    ip_range_append(&who, range);
    return rule_broken(
        error, "Bindings and RemoteIPRanges of \"%.*s\" and \"%.*s\" conflict on %.*s: %s %.*s. %s",
        SLICE_ARG(a->name), SLICE_ARG(b->name), SLICE_ARG(text_slice(&where)),
        equal ? "both hold" : "both hold, neither range within the other,",
        SLICE_ARG(text_slice(&who)),
        equal ? "Give one of them a smaller range or another port."
              : "Ranges of different connectors may overlap only when one contains the other.");
}

/* Nearly all pairs of thousands of connectors end here. */
static bool are_apart(struct ip_range_list a, struct ip_range_list b)
{
    for (size_t i = 0; i < a.count; i++)
        for (size_t k = 0; k < b.count; k++)
            if (ip_compare(a.at[i].last, b.at[k].first) >= 0 &&
                ip_compare(b.at[k].last, a.at[i].first) >= 0)
                return false;
    return true;
}

static bool conflict_between(const struct receive_connector *a, const struct receive_connector *b,
                             struct text *error)
{
    struct ip_endpoint binding;
    struct ip_range range;
    bool same_binding, equal;
    if (a->transport_role == b->transport_role &&
        are_apart(a->remote_ip_ranges, b->remote_ip_ranges))
        return true;
    if (!find_shared_binding(a, b, &binding, &same_binding))
        return true;
    if (a->transport_role != b->transport_role) {
        char storage[64];
        struct text where = text_over(storage, sizeof storage);
        ip_endpoint_append(&where, binding);
        return rule_broken(error,
                           "TransportRole and Bindings of \"%.*s\" conflict with \"%.*s\": both "
                           "listen on %.*s, and connectors of different roles can never share an "
                           "address and port. Use another port, or the TransportRole of the other.",
                           SLICE_ARG(a->name), SLICE_ARG(b->name), SLICE_ARG(text_slice(&where)));
    }
    if (find_conflict(a->remote_ip_ranges, b->remote_ip_ranges, same_binding, &range, &equal))
        return explain_conflict(a, b, binding, range, equal, error);
    return true;
}

bool rule_connector_conflicts(const struct model *model, const struct receive_connector *connector,
                              struct text *error)
{
    for (size_t i = 0; i < model_count(model, MODEL_RECEIVE_CONNECTOR); i++) {
        const struct receive_connector *other = model_receive_connector(model, i);
        if (other == connector)
            continue;
        if (slice_equal_nocase(other->name, connector->name))
            return rule_broken(error, "Name: there is a receive connector \"%.*s\" already.",
                               SLICE_ARG(connector->name));
        if (!conflict_between(connector, other, error))
            return false;
    }
    return true;
}

/* What it shares with others, or must not. */
static bool stands_where_it_stood(const struct receive_connector *before,
                                  const struct receive_connector *connector)
{
    static const char *const shared[] = {"Name", "Bindings", "RemoteIPRanges", "TransportRole"};
    for (size_t i = 0; i < COUNT_OF(shared); i++)
        if (!setting_equal(setting_exact(receive_connector_settings, slice_of(shared[i])), before,
                           connector))
            return false;
    return true;
}

static bool keeps_rules_alone(const struct model *model, const struct receive_connector *connector,
                              struct text *error)
{
    const struct server *server = model_server(model);
    if (server && !slice_equal_nocase(connector->server, server->name))
        return rule_broken(error, "Server: the connector belongs to \"%.*s\", this is \"%.*s\".",
                           SLICE_ARG(connector->server), SLICE_ARG(server->name));
    return keeps_its_own_rules(connector, error);
}

bool rule_receive_connector(const struct model *model, const struct receive_connector *connector,
                            struct text *error)
{
    return keeps_rules_alone(model, connector, error) &&
           rule_connector_conflicts(model, connector, error);
}

bool rule_changed_connector(const struct model *model, const struct receive_connector *before,
                            const struct receive_connector *connector, struct text *error)
{
    return keeps_rules_alone(model, connector, error) &&
           (stands_where_it_stood(before, connector) ||
            rule_connector_conflicts(model, connector, error));
}
