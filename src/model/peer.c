/* SPDX-License-Identifier: Apache-2.0 */
#include "model/peer.h"

#include "mail/ascii_domain.h"
#include "tls/host_name.h"

static const struct slice in_clear = SLICE_INIT("NO-TLS");

/* Of domain:Capability,Capability. */
static struct slice domain_of_row(struct slice row)
{
    struct slice domain;
    return slice_take_until(&row, ':', &domain) ? slice_trim(domain) : (struct slice){0};
}

bool peer_is_asked(const struct receive_connector *connector)
{
    struct slice_list rows = connector->tls_domain_capabilities;
    for (size_t i = 0; i < rows.count; i++)
        if (!slice_equal_nocase(domain_of_row(rows.at[i]), in_clear))
            return true;
    return connector->domain_secure_enabled;
}

bool peer_proves(const struct tls_peer *peer, struct slice domain)
{
    if (!peer || !peer->tls || !peer->valid)
        return false;
    for (size_t i = 0; i < peer->names.count; i++)
        if (host_name_matches(peer->names.at[i], domain))
            return true;
    return false;
}

/* A listed *.domain is proven by a name below it, or by the wildcard itself. */
static bool proves_pattern(const struct tls_peer *peer, struct slice pattern)
{
    struct slice domain = pattern;
    if (!slice_take_prefix(&domain, SLICE("*.")))
        return peer_proves(peer, pattern);
    for (size_t i = 0; i < peer->names.count; i++)
        if (domain_pattern_holds(pattern, peer->names.at[i]))
            return true;
    return false;
}

bool peer_is_partner(const struct model *model, const struct receive_connector *connector,
                     const struct tls_peer *peer)
{
    const struct transport_config *config = model_transport_config(model);
    if (!connector->domain_secure_enabled || !config || !peer || !peer->tls || !peer->valid)
        return false;
    for (size_t i = 0; i < config->tls_receive_domain_secure_list.count; i++)
        if (proves_pattern(peer, config->tls_receive_domain_secure_list.at[i]))
            return true;
    return false;
}

static struct slice domain_of_address(struct slice address)
{
    size_t at;
    struct slice domain = address;
    while (slice_find(domain, '@', &at)) /* the last one: a quoted local part may hold others */
        domain = slice_after(domain, at + 1);
    return domain;
}

enum peer_verdict peer_judge_sender(const struct model *model,
                                    const struct receive_connector *connector,
                                    const struct tls_peer *peer, struct slice sender)
{
    char storage[ASCII_DOMAIN_MAX];
    struct text ascii = text_over(storage, sizeof storage);
    (void)ascii_domain_append(&ascii,
                              domain_of_address(sender)); /* what is no name is not listed */
    struct slice domain = text_slice(&ascii);
    if (!connector->domain_secure_enabled || !transport_config_secures(model, domain) ||
        peer_proves(peer, domain))
        return PEER_MAY_SEND;
    if (!peer || !peer->tls)
        return PEER_IN_CLEAR;
    if (!peer->shown)
        return PEER_NOT_SHOWN;
    return peer->valid ? PEER_OTHER : PEER_NOT_VALID;
}

const char *peer_verdict_text(enum peer_verdict verdict)
{
    static const char *const texts[] = {
        [PEER_MAY_SEND] = "may send",
        [PEER_IN_CLEAR] = "is not inside TLS",
        [PEER_NOT_SHOWN] = "has shown no certificate",
        [PEER_NOT_VALID] = "has shown a certificate whose chain does not hold",
        [PEER_OTHER] = "has shown a certificate for other names",
    };
    return texts[verdict];
}

static unsigned capabilities_of_row(struct slice row)
{
    struct slice domain, word;
    unsigned capabilities = 0;
    if (!slice_take_until(&row, ':', &domain))
        return 0;
    while (slice_take_field(&row, ',', &word))
        if (slice_equal_nocase(slice_trim(word), SLICE("AcceptCloudServicesMail")))
            capabilities |= PEER_CLOUD_SERVICES_MAIL;
    return capabilities;
}

static bool row_means(struct slice row, const struct tls_peer *peer)
{
    struct slice domain = domain_of_row(row);
    if (slice_equal_nocase(domain, in_clear))
        return !peer || !peer->tls;
    return peer_proves(peer, domain);
}

static const char *why_no_more(const struct tls_peer *peer)
{
    if (!peer || !peer->tls)
        return "NoTls";
    if (!peer->shown)
        return "NoRemoteCertificate";
    return peer->valid ? "NoMatchingDomain" : "ChainNotValid";
}

unsigned peer_capabilities(const struct receive_connector *connector, const struct tls_peer *peer,
                           const char **out_status)
{
    struct slice_list rows = connector->tls_domain_capabilities;
    unsigned capabilities = 0;
    for (size_t i = 0; i < rows.count; i++)
        if (row_means(rows.at[i], peer))
            capabilities |= capabilities_of_row(rows.at[i]);
    *out_status = capabilities ? "Success" : why_no_more(peer);
    return capabilities;
}
