/* SPDX-License-Identifier: Apache-2.0 */
/* Key management of the remote provider: import of handle and public part, and the public part's
 * facts. EXPORT must fail when the private part is asked for: else OpenSSL signs with a public-only
 * copy. `group` must be there, or EC keys lose TLS 1.3 in silence; `max-size`, or RSA loses PSS. */
#include "tls/remote_provider.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/x509.h>
#include <stdlib.h>

static void *key_new(void *provider)
{
    (void)provider;
    return calloc(1, sizeof(struct remote_key));
}

static void key_free(void *data)
{
    struct remote_key *key = data;
    if (!key)
        return;
    EVP_PKEY_free(key->public);
    free(key);
}

static int key_has(const void *data, int selection)
{
    const struct remote_key *key = data;
    (void)selection; /* a handle stands for the private part */
    return key && key->public;
}

static int key_import(void *data, int selection, const OSSL_PARAM params[])
{
    struct remote_key *key = data;
    (void)selection;
    const OSSL_PARAM *spki = OSSL_PARAM_locate_const(params, REMOTE_PARAM_SPKI);
    const OSSL_PARAM *handle = OSSL_PARAM_locate_const(params, REMOTE_PARAM_HANDLE);
    if (!spki || !handle || spki->data_size > REMOTE_SPKI_MAX ||
        !OSSL_PARAM_get_uint64(handle, &key->handle))
        return 0;
    const unsigned char *at = spki->data;
    EVP_PKEY_free(key->public);
    key->public = d2i_PUBKEY_ex(NULL, &at, (long)spki->data_size, NULL, "provider=default");
    return key->public != NULL;
}

static const OSSL_PARAM *import_types(int selection)
{
    static const OSSL_PARAM types[] = {
        OSSL_PARAM_octet_string(REMOTE_PARAM_SPKI, NULL, 0),
        OSSL_PARAM_uint64(REMOTE_PARAM_HANDLE, NULL),
        OSSL_PARAM_END,
    };
    (void)selection;
    return types;
}

static int key_match(const void *left, const void *right, int selection)
{
    const struct remote_key *a = left, *b = right;
    (void)selection;
    return EVP_PKEY_eq(a->public, b->public) == 1;
}

static int key_export(void *data, int selection, OSSL_CALLBACK *receive, void *argument)
{
    struct remote_key *key = data;
    OSSL_PARAM *params = NULL;
    if (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY)
        return 0;
    if (EVP_PKEY_todata(key->public, EVP_PKEY_PUBLIC_KEY, &params) != 1)
        return 0;
    int done = receive(params, argument);
    OSSL_PARAM_free(params);
    return done;
}

static const OSSL_PARAM *export_types(int selection)
{
    static const OSSL_PARAM types[] = {
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
        OSSL_PARAM_END,
    };
    return selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY ? NULL : types;
}

static int get_params(void *data, OSSL_PARAM params[])
{
    const struct remote_key *key = data;
    return EVP_PKEY_get_params(key->public, params);
}

static const OSSL_PARAM *gettable_params(void *provider)
{
    static const OSSL_PARAM types[] = {
        OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
        OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),
        OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_MANDATORY_DIGEST, NULL, 0),
        OSSL_PARAM_END,
    };
    (void)provider;
    return types;
}

/* Names of their own, so that the default provider's signatures are never tried first. */
static const char *rsa_signature(int operation)
{
    return operation == OSSL_OP_SIGNATURE ? "POSTERN-RSA" : NULL;
}

static const char *ec_signature(int operation)
{
    return operation == OSSL_OP_SIGNATURE ? "POSTERN-ECDSA" : NULL;
}

static const char *ed25519_signature(int operation)
{
    return operation == OSSL_OP_SIGNATURE ? "POSTERN-ED25519" : NULL;
}

/* clang-format off */
#define KEYMGMT_TABLE(name, signature)                                                                                  \
    static const OSSL_DISPATCH name[] = {                                                                               \
        {OSSL_FUNC_KEYMGMT_NEW, (void (*)(void))key_new},                                                               \
        {OSSL_FUNC_KEYMGMT_FREE, (void (*)(void))key_free},                                                             \
        {OSSL_FUNC_KEYMGMT_HAS, (void (*)(void))key_has},                                                               \
        {OSSL_FUNC_KEYMGMT_IMPORT, (void (*)(void))key_import},                                                         \
        {OSSL_FUNC_KEYMGMT_IMPORT_TYPES, (void (*)(void))import_types},                                                 \
        {OSSL_FUNC_KEYMGMT_MATCH, (void (*)(void))key_match},                                                           \
        {OSSL_FUNC_KEYMGMT_EXPORT, (void (*)(void))key_export},                                                         \
        {OSSL_FUNC_KEYMGMT_EXPORT_TYPES, (void (*)(void))export_types},                                                 \
        {OSSL_FUNC_KEYMGMT_GET_PARAMS, (void (*)(void))get_params},                                                     \
        {OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, (void (*)(void))gettable_params},                                           \
        {OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, (void (*)(void))(signature)},                                          \
        {0, NULL},                                                                                                      \
    }
KEYMGMT_TABLE(rsa_functions, rsa_signature);
KEYMGMT_TABLE(ec_functions, ec_signature);
KEYMGMT_TABLE(ed25519_functions, ed25519_signature);

/* The usual names: libssl finds the place of a key by them. */
const OSSL_ALGORITHM remote_keymgmt[] = {
    {"RSA:rsaEncryption:1.2.840.113549.1.1.1",   "provider=" REMOTE_PROVIDER, rsa_functions,     NULL},
    {"RSA-PSS:RSASSA-PSS:1.2.840.113549.1.1.10", "provider=" REMOTE_PROVIDER, rsa_functions,     NULL},
    {"EC:id-ecPublicKey:1.2.840.10045.2.1",      "provider=" REMOTE_PROVIDER, ec_functions,      NULL},
    {"ED25519:1.3.101.112",                      "provider=" REMOTE_PROVIDER, ed25519_functions, NULL},
    {NULL, NULL, NULL, NULL},
};
/* clang-format on */
