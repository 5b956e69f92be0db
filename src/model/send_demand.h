/* SPDX-License-Identifier: Apache-2.0 */
/* send_demand - how well the way to another server must be protected, and who says so.
 *
 * What the configuration demands of every host of a domain. What a domain demands of its own hosts
 * (model/host_trust) comes on top of it, where it is known: with the names of the hosts.
 */
#ifndef MODEL_SEND_DEMAND_H
#define MODEL_SEND_DEMAND_H

#include "model/model.h"
#include "smtp/send_session.h"

enum demand_source {
    DEMAND_NOBODY, /* TLS is taken where it is offered */
    DEMAND_IGNORE_STARTTLS,
    DEMAND_FORCE_HELO,
    DEMAND_REQUIRE_TLS,
    DEMAND_TLS_AUTH_LEVEL,
    DEMAND_DOMAIN_SECURE, /* TLSSendDomainSecureList, for connectors with DomainSecureEnabled */
    DEMAND_SOURCES
};

struct send_demand {
    enum demand_source source;
    enum send_tls tls;
    uint32_t level;    /* enum tls_auth_level; 0: none */
    struct slice name; /* DomainValidation: whom the certificate must be for; empty: the domain of
                          the recipient */
};

/* `domain` is that of the recipient. */
struct send_demand send_demand_of(const struct model *model, const struct send_connector *connector,
                                  struct slice domain);
/* "TLS, and a certificate for contoso.com that a trusted root vouches for" */
bool send_demand_text(const struct send_demand *demand, struct slice domain, struct text *text);
/* "TlsAuthLevel of the send connector" */
const char *send_demand_source_text(enum demand_source source);
/* The command that takes the demand back. False: there is nothing to take back. */
bool send_demand_undo(const struct send_demand *demand, const struct send_connector *connector,
                      struct slice domain, struct text *text);

#endif
