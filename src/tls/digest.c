/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/digest.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

_Static_assert(DIGEST_BYTES == SHA256_DIGEST_LENGTH, "a digest is SHA-256");

bool digest_of(struct slice bytes, unsigned char out[DIGEST_BYTES])
{
    return SHA256((const unsigned char *)bytes.at, bytes.len, out) != NULL;
}

bool digest_equal(const unsigned char a[DIGEST_BYTES], const unsigned char b[DIGEST_BYTES])
{
    return CRYPTO_memcmp(a, b, DIGEST_BYTES) == 0;
}
