/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/certificates/send_connector_certificate.h"

#include "hub/handlers/parameters.h"
#include "model/send_certificate.h"
#include "os/clock.h"

static bool is_about(const struct call *call, const char *parameter)
{
    return call->operation == &operations[OPERATION_NEW_SEND_CONNECTOR] ||
           call_has(call, parameter);
}

static bool about_the_name(const struct call *call)
{
    return is_about(call, "TlsCertificateName") || is_about(call, "IgnoreSTARTTLS");
}

static bool about_the_secured(const struct call *call)
{
    return is_about(call, "DomainSecureEnabled") || is_about(call, "Fqdn");
}

static bool nothing_is_secured(const struct model *draft)
{
    const struct transport_config *config = model_transport_config(draft);
    return !config || config->tls_send_domain_secure_list.count == 0;
}

static void warn_of_domain_secure(struct call *call, const struct model *draft,
                                  const struct send_connector *connector,
                                  const struct certificate_choice *choice)
{
    if (!connector->domain_secure_enabled || !about_the_secured(call))
        return;
    if (nothing_is_secured(draft))
        call_warn(call,
                  "%.*s: DomainSecureEnabled has no effect before domains are named: "
                  "Set-TransportConfig -TLSSendDomainSecureList contoso.com",
                  SLICE_ARG(connector->name));
    if (!choice->certificate)
        call_warn(call,
                  "%.*s: there is no certificate to show the servers of secured domains, so mail "
                  "for them waits: name one in -TlsCertificateName, with a key and SMTP among its "
                  "services",
                  SLICE_ARG(connector->name));
}

void send_connector_warn_of_certificate(struct call *call, const struct model *draft,
                                        const struct send_connector *connector)
{
    struct certificate_choice choice;
    send_certificate_choose(draft, NULL, connector, clock_wall_ms(), &choice);
    if (choice.named_missing && about_the_name(call))
        call_warn(call,
                  "%.*s: there is no certificate of TlsCertificateName with a key and SMTP among "
                  "its services, so mail waits (454 4.7.5). See Get-ExchangeCertificate, or set "
                  "-TlsCertificateName $null",
                  SLICE_ARG(connector->name));
    else if (choice.expired && choice.certificate && about_the_name(call))
        call_warn(call, "%.*s: the certificate it shows servers that ask has expired",
                  SLICE_ARG(connector->name));
    warn_of_domain_secure(call, draft, connector, &choice);
}
