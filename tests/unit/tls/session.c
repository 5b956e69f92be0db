/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions: resumption bound to its context, ticket keys that change, names, ALPN, hostile bytes.
 */
#include "unit/tls/pair.h"

#include <openssl/ssl.h>

static struct arena arena;
static struct identity first, second, rsa;
static struct tls_ticket_keys *keys;

enum { KEY_A = 'a', KEY_B = 'b', KEY_C = 'c', NO_KEY = 0 };

static struct slice ticket_key(char *storage, char fill)
{
    memset(storage, fill, TLS_TICKET_KEY_BYTES);
    return fill ? slice_bytes(storage, TLS_TICKET_KEY_BYTES) : (struct slice){0};
}

static void set_keys(char current, char previous)
{
    char a[TLS_TICKET_KEY_BYTES], b[TLS_TICKET_KEY_BYTES];
    assert_true(tls_tickets_set(keys, tls_tickets_generation(keys) + 1, ticket_key(a, current),
                                ticket_key(b, previous)));
}

static int set_up(void **state)
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

static int tear_down(void **state)
{
    (void)state;
    tls_tickets_free(keys);
    vault_forget();
    arena_deinit(&arena);
    return 0;
}

static struct tls_context *context_of(size_t identity, char session_context, uint16_t version,
                                      bool tickets)
{
    const struct identity *all[] = {&first, &second, &rsa};
    struct tls_context_settings settings = {.min_version = version, .max_version = version};
    memset(settings.session_context, session_context, sizeof settings.session_context);
    settings.tickets = tickets ? keys : NULL;
    return server_context(all[identity], identity, settings);
}

static struct tls_context *any_client(void)
{
    return client_context((struct tls_client_settings){0});
}

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

static struct tls_context *choose(void *chooser, struct slice server_name)
{
    struct choice *choice = chooser;
    choice->calls++;
    return slice_equal(server_name, choice->name) ? choice->context : NULL;
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

/* A client made by hand, for what our own would never say. */
struct raw_client {
    SSL_CTX *ctx;
    SSL *ssl;
    BIO *in, *out;
};

static struct raw_client raw_client(void)
{
    struct raw_client raw = {.ctx = SSL_CTX_new(TLS_client_method())};
    raw.ssl = SSL_new(raw.ctx);
    raw.in = BIO_new(BIO_s_mem());
    raw.out = BIO_new(BIO_s_mem());
    SSL_set_bio(raw.ssl, raw.in, raw.out);
    SSL_set_connect_state(raw.ssl);
    return raw;
}

static void raw_free(struct raw_client *raw)
{
    SSL_free(raw->ssl);
    SSL_CTX_free(raw->ctx);
}

static enum tls_outcome raw_meet(struct raw_client *raw, struct tls_engine *server)
{
    enum tls_outcome outcome = TLS_WANT_INPUT;
    for (size_t i = 0; i < 8; i++) {
        char buffer[16384];
        int len;
        (void)SSL_do_handshake(raw->ssl);
        while ((len = BIO_read(raw->out, buffer, sizeof buffer)) > 0)
            tls_engine_cipher_in(server, slice_bytes(buffer, (size_t)len));
        outcome = tls_engine_handshake(server);
        struct slice out = tls_engine_cipher_out(server);
        if (out.len)
            BIO_write(raw->in, out.at, (int)out.len);
        tls_engine_cipher_out_sent(server, out.len);
    }
    return outcome;
}

static void only_smtp_may_be_asked_for_by_alpn(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        struct slice offered;
        enum tls_outcome outcome;
        int alert;
    } rows[] = {
        {"none", SLICE_INIT(""), TLS_OK, -1},
        {"smtp", SLICE_INIT("\x04smtp"), TLS_OK, -1},
        {"h2 and smtp", SLICE_INIT("\x02h2\x04smtp"), TLS_OK, -1},
        {"h2", SLICE_INIT("\x02h2"), TLS_FAILED, 120},
        {"http/1.1", SLICE_INIT("\x08http/1.1"), TLS_FAILED, 120},
        {"SMTP", SLICE_INIT("\x04SMTP"), TLS_FAILED, 120},
        {"smtps", SLICE_INIT("\x05smtps"), TLS_FAILED, 120},
    };
    struct tls_context *context = context_of(0, 'x', 0, false);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct raw_client raw = raw_client();
        struct tls_engine *server = tls_engine_new(context, true);
        if (rows[i].offered.len)
            SSL_set_alpn_protos(raw.ssl, (const unsigned char *)rows[i].offered.at,
                                (unsigned)rows[i].offered.len);
        row_expect(rows[i].row, "outcome", (long long)raw_meet(&raw, server), rows[i].outcome);
        row_expect(rows[i].row, "alert", tls_engine_alert_sent(server), rows[i].alert);
        tls_engine_free(server);
        raw_free(&raw);
    }
    tls_context_unref(context);
}

static void unfit_names_are_asked_for_and_not_told(void **state)
{
    (void)state;
    static const struct {
        const char *asked, *seen;
    } rows[] = {
        {"mail.example.org", "mail.example.org"},
        {"MAIL.Example.ORG", "mail.example.org"},
        {"../../etc/passwd", ""},
        {"a\r\nb", ""},
        {"<script>", ""},
        {"mail.example.org\\", ""},
        {"192.0.2.1", ""},
        {"mail..org", ""},
    };
    struct tls_context *context = context_of(0, 'x', 0, false);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct raw_client raw = raw_client();
        struct tls_engine *server = tls_engine_new(context, true);
        bool asked;
        SSL_set_tlsext_host_name(raw.ssl, rows[i].asked);
        row_expect(rows[i].asked, "outcome", (long long)raw_meet(&raw, server), TLS_OK);
        row_expect_slice(rows[i].asked, tls_engine_server_name(server, &asked),
                         slice_of(rows[i].seen));
        row_expect(rows[i].asked, "asked", asked, true);
        tls_engine_free(server);
        raw_free(&raw);
    }
    tls_context_unref(context);
}

static void weak_ciphers_and_slow_groups_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *row, *ciphers, *groups;
        long options;
        enum tls_outcome outcome;
    } rows[] = {
        {"usual", NULL, NULL, 0, TLS_OK},
        {"P-256", NULL, "P-256", 0, TLS_OK},
        {"another group first", NULL, "P-521:P-256", 0, TLS_OK},
        {"only P-521", NULL, "P-521", 0, TLS_FAILED},
        {"only ffdhe8192", NULL, "ffdhe8192", SSL_OP_NO_TLSv1_2, TLS_FAILED},
        {"RSA key exchange", "AES128-SHA256", NULL, SSL_OP_NO_TLSv1_3, TLS_FAILED},
        {"no authentication", "aNULL@SECLEVEL=0", NULL, SSL_OP_NO_TLSv1_3, TLS_FAILED},
        {"no encryption", "eNULL@SECLEVEL=0", NULL, SSL_OP_NO_TLSv1_3, TLS_FAILED},
    };
    struct tls_context *context = context_of(2, 'x', 0, false);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct raw_client raw = raw_client();
        struct tls_engine *server = tls_engine_new(context, true);
        SSL_set_options(raw.ssl, (uint64_t)rows[i].options);
        if (rows[i].ciphers)
            SSL_set_cipher_list(raw.ssl, rows[i].ciphers);
        if (rows[i].groups)
            assert_int_equal(SSL_set1_groups_list(raw.ssl, rows[i].groups), 1);
        row_expect(rows[i].row, "outcome", (long long)raw_meet(&raw, server), rows[i].outcome);
        row_expect(rows[i].row, "compression", SSL_get_current_compression(raw.ssl) != NULL, 0);
        tls_engine_free(server);
        raw_free(&raw);
    }
    tls_context_unref(context);
}

static void renegotiation_is_refused(void **state)
{
    (void)state;
    struct tls_context *context = context_of(2, 'x', TLS_1_2, false);
    struct raw_client raw = raw_client();
    struct tls_engine *server = tls_engine_new(context, true);
    char buffer[4096];
    size_t len;
    assert_int_equal(raw_meet(&raw, server), TLS_OK);
    assert_int_equal(SSL_renegotiate(raw.ssl), 1);
    (void)SSL_do_handshake(raw.ssl);
    int sent = BIO_read(raw.out, buffer, sizeof buffer);
    assert_true(sent > 0);
    tls_engine_cipher_in(server, slice_bytes(buffer, (size_t)sent));
    assert_int_equal(tls_engine_read(server, buffer, sizeof buffer, &len), TLS_WANT_INPUT);
    struct slice answer = tls_engine_cipher_out(server);
    BIO_write(raw.in, answer.at, (int)answer.len);
    assert_true(SSL_do_handshake(raw.ssl) <= 0);
    assert_true(SSL_get_error(raw.ssl, -1) == SSL_ERROR_SSL); /* told: no renegotiation */
    tls_engine_free(server);
    raw_free(&raw);
    tls_context_unref(context);
}

static void bytes_may_come_in_any_cut(void **state)
{
    (void)state;
    static const size_t steps[] = {1, 2, 5, 6, 77, 1000};
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        struct tls_context *server = context_of(0, 'x', 0, true);
        struct tls_context *client = any_client();
        struct pair pair = pair_of(client, server);
        assert_int_equal(pair_meet_in_steps(&pair, steps[i]).server, TLS_OK);
        pair_say(pair.client, pair.server, SLICE("EHLO x\r\n"));
        pair_free(&pair);
        tls_context_unref(server);
        tls_context_unref(client);
    }
}

static void an_endless_hello_is_cut_off(void **state)
{
    (void)state;
    struct tls_context *context = context_of(0, 'x', 0, false);
    struct tls_engine *server = tls_engine_new(context, true);
    /* handshake records of 16 KiB; the first announces a hello of 128 KiB */
    static char record[5 + 16384] = {22, 3, 1, 64, 0, 1, 2, 0, 0, 3, 3};
    enum tls_outcome outcome = TLS_WANT_INPUT;
    size_t fed = 0;
    while (outcome == TLS_WANT_INPUT && fed < 1024 * 1024) {
        size_t taken = tls_engine_cipher_in(server, slice_bytes(record, sizeof record));
        assert_true(taken > 0);
        fed += taken;
        outcome = tls_engine_handshake(server);
    }
    assert_int_equal(outcome, TLS_FAILED);
    assert_true(fed <= TLS_HANDSHAKE_MAX + sizeof record);
    assert_int_equal(tls_engine_handshake(server), TLS_FAILED);
    tls_engine_free(server);
    tls_context_unref(context);
}

static void plain_bytes_are_no_handshake(void **state)
{
    (void)state;
    static const char *const rows[] = {"GET / HTTP/1.1\r\n\r\n", "EHLO x\r\n", "NOOP\r\n"};
    struct tls_context *context = context_of(0, 'x', 0, false);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct tls_engine *server = tls_engine_new(context, true);
        CLEANUP(text_deinit) struct text reason = text_with_ceiling(256);
        tls_engine_cipher_in(server, slice_of(rows[i]));
        row_expect(rows[i], "outcome", (long long)tls_engine_handshake(server), TLS_FAILED);
        tls_engine_failure(server, &reason);
        row_expect(rows[i], "reason", reason.len > 0, true);
        tls_engine_free(server);
    }
    tls_context_unref(context);
}

static struct pair connected(void)
{
    struct tls_context *server = context_of(0, 'x', 0, false);
    struct tls_context *client = any_client();
    struct pair pair = pair_of(client, server);
    assert_int_equal(pair_meet(&pair).server, TLS_OK);
    tls_context_unref(server);
    tls_context_unref(client);
    return pair;
}

static void closing_is_said_and_heard(void **state)
{
    (void)state;
    struct pair pair = connected();
    char buffer[64];
    size_t len;
    pair_say(pair.client, pair.server, SLICE("QUIT\r\n"));
    tls_engine_close_notify(pair.client);
    tls_engine_close_notify(pair.client);
    assert_int_equal(tls_engine_write(pair.client, SLICE("more")), TLS_FAILED);
    carry(pair.client, pair.server, SIZE_MAX);
    tls_engine_cipher_in(pair.server, SLICE("MAIL FROM:<a@b>\r\n")); /* in the clear */
    assert_int_equal(tls_engine_read(pair.server, buffer, sizeof buffer, &len), TLS_CLOSED);
    assert_int_equal(tls_engine_read(pair.server, buffer, sizeof buffer, &len), TLS_CLOSED);
    assert_int_equal(len, 0);
    pair_free(&pair);
}

static void a_changed_byte_ends_the_session(void **state)
{
    (void)state;
    struct pair pair = connected();
    char cipher[256], buffer[64];
    size_t len;
    assert_int_equal(tls_engine_write(pair.client, SLICE("EHLO x\r\n")), TLS_OK);
    struct slice sent = tls_engine_cipher_out(pair.client);
    assert_true(sent.len <= sizeof cipher);
    memcpy(cipher, sent.at, sent.len);
    cipher[sent.len - 1] ^= 1;
    tls_engine_cipher_in(pair.server, slice_bytes(cipher, sent.len));
    assert_int_equal(tls_engine_read(pair.server, buffer, sizeof buffer, &len), TLS_FAILED);
    assert_int_equal(tls_engine_alert_sent(pair.server), 20);
    assert_int_equal(tls_engine_write(pair.server, SLICE("x")), TLS_FAILED);
    pair_free(&pair);
}

static void unsent_output_is_bounded(void **state)
{
    (void)state;
    static char block[TLS_WRITE_MAX];
    struct pair pair = connected();
    enum tls_outcome outcome;
    size_t written = 0;
    while ((outcome = tls_engine_write(pair.server, slice_bytes(block, sizeof block))) == TLS_OK)
        written += sizeof block;
    assert_int_equal(outcome, TLS_WANT_OUTPUT);
    assert_true(written >= sizeof block && written <= TLS_CIPHER_OUT_MAX);
    assert_true(tls_engine_cipher_out(pair.server).len <= TLS_CIPHER_OUT_MAX);
    size_t read = 0, len;
    while (carry(pair.server, pair.client, SIZE_MAX))
        while (tls_engine_read(pair.client, block, sizeof block, &len) == TLS_OK)
            read += len;
    assert_int_equal(read, written);
    assert_int_equal(tls_engine_write(pair.server, SLICE("on")), TLS_OK);
    pair_free(&pair);
}

static void unread_input_is_bounded_and_counted(void **state)
{
    (void)state;
    static char block[TLS_CIPHER_IN_MAX + 1000];
    struct pair pair = connected();
    assert_int_equal(tls_engine_unread(pair.server), 0);
    assert_int_equal(tls_engine_cipher_room(pair.server), TLS_CIPHER_IN_MAX);
    assert_int_equal(tls_engine_cipher_in(pair.server, slice_bytes(block, sizeof block)),
                     TLS_CIPHER_IN_MAX);
    assert_int_equal(tls_engine_cipher_in(pair.server, slice_bytes(block, sizeof block)), 0);
    assert_int_equal(tls_engine_unread(pair.server), TLS_CIPHER_IN_MAX);
    pair_free(&pair);
}

static void an_idle_session_goes_on(void **state)
{
    (void)state;
    struct pair pair = connected();
    for (size_t i = 0; i < 3; i++) {
        tls_engine_idle(pair.server);
        tls_engine_idle(pair.client);
        pair_say(pair.client, pair.server, SLICE("NOOP\r\n"));
        pair_say(pair.server, pair.client, SLICE("250 OK\r\n"));
    }
    pair_free(&pair);
}

static void both_sides_bind_to_the_same_certificate(void **state)
{
    (void)state;
    struct pair pair = connected();
    unsigned char a[64], b[64];
    assert_int_equal(tls_engine_end_point_binding(pair.client, a), 32);
    assert_int_equal(tls_engine_end_point_binding(pair.server, b), 32);
    assert_memory_equal(a, b, 32);
    pair_free(&pair);
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
        cmocka_unit_test(only_smtp_may_be_asked_for_by_alpn),
        cmocka_unit_test(unfit_names_are_asked_for_and_not_told),
        cmocka_unit_test(weak_ciphers_and_slow_groups_are_refused),
        cmocka_unit_test(renegotiation_is_refused),
        cmocka_unit_test(bytes_may_come_in_any_cut),
        cmocka_unit_test(an_endless_hello_is_cut_off),
        cmocka_unit_test(plain_bytes_are_no_handshake),
        cmocka_unit_test(closing_is_said_and_heard),
        cmocka_unit_test(a_changed_byte_ends_the_session),
        cmocka_unit_test(unsent_output_is_bounded),
        cmocka_unit_test(unread_input_is_bounded_and_counted),
        cmocka_unit_test(an_idle_session_goes_on),
        cmocka_unit_test(both_sides_bind_to_the_same_certificate),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
