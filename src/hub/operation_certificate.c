/* SPDX-License-Identifier: Apache-2.0 */
/* Get-, Enable-, Disable- and Remove-ExchangeCertificate. */
#include "hub/operation_certificate.h"

#include "base/hex.h"
#include "hub/operation_handlers.h"
#include "hub/operation_parameters.h"
#include "hub/presentation.h"
#include "os/clock.h"

/* --- Get --- */

/* In the order in which Format-List prints them; UsedBy is ours. */
static const char *const shown[] = {
    "CertificateDomains",
    "HasPrivateKey",
    "IsSelfSigned",
    "Issuer",
    "NotAfter",
    "NotBefore",
    "PublicKeySize",
    "RootCAType",
    "SerialNumber",
    "Services",
    "Status",
    "Subject",
    "Thumbprint",
    "FriendlyName",
    "PublicKeyType",
    "SignatureAlgorithm",
    "PrivateKeyExportable",
};

/* Dates go on after the last check of the chain. */
static const char *status_now(const struct certificate *certificate, int64_t now_ms)
{
    bool in_time = certificate->not_before_ms <= now_ms && now_ms <= certificate->not_after_ms;
    return certificate->status == STATUS_VALID && !in_time ? "DateInvalid" : NULL;
}

json_t *certificate_json(struct call *call, const void *object)
{
    const struct certificate *certificate = object;
    json_t *json = json_object();
    for (size_t i = 0; i < COUNT_OF(shown); i++) {
        const struct setting *row = setting_exact(certificate_settings, slice_of(shown[i]));
        if (row)
            json_object_set_new(json, row->name, json_of_setting(row, certificate));
    }
    const char *status = status_now(certificate, clock_wall_ms());
    if (status)
        json_object_set_new(json, "Status", json_string(status));
    char storage[16];
    struct text mask = text_over(storage, sizeof(storage));
    certificate_services_mask_append(&mask, certificate->services);
    json_object_set_new(json, "ServicesMask", json_of_slice(text_slice(&mask)));
    json_object_set_new(json, "UsedBy", presentation_users(call->hub->model, certificate));
    return json;
}

static bool holds_name(const struct certificate *certificate, struct slice host)
{
    for (size_t i = 0; i < certificate->dns_names.count; i++)
        if (certificate_dns_name_matches(certificate->dns_names.at[i], host))
            return true;
    return false;
}

/* The certificate a connector of that name would present goes first. */
static const struct certificate *chosen_for(const struct model *model, struct slice host)
{
    struct receive_connector connector = {
        .enabled = true, .fqdn = host, .auth_mechanism = AUTH_TLS, .tls_mode = TLS_MODE_EXPLICIT};
    return presentation_now(model, &connector).certificate;
}

static void get_by_name(struct call *call, struct slice host)
{
    const struct model *model = call->hub->model;
    const struct certificate *first = chosen_for(model, host);
    size_t count = model_count(model, MODEL_CERTIFICATE);
    if (first)
        call_emit(call, certificate_json(call, first));
    for (size_t i = 0; i < count; i++) {
        const struct certificate *certificate = model_certificate(model, i);
        if (certificate != first && holds_name(certificate, host))
            call_emit(call, certificate_json(call, certificate));
    }
    call_done(call);
}

void certificate_get(struct call *call)
{
    if (call_text(call, "DomainName").len > 0 && !call_has(call, "Thumbprint"))
        get_by_name(call, call_text(call, "DomainName"));
    else
        operation_get(call, MODEL_CERTIFICATE, "Thumbprint", certificate_json);
}

/* --- Enable, Disable --- */

bool certificate_change_services(struct call *call, struct certificate *certificate, bool add,
                                 struct arena *arena)
{
    static const struct slice_list nothing = {0};
    char storage[512];
    struct text error = text_over(storage, sizeof(storage));
    struct slice words[CALL_LIST_MAX];
    struct slice_list given = {words, call_list(call, "Services", words, CALL_LIST_MAX)};
    const struct setting *row = setting_exact(certificate_settings, SLICE("Services"));
    bool none = given.count == 1 && slice_equal_nocase(words[0], SLICE("None"));
    bool done = add && none ? setting_parse(row, certificate, arena, words, 1, &error)
                            : setting_edit(row, certificate, arena, add ? given : nothing,
                                           add ? nothing : given, &error);
    if (!done)
        call_fail(call, OPERATION_USAGE, "%.*s", SLICE_ARG(text_slice(&error)));
    return done;
}

static void change_services(struct call *call, struct change *change, bool add)
{
    struct model *draft = change_draft(change);
    struct certificate *certificate = call_find(call, draft, MODEL_CERTIFICATE, "Thumbprint");
    if (!certificate || !certificate_change_services(call, certificate, add, &draft->arena)) {
        operation_refuse(change);
        return;
    }
    certificate->changed_ms = clock_wall_ms();
    const void *before = model_by_id(call->hub->model, MODEL_CERTIFICATE, certificate->id);
    if (before)
        operation_inform_difference(call, MODEL_CERTIFICATE, before, certificate);
    if (certificate->services & SERVICE_SMTP && !certificate->has_private_key)
        call_warn(call, "the certificate has no private key here: no connector can present it");
    if (presentation_report(call, call->hub->model, draft) == 0)
        call_inform(call, "every connector presents what it did before");
    change_put(change, MODEL_CERTIFICATE, certificate);
    operation_commit(call, change);
}

static void enable_edit(struct call *call, struct change *change)
{
    change_services(call, change, true);
}

static void disable_edit(struct call *call, struct change *change)
{
    change_services(call, change, false);
}

void certificate_enable(struct call *call)
{
    operation_change(call, enable_edit, NULL);
}

void certificate_disable(struct call *call)
{
    operation_change(call, disable_edit, NULL);
}

/* --- Remove --- */

/* What a connector would suffer, in words; nothing appended: it would not. */
static void append_harm(const struct receive_connector *connector, const struct model *before,
                        const struct model *after, const struct certificate *removed,
                        struct text *text)
{
    struct certificate_choice old = presentation_now(before, connector);
    const struct receive_connector *kept =
        model_by_id(after, MODEL_RECEIVE_CONNECTOR, connector->id);
    if (!kept || !connector->enabled || !old.certificate ||
        !object_id_equal(old.certificate->id, removed->id))
        return;
    struct certificate_choice new = presentation_now(after, kept);
    if (!new.certificate) {
        text_append_format(text, "%.*s would no longer offer TLS", SLICE_ARG(kept->identity));
    } else if (new.named_missing && !old.named_missing) {
        text_append_format(text, "%.*s names this certificate and would present ",
                           SLICE_ARG(kept->identity));
        presentation_append(text, &new);
    }
}

/* The first harm to any connector. */
static bool find_harm(const struct model *before, const struct model *after,
                      const struct certificate *removed, struct text *text)
{
    size_t count = model_count(before, MODEL_RECEIVE_CONNECTOR);
    for (size_t i = 0; i < count && text->len == 0; i++)
        append_harm(model_receive_connector(before, i), before, after, removed, text);
    return text->len > 0;
}

static void inform_removal(struct call *call, const struct certificate *removed)
{
    char storage[600];
    struct text line = text_over(storage, sizeof(storage));
    struct certificate_choice choice = {.certificate = removed};
    presentation_append(&line, &choice);
    call_inform(call, "%.*s %s", SLICE_ARG(text_slice(&line)),
                operation_is_dry(call) ? "would be removed" : "is removed");
}

static void remove_edit(struct call *call, struct change *change)
{
    char storage[800];
    struct text harm = text_over(storage, sizeof(storage));
    struct model *draft = change_draft(change);
    struct certificate *certificate = call_find(call, draft, MODEL_CERTIFICATE, "Thumbprint");
    if (!certificate || !operation_may_remove(call, draft, MODEL_CERTIFICATE, certificate)) {
        operation_refuse(change);
        return;
    }
    const struct certificate removed = *certificate;
    change_remove(change, MODEL_CERTIFICATE, certificate);
    if (find_harm(call->hub->model, draft, &removed, &harm) && !call_switch(call, "Force")) {
        operation_refuse(change);
        call_fail_fix(call, OPERATION_CONFLICT,
                      "bind the connector to another certificate first (Set-ReceiveConnector "
                      "-TlsCertificateName), or add -Force",
                      "the certificate is in use: %.*s", SLICE_ARG(text_slice(&harm)));
        return;
    }
    inform_removal(call, &removed);
    presentation_report(call, call->hub->model, draft);
    operation_commit(call, change);
}

void certificate_remove(struct call *call)
{
    operation_change(call, remove_edit, NULL);
}
