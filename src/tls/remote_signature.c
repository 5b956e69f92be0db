/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of the remote provider: DIGEST_SIGN with the whole message, and nothing else. There is
 * no SIGN, so nobody can have a naked digest signed. DIGEST_SIGN_INIT is called several times per
 * handshake, for each digest libssl considers: it asks nobody. */
#include "tls/remote_provider.h"
#include "tls/scheme.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>

enum { DIGEST_NAME_MAX = 32 };

struct signature {
    const struct remote_key *key; /* OpenSSL keeps it alive */
    char digest[DIGEST_NAME_MAX]; /* "" for Ed25519 */
    bool pss;
};

static void *signature_new(void *provider, const char *properties)
{
    (void)provider;
    (void)properties;
    return calloc(1, sizeof(struct signature));
}

static void signature_free(void *data)
{
    free(data);
}

static int set_params(void *data, const OSSL_PARAM params[])
{
    struct signature *signature = data;
    const OSSL_PARAM *padding =
        params ? OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_PAD_MODE) : NULL;
    int mode = RSA_PKCS1_PADDING;
    if (!padding)
        return 1; /* the salt is always as long as the digest, as TLS wants it */
    if (padding->data_type == OSSL_PARAM_INTEGER && !OSSL_PARAM_get_int(padding, &mode))
        return 0;
    if (padding->data_type == OSSL_PARAM_UTF8_STRING &&
        slice_equal(slice_of(padding->data), SLICE(OSSL_PKEY_RSA_PAD_MODE_PSS)))
        mode = RSA_PKCS1_PSS_PADDING;
    signature->pss = mode == RSA_PKCS1_PSS_PADDING;
    return signature->pss || mode == RSA_PKCS1_PADDING;
}

static const OSSL_PARAM *settable_params(void *data, void *provider)
{
    static const OSSL_PARAM types[] = {
        OSSL_PARAM_int(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL),
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0),
        OSSL_PARAM_END,
    };
    (void)data;
    (void)provider;
    return types;
}

/* An RSA-PSS key may be bound to one digest (RFC 4055 3.1): libssl learns here which it is. */
static bool digest_allowed(const struct remote_key *key, const char *digest)
{
    int only;
    if (!EVP_PKEY_is_a(key->public, "RSA-PSS") ||
        EVP_PKEY_get_default_digest_nid(key->public, &only) != 2 /* no other */)
        return true;
    return scheme_by_digest(SCHEME_RSA_PSS, digest) ==
           scheme_by_digest(SCHEME_RSA_PSS, OBJ_nid2sn(only));
}

static int digest_sign_init(void *data, const char *digest, void *key, const OSSL_PARAM params[])
{
    struct signature *signature = data;
    if (key)
        signature->key = key;
    if (!signature->key || !digest_allowed(signature->key, digest))
        return 0;
    int len = snprintf(signature->digest, sizeof signature->digest, "%s", digest ? digest : "");
    signature->pss = EVP_PKEY_is_a(signature->key->public, "RSA-PSS");
    return len >= 0 && (size_t)len < sizeof signature->digest && set_params(signature, params);
}

static const struct scheme *scheme_of(const struct signature *signature)
{
    static const struct {
        const char *key_type;
        enum scheme_family plain, pss;
    } rows[] = {
        {"RSA", SCHEME_RSA_PKCS1, SCHEME_RSA_PSS},
        {"RSA-PSS", SCHEME_RSA_PSS, SCHEME_RSA_PSS},
        {"EC", SCHEME_ECDSA, SCHEME_ECDSA},
        {"ED25519", SCHEME_ED25519, SCHEME_ED25519},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (EVP_PKEY_is_a(signature->key->public, rows[i].key_type))
            return scheme_by_digest(signature->pss ? rows[i].pss : rows[i].plain,
                                    signature->digest);
    return NULL;
}

static int digest_sign(void *data, unsigned char *out, size_t *out_len, size_t capacity,
                       const unsigned char *bytes, size_t len)
{
    const struct signature *signature = data;
    int size = EVP_PKEY_get_size(signature->key->public);
    if (size <= 0)
        return 0;
    if (!out) {
        *out_len = (size_t)size;
        return 1;
    }
    const struct scheme *scheme = scheme_of(signature);
    return scheme && remote_key_sign(signature->key, scheme->number, slice_bytes(bytes, len), out,
                                     capacity, out_len);
}

static const OSSL_DISPATCH functions[] = {
    {OSSL_FUNC_SIGNATURE_NEWCTX, (void (*)(void))signature_new},
    {OSSL_FUNC_SIGNATURE_FREECTX, (void (*)(void))signature_free},
    {OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, (void (*)(void))digest_sign_init},
    {OSSL_FUNC_SIGNATURE_DIGEST_SIGN, (void (*)(void))digest_sign},
    {OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, (void (*)(void))set_params},
    {OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, (void (*)(void))settable_params},
    {0, NULL},
};

const OSSL_ALGORITHM remote_signature[] = {
    {"POSTERN-RSA", "provider=" REMOTE_PROVIDER, functions, NULL},
    {"POSTERN-ECDSA", "provider=" REMOTE_PROVIDER, functions, NULL},
    {"POSTERN-ED25519", "provider=" REMOTE_PROVIDER, functions, NULL},
    {NULL, NULL, NULL, NULL},
};
