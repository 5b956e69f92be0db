/* SPDX-License-Identifier: Apache-2.0 */
/* scheme - the signature schemes as a table: which key, which digest, which padding. */
#ifndef TLS_SCHEME_H
#define TLS_SCHEME_H

#include "tls/remote_key.h"

enum scheme_family { SCHEME_RSA_PKCS1, SCHEME_RSA_PSS, SCHEME_ECDSA, SCHEME_ED25519 };

struct scheme {
    uint32_t number; /* enum signature_scheme */
    enum scheme_family family;
    const char *digest; /* OpenSSL's name; NULL: the scheme has none of its own */
};

const struct scheme *scheme_by_number(uint32_t number);
/* NULL when the family is not used with that digest. */
const struct scheme *scheme_by_digest(enum scheme_family family, const char *digest);
/* Whether a key of this type can sign that way. */
bool scheme_fits(const struct scheme *scheme, const EVP_PKEY *key);

#endif
