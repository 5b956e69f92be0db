/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a certificate at a moment, and what there is to say about it. */
#include "model/certificate.h"

static bool in_time(const struct certificate *certificate, int64_t at_ms)
{
    return certificate->not_before_ms <= at_ms && at_ms <= certificate->not_after_ms &&
           (!certificate->chain_not_after_ms || at_ms <= certificate->chain_not_after_ms);
}

/* A response that is too old to be shown to clients is still the last word of its issuer. */
bool certificate_is_revoked(const struct certificate *certificate)
{
    return certificate->status == STATUS_REVOKED || certificate->ocsp_status == RESPONSE_REVOKED;
}

/* What no date can mend is said first. */
uint32_t certificate_status_at(const struct certificate *certificate, int64_t at_ms)
{
    if (certificate_is_revoked(certificate))
        return STATUS_REVOKED;
    switch ((enum certificate_status)certificate->status) {
    case STATUS_PENDING_REQUEST:
    case STATUS_INVALID:
    case STATUS_REVOKED:
        return certificate->status;
    case STATUS_VALID:
    case STATUS_DATE_INVALID:
    case STATUS_REVOCATION_CHECK_FAILURE:
    case STATUS_UNKNOWN:
    case STATUS_UNTRUSTED:
        break;
    }
    return in_time(certificate, at_ms) ? certificate->status : STATUS_DATE_INVALID;
}

static bool append_missing_issuer(struct text *text, const struct certificate *certificate)
{
    return text_append_c(text, " \"") && text_append(text, certificate->missing_issuer) &&
           text_append_c(text, "\" is missing: import it (Import-ExchangeCertificate -FileName "
                               "chain.p7b), or name it to posternd with --trust if it is a root of "
                               "your own");
}

/* clang-format off */
static const struct {
    uint32_t finding;
    const char *text;
    bool (*append_rest)(struct text *text, const struct certificate *certificate);
} sentences[CERTIFICATE_FINDINGS] = {
    {FINDING_ISSUER_MISSING,  "its chain is incomplete: the certificate of", append_missing_issuer},
    {FINDING_UNTRUSTED_ROOT,  "its chain ends in a root that is not trusted here: clients may refuse it; posternd --trust names roots of your own", NULL},
    {FINDING_BAD_CHAIN,       "its chain is wrong: a signature does not fit, or an issuer may not issue: clients refuse it", NULL},
    {FINDING_NOT_FOR_SERVERS, "its extended key usage does not allow TLS servers: clients refuse it", NULL},
    {FINDING_CANNOT_SIGN,     "its key usage lacks digitalSignature: TLS 1.3 clients refuse it", NULL},
    {FINDING_SHORT_KEY,       "its key is weaker than RSA with 2048 bits: clients may refuse it", NULL},
    {FINDING_WEAK_SIGNATURE,  "an outdated digest (MD5 or SHA-1) or a short key is used in its chain: clients may refuse it", NULL},
    {FINDING_NO_HOST_NAME,    "it holds no host name: a connector can present it only when its TlsCertificateName names it", NULL},
};
/* clang-format on */

bool certificate_finding_text(const struct certificate *certificate, size_t index,
                              struct text *text)
{
    if (index >= CERTIFICATE_FINDINGS || !(certificate->findings & sentences[index].finding))
        return false;
    text_append_c(text, sentences[index].text);
    if (sentences[index].append_rest)
        sentences[index].append_rest(text, certificate);
    return !text->truncated;
}
