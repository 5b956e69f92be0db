/* SPDX-License-Identifier: Apache-2.0 */
/* remote_provider - the OpenSSL provider behind tls/remote_key: what its files share. */
#ifndef TLS_REMOTE_PROVIDER_H
#define TLS_REMOTE_PROVIDER_H

#include "tls/remote_key.h"

#include <openssl/core.h>

#define REMOTE_PROVIDER "postern"
#define REMOTE_PARAM_SPKI "postern-spki"
#define REMOTE_PARAM_HANDLE "postern-handle"

enum { REMOTE_SPKI_MAX = 2400 }; /* RSA-16384 needs 2,086 */

/* The key object of the provider; it never holds more of the key than its public part. */
struct remote_key {
    uint64_t handle;
    EVP_PKEY *public; /* in the default provider */
};

extern const OSSL_ALGORITHM remote_keymgmt[];
extern const OSSL_ALGORITHM remote_signature[];

/* To the function set by remote_key_set_signer. */
bool remote_key_sign(const struct remote_key *key, uint32_t scheme, struct slice to_be_signed,
                     unsigned char *out, size_t capacity, size_t *out_len);

#endif
