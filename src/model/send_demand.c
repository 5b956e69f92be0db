/* SPDX-License-Identifier: Apache-2.0 */
#include "model/send_demand.h"

static const struct source {
    const char *text;
    const char *undo; /* behind Set-SendConnector NAME; NULL: nothing, or another cmdlet */
} sources[] = {
    [DEMAND_NOBODY] = {"nobody: it is the default", NULL},
    [DEMAND_IGNORE_STARTTLS] = {"IgnoreSTARTTLS of the send connector", "-IgnoreSTARTTLS $false"},
    [DEMAND_FORCE_HELO] = {"ForceHELO of the send connector", "-ForceHELO $false"},
    [DEMAND_REQUIRE_TLS] = {"RequireTLS of the send connector",
                            "-TlsAuthLevel $null -RequireTLS $false"},
    [DEMAND_TLS_AUTH_LEVEL] = {"TlsAuthLevel of the send connector",
                               "-TlsDomain $null -TlsAuthLevel EncryptionOnly"},
    [DEMAND_DOMAIN_SECURE] = {"TLSSendDomainSecureList of the transport configuration", NULL},
};
_Static_assert(COUNT_OF(sources) == DEMAND_SOURCES, "every source has its words");

struct send_demand send_demand_of(const struct model *model, const struct send_connector *connector,
                                  struct slice domain)
{
    if (connector->domain_secure_enabled && connector->dns_routing_enabled &&
        transport_config_secures_sending(model, domain))
        return (struct send_demand){DEMAND_DOMAIN_SECURE, SEND_TLS_REQUIRED,
                                    TLS_AUTH_DOMAIN_VALIDATION, SLICE("")};
    if (connector->ignore_starttls)
        return (struct send_demand){DEMAND_IGNORE_STARTTLS, SEND_TLS_NONE, 0, SLICE("")};
    if (connector->force_helo)
        return (struct send_demand){DEMAND_FORCE_HELO, SEND_TLS_OPPORTUNISTIC, 0, SLICE("")};
    if (!connector->require_tls)
        return (struct send_demand){DEMAND_NOBODY, SEND_TLS_OPPORTUNISTIC, 0, SLICE("")};
    return (struct send_demand){
        connector->tls_auth_level > TLS_AUTH_ENCRYPTION_ONLY ? DEMAND_TLS_AUTH_LEVEL
                                                             : DEMAND_REQUIRE_TLS,
        SEND_TLS_REQUIRED, connector->tls_auth_level, connector->tls_domain};
}

bool send_demand_text(const struct send_demand *demand, struct slice domain, struct text *text)
{
    struct slice name = demand->name.len ? demand->name : domain;
    if (demand->tls == SEND_TLS_NONE || demand->source == DEMAND_FORCE_HELO)
        return text_append_c(text, "no TLS, even where it is offered");
    if (demand->tls == SEND_TLS_OPPORTUNISTIC)
        return text_append_c(text, "TLS where it is offered, with any certificate; else in clear");
    if (demand->level == TLS_AUTH_CERTIFICATE_VALIDATION)
        return text_append_c(text, "TLS, and a certificate that a trusted root vouches for");
    if (demand->level == TLS_AUTH_DOMAIN_VALIDATION)
        return text_append_format(text,
                                  "TLS, and a certificate for %.*s that a trusted root vouches for",
                                  SLICE_ARG(name));
    return text_append_c(text, "TLS, with any certificate");
}

const char *send_demand_source_text(enum demand_source source)
{
    return sources[source].text;
}

bool send_demand_undo(const struct send_demand *demand, const struct send_connector *connector,
                      struct slice domain, struct text *text)
{
    if (demand->source == DEMAND_DOMAIN_SECURE)
        return text_append_format(text,
                                  "Set-TransportConfig -TLSSendDomainSecureList @{Remove='%.*s'}",
                                  SLICE_ARG(domain));
    const char *undo = sources[demand->source].undo;
    return undo && text_append_format(text, "Set-SendConnector \"%.*s\" %s",
                                      SLICE_ARG(connector->name), undo);
}
