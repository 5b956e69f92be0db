/* SPDX-License-Identifier: Apache-2.0 */
#include "model/client_kind.h"

#define DAY_MS INT64_C(86400000)
enum { DAYS_VALID_MAX = 825 };

#define DATES                                                                                      \
    (CLIENT_BIT(CLIENT_EXPIRED) | CLIENT_BIT(CLIENT_NOT_YET_VALID) | CLIENT_BIT(CLIENT_REVOKED))
#define CHAIN                                                                                      \
    (CLIENT_BIT(CLIENT_BAD_CHAIN) | CLIENT_BIT(CLIENT_WRONG_PURPOSE) |                             \
     CLIENT_BIT(CLIENT_SELF_SIGNED) | CLIENT_BIT(CLIENT_CHAIN_INCOMPLETE) |                        \
     CLIENT_BIT(CLIENT_UNTRUSTED) | CLIENT_BIT(CLIENT_PRIVATE_ROOT))
#define STRENGTH (CLIENT_BIT(CLIENT_WEAK_KEY) | CLIENT_BIT(CLIENT_WEAK_SIGNATURE))
#define NAME CLIENT_BIT(CLIENT_NAME_MISMATCH)
#define LIFE CLIENT_BIT(CLIENT_VALID_TOO_LONG)

#define RSA CERTIFICATE_KEY_BIT(CERTIFICATE_KEY_RSA)
#define PSS CERTIFICATE_KEY_BIT(CERTIFICATE_KEY_RSA_PSS)
#define ECDSA CERTIFICATE_KEY_BIT(CERTIFICATE_KEY_ECDSA)
#define EDDSA CERTIFICATE_KEY_BIT(CERTIFICATE_KEY_ED25519)

/* clang-format off */
const struct client_kind client_kinds[CLIENT_KINDS] = {
    /* name             title                    minds                                 keys                       TLS from        to              SNI    insists */
    {"thunderbird",     "Thunderbird",           DATES | CHAIN | STRENGTH | NAME,        RSA | PSS | ECDSA,         TLS_MINIMUM_12, TLS_MINIMUM_13, true,  true,  "asks whether to make a security exception"},
    {"outlook",         "Outlook",               DATES | CHAIN | STRENGTH | NAME,        RSA | ECDSA,               TLS_MINIMUM_12, TLS_MINIMUM_13, true,  true,  "warns that the security certificate cannot be verified"},
    {"ios",             "iOS Mail",              DATES | CHAIN | STRENGTH | NAME | LIFE, RSA | ECDSA,               TLS_MINIMUM_12, TLS_MINIMUM_13, true,  true,  "says that it cannot verify the identity of the server"},
    {"printer",         "a printer of 2010",     0,                                     RSA,                       TLS_MINIMUM_10, TLS_MINIMUM_10, false, true,  "sends nothing, and shows an error number at best"},
    {"exchange-online", "Exchange Online",       0,                                     RSA | ECDSA,               TLS_MINIMUM_12, TLS_MINIMUM_13, true,  false, "sends without TLS"},
    {"exchange-hybrid", "Exchange Online with a connector that verifies", DATES | CHAIN | STRENGTH | NAME, RSA | ECDSA, TLS_MINIMUM_12, TLS_MINIMUM_13, true, true, "keeps the mail and tries again, for a day"},
    {"swaks",           "swaks, openssl",        0,                                     RSA | PSS | ECDSA | EDDSA, TLS_MINIMUM_12, TLS_MINIMUM_13, false, true,  "gives up"},
};

static const struct { const char *code, *text; } words[CLIENT_FINDINGS] = {
    [CLIENT_CONTENT]            = {"OK",                 "there is nothing it minds"},
    [CLIENT_NO_TLS]             = {"NO_TLS",             "it insists on TLS, and none is offered"},
    [CLIENT_SENDS_IN_CLEAR]     = {"SENDS_IN_CLEAR",     "there is no TLS that both can speak"},
    [CLIENT_PROTOCOL_TOO_OLD]   = {"PROTOCOL_TOO_OLD",   "the newest TLS it speaks is older than TlsMinimumVersion"},
    [CLIENT_KEY_NOT_UNDERSTOOD] = {"KEY_NOT_UNDERSTOOD", "it cannot verify keys of this kind; a second certificate with an RSA key helps"},
    [CLIENT_EXPIRED]            = {"EXPIRED",            "the certificate or one of its issuers has expired"},
    [CLIENT_NOT_YET_VALID]      = {"NOT_YET_VALID",      "the certificate begins later"},
    [CLIENT_REVOKED]            = {"REVOKED",            "the certificate is revoked"},
    [CLIENT_BAD_CHAIN]          = {"BAD_CHAIN",          "a signature of its chain does not fit, or an issuer may not issue"},
    [CLIENT_WRONG_PURPOSE]      = {"WRONG_PURPOSE",      "the certificate is not for TLS servers"},
    [CLIENT_SELF_SIGNED]        = {"SELF_SIGNED",        "nobody but itself vouches for the certificate"},
    [CLIENT_CHAIN_INCOMPLETE]   = {"CHAIN_INCOMPLETE",   "an issuer is missing in the chain that is sent"},
    [CLIENT_UNTRUSTED]          = {"UNTRUSTED",          "the chain ends in a root that is not trusted"},
    [CLIENT_NAME_MISMATCH]      = {"NAME_MISMATCH",      "the certificate does not hold the name the client connects to"},
    [CLIENT_WEAK_KEY]           = {"WEAK_KEY",           "the key is too short"},
    [CLIENT_WEAK_SIGNATURE]     = {"WEAK_SIGNATURE",     "MD5, SHA-1 or a short key is used in the chain"},
    [CLIENT_VALID_TOO_LONG]     = {"VALID_TOO_LONG",     "the certificate is valid for more than 825 days"},
    [CLIENT_PRIVATE_ROOT]       = {"PRIVATE_ROOT",       "the chain ends in a private root: content only where that root was installed"},
};

/* What was found when it was imported. */
static const struct { uint32_t recorded; enum client_finding finding; } recorded[] = {
    {FINDING_BAD_CHAIN,       CLIENT_BAD_CHAIN},
    {FINDING_NOT_FOR_SERVERS, CLIENT_WRONG_PURPOSE},
    {FINDING_CANNOT_SIGN,     CLIENT_WRONG_PURPOSE},
    {FINDING_ISSUER_MISSING,  CLIENT_CHAIN_INCOMPLETE},
    {FINDING_SHORT_KEY,       CLIENT_WEAK_KEY},
    {FINDING_WEAK_SIGNATURE,  CLIENT_WEAK_SIGNATURE},
};
/* clang-format on */

const struct client_kind *client_kind_find(struct slice name)
{
    for (size_t i = 0; i < CLIENT_KINDS; i++)
        if (slice_equal_nocase(name, slice_of(client_kinds[i].name)))
            return &client_kinds[i];
    return NULL;
}

bool client_kinds_append_names(struct text *text)
{
    for (size_t i = 0; i < CLIENT_KINDS; i++)
        if (!text_append_format(text, "%s%s", i ? ", " : "", client_kinds[i].name))
            return false;
    return true;
}

/* --- what can be found --- */

bool client_minds_life(int64_t not_before_ms, int64_t not_after_ms)
{
    return not_after_ms - not_before_ms > DAYS_VALID_MAX * DAY_MS;
}

static uint32_t findings_of_dates(const struct certificate *certificate, int64_t at_ms)
{
    bool over = certificate_status_at(certificate, at_ms) == STATUS_DATE_INVALID;
    uint32_t findings = 0;
    if (over && at_ms < certificate->not_before_ms)
        findings |= CLIENT_BIT(CLIENT_NOT_YET_VALID);
    else if (over)
        findings |= CLIENT_BIT(CLIENT_EXPIRED);
    if (certificate_is_revoked(certificate))
        findings |= CLIENT_BIT(CLIENT_REVOKED);
    if (client_minds_life(certificate->not_before_ms, certificate->not_after_ms))
        findings |= CLIENT_BIT(CLIENT_VALID_TOO_LONG);
    return findings;
}

static uint32_t findings_of_root(const struct certificate *certificate)
{
    if (certificate->self_signed)
        return CLIENT_BIT(CLIENT_SELF_SIGNED);
    if (certificate->findings & FINDING_UNTRUSTED_ROOT)
        return CLIENT_BIT(CLIENT_UNTRUSTED);
    return certificate->root_ca_type == ROOT_ENTERPRISE ? CLIENT_BIT(CLIENT_PRIVATE_ROOT) : 0;
}

static bool holds_name(const struct certificate *certificate, struct slice host)
{
    for (size_t i = 0; i < certificate->dns_names.count; i++)
        if (certificate_dns_name_matches(certificate->dns_names.at[i], host))
            return true;
    for (size_t i = 0; i < certificate->addresses.count; i++)
        if (slice_equal_nocase(certificate->addresses.at[i], host))
            return true;
    return false;
}

uint32_t client_findings_of(const struct certificate *certificate, struct slice host, int64_t at_ms)
{
    uint32_t findings = findings_of_dates(certificate, at_ms) | findings_of_root(certificate);
    for (size_t i = 0; i < COUNT_OF(recorded); i++)
        if (certificate->findings & recorded[i].recorded)
            findings |= CLIENT_BIT(recorded[i].finding);
    if (!holds_name(certificate, host))
        findings |= CLIENT_BIT(CLIENT_NAME_MISMATCH);
    return findings;
}

/* --- what is minded --- */

enum client_finding client_kind_minds(const struct client_kind *kind, uint32_t findings)
{
    for (int i = CLIENT_CONTENT + 1; i < CLIENT_FINDINGS; i++)
        if (kind->minds & findings & CLIENT_BIT(i))
            return (enum client_finding)i;
    return CLIENT_CONTENT;
}

/* Who can do without TLS does so when it fails. */
static enum client_finding or_in_clear(const struct client_kind *kind, enum client_finding finding)
{
    return kind->insists_on_tls ? finding : CLIENT_SENDS_IN_CLEAR;
}

static enum client_finding finding_of(const struct client_kind *kind,
                                      const struct certificate_question *question,
                                      const struct certificate *certificate, struct slice host)
{
    if (!certificate)
        return or_in_clear(kind, CLIENT_NO_TLS);
    if (kind->newest < question->connector->tls_minimum_version)
        return or_in_clear(kind, CLIENT_PROTOCOL_TOO_OLD);
    if (!(kind->keys & CERTIFICATE_KEY_BIT(certificate->key_kind)))
        return or_in_clear(kind, CLIENT_KEY_NOT_UNDERSTOOD);
    return client_kind_minds(kind, client_findings_of(certificate, host, question->at_ms));
}

struct client_verdict client_kind_judge(const struct client_kind *kind,
                                        const struct certificate_question *question)
{
    struct client_verdict verdict = {.finding = CLIENT_CONTENT};
    struct certificate_question own = *question;
    struct slice host = question->server_name;
    if (!host.len)
        host = receive_connector_fqdn(question->connector, model_server(question->model));
    own.server_name = kind->sends_name ? host : SLICE("");
    own.client_keys = kind->keys;
    certificate_choose(&own, &verdict.choice);
    verdict.finding = finding_of(kind, &own, verdict.choice.certificate, host);
    return verdict;
}

const char *client_finding_code(enum client_finding finding)
{
    return words[finding].code;
}

const char *client_finding_text(enum client_finding finding)
{
    return words[finding].text;
}
