/* SPDX-License-Identifier: Apache-2.0 */
/* remote_key - a private key that lives in another process, as OpenSSL sees it.
 *
 * A provider built into the program (tls_library_start loads it) answers for keys that are only a
 * handle and a public part. When a handshake needs a signature, the function set here is called
 * with the bytes to be signed, not with a digest, so that the signer can refuse whatever is not a
 * TLS signature. It blocks until the answer is there; a false fails that handshake (alert 80).
 */
#ifndef TLS_REMOTE_KEY_H
#define TLS_REMOTE_KEY_H

#include "base/attributes.h"
#include "base/slice.h"

#include <openssl/types.h>

/* RFC 8446 4.2.3. In TLS 1.2 the ECDSA ones name the digest only, not the curve. */
enum signature_scheme {
    SIGNATURE_RSA_PKCS1_SHA256 = 0x0401,
    SIGNATURE_RSA_PKCS1_SHA384 = 0x0501,
    SIGNATURE_RSA_PKCS1_SHA512 = 0x0601,
    SIGNATURE_ECDSA_SHA256 = 0x0403,
    SIGNATURE_ECDSA_SHA384 = 0x0503,
    SIGNATURE_ECDSA_SHA512 = 0x0603,
    SIGNATURE_RSA_PSS_SHA256 = 0x0804,
    SIGNATURE_RSA_PSS_SHA384 = 0x0805,
    SIGNATURE_RSA_PSS_SHA512 = 0x0806,
    SIGNATURE_ED25519 = 0x0807,
    /* TLS 1.0 and 1.1 only, where a connector admits them; the first number is our own. */
    SIGNATURE_RSA_PKCS1_MD5_SHA1 = 0xfe01,
    SIGNATURE_ECDSA_SHA1 = 0x0203,
};

enum {
    SIGNATURE_MAX_BYTES = 2048, /* RSA-16384 */
    /* A client of TLS 1.2 signs its whole handshake, with the other side's chain and with the
     * authorities it would like. */
    SIGNATURE_INPUT_MAX_BYTES = 65536,
};

/* Signs for the key behind `handle`; `scheme` is an enum signature_scheme. Writes at most
 * `capacity` bytes. False: refused, dead or late. */
typedef bool remote_key_sign_fn(void *context, uint64_t handle, uint32_t scheme,
                                struct slice to_be_signed, unsigned char *out, size_t capacity,
                                size_t *out_len);

/* Process-wide; NULL (the state at start) makes every signature fail. */
void remote_key_set_signer(remote_key_sign_fn *sign, void *context);

/* A key for `handle`, whose public part is `spki` (DER SubjectPublicKeyInfo): RSA, RSA-PSS, EC or
 * Ed25519. 0, -EINVAL for another kind or damaged bytes, -ENOMEM. Free with EVP_PKEY_free. */
MUST_USE int remote_key_new(uint64_t handle, struct slice spki, EVP_PKEY **out);

/* Adds and loads the provider; called by tls_library_start. 0 or -EIO. */
MUST_USE int remote_key_provider_start(void);

#endif
