/* SPDX-License-Identifier: Apache-2.0 */
/* answer - OCSP responses of any kind, for tests: good, odd and wrong ones. */
#ifndef TESTS_UNIT_TLS_ANSWER_H
#define TESTS_UNIT_TLS_ANSWER_H

#include "unit/tls/forge.h"

#include <openssl/ocsp.h>

struct answer {
    const struct forged *certificate, *issuer;
    const struct forged *responder; /* NULL: the issuer */
    int status;                     /* V_OCSP_CERTSTATUS_GOOD is 0 */
    int reason, revoked_hours;      /* of a revoked one; from forge_now_ms */
    int from_s, to_s;               /* from forge_now_ms; both 0: an hour ago to a week from now */
    bool no_end;                    /* without nextUpdate */
    bool by_key;                    /* names the responder by its key, and sends no certificate */
    bool sha256_id;                 /* hashes in the CertID; else SHA-1, as nearly everybody does */
    const char *digest;             /* of the signature; NULL: SHA256 */
    int refusal;                    /* an OCSPResponseStatus instead of an answer */
};

static inline ASN1_TIME *answer_time(int seconds)
{
    return ASN1_TIME_adj(NULL, (time_t)(forge_now_ms / 1000), 0, seconds);
}

static inline OCSP_BASICRESP *answer_basic(const struct answer *plan)
{
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    bool usual = !plan->from_s && !plan->to_s;
    ASN1_TIME *from = answer_time(usual ? -3600 : plan->from_s);
    ASN1_TIME *to = plan->no_end ? NULL : answer_time(usual ? 7 * 86400 : plan->to_s);
    ASN1_TIME *revoked =
        plan->status == V_OCSP_CERTSTATUS_REVOKED ? answer_time(plan->revoked_hours * 3600) : NULL;
    OCSP_CERTID *id = OCSP_cert_to_id(plan->sha256_id ? EVP_sha256() : EVP_sha1(),
                                      plan->certificate->x509, plan->issuer->x509);
    assert_non_null(
        OCSP_basic_add1_status(basic, id, plan->status, plan->reason, revoked, from, to));
    OCSP_CERTID_free(id);
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
    ASN1_TIME_free(revoked);
    return basic;
}

static inline struct slice answer(struct arena *arena, struct answer plan)
{
    const struct forged *responder = plan.responder ? plan.responder : plan.issuer;
    OCSP_BASICRESP *basic = answer_basic(&plan);
    unsigned long flags = plan.by_key ? OCSP_RESPID_KEY | OCSP_NOCERTS : 0;
    assert_int_equal(OCSP_basic_sign(basic, responder->x509, responder->key,
                                     EVP_get_digestbyname(plan.digest ? plan.digest : "SHA256"),
                                     NULL, flags),
                     1);
    OCSP_RESPONSE *response = OCSP_response_create(plan.refusal, plan.refusal ? NULL : basic);
    unsigned char *der = NULL;
    struct slice out;
    int len = i2d_OCSP_RESPONSE(response, &der);
    assert_true(len > 0 && arena_copy(arena, slice_bytes(der, (size_t)len), &out));
    OPENSSL_free(der);
    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
    return out;
}

#define ANSWER_RESPONDER                                                                           \
    {                                                                                              \
        {                                                                                          \
            NID_ext_key_usage, "OCSPSigning"                                                       \
        }                                                                                          \
    }

#endif
