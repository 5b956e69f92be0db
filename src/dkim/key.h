/* SPDX-License-Identifier: Apache-2.0 */
/* key - the keys signatures are made with: RSA (RFC 8301) and Ed25519 (RFC 8463).
 *
 * A private key is PKCS#8 DER; a public one is what stands in DNS before it is base64:
 * SubjectPublicKeyInfo DER of RSA, the 32 bytes themselves of Ed25519.
 */
#ifndef DKIM_KEY_H
#define DKIM_KEY_H

#include "dkim/signature.h"

enum {
    DKIM_RSA_BITS_MIN = 1024, /* RFC 8301 3.2: nobody takes less */
    DKIM_RSA_BITS_GOOD = 2048,
    DKIM_RSA_BITS_MAX = 4096,
    DKIM_PRIVATE_KEY_MAX = 4096,
    DKIM_PUBLIC_KEY_MAX = 1024,
    DKIM_SIGNATURE_MAX = 512,
};

/* `bits` counts for RSA alone. The caller wipes the private key. False: not such a size, or no
 * memory. */
MUST_USE bool dkim_key_make(enum dkim_algorithm algorithm, unsigned bits, struct text *out_private,
                            struct text *out_public);
/* The public half, appended. False: it is no such key. */
MUST_USE bool dkim_key_public(enum dkim_algorithm algorithm, struct slice private_key,
                              struct text *out_public);
/* A signature of the digest a DKIM-Signature field stands for, and of nothing else: PKCS#1 v1.5 of
 * SHA-256, or Ed25519 over those 32 bytes. False: the digest is not 32 bytes, or the key is none of
 * this algorithm or size. */
MUST_USE bool dkim_key_sign(enum dkim_algorithm algorithm, struct slice private_key,
                            struct slice digest, struct text *out_signature);

#endif
