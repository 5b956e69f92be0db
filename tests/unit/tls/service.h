/* SPDX-License-Identifier: Apache-2.0 */
/* service - three certificates, ticket keys and contexts, for tests of sessions. */
#ifndef TESTS_UNIT_TLS_SERVICE_H
#define TESTS_UNIT_TLS_SERVICE_H

#include "unit/tls/pair.h"

static struct arena arena;
static struct identity first, second, rsa;
static struct tls_ticket_keys *keys;

enum { KEY_A = 'a', KEY_B = 'b', KEY_C = 'c', NO_KEY = 0 };

static inline struct slice ticket_key(char *storage, char fill)
{
    memset(storage, fill, TLS_TICKET_KEY_BYTES);
    return fill ? slice_bytes(storage, TLS_TICKET_KEY_BYTES) : (struct slice){0};
}

static inline void set_keys(char current, char previous)
{
    char a[TLS_TICKET_KEY_BYTES], b[TLS_TICKET_KEY_BYTES];
    assert_true(tls_tickets_set(keys, tls_tickets_generation(keys) + 1, ticket_key(a, current),
                                ticket_key(b, previous)));
}

static inline int service_set_up(void **state)
{
    (void)state;
    arena = arena_with_ceiling(1024 * 1024);
    assert_int_equal(tls_library_start(), 0);
    remote_key_set_signer(vault_sign, NULL);
    first = identity_make(&arena, MAKE_KEY_P256, "first.example.org");
    second = identity_make(&arena, MAKE_KEY_P256, "second.example.org");
    rsa = identity_make(&arena, MAKE_KEY_RSA_2048, "rsa.example.org");
    vault_take(first.key);
    vault_take(second.key);
    vault_take(rsa.key);
    keys = tls_tickets_new();
    assert_non_null(keys);
    return 0;
}

static inline int service_tear_down(void **state)
{
    (void)state;
    tls_tickets_free(keys);
    vault_forget();
    arena_deinit(&arena);
    return 0;
}

static inline struct tls_context *context_of(size_t identity, char session_context,
                                             uint16_t version, bool tickets)
{
    const struct identity *all[] = {&first, &second, &rsa};
    struct tls_context_settings settings = {.min_version = version, .max_version = version};
    memset(settings.session_context, session_context, sizeof settings.session_context);
    settings.tickets = tickets ? keys : NULL;
    return server_context(all[identity], identity, settings);
}

static inline struct tls_context *any_client(void)
{
    return client_context((struct tls_client_settings){0});
}

static inline struct pair connected(void)
{
    struct tls_context *server = context_of(0, 'x', 0, false);
    struct tls_context *client = any_client();
    struct pair pair = pair_of(client, server);
    assert_int_equal(pair_meet(&pair).server, TLS_OK);
    tls_context_unref(server);
    tls_context_unref(client);
    return pair;
}

#endif
