/* SPDX-License-Identifier: Apache-2.0 */
/* What a peer may not do: other protocols, odd names, weak choices, endless hellos. */
#include "unit/tls/service.h"

#include <openssl/ssl.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_smtp_may_be_asked_for_by_alpn),
        cmocka_unit_test(unfit_names_are_asked_for_and_not_told),
        cmocka_unit_test(weak_ciphers_and_slow_groups_are_refused),
        cmocka_unit_test(renegotiation_is_refused),
        cmocka_unit_test(an_endless_hello_is_cut_off),
        cmocka_unit_test(plain_bytes_are_no_handshake),
    };
    return cmocka_run_group_tests(tests, service_set_up, service_tear_down);
}
