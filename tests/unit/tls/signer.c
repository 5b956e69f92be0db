/* SPDX-License-Identifier: Apache-2.0 */
/* What the holder of the keys signs, and what it refuses. */
#include "unit/tls/pair.h"

enum { BLANKS = 64, MESSAGE_MAX = 4096 };

static struct arena arena;
static struct identity ecdsa, rsa, ed25519;

static int set_up(void **state)
{
    (void)state;
    arena = arena_with_ceiling(1024 * 1024);
    assert_int_equal(tls_library_start(), 0);
    ecdsa = identity_make(&arena, MAKE_KEY_P256, "a.example");
    rsa = identity_make(&arena, MAKE_KEY_RSA_2048, "b.example");
    ed25519 = identity_make(&arena, MAKE_KEY_ED25519, "c.example");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    signer_key_free(ecdsa.key);
    signer_key_free(rsa.key);
    signer_key_free(ed25519.key);
    signer_key_free(NULL);
    arena_deinit(&arena);
    return 0;
}

/* clang-format off */
static const struct shape {
    const char *row;
    size_t blanks;       /* in front */
    struct slice middle;
    size_t behind;       /* bytes of 'h' */
    bool ok;
} shapes[] = {
    {"1.3, 32 bytes",            64, SLICE_INIT("TLS 1.3, server CertificateVerify\0"), 32, true},
    {"1.3, 48 bytes",            64, SLICE_INIT("TLS 1.3, server CertificateVerify\0"), 48, true},
    {"1.3, 64 bytes",            64, SLICE_INIT("TLS 1.3, server CertificateVerify\0"), 64, false},
    {"1.3, 31 bytes",            64, SLICE_INIT("TLS 1.3, server CertificateVerify\0"), 31, false},
    {"1.3, nothing",             64, SLICE_INIT("TLS 1.3, server CertificateVerify\0"), 0,  false},
    {"1.3, a blank less",        63, SLICE_INIT("TLS 1.3, server CertificateVerify\0"), 32, false},
    {"1.3, a blank more",        65, SLICE_INIT("TLS 1.3, server CertificateVerify\0"), 32, false},
    {"1.3, no NUL",              64, SLICE_INIT("TLS 1.3, server CertificateVerify"),   32, false},
    {"1.3, client",              64, SLICE_INIT("TLS 1.3, client CertificateVerify\0"), 32, false},
    {"1.3, other text",          64, SLICE_INIT("TLS 1.4, server CertificateVerify\0"), 32, false},
    {"1.2, X25519",              64, SLICE_INIT("\x03\x00\x1d\x20"), 32, true},
    {"1.2, X25519 short",        64, SLICE_INIT("\x03\x00\x1d\x20"), 31, false},
    {"1.2, X25519 long",         64, SLICE_INIT("\x03\x00\x1d\x20"), 33, false},
    {"1.2, X25519, other length",64, SLICE_INIT("\x03\x00\x1d\x21"), 33, false},
    {"1.2, P-256",               64, SLICE_INIT("\x03\x00\x17\x41\x04"), 64, true},
    {"1.2, P-256 compressed",    64, SLICE_INIT("\x03\x00\x17\x21\x02"), 32, false},
    {"1.2, P-256 not a point",   64, SLICE_INIT("\x03\x00\x17\x41\x05"), 64, false},
    {"1.2, P-384",               64, SLICE_INIT("\x03\x00\x18\x61\x04"), 96, false},
    {"1.2, explicit curve",      64, SLICE_INIT("\x01\x00\x1d\x20"), 32, false},
    {"1.2, finite field",        64, SLICE_INIT("\x01\x00"), 512, false},
    {"1.2, a random short",      63, SLICE_INIT("\x03\x00\x1d\x20"), 32, false},
    {"nothing",                  0,  SLICE_INIT(""), 0,  false},
    {"a digest",                 0,  SLICE_INIT(""), 32, false},
    {"a DKIM header",            0,  SLICE_INIT("from:a@b\r\ndkim-signature:v=1"), 0, false},
    {"a certificate request",    0,  SLICE_INIT("\x30\x82\x01\x00\x02\x01\x00"), 200, false},
    {"a client's handshake",     0,  SLICE_INIT("\x01\x00\x00\xfc\x03\x03"), 2000, false},
};
/* clang-format on */

static struct slice message_of(const struct shape *shape, struct text *out)
{
    text_clear(out);
    for (size_t i = 0; i < shape->blanks; i++)
        assert_true(text_append_byte(out, ' '));
    assert_true(text_append(out, shape->middle));
    for (size_t i = 0; i < shape->behind; i++)
        assert_true(text_append_byte(out, 'h'));
    return text_slice(out);
}

static void only_tls_servers_shapes_are_signed(void **state)
{
    (void)state;
    char storage[MESSAGE_MAX];
    unsigned char out[SIGNATURE_MAX_BYTES];
    struct text text = text_over(storage, sizeof storage);
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        struct slice message = message_of(&shapes[i], &text);
        size_t len = 1;
        row_expect(shapes[i].row, "shape", signer_shape_ok(SIGNER_SERVER, message), shapes[i].ok);
        row_expect(shapes[i].row, "signed",
                   signer_sign(ecdsa.key, SIGNER_SERVER, SIGNATURE_ECDSA_SHA256, message, out,
                               sizeof out, &len),
                   shapes[i].ok);
        row_expect(shapes[i].row, "length", len > 0, shapes[i].ok);
    }
}

/* The messages of a handshake of TLS 1.2, by their types: a letter each, of LEN bytes; "o" is
 * empty. */
static struct slice transcript_of(const char *messages, struct text *out)
{
    static const struct {
        char letter;
        unsigned char type, len;
    } kinds[] = {{'h', 1, 40},  {'s', 2, 40},  {'c', 11, 90}, {'t', 22, 30}, {'k', 12, 60},
                 {'r', 13, 20}, {'d', 14, 0},  {'o', 11, 0},  {'D', 14, 4},  {'x', 16, 33},
                 {'n', 4, 50},  {'v', 15, 70}, {'f', 20, 12}};
    text_clear(out);
    for (; *messages; messages++)
        for (size_t i = 0; i < COUNT_OF(kinds); i++) {
            if (kinds[i].letter != *messages)
                continue;
            char head[] = {(char)kinds[i].type, 0, 0, (char)kinds[i].len};
            assert_true(text_append(out, slice_bytes(head, sizeof head)));
            for (size_t k = 0; k < kinds[i].len; k++)
                assert_true(text_append_byte(out, '\x0d'));
        }
    return text_slice(out);
}

static void only_a_clients_shapes_are_signed_for_a_client(void **state)
{
    (void)state;
    static const struct {
        const char *row, *messages;
        bool ok;
    } rows[] = {
        {"as it is", "hsckrdcx", true},
        {"with a staple", "hsctkrdcx", true},
        {"RSA key exchange", "hscrdcx", true},
        {"nothing was asked for", "hsckdcx", false},
        {"nothing is shown", "hsckrdx", false},
        {"an empty certificate", "hsckrdox", false},
        {"a done that says something", "hsckrDcx", false},
        {"not to its end", "hsckrdc", false},
        {"behind its end", "hsckrdcxv", false},
        {"a ticket in between", "hsckrdcnx", false},
        {"twice", "hhsckrdcx", false},
        {"a server's, finished", "f", false},
    };
    char storage[MESSAGE_MAX];
    unsigned char out[SIGNATURE_MAX_BYTES];
    size_t len;
    struct text text = text_over(storage, sizeof storage);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice message = transcript_of(rows[i].messages, &text);
        row_expect(rows[i].row, "shape", signer_shape_ok(SIGNER_CLIENT, message), rows[i].ok);
        row_expect(rows[i].row, "for a server", signer_shape_ok(SIGNER_SERVER, message), false);
        row_expect(rows[i].row, "signed",
                   signer_sign(ecdsa.key, SIGNER_CLIENT, SIGNATURE_ECDSA_SHA256, message, out,
                               sizeof out, &len),
                   rows[i].ok);
    }
    struct slice whole = transcript_of("hsckrdcx", &text);
    for (size_t cut = 0; cut < whole.len; cut++)
        assert_false(signer_shape_ok(SIGNER_CLIENT, slice_first(whole, cut)));
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        bool client = slice_starts(shapes[i].middle, SLICE("TLS 1.3, client"));
        row_expect(shapes[i].row, "for a client",
                   signer_shape_ok(SIGNER_CLIENT, message_of(&shapes[i], &text)), client);
    }
}

static void the_scheme_must_fit_the_key(void **state)
{
    (void)state;
    const struct {
        const char *row;
        EVP_PKEY *key;
        uint32_t scheme;
        bool ok;
    } rows[] = {
        {"ecdsa", ecdsa.key, SIGNATURE_ECDSA_SHA256, true},
        {"ecdsa, longer digest", ecdsa.key, SIGNATURE_ECDSA_SHA384, true},
        {"ecdsa as rsa", ecdsa.key, SIGNATURE_RSA_PKCS1_SHA256, false},
        {"ecdsa as ed25519", ecdsa.key, SIGNATURE_ED25519, false},
        {"rsa pkcs1", rsa.key, SIGNATURE_RSA_PKCS1_SHA256, true},
        {"rsa pss", rsa.key, SIGNATURE_RSA_PSS_SHA512, true},
        {"rsa as ecdsa", rsa.key, SIGNATURE_ECDSA_SHA256, false},
        {"ed25519", ed25519.key, SIGNATURE_ED25519, true},
        {"ed25519 as ecdsa", ed25519.key, SIGNATURE_ECDSA_SHA256, false},
        {"no such scheme", ecdsa.key, 0, false},
        {"scheme beyond 16 bits", ecdsa.key, 0x10403, false},
        {"SHA-224", ecdsa.key, 0x0303, false},
    };
    char storage[MESSAGE_MAX];
    unsigned char out[SIGNATURE_MAX_BYTES];
    size_t len;
    struct text text = text_over(storage, sizeof storage);
    struct slice message = message_of(&shapes[0], &text);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        row_expect(
            rows[i].row, "signed",
            signer_sign(rows[i].key, SIGNER_SERVER, rows[i].scheme, message, out, sizeof out, &len),
            rows[i].ok);
    assert_false(
        signer_sign(rsa.key, SIGNER_SERVER, SIGNATURE_RSA_PKCS1_SHA256, message, out, 255, &len));
    assert_int_equal(len, 0);
}

static void keys_come_from_pkcs8_only(void **state)
{
    (void)state;
    EVP_PKEY *key;
    assert_int_equal(signer_key_new(ecdsa.pkcs8, &key), 0);
    signer_key_free(key);
    for (size_t len = 0; len < ecdsa.pkcs8.len; len++) {
        assert_true(signer_key_new(slice_first(ecdsa.pkcs8, len), &key) < 0);
        assert_null(key);
    }
    assert_true(signer_key_new(ecdsa.certificate, &key) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_tls_servers_shapes_are_signed),
        cmocka_unit_test(only_a_clients_shapes_are_signed_for_a_client),
        cmocka_unit_test(the_scheme_must_fit_the_key),
        cmocka_unit_test(keys_come_from_pkcs8_only),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
