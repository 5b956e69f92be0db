/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/scram_keys.h"

#include "base/base64.h"
#include "base/number.h"
#include "os/random.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <string.h>

_Static_assert(SASL_KEY_BYTES == SHA256_DIGEST_LENGTH, "a key is a hash");

static bool keyed_hash(const unsigned char key[SASL_KEY_BYTES], struct slice message,
                       unsigned char out_hash[SASL_KEY_BYTES])
{
    return HMAC(EVP_sha256(), key, SASL_KEY_BYTES, (const unsigned char *)message.at, message.len,
                out_hash, NULL) != NULL;
}

/* --- made --- */

/* The names are those of RFC 5802 3. */
static bool derive(const unsigned char salted_password[SASL_KEY_BYTES], struct sasl_keys *keys)
{
    unsigned char client_key[SASL_KEY_BYTES];
    bool good = keyed_hash(salted_password, SLICE("Client Key"), client_key) &&
                SHA256(client_key, sizeof client_key, keys->stored_key) &&
                keyed_hash(salted_password, SLICE("Server Key"), keys->server_key);
    explicit_bzero(client_key, sizeof client_key);
    return good;
}

bool scram_keys_derive(struct slice password, struct sasl_keys *keys)
{
    unsigned char salted_password[SASL_KEY_BYTES];
    bool good = PKCS5_PBKDF2_HMAC(password.at, (int)password.len, keys->salt, sizeof keys->salt,
                                  (int)keys->iterations, EVP_sha256(), sizeof salted_password,
                                  salted_password) == 1 &&
                derive(salted_password, keys);
    explicit_bzero(salted_password, sizeof salted_password);
    return good;
}

bool scram_keys_make(struct slice password, struct sasl_keys *out_keys)
{
    *out_keys = (struct sasl_keys){.iterations = SCRAM_ITERATIONS};
    random_bytes(out_keys->salt, sizeof out_keys->salt);
    return scram_keys_derive(password, out_keys);
}

/* --- written --- */

static bool append_field(struct text *line, const unsigned char *bytes, size_t len)
{
    return text_append_byte(line, ' ') && base64_append(line, slice_bytes(bytes, len));
}

bool scram_keys_append(const struct sasl_keys *keys, struct text *out_line)
{
    return text_append_u64(out_line, keys->iterations) &&
           append_field(out_line, keys->salt, sizeof keys->salt) &&
           append_field(out_line, keys->stored_key, sizeof keys->stored_key) &&
           append_field(out_line, keys->server_key, sizeof keys->server_key);
}

/* Exactly `len` bytes. */
static bool take_field(struct slice *line, unsigned char *out_bytes, size_t len)
{
    struct slice field;
    struct text bytes = text_over((char *)out_bytes, len);
    return slice_take_field(line, ' ', &field) && base64_decode(field, &bytes) && bytes.len == len;
}

bool scram_keys_read(struct slice line, struct sasl_keys *out_keys)
{
    struct slice digits;
    uint64_t iterations;
    *out_keys = (struct sasl_keys){0};
    if (!slice_take_field(&line, ' ', &digits) ||
        !number_parse_u64(digits, SCRAM_ITERATIONS_MAX, &iterations) || iterations == 0)
        return false;
    out_keys->iterations = (uint32_t)iterations;
    return take_field(&line, out_keys->salt, sizeof out_keys->salt) &&
           take_field(&line, out_keys->stored_key, sizeof out_keys->stored_key) &&
           take_field(&line, out_keys->server_key, sizeof out_keys->server_key) && line.len == 0;
}

/* --- pretended --- */

/* The key-encryption key is for sealing: what is hashed with is derived of it, under a label. */
bool scram_keys_pretend(const struct kek *kek, struct slice name, struct sasl_keys *out_keys)
{
    unsigned char key[SASL_KEY_BYTES], hash[SASL_KEY_BYTES];
    _Static_assert((int)SEAL_KEK_BYTES == SASL_KEY_BYTES, "hashed as it is");
    *out_keys = (struct sasl_keys){.iterations = SCRAM_ITERATIONS};
    bool good =
        keyed_hash(kek->keys[0].bytes, SLICE("postern: salts of names without an account"), key) &&
        keyed_hash(key, name, hash);
    memcpy(out_keys->salt, hash, sizeof out_keys->salt);
    explicit_bzero(key, sizeof key);
    random_bytes(out_keys->stored_key, sizeof out_keys->stored_key);
    random_bytes(out_keys->server_key, sizeof out_keys->server_key);
    return good;
}
