/* SPDX-License-Identifier: Apache-2.0 */
/* scram_keys - the SCRAM-SHA-256 keys of a password, and their line in a verifier.
 *
 *     <iterations> <salt> <stored key> <server key>      the last three in base64
 *
 * The iterations are the client's work at each login (the server's once, when a password is set):
 * 100,000 cost a client 25 to 100 ms. They are what a guess costs whoever has listened to a login
 * in clear, so they are far above the 4096 of RFC 7677.
 */
#ifndef VAULT_SCRAM_KEYS_H
#define VAULT_SCRAM_KEYS_H

#include "base/attributes.h"
#include "base/text.h"
#include "sasl/keys.h"
#include "vault/kek.h"

enum { SCRAM_ITERATIONS = 100000, SCRAM_ITERATIONS_MAX = 10000000 };

/* Of a prepared password, with a salt of chance. Takes long: it belongs on a worker. */
MUST_USE bool scram_keys_make(struct slice password, struct sasl_keys *out_keys);
/* The same, with the salt and the iterations that are in it. */
MUST_USE bool scram_keys_derive(struct slice password, struct sasl_keys *keys);
bool scram_keys_append(const struct sasl_keys *keys, struct text *out_line);
MUST_USE bool scram_keys_read(struct slice line, struct sasl_keys *out_keys);

/* Keys no password fits, for a name without any: always the same salt for one name, so that names
 * cannot be told apart by asking twice. It changes with the key-encryption key. */
MUST_USE bool scram_keys_pretend(const struct kek *kek, struct slice name,
                                 struct sasl_keys *out_keys);

#endif
