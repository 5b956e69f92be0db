/* SPDX-License-Identifier: Apache-2.0 */
#include "model/certificate_choice.h"
#include "model/holder_index.h"
#include "model/rights.h"
#include "model/rule.h"

#include <stdio.h>

bool rule_broken(struct text *error, const char *format, ...)
{
    char line[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (error)
        text_append_c(error, line);
    return false;
}

/* --- certificates --- */

bool rule_certificate(const struct model *model, const struct certificate *certificate,
                      struct text *error)
{
    bool pending = certificate->status == STATUS_PENDING_REQUEST;
    if (!pending && certificate->thumbprint.len != 20)
        return rule_broken(error, "Thumbprint: a certificate has one of 20 bytes.");
    if (certificate->not_before_ms > certificate->not_after_ms)
        return rule_broken(error, "NotAfter: the certificate ends before it begins.");
    for (size_t i = 0; i < model_count(model, MODEL_CERTIFICATE); i++) {
        const struct certificate *other = model_certificate(model, i);
        if (other != certificate && certificate->thumbprint.len &&
            slice_equal(other->thumbprint, certificate->thumbprint))
            return rule_broken(error, "Thumbprint: this certificate is in the store already.");
    }
    return true;
}

static bool another_is_named(const struct model *model, const struct certificate *certificate,
                             const struct receive_connector *connector)
{
    for (size_t i = 0; i < model_count(model, MODEL_CERTIFICATE); i++) {
        const struct certificate *other = model_certificate(model, i);
        if (other != certificate && certificate_is_named_by(other, connector) &&
            other->has_private_key && other->status != STATUS_PENDING_REQUEST &&
            (other->services & SERVICE_SMTP))
            return true;
    }
    return false;
}

static bool another_is_sent(const struct model *model, const struct certificate *certificate,
                            const struct send_connector *connector)
{
    for (size_t i = 0; i < model_count(model, MODEL_CERTIFICATE); i++) {
        const struct certificate *other = model_certificate(model, i);
        if (other != certificate && send_connector_names(connector, other) &&
            other->has_private_key && other->status != STATUS_PENDING_REQUEST &&
            (other->services & SERVICE_SMTP))
            return true;
    }
    return false;
}

static bool no_send_connector_needs(const struct model *model,
                                    const struct certificate *certificate, struct text *error)
{
    for (size_t i = 0; i < model_count(model, MODEL_SEND_CONNECTOR); i++) {
        const struct send_connector *connector = model_send_connector(model, i);
        if (send_connector_names(connector, certificate) &&
            !another_is_sent(model, certificate, connector))
            return rule_broken(error,
                               "TlsCertificateName of the send connector \"%.*s\" names this "
                               "certificate and no other bears that name. Clear it first: "
                               "Set-SendConnector \"%.*s\" -TlsCertificateName $null (or add "
                               "-Force).",
                               SLICE_ARG(connector->name), SLICE_ARG(connector->name));
    }
    return true;
}

/* A superseded twin may go: the connector has another certificate of that name. */
bool rule_certificate_removal(const struct model *model, const struct certificate *certificate,
                              struct text *error)
{
    for (size_t i = 0; i < model_count(model, MODEL_RECEIVE_CONNECTOR); i++) {
        const struct receive_connector *connector = model_receive_connector(model, i);
        if (certificate_is_named_by(certificate, connector) &&
            !another_is_named(model, certificate, connector))
            return rule_broken(error,
                               "TlsCertificateName of \"%.*s\" names this certificate and no "
                               "other bears that name. Clear it first: Set-ReceiveConnector "
                               "\"%.*s\" -TlsCertificateName $null (or add -Force).",
                               SLICE_ARG(connector->name), SLICE_ARG(connector->identity));
    }
    return no_send_connector_needs(model, certificate, error);
}

/* --- domains --- */

static size_t count_defaults(const struct model *model)
{
    size_t count = 0;
    for (size_t i = 0; i < model_count(model, MODEL_ACCEPTED_DOMAIN); i++)
        count += model_accepted_domain(model, i)->is_default;
    return count;
}

bool rule_accepted_domain(const struct model *model, const struct accepted_domain *domain,
                          struct text *error)
{
    if (domain->name.len == 0 || domain->domain_name.len == 0)
        return rule_broken(error, "An accepted domain needs a Name and a DomainName.");
    for (size_t i = 0; i < model_count(model, MODEL_ACCEPTED_DOMAIN); i++) {
        const struct accepted_domain *other = model_accepted_domain(model, i);
        if (other == domain)
            continue;
        if (slice_equal_nocase(other->name, domain->name))
            return rule_broken(error, "Name: there is an accepted domain \"%.*s\" already.",
                               SLICE_ARG(domain->name));
        if (domain_pattern_same(other->domain_name, domain->domain_name))
            return rule_broken(error, "DomainName: %.*s is an accepted domain already, as %.*s.",
                               SLICE_ARG(domain->domain_name), SLICE_ARG(other->domain_name));
    }
    if (domain->is_default && slice_starts(domain->domain_name, SLICE("*")))
        return rule_broken(error, "Default: a wildcard domain cannot be the default one.");
    size_t defaults = count_defaults(model);
    return defaults == 1 ||
           rule_broken(error, "Default: exactly one accepted domain is the default one, not %zu.",
                       defaults);
}

bool rule_accepted_domain_removal(const struct model *model, const struct accepted_domain *domain,
                                  struct text *error)
{
    if (domain->is_default)
        return rule_broken(error, "Default: make another accepted domain the default one first: "
                                  "Set-AcceptedDomain other -MakeDefault $true.");
    return rule_addresses_without(model, domain, error);
}

/* --- permissions --- */

static bool may_hold_send_as(const struct permission *permission)
{
    return permission->principal == PRINCIPAL_MAILBOX ||
           permission->principal == PRINCIPAL_AUTHENTICATED ||
           permission->principal == PRINCIPAL_SELF;
}

static bool rule_send_as(const struct model *model, const struct permission *permission,
                         struct text *error)
{
    if (permission->rights != RIGHT_SEND_AS)
        return rule_broken(error, "ExtendedRights: Send As is held on a mailbox, the others on a "
                                  "connector. Give them one by one.");
    if (!model_by_id(model, MODEL_MAILBOX, permission->object))
        return rule_broken(error, "Identity: there is no such mailbox.");
    return may_hold_send_as(permission) ||
           rule_broken(error,
                       "User: %s has no mailbox to log in with. Let it write as anybody on a "
                       "connector instead: ms-Exch-SMTP-Accept-Any-Sender.",
                       principal_name((enum principal)permission->principal));
}

bool rule_permission(const struct model *model, const struct permission *permission,
                     struct text *error)
{
    if (permission->rights == 0)
        return rule_broken(error, "ExtendedRights: name at least one right, such as "
                                  "ms-Exch-SMTP-Accept-Any-Recipient.");
    if (permission->principal == PRINCIPAL_MAILBOX &&
        !model_by_id(model, MODEL_MAILBOX, permission->mailbox))
        return rule_broken(error, "User: there is no such mailbox.");
    if (permission->rights & RIGHT_SEND_AS)
        return rule_send_as(model, permission, error);
    if (!model_by_id(model, MODEL_RECEIVE_CONNECTOR, permission->object))
        return rule_broken(error, "Identity: there is no such receive connector.");
    return permission->principal != PRINCIPAL_SELF ||
           rule_broken(error, "User: NT AUTHORITY\\SELF is the owner of a mailbox, and a connector "
                              "has none. Name a mailbox, or NT AUTHORITY\\Authenticated Users.");
}

/* --- the doors --- */

void model_validation_end(struct model_validation *validation)
{
    holder_index_free(validation->holders);
    validation->holders = NULL;
}

static bool keeps_rules(struct model_validation *among, enum model_kind kind, const void *changed,
                        struct text *error)
{
    const struct model *model = among->model;
    switch (kind) {
    case MODEL_SERVER:
        return model_count(model, MODEL_SERVER) == 1 ||
               rule_broken(error, "A model belongs to exactly one server.");
    case MODEL_RECEIVE_CONNECTOR:
        return rule_receive_connector(model, changed, error);
    case MODEL_SEND_CONNECTOR:
        return rule_send_connector(model, changed, error);
    case MODEL_DKIM_SIGNING_CONFIG:
        return rule_dkim_signing_config(model, changed, error);
    case MODEL_CERTIFICATE:
        return rule_certificate(model, changed, error);
    case MODEL_ACCEPTED_DOMAIN:
        return rule_accepted_domain(model, changed, error);
    case MODEL_MAILBOX:
        return rule_mailbox(among, changed, error);
    case MODEL_DISTRIBUTION_GROUP:
        return rule_distribution_group(among, changed, error);
    case MODEL_PERMISSION:
        return rule_permission(model, changed, error);
    case MODEL_ROLE_MEMBER:
        return rule_role_member(model, changed, error);
    case MODEL_MANAGEMENT_TOKEN:
        return rule_management_token(model, changed, error);
    case MODEL_TRANSPORT_CONFIG:
        return model_count(model, MODEL_TRANSPORT_CONFIG) == 1 ||
               rule_broken(error, "There is one TransportConfig.");
    case MODEL_TRANSPORT_SERVICE:
        return rule_transport_service(model, changed, error);
    }
    return false;
}

bool model_validate_after(struct model_validation *validation, enum model_kind kind,
                          const void *before, const void *changed, struct text *error)
{
    if (kind == MODEL_RECEIVE_CONNECTOR && before)
        return rule_changed_connector(validation->model, before, changed, error);
    return keeps_rules(validation, kind, changed, error);
}

bool model_validate(const struct model *model, enum model_kind kind, const void *changed,
                    struct text *error)
{
    struct model_validation alone = {.model = model};
    bool good = keeps_rules(&alone, kind, changed, error);
    model_validation_end(&alone);
    return good;
}

bool model_validate_all(const struct model *model, struct text *error)
{
    struct model_validation all = {.model = model};
    bool good = true;
    for (size_t kind = 0; good && kind < MODEL_KINDS; kind++)
        for (size_t i = 0; good && i < model_count(model, (enum model_kind)kind); i++)
            good = keeps_rules(&all, (enum model_kind)kind,
                               model_object(model, (enum model_kind)kind, i), error);
    model_validation_end(&all);
    return good;
}

bool model_validate_removal(const struct model *model, enum model_kind kind, const void *object,
                            struct text *error)
{
    switch (kind) {
    case MODEL_SERVER:
        return rule_broken(error, "The server of a model cannot be removed.");
    case MODEL_TRANSPORT_CONFIG:
        return rule_broken(error, "The TransportConfig cannot be removed.");
    case MODEL_TRANSPORT_SERVICE:
        return rule_broken(error, "The TransportService cannot be removed.");
    case MODEL_CERTIFICATE:
        return rule_certificate_removal(model, object, error);
    case MODEL_ACCEPTED_DOMAIN:
        return rule_accepted_domain_removal(model, object, error);
    case MODEL_RECEIVE_CONNECTOR:
    case MODEL_SEND_CONNECTOR:
    case MODEL_DKIM_SIGNING_CONFIG:
    case MODEL_MAILBOX:
    case MODEL_DISTRIBUTION_GROUP:
    case MODEL_PERMISSION:
    case MODEL_ROLE_MEMBER:
    case MODEL_MANAGEMENT_TOKEN:
        break;
    }
    return true;
}
