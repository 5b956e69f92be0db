/* SPDX-License-Identifier: Apache-2.0 */
/* keys - what a server keeps of a password for SCRAM-SHA-256 (RFC 5802 3, RFC 7677): enough to
 * check a proof, not enough to give one. All the same a secret: passwords can be guessed with it.
 */
#ifndef SASL_KEYS_H
#define SASL_KEYS_H

#include <stdint.h>

enum { SASL_SALT_BYTES = 16, SASL_KEY_BYTES = 32 };

struct sasl_keys {
    uint32_t iterations;
    unsigned char salt[SASL_SALT_BYTES];
    unsigned char stored_key[SASL_KEY_BYTES], server_key[SASL_KEY_BYTES];
};

#endif
