/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions resume only where they belong: contexts, ticket keys that change, names that choose. */
#include "unit/tls/service.h"

/* One session, resuming `from` when there is one; gives back what to resume next time. */
static bool meet(struct tls_context *server, const struct tls_session *from,
                 struct tls_session **out_next)
{
    struct tls_context *client = any_client();
    struct pair pair = pair_of(client, server);
    if (from)
        assert_true(tls_engine_resume(pair.client, from));
    assert_int_equal(pair_meet(&pair).server, TLS_OK);
    pair_say(pair.server, pair.client, SLICE("220 hello\r\n"));
    bool resumed = tls_engine_resumed(pair.server);
    assert_int_equal(tls_engine_resumed(pair.client), resumed);
    if (out_next)
        *out_next = tls_engine_session_take(pair.client);
    pair_free(&pair);
    tls_context_unref(client);
    return resumed;
}

/* What happens between the first session and the second, and whether the second resumes. */
/* clang-format off */
static const struct resumption {
    const char *row;
    size_t identity;      /* of the second context */
    char context;         /* 'x' before */
    char current, previous; /* ticket keys then; a and none before */
    bool tickets, resumes;
} resumptions[] = {
    {"the same, made anew",         0, 'x', KEY_A,  NO_KEY, true,  true},
    {"another certificate",         1, 'y', KEY_A,  NO_KEY, true,  false},
    {"a certificate of another kind", 2, 'y', KEY_A, NO_KEY, true, false},
    {"another connector or policy", 0, 'y', KEY_A,  NO_KEY, true,  false},
    {"keys rotated once",           0, 'x', KEY_B,  KEY_A,  true,  true},
    {"keys rotated twice",          0, 'x', KEY_C,  KEY_B,  true,  false},
    {"rotated, and another context",0, 'y', KEY_B,  KEY_A,  true,  false},
    {"keys withdrawn",              0, 'x', NO_KEY, NO_KEY, true,  false},
    {"tickets switched off",        0, 'x', KEY_A,  NO_KEY, false, false},
};
/* clang-format on */

static void sessions_resume_only_where_they_belong(void **state)
{
    (void)state;
    static const uint16_t versions[] = {TLS_1_2, TLS_1_3};
    for (size_t i = 0; i < 2 * COUNT_OF(resumptions); i++) {
        const struct resumption *r = &resumptions[i / 2];
        uint16_t version = versions[i % 2];
        set_keys(KEY_A, NO_KEY);
        struct tls_context *before = context_of(0, 'x', version, true);
        struct tls_context *after = context_of(r->identity, r->context, version, r->tickets);
        struct tls_session *session = NULL;
        row_expect(r->row, "first resumed", meet(before, NULL, &session), false);
        row_expect(r->row, "ticket given", session != NULL, true);
        set_keys(r->current, r->previous);
        row_expect(r->row, "resumed", meet(after, session, NULL), r->resumes);
        tls_session_free(session);
        tls_context_unref(before);
        tls_context_unref(after);
    }
}

static void a_ticket_of_the_previous_key_is_renewed(void **state)
{
    (void)state;
    static const uint16_t versions[] = {TLS_1_2, TLS_1_3};
    for (size_t i = 0; i < COUNT_OF(versions); i++) {
        struct tls_session *old, *renewed;
        struct tls_context *context = context_of(0, 'x', versions[i], true);
        set_keys(KEY_A, NO_KEY);
        assert_false(meet(context, NULL, &old));
        set_keys(KEY_B, KEY_A);
        assert_true(meet(context, old, &renewed));
        assert_non_null(renewed);
        set_keys(KEY_C, KEY_B);
        assert_true(meet(context, renewed, NULL));
        tls_session_free(old);
        tls_session_free(renewed);
        tls_context_unref(context);
    }
}

static void without_keys_no_ticket_is_given(void **state)
{
    (void)state;
    struct tls_session *session;
    set_keys(NO_KEY, NO_KEY);
    for (uint16_t version = TLS_1_2; version <= TLS_1_3; version++) {
        struct tls_context *context = context_of(0, 'x', version, true);
        assert_false(meet(context, NULL, &session));
        assert_null(session);
        tls_context_unref(context);
    }
}

static void ticket_keys_have_one_length(void **state)
{
    (void)state;
    char bytes[TLS_TICKET_KEY_BYTES + 1] = {0};
    uint64_t generation = tls_tickets_generation(keys);
    struct slice good = slice_bytes(bytes, TLS_TICKET_KEY_BYTES);
    assert_false(tls_tickets_set(keys, 99, slice_bytes(bytes, 79), good));
    assert_false(tls_tickets_set(keys, 99, good, slice_bytes(bytes, 81)));
    assert_true(tls_tickets_generation(keys) == generation);
}

struct choice {
    struct slice name;
    struct tls_context *context;
    unsigned calls;
};

static struct tls_context *choose(void *chooser, const struct tls_hello *hello)
{
    struct choice *choice = chooser;
    choice->calls++;
    return slice_equal(hello->server_name, choice->name) ? choice->context : NULL;
}

static void a_name_chooses_the_certificate(void **state)
{
    (void)state;
    set_keys(KEY_A, NO_KEY);
    for (uint16_t version = TLS_1_2; version <= TLS_1_3; version++) {
        struct tls_context *usual = context_of(0, 'x', version, true);
        struct tls_context *client = any_client();
        struct choice choice = {SLICE("rsa.example.org"), context_of(2, 'y', version, true), 0};
        for (size_t i = 0; i < 2; i++) {
            CLEANUP(text_deinit) struct text der = text_with_ceiling(65536);
            struct pair pair = pair_of(client, usual);
            tls_engine_set_chooser(pair.server, choose, &choice);
            assert_true(tls_engine_expect(pair.client,
                                          i ? SLICE("RSA.example.org") : SLICE("x.example.org")));
            assert_int_equal(pair_meet(&pair).server, TLS_OK);
            assert_true(tls_engine_peer_certificate(pair.client, 0, &der));
            row_expect("chosen", "certificate",
                       slice_equal(text_slice(&der), i ? rsa.certificate : first.certificate),
                       true);
            pair_free(&pair);
        }
        assert_int_equal(choice.calls, 2);
        tls_context_unref(choice.context);
        tls_context_unref(usual);
        tls_context_unref(client);
    }
}

/* A session of the chosen context is not one of the usual context, and the other way round. */
static void a_name_does_not_carry_a_session_across(void **state)
{
    (void)state;
    set_keys(KEY_A, NO_KEY);
    for (uint16_t version = TLS_1_2; version <= TLS_1_3; version++) {
        struct tls_context *usual = context_of(0, 'x', version, true);
        struct tls_context *client = any_client();
        struct choice choice = {SLICE("second.example.org"), context_of(1, 'y', version, true), 0};
        struct tls_session *session;
        assert_false(meet(usual, NULL, &session));
        struct pair pair = pair_of(client, usual);
        tls_engine_set_chooser(pair.server, choose, &choice);
        assert_true(tls_engine_expect(pair.client, choice.name));
        assert_true(tls_engine_resume(pair.client, session));
        assert_int_equal(pair_meet(&pair).server, TLS_OK);
        assert_false(tls_engine_resumed(pair.server));
        pair_free(&pair);
        tls_session_free(session);
        tls_context_unref(choice.context);
        tls_context_unref(usual);
        tls_context_unref(client);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_resume_only_where_they_belong),
        cmocka_unit_test(a_ticket_of_the_previous_key_is_renewed),
        cmocka_unit_test(without_keys_no_ticket_is_given),
        cmocka_unit_test(ticket_keys_have_one_length),
        cmocka_unit_test(a_name_chooses_the_certificate),
        cmocka_unit_test(a_name_does_not_carry_a_session_across),
    };
    return cmocka_run_group_tests(tests, service_set_up, service_tear_down);
}
