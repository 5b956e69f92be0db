/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/scheme.h"

#include <openssl/evp.h>

/* clang-format off */
static const struct scheme schemes[] = {
    {SIGNATURE_RSA_PKCS1_SHA256,   SCHEME_RSA_PKCS1, "SHA256"},
    {SIGNATURE_RSA_PKCS1_SHA384,   SCHEME_RSA_PKCS1, "SHA384"},
    {SIGNATURE_RSA_PKCS1_SHA512,   SCHEME_RSA_PKCS1, "SHA512"},
    {SIGNATURE_RSA_PKCS1_MD5_SHA1, SCHEME_RSA_PKCS1, "MD5-SHA1"},
    {SIGNATURE_RSA_PSS_SHA256,     SCHEME_RSA_PSS,   "SHA256"},
    {SIGNATURE_RSA_PSS_SHA384,     SCHEME_RSA_PSS,   "SHA384"},
    {SIGNATURE_RSA_PSS_SHA512,     SCHEME_RSA_PSS,   "SHA512"},
    {SIGNATURE_ECDSA_SHA256,       SCHEME_ECDSA,     "SHA256"},
    {SIGNATURE_ECDSA_SHA384,       SCHEME_ECDSA,     "SHA384"},
    {SIGNATURE_ECDSA_SHA512,       SCHEME_ECDSA,     "SHA512"},
    {SIGNATURE_ECDSA_SHA1,         SCHEME_ECDSA,     "SHA1"},
    {SIGNATURE_ED25519,            SCHEME_ED25519,   NULL},
};

static const struct {
    const char *key_type;
    enum scheme_family family;
} fitting[] = {
    {"RSA",     SCHEME_RSA_PKCS1},
    {"RSA",     SCHEME_RSA_PSS},
    {"RSA-PSS", SCHEME_RSA_PSS},
    {"EC",      SCHEME_ECDSA},
    {"ED25519", SCHEME_ED25519},
};
/* clang-format on */

const struct scheme *scheme_by_number(uint32_t number)
{
    for (size_t i = 0; i < COUNT_OF(schemes); i++)
        if (schemes[i].number == number)
            return &schemes[i];
    return NULL;
}

/* OpenSSL says SHA256, SHA2-256 and SHA-256 of the same thing. */
static struct slice digest_plain_name(const char *digest)
{
    struct slice name = slice_of(digest);
    static const struct {
        struct slice said, meant;
    } others[] = {
        {SLICE_INIT("SHA2-256"), SLICE_INIT("SHA256")},
        {SLICE_INIT("SHA2-384"), SLICE_INIT("SHA384")},
        {SLICE_INIT("SHA2-512"), SLICE_INIT("SHA512")},
        {SLICE_INIT("SHA-1"), SLICE_INIT("SHA1")},
    };
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (slice_equal_nocase(name, others[i].said))
            return others[i].meant;
    return name;
}

const struct scheme *scheme_by_digest(enum scheme_family family, const char *digest)
{
    struct slice name = digest_plain_name(digest);
    for (size_t i = 0; i < COUNT_OF(schemes); i++)
        if (schemes[i].family == family && slice_equal_nocase(slice_of(schemes[i].digest), name))
            return &schemes[i];
    return NULL;
}

bool scheme_fits(const struct scheme *scheme, const EVP_PKEY *key)
{
    for (size_t i = 0; i < COUNT_OF(fitting); i++)
        if (fitting[i].family == scheme->family && EVP_PKEY_is_a(key, fitting[i].key_type))
            return true;
    return false;
}
