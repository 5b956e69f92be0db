/* SPDX-License-Identifier: Apache-2.0 */
/* signer - the side that holds private keys: what it signs, and what it refuses.
 *
 * Only what one side of TLS has to sign passes signer_shape_ok, so who asks for a server and is
 * captured can make TLS handshakes as one while it runs and nothing else: no handshake of a client,
 * no DKIM signature, no certificate request, no CMS.
 */
#ifndef TLS_SIGNER_H
#define TLS_SIGNER_H

#include "base/attributes.h"
#include "base/text.h"
#include "tls/remote_key.h"

enum signer_side { SIGNER_SERVER, SIGNER_CLIENT };

/* True for exactly these:
 *   TLS 1.3 (RFC 8446 4.4.3): 64 blanks, "TLS 1.3, server CertificateVerify" (or "client"), NUL, 32
 *   or 48 bytes
 *   TLS 1.2, a server (RFC 8422 5.4): 32 + 32 random bytes, curve type 3, X25519 and 32 bytes or
 *   P-256 and an uncompressed point of 65 bytes
 *   TLS 1.2, a client (RFC 5246 7.4.8): the handshake so far, message by message, up to its key
 *   exchange */
bool signer_shape_ok(enum signer_side side, struct slice to_be_signed);

/* A private key from PKCS#8 DER; at most 16384 bits of RSA. 0, -EINVAL or -ENOMEM. */
MUST_USE int signer_key_new(struct slice pkcs8, EVP_PKEY **out);
/* Whether the bytes have the form of a PKCS#8 key: quick, and no promise that it can be read. */
bool signer_key_has_form(struct slice pkcs8);
void signer_key_free(EVP_PKEY *key); /* accepts NULL; OpenSSL wipes it */
bool signer_key_spki(EVP_PKEY *key, struct text *out_spki);

/* Signs when the shape is right and the scheme fits the key. False leaves *out_len 0. */
bool signer_sign(EVP_PKEY *key, enum signer_side side, uint32_t scheme, struct slice to_be_signed,
                 unsigned char *out, size_t capacity, size_t *out_len);

#endif
