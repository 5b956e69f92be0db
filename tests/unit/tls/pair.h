/* SPDX-License-Identifier: Apache-2.0 */
/* pair - a client and a server engine that talk through memory, and certificates to give them. */
#ifndef TESTS_UNIT_TLS_PAIR_H
#define TESTS_UNIT_TLS_PAIR_H

#include "support/rows.h"
#include "tls/context.h"
#include "tls/engine.h"
#include "tls/library.h"
#include "tls/make.h"
#include "tls/remote_key.h"
#include "tls/signer.h"
#include "tls/ticket.h"
#include "tls/verify.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

static const int64_t test_now_ms = 1767225600000; /* 2026-01-01 */

struct identity { /* a certificate and its key */
    struct slice certificate, pkcs8;
    EVP_PKEY *key;
};

struct pair {
    struct tls_engine *client, *server;
};

/* The signer: handles are indexes into this table. What it was asked last is kept. */
enum { HANDLES_MAX = 16 };
static struct {
    EVP_PKEY *keys[HANDLES_MAX];
    size_t count;
    unsigned calls;
    uint32_t scheme;
    size_t len;
    enum signer_side side; /* whose handshakes it signs */
    bool dead;
} vault;

static inline bool vault_sign(void *context, uint64_t handle, uint32_t scheme,
                              struct slice to_be_signed, unsigned char *out, size_t capacity,
                              size_t *out_len)
{
    (void)context;
    vault.calls++;
    vault.scheme = scheme;
    vault.len = to_be_signed.len;
    return !vault.dead && handle < vault.count &&
           signer_sign(vault.keys[handle], vault.side, scheme, to_be_signed, out, capacity,
                       out_len);
}

static inline uint64_t vault_take(EVP_PKEY *key)
{
    assert_true(vault.count < HANDLES_MAX);
    vault.keys[vault.count] = key;
    return vault.count++;
}

static inline void vault_forget(void)
{
    for (size_t i = 0; i < vault.count; i++)
        EVP_PKEY_free(vault.keys[i]);
    memset(&vault, 0, sizeof vault);
}

static inline struct identity identity_make(struct arena *arena, enum make_key key,
                                            const char *name)
{
    struct slice names[] = {slice_of(name)};
    struct make_settings settings = {.key = key,
                                     .common_name = slice_of(name),
                                     .names = names,
                                     .name_count = 1,
                                     .days = 30,
                                     .now_ms = test_now_ms};
    struct made made;
    struct identity identity = {0};
    assert_int_equal(make_self_signed(&settings, arena, &made), 0);
    identity.certificate = made.certificate;
    identity.pkcs8 = made.private_key;
    assert_int_equal(signer_key_new(made.private_key, &identity.key), 0);
    return identity;
}

/* With the key in the vault. */
static inline struct tls_context *server_context(const struct identity *identity, uint64_t handle,
                                                 struct tls_context_settings settings)
{
    struct tls_context *context = NULL;
    settings.chain = &identity->certificate;
    settings.chain_count = 1;
    settings.key_handle = handle;
    assert_int_equal(tls_context_new_server(&settings, &context), TLS_CONTEXT_OK);
    return context;
}

static inline struct tls_context *client_context(struct tls_client_settings settings)
{
    struct tls_context *context = NULL;
    assert_int_equal(tls_context_new_client(&settings, &context), TLS_CONTEXT_OK);
    return context;
}

/* Both contexts lose a reference: the pair holds the last one. */
static inline struct pair pair_of(struct tls_context *client, struct tls_context *server)
{
    struct pair pair = {tls_engine_new(client, false), tls_engine_new(server, true)};
    assert_non_null(pair.client);
    assert_non_null(pair.server);
    return pair;
}

static inline void pair_free(struct pair *pair)
{
    tls_engine_free(pair->client);
    tls_engine_free(pair->server);
    *pair = (struct pair){0};
}

/* Moves at most `step` bytes at a time. */
static inline size_t carry(struct tls_engine *from, struct tls_engine *to, size_t step)
{
    size_t taken = tls_engine_cipher_in(to, slice_first(tls_engine_cipher_out(from), step));
    tls_engine_cipher_out_sent(from, taken);
    return taken;
}

struct met {
    enum tls_outcome client, server;
};

static inline struct met pair_meet_in_steps(struct pair *pair, size_t step)
{
    struct met met = {TLS_WANT_INPUT, TLS_WANT_INPUT};
    size_t moved;
    do {
        met.client = tls_engine_handshake(pair->client);
        moved = carry(pair->client, pair->server, step);
        met.server = tls_engine_handshake(pair->server);
        moved += carry(pair->server, pair->client, step);
    } while (moved);
    return met;
}

static inline struct met pair_meet(struct pair *pair)
{
    return pair_meet_in_steps(pair, SIZE_MAX);
}

/* Sends `plain` from one to the other and expects to read it. */
static inline void pair_say(struct tls_engine *from, struct tls_engine *to, struct slice plain)
{
    char buffer[256];
    size_t len;
    assert_int_equal(tls_engine_write(from, plain), TLS_OK);
    while (carry(from, to, SIZE_MAX))
        continue;
    assert_int_equal(tls_engine_read(to, buffer, sizeof buffer, &len), TLS_OK);
    row_expect_slice("said", slice_bytes(buffer, len), plain);
}

#endif
