/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/verifier.h"

#include "os/random.h"
#include "sasl/prepare.h"
#include "vault/scram_keys.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <string.h>

static const struct slice yescrypt = SLICE_INIT("yescrypt "), scram = SLICE_INIT("scram-sha-256 ");

/* The bytes as crypt(3) wants them. */
static bool password_fit(struct slice password, char out[VERIFIER_PASSWORD_MAX + 1])
{
    size_t nul;
    if (password.len == 0 || password.len > VERIFIER_PASSWORD_MAX ||
        slice_find(password, '\0', &nul))
        return false;
    memcpy(out, password.at, password.len);
    out[password.len] = '\0';
    return true;
}

/* Appends the hash of the password under `setting`, a salt or an earlier hash. */
static bool hash_append(struct slice password, const char *setting, struct text *out_hash)
{
    char written[VERIFIER_PASSWORD_MAX + 1];
    struct crypt_data data = {0};
    bool good = false;
    if (password_fit(password, written)) {
        const char *hash = crypt_rn(written, setting, &data, (int)sizeof data);
        good = hash && text_append_c(out_hash, hash);
    }
    explicit_bzero(written, sizeof written);
    explicit_bzero(&data, sizeof data);
    return good;
}

static bool append_yescrypt(struct slice password, struct text *record)
{
    char seed[16], salt[CRYPT_GENSALT_OUTPUT_SIZE];
    random_bytes(seed, sizeof seed);
    return crypt_gensalt_rn("$y$", VERIFIER_COST, seed, sizeof seed, salt, sizeof salt) &&
           text_append(record, yescrypt) && hash_append(password, salt, record) &&
           text_append_byte(record, '\n');
}

static bool append_scram(struct slice password, struct text *record)
{
    struct sasl_keys keys;
    bool good = scram_keys_make(password, &keys) && text_append(record, scram) &&
                scram_keys_append(&keys, record) && text_append_byte(record, '\n');
    explicit_bzero(&keys, sizeof keys);
    return good;
}

bool verifier_make(struct slice password, struct text *out_record)
{
    char storage[VERIFIER_RECORD_MAX], prepared_storage[VERIFIER_PASSWORD_MAX + 1];
    struct text record = text_over(storage, sizeof storage);
    struct text prepared = text_over(prepared_storage, sizeof prepared_storage);
    /* in the form in which a client's password will come out of the SASL exchange */
    bool good = sasl_prepare(password, &prepared) &&
                append_yescrypt(text_slice(&prepared), &record) &&
                append_scram(text_slice(&prepared), &record) &&
                text_append(out_record, text_slice(&record));
    explicit_bzero(storage, sizeof storage);
    explicit_bzero(prepared_storage, sizeof prepared_storage);
    return good;
}

static bool hash_matches(struct slice expected, struct slice password)
{
    char setting[VERIFIER_RECORD_MAX], storage[VERIFIER_RECORD_MAX];
    if (expected.len >= sizeof setting)
        return false;
    memcpy(setting, expected.at, expected.len);
    setting[expected.len] = '\0';
    struct text hash = text_over(storage, sizeof storage);
    bool right = hash_append(password, setting, &hash) && hash.len == expected.len &&
                 CRYPTO_memcmp(hash.at, expected.at, hash.len) == 0;
    explicit_bzero(setting, sizeof setting);
    explicit_bzero(storage, sizeof storage);
    return right;
}

bool verifier_check(struct slice record, struct slice password)
{
    struct slice line;
    while (slice_take_field(&record, '\n', &line))
        if (slice_take_prefix(&line, yescrypt))
            return hash_matches(line, password);
    return false;
}

bool verifier_scram_keys(struct slice record, struct sasl_keys *out_keys)
{
    struct slice line;
    while (slice_take_field(&record, '\n', &line))
        if (slice_take_prefix(&line, scram))
            return scram_keys_read(line, out_keys);
    return false;
}
