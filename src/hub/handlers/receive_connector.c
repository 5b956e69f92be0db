/* SPDX-License-Identifier: Apache-2.0 */
/* Get-, New-, Set- and Remove-ReceiveConnector. */
#include "hub/certificates/presentation.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "hub/handlers/permission.h"
#include "model/certificate_health.h"
#include "model/peer.h"
#include "os/clock.h"
#include "tls/distinguished_name.h"

#include <string.h>

enum { ERROR_MAX_BYTES = 2000 };

/* --- Get --- */

/* Bindings of the connector that could not be listened on, with the reason. */
static json_t *binding_errors(const struct hub *hub, const struct receive_connector *connector)
{
    json_t *errors = json_array();
    for (size_t i = 0; i < hub->binding_count; i++) {
        const struct binding *binding = &hub->bindings[i];
        for (size_t j = 0; binding->error && j < connector->bindings.count; j++) {
            if (!ip_endpoint_equal(binding->endpoint, connector->bindings.at[j]))
                continue;
            char storage[160];
            struct text line = text_over(storage, sizeof(storage));
            ip_endpoint_append(&line, binding->endpoint);
            text_append_format(&line, ": %s", strerror(binding->error));
            json_array_append_new(errors, json_of_slice(text_slice(&line)));
        }
    }
    return errors;
}

/* Waiting: a binding cannot be listened on at the moment; it is tried again and again. Draining and
 * Inactive: new sessions are turned away, by Set-ServerComponentState. */
static const char *state_of(const struct hub *hub, const struct receive_connector *connector,
                            const json_t *errors)
{
    enum component_state admits = transport_service_admits(hub->model, connector, NULL);
    if (!connector->enabled)
        return "Disabled";
    if (admits != COMPONENT_ACTIVE)
        return component_state_name(admits);
    return json_array_size(errors) ? "Waiting" : "Listening";
}

static void add_bindings(json_t *json, const struct hub *hub,
                         const struct receive_connector *connector)
{
    json_t *errors = binding_errors(hub, connector);
    json_object_set_new(json, "State", json_string(state_of(hub, connector, errors)));
    json_object_set_new(json, "BindingErrors", errors);
}

static void add_presentation(json_t *json, const struct receive_connector *connector,
                             const struct certificate_choice *choice)
{
    int64_t now_ms = clock_wall_ms();
    const struct certificate *certificate = choice->certificate;
    struct slice none = SLICE("");
    json_object_set_new(json, "PresentsThumbprint",
                        json_of_hex(certificate ? certificate->thumbprint : none));
    json_object_set_new(json, "PresentsSubject",
                        json_of_slice(certificate ? certificate->subject : none));
    json_object_set_new(json, "PresentsRule", json_string(certificate_rule_code(choice->rule)));
    json_object_set_new(json, "DaysLeft",
                        certificate ? json_integer(certificate_days_left(certificate, now_ms))
                                    : json_null());
    json_object_set_new(
        json, "Health",
        json_string(certificate_health_word(connector_health(connector, choice, now_ms))));
}

static json_t *connector_json(struct call *call, const void *object)
{
    const struct receive_connector *connector = object;
    json_t *json = json_of_object(MODEL_RECEIVE_CONNECTOR, connector);
    json_object_set_new(json, "PermissionGroups",
                        permission_groups_json(call->hub->model, connector));
    struct certificate_choice choice = presentation_now(call, call->hub->model, connector);
    add_presentation(json, connector, &choice);
    add_bindings(json, call->hub, connector);
    return json;
}

void receive_connector_get(struct call *call)
{
    struct slice identity = call_text(call, "Identity");
    size_t at;
    if (!operation_server_is_this(call, "Server"))
        return;
    bool many = !call->names_only && (identity.len == 0 || slice_find(identity, '*', &at));
    if (many)
        call->certificates = presentation_index(call->hub);
    operation_get(call, MODEL_RECEIVE_CONNECTOR, "Identity", connector_json);
}

/* --- Set --- */

static bool derive(struct call *call, struct model *draft, struct receive_connector *connector)
{
    char storage[ERROR_MAX_BYTES];
    struct text error = text_over(storage, sizeof(storage));
    connector->changed_ms = clock_wall_ms();
    if (receive_connector_derive(connector, draft, distinguished_name_parse, draft->arena, &error))
        return true;
    call_fail(call, OPERATION_USAGE, "%.*s", SLICE_ARG(text_slice(&error)));
    return false;
}

/* What is allowed and hardly meant: said when the parameter is part of the command, or of a
 * connector that is being made. */
static bool nobody_may_send(const struct receive_connector *connector)
{
    return connector->permission_groups == 0;
}

static bool knows_no_partner(const struct receive_connector *connector)
{
    return connector->permission_groups == GROUP_PARTNERS && !connector->domain_secure_enabled;
}

static bool trusts_everybody_in_clear(const struct receive_connector *connector)
{
    const char *unused;
    return peer_capabilities(connector, NULL, &unused) != 0;
}

static bool offers_windows_logons(const struct receive_connector *connector)
{
    return connector->auth_mechanism & AUTH_EXCHANGE_SERVER;
}

static bool binds_no_login(const struct receive_connector *connector)
{
    return connector->extended_protection_policy != EXTENDED_PROTECTION_NONE &&
           !(connector->auth_mechanism & AUTH_INTEGRATED);
}

static bool takes_logins_unbound(const struct receive_connector *connector)
{
    return connector->extended_protection_policy == EXTENDED_PROTECTION_REQUIRE &&
           (connector->auth_mechanism & AUTH_INTEGRATED) &&
           (connector->auth_mechanism & AUTH_BASIC);
}

static bool allows_old_tls(const struct receive_connector *connector)
{
    return connector->tls_minimum_version < TLS_MINIMUM_12;
}

static bool trusts_a_network(const struct receive_connector *connector)
{
    struct ip_range large = {0};
    ip_range_parse(SLICE("192.0.2.0/24"), &large);
    for (size_t i = 0; i < connector->proxy_protocol_ranges.count; i++)
        if (ip_range_compare_size(connector->proxy_protocol_ranges.at[i], large) > 0)
            return true;
    return false;
}

static const struct warning {
    const char *parameter;
    bool (*applies)(const struct receive_connector *connector);
    const char *text;
} warnings[] = {
    {"PermissionGroups", nobody_may_send,
     "nobody may send mail here until -PermissionGroups is set (Set-ReceiveConnector)"},
    {"PermissionGroups", knows_no_partner,
     "only partners may send mail here, and nobody is one: set -DomainSecureEnabled $true, and "
     "their "
     "domains with Set-TransportConfig -TLSReceiveDomainSecureList"},
    {"TlsDomainCapabilities", trusts_everybody_in_clear,
     "NO-TLS lets every client that this connector takes write fields of the organization: it must "
     "be for trusted addresses alone (RemoteIPRanges)"},
    {"AuthMechanism", offers_windows_logons,
     "ExchangeServer is kept for scripts and offers nothing: it needs a Windows domain. Trusted "
     "servers come in by their addresses with ExternalAuthoritative"},
    {"ExtendedProtectionPolicy", binds_no_login,
     "ExtendedProtectionPolicy counts for SCRAM logins, which are not offered here: add Integrated "
     "and Tls to AuthMechanism (Set-ReceiveConnector -AuthMechanism)"},
    {"ExtendedProtectionPolicy", takes_logins_unbound,
     "Require is for SCRAM logins; PLAIN and LOGIN are taken without a binding. To demand one of "
     "everybody take BasicAuth and BasicAuthRequireTLS out of AuthMechanism"},
    {"TlsMinimumVersion", allows_old_tls,
     "clients may use TLS 1.0 or 1.1, which are broken (RFC 8996). If one old device needs it, "
     "give "
     "it a connector of its own: New-ReceiveConnector with its address as -RemoteIPRanges"},
    {"ProxyProtocolRanges", trusts_a_network,
     "whoever connects from these ranges may claim to be any client: name the balancers alone"},
};

static void warn_of(struct call *call, const struct receive_connector *connector)
{
    bool made = call->operation == &operations[OPERATION_NEW_RECEIVE_CONNECTOR];
    for (size_t i = 0; i < COUNT_OF(warnings); i++)
        if ((made || call_has(call, warnings[i].parameter)) && warnings[i].applies(connector))
            call_warn(call, "%.*s: %s", SLICE_ARG(connector->identity), warnings[i].text);
}

static void report_set(struct call *call, const struct model *draft,
                       const struct receive_connector *connector)
{
    const struct model *now = call->hub->model;
    const void *before = model_by_id(now, MODEL_RECEIVE_CONNECTOR, connector->id);
    if (before)
        operation_inform_difference(call, MODEL_RECEIVE_CONNECTOR, before, connector);
    warn_of(call, connector);
    if (call_has(call, "TlsCertificateName") || presentation_differs(call, now, draft, connector))
        presentation_report_one(call, now, draft, connector->id);
}

/* Bare recipients in a domain that is not ours are a question of relay. */
static void warn_of_default_domain(struct call *call, const struct model *draft,
                                   const struct receive_connector *connector)
{
    struct slice domain = connector->default_domain;
    if (call_has(call, "DefaultDomain") && domain.len && !accepted_domain_of(draft, domain))
        call_warn(
            call,
            "%.*s is no accepted domain: recipients without a domain need the right to relay. "
            "Add it: New-AcceptedDomain -Name %.*s -DomainName %.*s",
            SLICE_ARG(domain), SLICE_ARG(domain), SLICE_ARG(domain));
}

static void set_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    struct receive_connector *connector =
        call_find(call, draft, MODEL_RECEIVE_CONNECTOR, "Identity");
    if (!connector || !call_apply_settings(call, connector, draft->arena) ||
        !derive(call, draft, connector)) {
        operation_refuse(change);
        return;
    }
    report_set(call, draft, connector);
    warn_of_default_domain(call, draft, connector);
    change_put(change, MODEL_RECEIVE_CONNECTOR, connector);
    operation_commit(call, change);
}

void receive_connector_set(struct call *call)
{
    operation_change(call, set_edit, NULL);
}

/* --- New --- */

static bool usage_of(struct call *call, enum receive_connector_usage *out_usage)
{
    static const char *const switches[] = {"Client", "Custom", "Internal", "Internet", "Partner"};
    struct slice written;
    *out_usage = USAGE_CUSTOM;
    if (!call_usage(call, switches, COUNT_OF(switches), &written))
        return false;
    if ((written.len == 0 && !call_has(call, "Usage")) ||
        receive_connector_usage_parse(written, out_usage))
        return true;
    call_fail(call, OPERATION_USAGE,
              "-Usage must be Client, Custom, Internal, Internet or Partner");
    return false;
}

static bool apply_usage(struct call *call, struct model *draft, struct receive_connector *connector)
{
    char storage[ERROR_MAX_BYTES];
    struct text error = text_over(storage, sizeof(storage));
    const struct server *server = model_server(draft);
    enum receive_connector_usage usage;
    if (!usage_of(call, &usage))
        return false;
    if (receive_connector_apply_usage(connector, usage, call_has(call, "Bindings"),
                                      call_has(call, "RemoteIPRanges"),
                                      server ? server->port_offset : 0, draft->arena, &error))
        return true;
    call_fail(call, OPERATION_USAGE, "%.*s", SLICE_ARG(text_slice(&error)));
    return false;
}

static struct receive_connector *add_connector(struct call *call, struct model *draft)
{
    struct work *work = call->scratch;
    if (!operation_is_free(call, draft, MODEL_RECEIVE_CONNECTOR, "Name"))
        return NULL;
    struct receive_connector *connector = model_object_new(draft, MODEL_RECEIVE_CONNECTOR);
    if (!connector) {
        call_fail(call, OPERATION_FAILED, "there is no memory for the connector");
        return NULL;
    }
    work->id = connector->id = operation_new_id();
    connector->created_ms = clock_wall_ms();
    if (model_server(draft))
        connector->server = model_server(draft)->name;
    if (!apply_usage(call, draft, connector) ||
        !call_apply_settings(call, connector, draft->arena) || !derive(call, draft, connector))
        return NULL;
    if (model_add(draft, MODEL_RECEIVE_CONNECTOR, connector))
        return connector;
    call_fail(call, OPERATION_FAILED, "there is no memory for the connector");
    return NULL;
}

static void new_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    struct receive_connector *connector = add_connector(call, draft);
    if (!connector) {
        operation_refuse(change);
        return;
    }
    presentation_report_one(call, call->hub->model, draft, connector->id);
    warn_of(call, connector);
    warn_of_default_domain(call, draft, connector);
    change_put(change, MODEL_RECEIVE_CONNECTOR, connector);
    operation_commit(call, change);
}

static void emit_connector(struct call *call)
{
    operation_emit_changed(call, MODEL_RECEIVE_CONNECTOR, connector_json);
}

void receive_connector_new(struct call *call)
{
    if (operation_server_is_this(call, "Server"))
        operation_change(call, new_edit, emit_connector);
}

/* --- Remove --- */

static void remove_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    struct receive_connector *connector =
        call_find(call, draft, MODEL_RECEIVE_CONNECTOR, "Identity");
    if (!connector || !operation_may_remove(call, draft, MODEL_RECEIVE_CONNECTOR, connector)) {
        operation_refuse(change);
        return;
    }
    call_inform(call, "%.*s %s", SLICE_ARG(connector->identity),
                operation_is_dry(call) ? "would be removed" : "is removed");
    permission_forget(call, change, connector->id);
    change_remove(change, MODEL_RECEIVE_CONNECTOR, connector);
    operation_commit(call, change);
}

void receive_connector_remove(struct call *call)
{
    operation_change(call, remove_edit, NULL);
}
