/* SPDX-License-Identifier: Apache-2.0 */
#include "model/send_certificate.h"

static bool never_does_tls(const struct send_connector *connector)
{
    return connector->ignore_starttls || connector->force_helo;
}

static bool is_named(const struct certificate_choice *choice)
{
    return choice->rule == CERTIFICATE_RULE_PINNED_THUMBPRINT ||
           choice->rule == CERTIFICATE_RULE_NAMED_CERTIFICATE;
}

/* The choice asks for a receive connector: this is what it looks at there. */
void send_certificate_choose(const struct model *model, const struct certificate_index *index,
                             const struct send_connector *connector, int64_t at_ms,
                             struct certificate_choice *out_choice)
{
    struct receive_connector alike = {
        .fqdn = connector->fqdn,
        .auth_mechanism = never_does_tls(connector) ? 0 : AUTH_TLS,
        .tls_certificate_name = connector->tls_certificate_name,
        .tls_issuer_der = connector->tls_issuer_der,
        .tls_subject_der = connector->tls_subject_der,
        .tls_thumbprint = connector->tls_thumbprint,
    };
    struct certificate_question question = {
        .model = model, .index = index, .connector = &alike, .at_ms = at_ms};
    certificate_choose(&question, out_choice);
    if (out_choice->certificate && out_choice->certificate->self_signed && !is_named(out_choice))
        out_choice->certificate = NULL;
}
