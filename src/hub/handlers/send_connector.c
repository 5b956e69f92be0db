/* SPDX-License-Identifier: Apache-2.0 */
/* Get-, New-, Set- and Remove-SendConnector.
 *
 * As with mailboxes, a password goes to the vault before the change begins, and what comes back is
 * sealed.
 */
#include "hub/certificates/send_connector_certificate.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "hub/vault_link.h"
#include "os/clock.h"
#include "tls/distinguished_name.h"

enum { ERROR_MAX_BYTES = 2000, USER_MAX = 256, PASSWORD_MAX = 512 };

/* --- Get --- */

static json_t *connector_json(struct call *call, const void *object)
{
    (void)call;
    return json_of_object(MODEL_SEND_CONNECTOR, object);
}

void send_connector_get(struct call *call)
{
    operation_get(call, MODEL_SEND_CONNECTOR, "Identity", connector_json);
}

static void emit_connector(struct call *call)
{
    operation_emit_changed(call, MODEL_SEND_CONNECTOR, connector_json);
}

/* --- the credential first --- */

/* Begins the change once the password is sealed; at once without one and with -WhatIf. */
static void change_with_credential(struct call *call, work_edit_fn *edit, work_after_fn *after)
{
    struct work *work = call->scratch;
    struct slice user, password;
    call_credential(call, "AuthenticationCredential", &user, &password);
    bool given = user.len || password.len;
    if (given && (user.len == 0 || user.len > USER_MAX || password.len == 0 ||
                  password.len > PASSWORD_MAX)) {
        call_fail(call, OPERATION_USAGE,
                  "a credential has a user name of 1 to %d bytes and a password of 1 to %d",
                  USER_MAX, PASSWORD_MAX);
        return;
    }
    if (!given || operation_is_dry(call)) {
        operation_change(call, edit, after);
        return;
    }
    work->edit = edit;
    work->after = after;
    vault_seal_credential(call->hub, work->id, password, operation_change_sealed, call);
}

/* False: the call has failed. */
static bool keep_credential(struct call *call, struct change *change,
                            struct send_connector *connector)
{
    char storage[ERROR_MAX_BYTES];
    struct text error = text_over(storage, sizeof(storage));
    struct slice user, password, sealed = work_bytes(call);
    const struct setting *row =
        setting_exact(send_connector_settings, SLICE("AuthenticationCredential"));
    if (!call_has(call, "AuthenticationCredential"))
        return true;
    call_credential(call, "AuthenticationCredential", &user, &password);
    bool had = connector->credential_user.len > 0;
    if (!setting_parse(row, connector, change_draft(change)->arena, &user, 1, &error)) {
        call_fail(call, OPERATION_USAGE, "%.*s", SLICE_ARG(text_slice(&error)));
        return false;
    }
    if (sealed.len > 0 || (had && user.len == 0))
        change_secret(change, "credential", connector->id, sealed);
    return true;
}

/* --- what is allowed and hardly meant --- */

static bool shows_password(const struct send_connector *c)
{
    return c->smart_host_auth_mechanism == SMART_HOST_AUTH_BASIC && !c->require_tls;
}

static bool logs_in_nowhere(const struct send_connector *c)
{
    return c->credential_user.len && c->smart_host_auth_mechanism != SMART_HOST_AUTH_BASIC &&
           c->smart_host_auth_mechanism != SMART_HOST_AUTH_BASIC_REQUIRE_TLS;
}

static bool leaves_in_clear(const struct send_connector *c)
{
    return c->ignore_starttls || c->force_helo;
}

static const struct warning {
    const char *parameter;
    bool (*applies)(const struct send_connector *connector);
    const char *text;
} warnings[] = {
    {"SmartHostAuthMechanism", shows_password,
     "where the host offers no TLS the password goes out in clear: set -SmartHostAuthMechanism "
     "BasicAuthRequireTLS"},
    {"AuthenticationCredential", logs_in_nowhere,
     "the credential is kept and not used: set -SmartHostAuthMechanism BasicAuthRequireTLS"},
    {"IgnoreSTARTTLS", leaves_in_clear, "mail leaves in clear: everybody on the way can read it"},
    {"ForceHELO", leaves_in_clear, "mail leaves in clear: everybody on the way can read it"},
};

static bool is_named(const struct call *call, const char *parameter)
{
    return call->operation == &operations[OPERATION_NEW_SEND_CONNECTOR] ||
           call_has(call, parameter);
}

/* A space within an authoritative domain: its mail never leaves. */
static void warn_of_our_own(struct call *call, const struct model *draft,
                            const struct send_connector *connector)
{
    struct address_space_list list = connector->address_spaces;
    for (size_t i = 0; is_named(call, "AddressSpaces") && i < list.count; i++) {
        const struct accepted_domain *ours = accepted_domain_of(draft, list.at[i].space);
        if (ours && ours->domain_type == DOMAIN_AUTHORITATIVE)
            call_warn(call,
                      "%.*s: %.*s is one of our own domains, whose mail never leaves. If its "
                      "mailboxes are elsewhere: Set-AcceptedDomain \"%.*s\" -DomainType "
                      "InternalRelay",
                      SLICE_ARG(connector->name), SLICE_ARG(list.at[i].space),
                      SLICE_ARG(ours->name));
    }
}

static void warn_of(struct call *call, const struct model *draft,
                    const struct send_connector *connector)
{
    const char *last = NULL;
    for (size_t i = 0; i < COUNT_OF(warnings); i++) {
        const struct warning *warning = &warnings[i];
        if (!is_named(call, warning->parameter) || !warning->applies(connector) ||
            (last && slice_equal(slice_of(last), slice_of(warning->text))))
            continue;
        last = warning->text;
        call_warn(call, "%.*s: %s", SLICE_ARG(connector->name), warning->text);
    }
    warn_of_our_own(call, draft, connector);
    send_connector_warn_of_certificate(call, draft, connector);
}

/* --- Set --- */

static bool derive(struct call *call, struct model *draft, struct send_connector *connector)
{
    char storage[ERROR_MAX_BYTES];
    struct text error = text_over(storage, sizeof(storage));
    connector->changed_ms = clock_wall_ms();
    if (send_connector_derive(connector, draft, distinguished_name_parse, draft->arena, &error))
        return true;
    call_fail(call, OPERATION_USAGE, "%.*s", SLICE_ARG(text_slice(&error)));
    return false;
}

/* A password is sealed for the connector alone that it was given for. */
static bool is_meant(const struct call *call, const struct send_connector *connector)
{
    const struct work *work = call->scratch;
    return !call_has(call, "AuthenticationCredential") || object_id_equal(connector->id, work->id);
}

static void set_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    struct send_connector *connector = call_find(call, draft, MODEL_SEND_CONNECTOR, "Identity");
    bool same = connector && is_meant(call, connector);
    if (connector && !same)
        call_fail(call, OPERATION_CONFLICT, "the connector was exchanged meanwhile; try again");
    if (!same || !call_apply_settings(call, connector, draft->arena) ||
        !keep_credential(call, change, connector) || !derive(call, draft, connector)) {
        operation_refuse(change);
        return;
    }
    const void *before = model_by_id(call->hub->model, MODEL_SEND_CONNECTOR, connector->id);
    if (before)
        operation_inform_difference(call, MODEL_SEND_CONNECTOR, before, connector);
    warn_of(call, draft, connector);
    change_put(change, MODEL_SEND_CONNECTOR, connector);
    operation_commit(call, change);
}

void send_connector_set(struct call *call)
{
    if (!call_has(call, "AuthenticationCredential")) {
        operation_change(call, set_edit, NULL);
        return;
    }
    struct work *work = call_work(call, SLICE(""));
    const struct send_connector *connector =
        work ? call_find(call, call->hub->model, MODEL_SEND_CONNECTOR, "Identity") : NULL;
    if (!connector)
        return;
    work = call->scratch;
    work->id = connector->id;
    change_with_credential(call, set_edit, NULL);
}

/* --- New --- */

static bool usage_of(struct call *call, enum send_connector_usage *out_usage)
{
    static const char *const switches[] = {"Custom", "Internal", "Internet", "Partner"};
    struct slice written;
    *out_usage = SEND_USAGE_CUSTOM;
    if (!call_usage(call, switches, COUNT_OF(switches), &written))
        return false;
    if ((written.len == 0 && !call_has(call, "Usage")) ||
        send_connector_usage_parse(written, out_usage))
        return true;
    call_fail(call, OPERATION_USAGE, "-Usage must be Custom, Internal, Internet or Partner");
    return false;
}

static struct send_connector *add_connector(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    const struct work *work = call->scratch;
    enum send_connector_usage usage;
    if (!operation_is_free(call, draft, MODEL_SEND_CONNECTOR, "Name") || !usage_of(call, &usage))
        return NULL;
    struct send_connector *connector = model_object_new(draft, MODEL_SEND_CONNECTOR);
    if (!connector || !model_add(draft, MODEL_SEND_CONNECTOR, connector)) {
        call_fail(call, OPERATION_FAILED, "there is no memory for the connector");
        return NULL;
    }
    connector->id = work->id;
    connector->created_ms = clock_wall_ms();
    send_connector_apply_usage(connector, usage);
    return call_apply_settings(call, connector, draft->arena) &&
                   keep_credential(call, change, connector) && derive(call, draft, connector)
               ? connector
               : NULL;
}

static void new_edit(struct call *call, struct change *change)
{
    struct send_connector *connector = add_connector(call, change);
    if (!connector) {
        operation_refuse(change);
        return;
    }
    warn_of(call, change_draft(change), connector);
    change_put(change, MODEL_SEND_CONNECTOR, connector);
    operation_commit(call, change);
}

void send_connector_new(struct call *call)
{
    struct work *work = call_work(call, SLICE(""));
    if (!work)
        return;
    work->id = operation_new_id();
    change_with_credential(call, new_edit, emit_connector);
}

/* --- Remove --- */

static void remove_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    struct send_connector *connector = call_find(call, draft, MODEL_SEND_CONNECTOR, "Identity");
    if (!connector || !operation_may_remove(call, draft, MODEL_SEND_CONNECTOR, connector)) {
        operation_refuse(change);
        return;
    }
    call_inform(call, "%.*s %s; its mail takes another connector, or waits for one",
                SLICE_ARG(connector->name),
                operation_is_dry(call) ? "would be removed" : "is removed");
    if (connector->credential_user.len)
        change_secret(change, "credential", connector->id, SLICE(""));
    change_remove(change, MODEL_SEND_CONNECTOR, connector);
    operation_commit(call, change);
}

void send_connector_remove(struct call *call)
{
    operation_change(call, remove_edit, NULL);
}
