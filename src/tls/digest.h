/* SPDX-License-Identifier: Apache-2.0 */
/* digest - SHA-256 of bytes, and the comparison of two digests in constant time. */
#ifndef TLS_DIGEST_H
#define TLS_DIGEST_H

#include "base/attributes.h"
#include "base/slice.h"

enum { DIGEST_BYTES = 32 };

/* False: OpenSSL has no memory. */
MUST_USE bool digest_of(struct slice bytes, unsigned char out[DIGEST_BYTES]);
/* Takes as long whether they are equal or not. */
bool digest_equal(const unsigned char a[DIGEST_BYTES], const unsigned char b[DIGEST_BYTES]);

#endif
