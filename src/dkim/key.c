/* SPDX-License-Identifier: Apache-2.0 */
#include "dkim/key.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

enum { ED25519_BYTES = 32 };

/* --- making --- */

static EVP_PKEY *new_key(enum dkim_algorithm algorithm, unsigned bits)
{
    if (algorithm == DKIM_ED25519_SHA256)
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    if (bits < DKIM_RSA_BITS_MIN || bits > DKIM_RSA_BITS_MAX)
        return NULL;
    return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
}

/* `len` is what OpenSSL said when it had written to a fresh buffer. */
static bool append_der(struct text *out, unsigned char *der, int len)
{
    bool good = len > 0 && text_append(out, slice_bytes(der, (size_t)len));
    OPENSSL_clear_free(der, len > 0 ? (size_t)len : 0);
    return good;
}

static bool append_private(EVP_PKEY *key, struct text *out)
{
    unsigned char *der = NULL;
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    int len = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : 0;
    PKCS8_PRIV_KEY_INFO_free(info);
    return append_der(out, der, len);
}

static bool append_public(EVP_PKEY *key, enum dkim_algorithm algorithm, struct text *out)
{
    unsigned char raw[ED25519_BYTES], *der = NULL;
    size_t raw_len = sizeof raw;
    if (algorithm == DKIM_ED25519_SHA256)
        return EVP_PKEY_get_raw_public_key(key, raw, &raw_len) == 1 &&
               text_append(out, slice_bytes(raw, raw_len));
    int len = i2d_PUBKEY(key, &der);
    return append_der(out, der, len);
}

bool dkim_key_make(enum dkim_algorithm algorithm, unsigned bits, struct text *out_private,
                   struct text *out_public)
{
    EVP_PKEY *key = new_key(algorithm, bits);
    bool good =
        key && append_private(key, out_private) && append_public(key, algorithm, out_public);
    EVP_PKEY_free(key);
    return good;
}

/* --- using --- */

static EVP_PKEY *read_key(struct slice private_key)
{
    const unsigned char *at = (const unsigned char *)private_key.at;
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)private_key.len);
    EVP_PKEY *key = info ? EVP_PKCS82PKEY(info) : NULL;
    PKCS8_PRIV_KEY_INFO_free(info);
    return key;
}

static bool fits(const EVP_PKEY *key, enum dkim_algorithm algorithm)
{
    if (algorithm == DKIM_ED25519_SHA256)
        return EVP_PKEY_is_a(key, "ED25519");
    int bits = EVP_PKEY_get_bits(key);
    return EVP_PKEY_is_a(key, "RSA") && bits >= DKIM_RSA_BITS_MIN && bits <= DKIM_RSA_BITS_MAX;
}

static bool sign_rsa(EVP_PKEY *key, struct slice digest, unsigned char *out, size_t *len)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    bool good = context && EVP_PKEY_sign_init(context) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
                EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
                EVP_PKEY_sign(context, out, len, (const unsigned char *)digest.at, digest.len) == 1;
    EVP_PKEY_CTX_free(context);
    return good;
}

static bool sign_ed25519(EVP_PKEY *key, struct slice digest, unsigned char *out, size_t *len)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good =
        context && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
        EVP_DigestSign(context, out, len, (const unsigned char *)digest.at, digest.len) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

bool dkim_key_public(enum dkim_algorithm algorithm, struct slice private_key,
                     struct text *out_public)
{
    EVP_PKEY *key = read_key(private_key);
    bool good = key && fits(key, algorithm) && append_public(key, algorithm, out_public);
    EVP_PKEY_free(key);
    return good;
}

bool dkim_key_sign(enum dkim_algorithm algorithm, struct slice private_key, struct slice digest,
                   struct text *out_signature)
{
    unsigned char signature[DKIM_SIGNATURE_MAX];
    size_t len = sizeof signature;
    EVP_PKEY *key = digest.len == DKIM_DIGEST_BYTES ? read_key(private_key) : NULL;
    bool good = key && fits(key, algorithm) &&
                (algorithm == DKIM_RSA_SHA256 ? sign_rsa(key, digest, signature, &len)
                                              : sign_ed25519(key, digest, signature, &len)) &&
                text_append(out_signature, slice_bytes(signature, len));
    EVP_PKEY_free(key);
    return good;
}
