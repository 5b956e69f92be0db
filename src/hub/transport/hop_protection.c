/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/hop_protection.h"

#include "hub/certificates/presentation.h"
#include "model/send_certificate.h"
#include "model/send_demand.h"
#include "os/clock.h"

static const struct slice named_missing = SLICE_INIT(
    "454 4.7.5 The certificate specified in TlsCertificateName of the SendConnector could not be "
    "found.");
static const struct slice nothing_to_show = SLICE_INIT(
    "454 4.7.5 The domain is in TLSSendDomainSecureList, and there is no certificate to show its "
    "server: one with SMTP among its services is needed, for the connector's Fqdn or named in "
    "TlsCertificateName");

static struct certificate_choice choose(struct hub *hub, const struct send_connector *connector)
{
    struct certificate_choice choice;
    send_certificate_choose(hub->model, presentation_index(hub), connector, clock_wall_ms(),
                            &choice);
    return choice;
}

const struct slice *hop_unprotected(struct hub *hub, const struct hop *hop,
                                    const struct send_connector *connector)
{
    struct certificate_choice choice = choose(hub, connector);
    if (choice.named_missing)
        return &named_missing;
    bool secure = send_demand_of(hub->model, connector, hop->domain).source == DEMAND_DOMAIN_SECURE;
    return secure && !choice.certificate ? &nothing_to_show : NULL;
}

static struct text packed(const struct certificate *certificate)
{
    struct text text = text_with_ceiling(WIRE_CHAIN_MAX);
    if (!certificate)
        return text;
    bool fits = text_append(&text, certificate->der);
    for (size_t i = 0; fits && i < certificate->chain.count; i++)
        fits = text_append(&text, certificate->chain.at[i]);
    if (!fits)
        text_clear(&text);
    return text;
}

struct text hop_protect(struct hub *hub, const struct hop *hop,
                        const struct send_connector *connector, struct wire_relay *order)
{
    struct send_demand demand = send_demand_of(hub->model, connector, hop->domain);
    const struct certificate *certificate = choose(hub, connector).certificate;
    struct text bytes = packed(certificate);
    order->tls = demand.tls;
    order->sender_tls = hop->tls;
    order->tls_level = demand.level;
    order->tls_domain = demand.name;
    order->certificate = text_slice(&bytes);
    order->key_handle = certificate ? (uint64_t)certificate->key_handle : 0;
    return bytes;
}
