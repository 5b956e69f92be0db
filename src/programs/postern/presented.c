/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/presented.h"

#include "base/hex.h"
#include "tls/certificate_facts.h"

enum { DER_MAX = 1 << 18, TEXT_MAX = 8192, ARENA_MAX = 1 << 22 };
#define DAY_MS INT64_C(86400000)

/* clang-format off */
static const enum client_finding client_findings[VERIFY_FINDING_COUNT] = {
    [VERIFY_MALFORMED]        = CLIENT_BAD_CHAIN,
    [VERIFY_EXPIRED]          = CLIENT_EXPIRED,
    [VERIFY_NOT_YET_VALID]    = CLIENT_NOT_YET_VALID,
    [VERIFY_SELF_SIGNED]      = CLIENT_SELF_SIGNED,
    [VERIFY_CHAIN_INCOMPLETE] = CLIENT_CHAIN_INCOMPLETE,
    [VERIFY_UNTRUSTED_ROOT]   = CLIENT_UNTRUSTED,
    [VERIFY_BAD_SIGNATURE]    = CLIENT_BAD_CHAIN,
    [VERIFY_NOT_AN_AUTHORITY] = CLIENT_BAD_CHAIN,
    [VERIFY_CONSTRAINED]      = CLIENT_BAD_CHAIN,
    [VERIFY_WRONG_PURPOSE]    = CLIENT_WRONG_PURPOSE,
    [VERIFY_WEAK]             = CLIENT_WEAK_SIGNATURE,
    [VERIFY_NAME_MISMATCH]    = CLIENT_NAME_MISMATCH,
    [VERIFY_OTHER]            = CLIENT_BAD_CHAIN,
};
static const enum certificate_key_kind key_kinds[] = {
    [KEY_OTHER] = CERTIFICATE_KEY_OTHER,
    [KEY_RSA]   = CERTIFICATE_KEY_RSA,   [KEY_RSA_PSS] = CERTIFICATE_KEY_RSA_PSS,
    [KEY_P256]  = CERTIFICATE_KEY_ECDSA, [KEY_P384]    = CERTIFICATE_KEY_ECDSA, [KEY_P521] = CERTIFICATE_KEY_ECDSA,
    [KEY_ED25519] = CERTIFICATE_KEY_ED25519,
};
/* clang-format on */

static void judge(const struct tls_engine *engine, int64_t now_ms, struct presented *out)
{
    struct verdict verdict;
    tls_engine_verdict(engine, now_ms, &verdict);
    for (int i = VERIFY_OK + 1; i < VERIFY_FINDING_COUNT; i++) {
        enum verify_finding finding = (enum verify_finding)i;
        if (!verdict_has(&verdict, finding))
            continue;
        text_append_format(&out->warnings, "%s (%s)\n", verify_finding_text(finding),
                           verify_finding_name(finding));
        out->findings |= CLIENT_BIT(client_findings[i]);
    }
}

static bool read_leaf(struct slice der, struct arena *arena, int64_t now_ms, struct presented *out)
{
    struct certificate_facts facts;
    if (certificate_facts_read(der, NULL, 0, arena, &facts) != CERTIFICATE_OK)
        return false;
    text_append(&out->subject, facts.subject);
    hex_append_upper(&out->thumbprint, slice_bytes(facts.thumbprint, sizeof(facts.thumbprint)));
    out->self_signed = facts.self_signed;
    out->key_kind = key_kinds[facts.key_kind];
    if (client_minds_life(facts.not_before_ms, facts.not_after_ms))
        out->findings |= CLIENT_BIT(CLIENT_VALID_TOO_LONG);
    out->days_left = (facts.not_after_ms - now_ms) / DAY_MS;
    return true;
}

bool presented_read(const struct tls_engine *engine, int64_t now_ms, struct presented *out)
{
    *out = (struct presented){
        .subject = text_with_ceiling(TEXT_MAX),
        .thumbprint = text_with_ceiling(TEXT_MAX),
        .warnings = text_with_ceiling(TEXT_MAX),
    };
    struct text der = text_with_ceiling(DER_MAX);
    struct arena arena = arena_with_ceiling(ARENA_MAX);
    bool good = tls_engine_peer_certificate(engine, 0, &der) &&
                read_leaf(text_slice(&der), &arena, now_ms, out);
    if (good)
        judge(engine, now_ms, out);
    arena_deinit(&arena);
    text_deinit(&der);
    return good;
}

void presented_deinit(struct presented *presented)
{
    text_deinit(&presented->subject);
    text_deinit(&presented->thumbprint);
    text_deinit(&presented->warnings);
}
