/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/remote_key.h"

#include "tls/remote_provider.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/x509.h>
#include <string.h>

static const char *const served_types[] = {"RSA", "RSA-PSS", "EC", "ED25519"};

static void free_context(EVP_PKEY_CTX **context)
{
    EVP_PKEY_CTX_free(*context);
}

static void free_key(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

/* The name of the key type, NULL for one we do not serve. */
static const char *type_of(struct slice spki)
{
    const unsigned char *at = (const unsigned char *)spki.at;
    if (!at || spki.len > REMOTE_SPKI_MAX)
        return NULL;
    CLEANUP(free_key) EVP_PKEY *public = d2i_PUBKEY_ex(NULL, &at, (long)spki.len, NULL, NULL);
    for (size_t i = 0; public && i < COUNT_OF(served_types); i++)
        if (EVP_PKEY_is_a(public, served_types[i]))
            return served_types[i];
    return NULL;
}

static bool key_from_data(const char *type, uint64_t handle, struct slice spki, EVP_PKEY **out)
{
    char bytes[REMOTE_SPKI_MAX];
    memcpy(bytes, spki.at, spki.len);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(REMOTE_PARAM_SPKI, bytes, spki.len),
        OSSL_PARAM_construct_uint64(REMOTE_PARAM_HANDLE, &handle),
        OSSL_PARAM_construct_end(),
    };
    CLEANUP(free_context)
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, "provider=" REMOTE_PROVIDER);
    return context && EVP_PKEY_fromdata_init(context) > 0 &&
           EVP_PKEY_fromdata(context, out, EVP_PKEY_KEYPAIR, params) > 0;
}

int remote_key_new(uint64_t handle, struct slice spki, EVP_PKEY **out)
{
    *out = NULL;
    const char *type = type_of(spki);
    if (!type)
        return -EINVAL;
    return key_from_data(type, handle, spki, out) ? 0 : -EINVAL;
}
