/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/signer.h"

#include "tls/import.h"
#include "tls/scheme.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

static void free_pkcs8(PKCS8_PRIV_KEY_INFO **info)
{
    PKCS8_PRIV_KEY_INFO_free(*info);
}

static PKCS8_PRIV_KEY_INFO *read_pkcs8(struct slice pkcs8)
{
    const unsigned char *at = (const unsigned char *)pkcs8.at;
    if (!at || pkcs8.len > IMPORT_MAX_BYTES)
        return NULL;
    return d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)pkcs8.len);
}

bool signer_key_has_form(struct slice pkcs8)
{
    CLEANUP(free_pkcs8) PKCS8_PRIV_KEY_INFO *info = read_pkcs8(pkcs8);
    return info != NULL;
}

int signer_key_new(struct slice pkcs8, EVP_PKEY **out)
{
    *out = NULL;
    CLEANUP(free_pkcs8) PKCS8_PRIV_KEY_INFO *info = read_pkcs8(pkcs8);
    EVP_PKEY *key = info ? EVP_PKCS82PKEY(info) : NULL;
    if (!key || EVP_PKEY_get_bits(key) > IMPORT_RSA_BITS_MAX) {
        EVP_PKEY_free(key);
        return -EINVAL;
    }
    *out = key;
    return 0;
}

void signer_key_free(EVP_PKEY *key)
{
    EVP_PKEY_free(key);
}

bool signer_key_spki(EVP_PKEY *key, struct text *out_spki)
{
    unsigned char *der = NULL;
    int len = i2d_PUBKEY(key, &der);
    bool ok = len > 0 && text_append(out_spki, slice_bytes(der, (size_t)len));
    OPENSSL_free(der);
    return ok;
}

static void free_digest_context(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
}

/* RFC 8446 4.2.3: the salt is as long as the digest. */
static bool set_padding(EVP_PKEY_CTX *context, enum scheme_family family)
{
    if (family == SCHEME_RSA_PKCS1)
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0;
    if (family == SCHEME_RSA_PSS)
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) > 0;
    return true;
}

bool signer_sign(EVP_PKEY *key, enum signer_side side, uint32_t scheme_number,
                 struct slice to_be_signed, unsigned char *out, size_t capacity, size_t *out_len)
{
    *out_len = 0;
    const struct scheme *scheme = scheme_by_number(scheme_number);
    if (!scheme || !scheme_fits(scheme, key) || !signer_shape_ok(side, to_be_signed))
        return false;
    CLEANUP(free_digest_context) EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key_context = NULL;
    size_t len = capacity;
    if (!context ||
        EVP_DigestSignInit_ex(context, &key_context, scheme->digest, NULL, NULL, key, NULL) != 1 ||
        !set_padding(key_context, scheme->family) ||
        EVP_DigestSign(context, out, &len, (const unsigned char *)to_be_signed.at,
                       to_be_signed.len) != 1)
        return false;
    *out_len = len;
    return true;
}
