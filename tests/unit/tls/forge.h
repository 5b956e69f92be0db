/* SPDX-License-Identifier: Apache-2.0 */
/* forge - certificates of any kind, for tests: good, odd and wrong ones. */
#ifndef TESTS_UNIT_TLS_FORGE_H
#define TESTS_UNIT_TLS_FORGE_H

#include "base/arena.h"
#include "support/rows.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <string.h>

enum { FORGE_EXTENSIONS_MAX = 4 };

static const int64_t forge_now_ms = 1767225600000; /* 2026-01-01; certificates: 30 days around */

struct forged {
    X509 *x509;
    EVP_PKEY *key;
    struct slice der;
};

struct forge {
    const char *common_name; /* raw bytes with its own length when common_name_len is set */
    size_t common_name_len;
    const struct forged *issuer; /* NULL: itself */
    size_t rsa_bits;             /* 0: P-256 */
    const char *digest;          /* NULL: SHA256 */
    int days_from, days_to;      /* from now; 0, 0: -30 to 30 */
    struct {
        int nid;
        const char *value;
    } extensions[FORGE_EXTENSIONS_MAX];
};

static inline void forge_extensions(struct forged *made, const struct forge *plan)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, plan->issuer ? plan->issuer->x509 : made->x509, made->x509, NULL, NULL,
                   0);
    for (size_t i = 0; i < FORGE_EXTENSIONS_MAX && plan->extensions[i].value; i++) {
        X509_EXTENSION *extension =
            X509V3_EXT_conf_nid(NULL, &context, plan->extensions[i].nid, plan->extensions[i].value);
        assert_non_null(extension);
        assert_int_equal(X509_add_ext(made->x509, extension, -1), 1);
        X509_EXTENSION_free(extension);
    }
}

static inline void forge_names(struct forged *made, const struct forge *plan)
{
    size_t len = plan->common_name_len ? plan->common_name_len : strlen(plan->common_name);
    X509_NAME *name = X509_NAME_new();
    assert_int_equal(X509_NAME_add_entry_by_NID(name, NID_commonName, V_ASN1_UTF8STRING,
                                                (const unsigned char *)plan->common_name, (int)len,
                                                -1, 0),
                     1);
    assert_int_equal(X509_set_subject_name(made->x509, name), 1);
    assert_int_equal(
        X509_set_issuer_name(made->x509,
                             plan->issuer ? X509_get_subject_name(plan->issuer->x509) : name),
        1);
    X509_NAME_free(name);
}

static inline struct forged forge(struct arena *arena, struct forge plan)
{
    static long serial = 1000;
    struct forged made = {.x509 = X509_new()};
    bool usual = !plan.days_from && !plan.days_to;
    made.key = plan.rsa_bits ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", plan.rsa_bits)
                             : EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    assert_non_null(made.key);
    forge_names(&made, &plan);
    time_t now = (time_t)(forge_now_ms / 1000);
    assert_true(
        X509_set_version(made.x509, 2) == 1 &&
        ASN1_INTEGER_set(X509_get_serialNumber(made.x509), serial++) == 1 &&
        X509_set_pubkey(made.x509, made.key) == 1 &&
        ASN1_TIME_adj(X509_getm_notBefore(made.x509), now, usual ? -30 : plan.days_from, 0) &&
        ASN1_TIME_adj(X509_getm_notAfter(made.x509), now, usual ? 30 : plan.days_to, 0));
    forge_extensions(&made, &plan);
    assert_true(X509_sign(made.x509, plan.issuer ? plan.issuer->key : made.key,
                          EVP_get_digestbyname(plan.digest ? plan.digest : "SHA256")) > 0);
    unsigned char *der = NULL;
    int len = i2d_X509(made.x509, &der);
    assert_true(arena_copy(arena, slice_bytes(der, (size_t)len), &made.der));
    OPENSSL_free(der);
    return made;
}

static inline void forged_free(struct forged *made)
{
    X509_free(made->x509);
    EVP_PKEY_free(made->key);
    *made = (struct forged){0};
}

#define FORGE_CA                                                                                   \
    {                                                                                              \
        {NID_basic_constraints, "critical,CA:TRUE"},                                               \
        {                                                                                          \
            NID_subject_key_identifier, "hash"                                                     \
        }                                                                                          \
    }

#endif
