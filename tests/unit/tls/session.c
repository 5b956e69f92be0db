/* SPDX-License-Identifier: Apache-2.0 */
/* The openings of an engine once the handshake is done: bounds, closing, idling. */
#include "tls/engine_state.h"
#include "unit/tls/service.h"

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

static struct pair unmet(uint16_t version)
{
    struct tls_context *server = context_of(0, 'x', version, false);
    struct tls_context *client = any_client();
    struct pair pair = pair_of(client, server);
    tls_context_unref(server);
    tls_context_unref(client);
    return pair;
}

static void each_session_has_a_binding_of_its_own(void **state)
{
    (void)state;
    static const uint16_t versions[] = {TLS_1_2, TLS_1_3};
    unsigned char last[TLS_EXPORTER_BINDING_BYTES] = {0};
    for (size_t i = 0; i < 4; i++) {
        unsigned char a[TLS_EXPORTER_BINDING_BYTES], b[TLS_EXPORTER_BINDING_BYTES];
        struct pair pair = unmet(versions[i % 2]);
        assert_false(tls_engine_exporter_binding(pair.server, a));
        assert_int_equal(pair_meet(&pair).server, TLS_OK);
        assert_true(tls_engine_exporter_binding(pair.client, a));
        assert_true(tls_engine_exporter_binding(pair.server, b));
        assert_memory_equal(a, b, sizeof a);
        assert_memory_not_equal(a, last, sizeof a);
        memcpy(last, a, sizeof a);
        pair_free(&pair);
    }
}

/* Whoever sits between two such sessions can give both the same keys (triple handshake). */
static void without_extended_master_secret_there_is_no_binding(void **state)
{
    (void)state;
    unsigned char out[TLS_EXPORTER_BINDING_BYTES];
    struct pair pair = unmet(TLS_1_2);
    SSL_set_options(pair.client->ssl, SSL_OP_NO_EXTENDED_MASTER_SECRET);
    assert_int_equal(pair_meet(&pair).server, TLS_OK);
    assert_false(tls_engine_exporter_binding(pair.server, out));
    pair_free(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_may_come_in_any_cut),
        cmocka_unit_test(closing_is_said_and_heard),
        cmocka_unit_test(a_changed_byte_ends_the_session),
        cmocka_unit_test(unsent_output_is_bounded),
        cmocka_unit_test(unread_input_is_bounded_and_counted),
        cmocka_unit_test(an_idle_session_goes_on),
        cmocka_unit_test(both_sides_bind_to_the_same_certificate),
        cmocka_unit_test(each_session_has_a_binding_of_its_own),
        cmocka_unit_test(without_extended_master_secret_there_is_no_binding),
    };
    return cmocka_run_group_tests(tests, service_set_up, service_tear_down);
}
