/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/ocsp.h"

#include "tls/asn1_time.h"
#include "tls/certificate_list.h"
#include "tls/ocsp_response.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

/* clang-format off */
static const char *const texts[OCSP_OUTCOMES] = {
    [OCSP_OK]                = "it is good",
    [OCSP_DAMAGED]           = "it cannot be read",
    [OCSP_NO_ANSWER]         = "the responder had no answer (tryLater, unauthorized or the like): ask it again",
    [OCSP_OTHER_CERTIFICATE] = "it speaks of another certificate",
    [OCSP_BAD_SIGNATURE]     = "its signature is wrong, or uses an outdated digest",
    [OCSP_NOT_A_RESPONDER]   = "who signed it may not answer for this issuer: it is neither the issuer nor certified by it for OCSPSigning now",
    [OCSP_TOO_EARLY]         = "its time has not begun: is the clock of this machine right?",
    [OCSP_TOO_OLD]           = "its time is over: ask the responder for a new one",
};

static const struct {
    int reason;
    const char *name;
} reasons[] = { /* RFC 5280 5.3.1 */
    {1, "keyCompromise"}, {2, "cACompromise"},   {3, "affiliationChanged"},  {4, "superseded"},   {5, "cessationOfOperation"},
    {6, "certificateHold"}, {8, "removeFromCRL"}, {9, "privilegeWithdrawn"}, {10, "aACompromise"},
};
/* clang-format on */

const char *ocsp_outcome_text(enum ocsp_outcome outcome)
{
    return texts[outcome];
}

const char *ocsp_reason_name(int reason)
{
    for (size_t i = 0; i < COUNT_OF(reasons); i++)
        if (reasons[i].reason == reason)
            return reasons[i].name;
    return "unspecified";
}

/* --- of which certificate --- */

static bool speaks_of(const OCSP_SINGLERESP *single, const X509 *certificate, const X509 *issuer)
{
    CLEANUP(ocsp_id_free) OCSP_CERTID *named = ocsp_id_of(single);
    CLEANUP(ocsp_id_free)
    OCSP_CERTID *ours = named ? ocsp_id_like(named, certificate, issuer) : NULL;
    return ours && OCSP_id_cmp(named, ours) == 0;
}

static OCSP_SINGLERESP *find_single(OCSP_BASICRESP *basic, const X509 *certificate,
                                    const X509 *issuer)
{
    for (int i = 0; i < OCSP_resp_count(basic); i++) {
        OCSP_SINGLERESP *single = OCSP_resp_get0(basic, i);
        if (speaks_of(single, certificate, issuer))
            return single;
    }
    return NULL;
}

/* --- by whom --- */

static bool is_outdated(OCSP_BASICRESP *basic)
{
    int digest = NID_undef;
    const X509_ALGOR *algorithm = OCSP_resp_get0_tbs_sigalg(basic);
    OBJ_find_sigid_algs(OBJ_obj2nid(algorithm->algorithm), &digest, NULL);
    return digest == NID_sha1 || digest == NID_md5;
}

static bool in_time(const X509 *certificate, int64_t now_ms)
{
    int64_t from_ms, to_ms;
    return asn1_time_ms(X509_get0_notBefore(certificate), &from_ms) &&
           asn1_time_ms(X509_get0_notAfter(certificate), &to_ms) &&
           from_ms - OCSP_SKEW_MS <= now_ms && now_ms <= to_ms + OCSP_SKEW_MS;
}

/* RFC 6960 4.2.2.2: the right is given by name, "any purpose" is not enough. */
static bool may_answer(X509 *responder, X509 *issuer, int64_t now_ms)
{
    if (EVP_PKEY_eq(X509_get0_pubkey(responder), X509_get0_pubkey(issuer)) == 1)
        return true;
    bool named = X509_get_extension_flags(responder) & EXFLAG_XKUSAGE &&
                 X509_get_extended_key_usage(responder) & XKU_OCSP_SIGN;
    return named && X509_get_key_usage(responder) & KU_DIGITAL_SIGNATURE &&
           in_time(responder, now_ms) && certificate_issued_by(responder, issuer);
}

/* Who signed is looked for with the issuer first, then among the certificates it brings along. */
static enum ocsp_outcome judge_signer(OCSP_BASICRESP *basic, X509 *issuer, int64_t now_ms)
{
    X509 *responder = NULL;
    STACK_OF(X509) *ours = sk_X509_new_null();
    bool listed = ours && sk_X509_push(ours, issuer) > 0;
    bool found = listed && OCSP_resp_get0_signer(basic, &responder, ours) == 1;
    bool good =
        found && !is_outdated(basic) && OCSP_basic_verify(basic, ours, NULL, OCSP_NOVERIFY) == 1;
    sk_X509_free(ours);
    if (found && !may_answer(responder, issuer, now_ms))
        return OCSP_NOT_A_RESPONDER;
    return !found ? OCSP_NOT_A_RESPONDER : good ? OCSP_OK : OCSP_BAD_SIGNATURE;
}

/* --- what it says --- */

static enum ocsp_outcome read_answer(OCSP_SINGLERESP *single, struct ocsp_answer *out)
{
    ASN1_GENERALIZEDTIME *revoked = NULL, *from = NULL, *until = NULL;
    int reason = OCSP_REASON_NONE;
    *out = (struct ocsp_answer){.reason = OCSP_REASON_NONE};
    int status = OCSP_single_get0_status(single, &reason, &revoked, &from, &until);
    if (!asn1_time_ms(from, &out->this_update_ms))
        return OCSP_DAMAGED;
    out->next_update_ms = out->this_update_ms + OCSP_KEPT_MS;
    if (until && !asn1_time_ms(until, &out->next_update_ms))
        return OCSP_DAMAGED;
    out->status = status == V_OCSP_CERTSTATUS_GOOD      ? OCSP_GOOD
                  : status == V_OCSP_CERTSTATUS_REVOKED ? OCSP_REVOKED
                                                        : OCSP_UNKNOWN;
    if (out->status == OCSP_REVOKED) {
        out->reason = reason;
        return asn1_time_ms(revoked, &out->revoked_ms) ? OCSP_OK : OCSP_DAMAGED;
    }
    return OCSP_OK;
}

static enum ocsp_outcome judge_time(const struct ocsp_answer *answer, int64_t now_ms)
{
    if (answer->next_update_ms <= answer->this_update_ms)
        return OCSP_DAMAGED;
    return answer->this_update_ms > now_ms + OCSP_SKEW_MS   ? OCSP_TOO_EARLY
           : answer->next_update_ms < now_ms - OCSP_SKEW_MS ? OCSP_TOO_OLD
                                                            : OCSP_OK;
}

static enum ocsp_outcome verify(struct slice response, X509 *certificate, X509 *issuer,
                                int64_t now_ms, struct ocsp_answer *answer)
{
    CLEANUP(ocsp_basic_free) OCSP_BASICRESP *basic = NULL;
    enum ocsp_outcome outcome = ocsp_response_open(response, &basic);
    if (outcome != OCSP_OK)
        return outcome;
    OCSP_SINGLERESP *single = find_single(basic, certificate, issuer);
    if (!single)
        return OCSP_OTHER_CERTIFICATE;
    outcome = judge_signer(basic, issuer, now_ms);
    if (outcome == OCSP_OK)
        outcome = read_answer(single, answer);
    return outcome == OCSP_OK ? judge_time(answer, now_ms) : outcome;
}

enum ocsp_outcome ocsp_verify(struct slice response, struct slice certificate, struct slice issuer,
                              int64_t now_ms, struct ocsp_answer *out_answer)
{
    struct ocsp_answer answer;
    CLEANUP(certificate_free) X509 *ours = certificate_from_der(certificate);
    CLEANUP(certificate_free) X509 *above = certificate_from_der(issuer);
    enum ocsp_outcome outcome =
        ours && above ? verify(response, ours, above, now_ms, &answer) : OCSP_OTHER_CERTIFICATE;
    if (outcome == OCSP_OK)
        *out_answer = answer;
    ERR_clear_error();
    return outcome;
}
