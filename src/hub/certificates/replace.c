/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/certificates/replace.h"

#include "model/certificate_choice.h"
#include "tls/distinguished_name.h"

enum { NAME_MAX_BYTES = 16384, ERROR_MAX = 1024 };

static bool holds(const struct certificate *certificate, struct slice name)
{
    for (size_t i = 0; i < certificate->dns_names.count; i++)
        if (slice_equal_nocase(certificate->dns_names.at[i], name))
            return true;
    return false;
}

static bool supersedes(const struct certificate *new, const struct certificate *old)
{
    if (old == new || !old->has_private_key || old->status == STATUS_PENDING_REQUEST ||
        old->dns_names.count == 0)
        return false;
    for (size_t i = 0; i < old->dns_names.count; i++)
        if (!holds(new, old->dns_names.at[i]))
            return false;
    return true;
}

/* --- connectors --- */

static void inform_pinned(struct call *call, const struct receive_connector *connector)
{
    call_inform(call,
                "%.*s is pinned to the superseded certificate by its thumbprint and stays with it",
                SLICE_ARG(connector->identity));
}

/* Writes the new name into the TlsCertificateName of a connector of either kind. */
static bool name_certificate(struct model *draft, enum model_kind kind, void *connector,
                             const struct certificate *certificate, struct text *error)
{
    struct text name = text_with_ceiling(NAME_MAX_BYTES);
    certificate_name_append(&name, certificate);
    struct slice written = text_slice(&name);
    const struct setting *row =
        setting_exact(model_kind_facts(kind)->settings, SLICE("TlsCertificateName"));
    bool good = setting_parse(row, connector, draft->arena, &written, 1, error);
    text_deinit(&name);
    return good;
}

static bool bind_to(struct call *call, struct change *change, struct receive_connector *connector,
                    const struct certificate *certificate)
{
    char storage[ERROR_MAX];
    struct text error = text_over(storage, sizeof(storage));
    struct model *draft = change_draft(change);
    bool good = name_certificate(draft, MODEL_RECEIVE_CONNECTOR, connector, certificate, &error) &&
                receive_connector_derive(connector, draft, distinguished_name_parse, draft->arena,
                                         &error) &&
                change_put(change, MODEL_RECEIVE_CONNECTOR, connector);
    if (good)
        call_inform(call, "%.*s follows: its TlsCertificateName is the new name now",
                    SLICE_ARG(connector->identity));
    else
        call_fail(call, OPERATION_FAILED, "%.*s: %.*s", SLICE_ARG(connector->identity),
                  SLICE_ARG(text_slice(&error)));
    return good;
}

static bool lead_connectors(struct call *call, struct change *change,
                            const struct certificate *certificate, const struct certificate *old)
{
    struct model *draft = change_draft(change);
    for (size_t i = 0; i < model_count(draft, MODEL_RECEIVE_CONNECTOR); i++) {
        struct receive_connector *connector = model_receive_connector(draft, i);
        if (!certificate_is_named_by(old, connector) ||
            certificate_is_named_by(certificate, connector))
            continue;
        if (connector->tls_thumbprint.len)
            inform_pinned(call, connector);
        else if (certificate->services & SERVICE_SMTP &&
                 !bind_to(call, change, connector, certificate))
            return false;
    }
    return true;
}

static bool send_through(struct call *call, struct change *change, struct send_connector *connector,
                         const struct certificate *certificate)
{
    char storage[ERROR_MAX];
    struct text error = text_over(storage, sizeof(storage));
    struct model *draft = change_draft(change);
    bool good =
        name_certificate(draft, MODEL_SEND_CONNECTOR, connector, certificate, &error) &&
        send_connector_derive(connector, draft, distinguished_name_parse, draft->arena, &error) &&
        change_put(change, MODEL_SEND_CONNECTOR, connector);
    if (good)
        call_inform(call, "send connector %.*s follows: its TlsCertificateName is the new name now",
                    SLICE_ARG(connector->name));
    else
        call_fail(call, OPERATION_FAILED, "%.*s: %.*s", SLICE_ARG(connector->name),
                  SLICE_ARG(text_slice(&error)));
    return good;
}

static bool lead_send_connectors(struct call *call, struct change *change,
                                 const struct certificate *certificate,
                                 const struct certificate *old)
{
    struct model *draft = change_draft(change);
    for (size_t i = 0; i < model_count(draft, MODEL_SEND_CONNECTOR); i++) {
        struct send_connector *connector = model_send_connector(draft, i);
        if (!send_connector_names(connector, old) || send_connector_names(connector, certificate))
            continue;
        if (connector->tls_thumbprint.len)
            call_inform(call,
                        "send connector %.*s is pinned to the superseded certificate by its "
                        "thumbprint and stays with it",
                        SLICE_ARG(connector->name));
        else if (certificate->services & SERVICE_SMTP &&
                 !send_through(call, change, connector, certificate))
            return false;
    }
    return true;
}

bool certificate_replace(struct call *call, struct change *change, struct certificate *certificate)
{
    const struct model *draft = change_draft(change);
    size_t count = model_count(draft, MODEL_CERTIFICATE), superseded = 0;
    for (size_t i = 0; i < count; i++) {
        const struct certificate *old = model_certificate(draft, i);
        if (!supersedes(certificate, old))
            continue;
        superseded++;
        certificate->services |= old->services;
    }
    if (superseded == 0)
        call_inform(call, "there is no certificate with these names that it could replace");
    for (size_t i = 0; i < count; i++) {
        const struct certificate *old = model_certificate(draft, i);
        if (supersedes(certificate, old) && (!lead_connectors(call, change, certificate, old) ||
                                             !lead_send_connectors(call, change, certificate, old)))
            return false;
    }
    return true;
}
