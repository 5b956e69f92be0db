/* SPDX-License-Identifier: Apache-2.0 */
/* Files as administrators have them: what is taken out, and what each refusal says. */
#include "tls/import.h"

#include "tls/library.h"
#include "tls/signer.h"
#include "unit/tls/forge.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>

enum who { ROOT, MIDDLE, LEAF, OTHER, RENEWED, OLD, WHO_COUNT };
static struct forged cast[WHO_COUNT];
static struct arena arena;
static OSSL_LIB_CTX *old_library; /* writes what only old tools write */
static OSSL_PROVIDER *old_providers[2];

static int set_up(void **state)
{
    (void)state;
    arena = arena_with_ceiling(16 * 1024 * 1024);
    assert_int_equal(tls_library_start(), 0);
    assert_int_equal(import_start(), 0);
    old_library = OSSL_LIB_CTX_new();
    old_providers[0] = OSSL_PROVIDER_load(old_library, "default");
    old_providers[1] = OSSL_PROVIDER_load(old_library, "legacy");
    assert_non_null(old_providers[1]);
    cast[ROOT] = forge(&arena, (struct forge){.common_name = "Root", .extensions = FORGE_CA});
    cast[MIDDLE] = forge(
        &arena,
        (struct forge){.common_name = "Middle", .issuer = &cast[ROOT], .extensions = FORGE_CA});
    cast[LEAF] = forge(&arena, (struct forge){.common_name = "leaf", .issuer = &cast[MIDDLE]});
    cast[OTHER] = forge(&arena, (struct forge){.common_name = "other"});
    cast[OLD] = forge(&arena, (struct forge){.common_name = "leaf", .rsa_bits = 2048});
    /* the same key with a later certificate */
    cast[RENEWED].x509 = X509_dup(cast[OLD].x509);
    X509 *renewed = cast[RENEWED].x509;
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(renewed), 0));
    assert_true(X509_sign(renewed, cast[OLD].key, EVP_sha256()) > 0);
    unsigned char *der = NULL;
    int len = i2d_X509(renewed, &der);
    assert_true(arena_copy(&arena, slice_bytes(der, (size_t)len), &cast[RENEWED].der));
    OPENSSL_free(der);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < WHO_COUNT; i++)
        forged_free(&cast[i]);
    OSSL_PROVIDER_unload(old_providers[0]);
    OSSL_PROVIDER_unload(old_providers[1]);
    OSSL_LIB_CTX_free(old_library);
    import_stop();
    arena_deinit(&arena);
    return 0;
}

/* --- writing files --- */

static struct slice kept(BIO *bio)
{
    char *at;
    struct slice out;
    long len = BIO_get_mem_data(bio, &at);
    assert_true(len > 0 && arena_copy(&arena, slice_bytes(at, (size_t)len), &out));
    BIO_free(bio);
    return out;
}

struct p12 {
    const char *password;
    int key_cipher, certificate_cipher; /* 0: AES-256 */
    int iterations, mac_iterations;     /* 0: 2048; mac -1: no MAC */
    bool no_key;
    size_t copies; /* of the leaf, more */
};

static struct slice pkcs12(enum who leaf, enum who key, struct p12 how)
{
    STACK_OF(X509) *chain = sk_X509_new_null();
    sk_X509_push(chain, cast[ROOT].x509); /* out of order on purpose */
    sk_X509_push(chain, cast[MIDDLE].x509);
    for (size_t i = 0; i < how.copies; i++)
        sk_X509_push(chain, cast[OTHER].x509);
    PKCS12 *file =
        PKCS12_create_ex(how.password, "Contoso M\xc3\xbcnchen", how.no_key ? NULL : cast[key].key,
                         cast[leaf].x509, chain, how.key_cipher ? how.key_cipher : NID_aes_256_cbc,
                         how.certificate_cipher ? how.certificate_cipher : NID_aes_256_cbc,
                         how.iterations ? how.iterations : 2048,
                         how.mac_iterations ? how.mac_iterations : 2048, 0, old_library, NULL);
    sk_X509_free(chain);
    assert_non_null(file);
    BIO *bio = BIO_new(BIO_s_mem());
    assert_int_equal(i2d_PKCS12_bio(bio, file), 1);
    PKCS12_free(file);
    return kept(bio);
}

/* One letter each: r m l o n = a certificate (n renewed, d old), K = key of the leaf, E = the same
 * encrypted, T = the same in the traditional form, D = that encrypted, O = key of other, A = key of
 * the old and renewed one, P = a parameter block, X = a comment, Q = an OCSP response. */
static const unsigned char response[] =
    "\x30\x03\x0a\x01\x03"; /* tryLater: it is not judged here */

static void put(BIO *bio, char what)
{
    static const struct {
        char letter;
        enum who who;
    } certificates[] = {{'r', ROOT},  {'m', MIDDLE},  {'l', LEAF},
                        {'o', OTHER}, {'n', RENEWED}, {'d', OLD}};
    static char password[] = "secret";
    const unsigned char *bytes = (const unsigned char *)password;
    const EVP_CIPHER *aes = EVP_aes_256_cbc();
    for (size_t i = 0; i < COUNT_OF(certificates); i++)
        if (certificates[i].letter == what)
            assert_int_equal(PEM_write_bio_X509(bio, cast[certificates[i].who].x509), 1);
    switch (what) {
    case 'K':
        PEM_write_bio_PKCS8PrivateKey(bio, cast[LEAF].key, NULL, NULL, 0, NULL, NULL);
        break;
    case 'O':
        PEM_write_bio_PKCS8PrivateKey(bio, cast[OTHER].key, NULL, NULL, 0, NULL, NULL);
        break;
    case 'A':
        PEM_write_bio_PKCS8PrivateKey(bio, cast[OLD].key, NULL, NULL, 0, NULL, NULL);
        break;
    case 'E':
        PEM_write_bio_PKCS8PrivateKey(bio, cast[LEAF].key, aes, password, 6, NULL, NULL);
        break;
    case 'T':
        PEM_write_bio_PrivateKey_traditional(bio, cast[LEAF].key, NULL, NULL, 0, NULL, NULL);
        break;
    case 'D':
        PEM_write_bio_PrivateKey_traditional(bio, cast[LEAF].key, aes, bytes, 6, NULL, NULL);
        break;
    case 'P':
        BIO_puts(bio, "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
                      "-----END EC PARAMETERS-----\n");
        break;
    case 'Q':
        PEM_write_bio(bio, "OCSP RESPONSE", "", response, sizeof response - 1);
        break;
    case 'X':
        BIO_puts(bio, "Bag Attributes\r\n    friendlyName: x\r\nsubject=CN = leaf\r\n\r\n");
        break;
    default:
        break;
    }
}

static struct slice pem(const char *order)
{
    BIO *bio = BIO_new(BIO_s_mem());
    for (; *order; order++)
        put(bio, *order);
    return kept(bio);
}

static struct slice pkcs7(bool as_pem)
{
    PKCS7 *message = PKCS7_new();
    assert_true(PKCS7_set_type(message, NID_pkcs7_signed) == 1 &&
                PKCS7_content_new(message, NID_pkcs7_data) == 1 &&
                PKCS7_add_certificate(message, cast[ROOT].x509) == 1 &&
                PKCS7_add_certificate(message, cast[LEAF].x509) == 1 &&
                PKCS7_add_certificate(message, cast[MIDDLE].x509) == 1);
    BIO *bio = BIO_new(BIO_s_mem());
    assert_int_equal(as_pem ? PEM_write_bio_PKCS7(bio, message) : i2d_PKCS7_bio(bio, message), 1);
    PKCS7_free(message);
    return kept(bio);
}

/* --- reading them --- */

struct expected {
    enum import_outcome outcome;
    enum who leaf;
    size_t chain_count, left_out; /* the chain is MIDDLE, ROOT when there is one */
    const char *format;
    bool legacy;
};

static void expect_chain(const char *row, const struct imported *seen)
{
    const enum who order[] = {MIDDLE, ROOT};
    for (size_t i = 0; i < seen->chain_count && i < COUNT_OF(order); i++)
        row_expect(row, "chain in order", slice_equal(seen->chain[i], cast[order[i]].der), true);
}

static void expect_key(const char *row, const struct imported *seen, enum who leaf)
{
    CLEANUP(text_deinit) struct text a = text_with_ceiling(4096);
    CLEANUP(text_deinit) struct text b = text_with_ceiling(4096);
    EVP_PKEY *key, *of = cast[leaf == RENEWED ? OLD : leaf].key;
    row_expect(row, "key is PKCS#8", signer_key_new(seen->private_key, &key), 0);
    assert_true(signer_key_spki(key, &a) && signer_key_spki(of, &b));
    row_expect(row, "key is its own", slice_equal(text_slice(&a), text_slice(&b)), true);
    signer_key_free(key);
}

static void expect_import(const char *row, struct slice file, const char *password,
                          struct expected expected)
{
    char storage[256];
    struct text error = text_over(storage, sizeof storage);
    struct imported seen;
    enum import_outcome outcome =
        import_certificates(file, slice_of(password), &arena, &seen, &error);
    row_expect_slice(row, slice_of(import_outcome_name(outcome)),
                     slice_of(import_outcome_name(expected.outcome)));
    row_expect(row, "says why", error.len > 0, outcome != IMPORT_OK);
    row_expect(row, "no error left", ERR_peek_error() != 0, false);
    if (outcome != IMPORT_OK && outcome != IMPORT_NO_PRIVATE_KEY)
        return;
    row_expect(row, "leaf", slice_equal(seen.leaf, cast[expected.leaf].der), true);
    row_expect(row, "chain", (long long)seen.chain_count, (long long)expected.chain_count);
    row_expect(row, "left out", (long long)seen.left_out, (long long)expected.left_out);
    row_expect(row, "legacy", seen.legacy, expected.legacy);
    row_expect_slice(row, slice_of(seen.format), slice_of(expected.format));
    expect_chain(row, &seen);
    if (outcome == IMPORT_OK)
        expect_key(row, &seen, expected.leaf);
    imported_wipe(&seen);
    assert_int_equal(seen.private_key.len, 0);
}

static const struct p12_row {
    const char *row;
    struct p12 how;
    enum who leaf, key;
    const char *given; /* the password */
    struct expected expected;
} p12_rows[] = {
    /* clang-format off */
    {"modern", {.password = "secret"}, LEAF, LEAF, "secret", {IMPORT_OK, LEAF, 2, 0, "PKCS#12", false}},
    {"non-ASCII password", {.password = "p\xc3\xa4ss"}, LEAF, LEAF, "p\xc3\xa4ss", {IMPORT_OK, LEAF, 2, 0, "PKCS#12", false}},
    {"3DES", {.password = "secret", .key_cipher = NID_pbe_WithSHA1And3_Key_TripleDES_CBC, .certificate_cipher = NID_pbe_WithSHA1And3_Key_TripleDES_CBC},
     LEAF, LEAF, "secret", {IMPORT_OK, LEAF, 2, 0, "PKCS#12", true}},
    {"RC2-40", {.password = "secret", .key_cipher = NID_pbe_WithSHA1And3_Key_TripleDES_CBC, .certificate_cipher = NID_pbe_WithSHA1And40BitRC2_CBC},
     LEAF, LEAF, "secret", {IMPORT_OK, LEAF, 2, 0, "PKCS#12", true}},
    {"RC4", {.password = "secret", .key_cipher = NID_pbe_WithSHA1And128BitRC4, .certificate_cipher = NID_pbe_WithSHA1And128BitRC4},
     LEAF, LEAF, "secret", {IMPORT_OK, LEAF, 2, 0, "PKCS#12", true}},
    {"certificates in clear", {.password = "secret", .certificate_cipher = -1}, LEAF, LEAF, "secret", {IMPORT_OK, LEAF, 2, 0, "PKCS#12", false}},
    {"no password", {.password = NULL}, LEAF, LEAF, "", {IMPORT_OK, LEAF, 2, 0, "PKCS#12", false}},
    {"empty password", {.password = ""}, LEAF, LEAF, "", {IMPORT_OK, LEAF, 2, 0, "PKCS#12", false}},
    {"no MAC", {.password = "secret", .mac_iterations = -1}, LEAF, LEAF, "secret", {IMPORT_OK, LEAF, 2, 0, "PKCS#12", false}},
    {"RSA", {.password = "secret"}, OLD, OLD, "secret", {IMPORT_OK, OLD, 0, 2, "PKCS#12", false}},
    {"wrong password", {.password = "secret"}, LEAF, LEAF, "Secret", {.outcome = IMPORT_WRONG_PASSWORD}},
    {"password missing", {.password = "secret"}, LEAF, LEAF, "", {.outcome = IMPORT_WRONG_PASSWORD}},
    {"needless password", {.password = ""}, LEAF, LEAF, "secret", {.outcome = IMPORT_WRONG_PASSWORD}},
    {"wrong password, no MAC", {.password = "secret", .mac_iterations = -1}, LEAF, LEAF, "x", {.outcome = IMPORT_WRONG_PASSWORD}},
    {"wrong password, RC2", {.password = "secret", .certificate_cipher = NID_pbe_WithSHA1And40BitRC2_CBC}, LEAF, LEAF, "x", {.outcome = IMPORT_WRONG_PASSWORD}},
    {"no key", {.password = "secret", .no_key = true}, LEAF, LEAF, "secret", {IMPORT_NO_PRIVATE_KEY, LEAF, 2, 0, "PKCS#12", false}},
    {"60 bags", {.password = "secret", .copies = 60}, LEAF, LEAF, "secret", {IMPORT_OK, LEAF, 2, 60, "PKCS#12", false}},
    {"65 bags", {.password = "secret", .copies = 61}, LEAF, LEAF, "secret", {.outcome = IMPORT_TOO_LARGE}},
    {"iterations", {.password = "secret", .iterations = 9000}, LEAF, LEAF, "secret", {.outcome = IMPORT_TOO_LARGE}},
    {"MAC iterations", {.password = "secret", .mac_iterations = 9000}, LEAF, LEAF, "secret", {.outcome = IMPORT_TOO_LARGE}},
    {"old iterations", {.password = "secret", .iterations = 9000, .certificate_cipher = NID_pbe_WithSHA1And40BitRC2_CBC}, LEAF, LEAF, "secret",
     {.outcome = IMPORT_TOO_LARGE}},
    /* clang-format on */
};

static void pkcs12_files_are_opened(void **state)
{
    (void)state;
    import_limit_iterations(8000);
    for (size_t i = 0; i < COUNT_OF(p12_rows); i++) {
        const struct p12_row *r = &p12_rows[i];
        expect_import(r->row, pkcs12(r->leaf, r->key, r->how), r->given, r->expected);
    }
    import_limit_iterations(IMPORT_ITERATIONS_MAX);
}

static const struct pem_row {
    const char *order, *given;
    struct expected expected;
} pem_rows[] = {
    /* clang-format off */
    {"lmrK",   "",       {IMPORT_OK, LEAF, 2, 0, "PEM", false}},
    {"Klmr",   "",       {IMPORT_OK, LEAF, 2, 0, "PEM", false}},
    {"rmKl",   "",       {IMPORT_OK, LEAF, 2, 0, "PEM", false}},
    {"XlXmXK", "",       {IMPORT_OK, LEAF, 1, 0, "PEM", false}},
    {"lK",     "",       {IMPORT_OK, LEAF, 0, 0, "PEM", false}},
    {"lrK",    "",       {IMPORT_OK, LEAF, 0, 1, "PEM", false}}, /* a link is missing */
    {"olmrK",  "",       {IMPORT_OK, LEAF, 2, 1, "PEM", false}},
    {"PTl",    "",       {IMPORT_OK, LEAF, 0, 0, "PEM", false}},
    {"lE",     "secret", {IMPORT_OK, LEAF, 0, 0, "PEM", false}},
    {"lD",     "secret", {IMPORT_OK, LEAF, 0, 0, "PEM", true}},
    {"lOK",    "",       {IMPORT_OK, LEAF, 0, 0, "PEM", false}}, /* another key beside it */
    {"dnA",    "",       {IMPORT_OK, RENEWED, 0, 1, "PEM", false}},
    {"ndA",    "",       {IMPORT_OK, RENEWED, 0, 1, "PEM", false}},
    {"lE",     "x",      {.outcome = IMPORT_WRONG_PASSWORD}},
    {"lE",     "",       {.outcome = IMPORT_WRONG_PASSWORD}},
    {"lD",     "x",      {.outcome = IMPORT_WRONG_PASSWORD}},
    {"lD",     "",       {.outcome = IMPORT_WRONG_PASSWORD}},
    {"lmO",    "",       {.outcome = IMPORT_KEY_MISMATCH}},
    {"K",      "",       {.outcome = IMPORT_NO_CERTIFICATE}},
    {"P",      "",       {.outcome = IMPORT_NO_CERTIFICATE}},
    {"rml",    "",       {IMPORT_NO_PRIVATE_KEY, LEAF, 2, 0, "PEM", false}},
    {"lll",    "",       {IMPORT_NO_PRIVATE_KEY, LEAF, 0, 2, "PEM", false}},
    {"QlmK",   "",       {IMPORT_OK, LEAF, 1, 0, "PEM", false}},
    {"lQ",     "",       {IMPORT_NO_PRIVATE_KEY, LEAF, 0, 0, "PEM", false}},
    {"Q",      "",       {.outcome = IMPORT_OCSP_ALONE}},
    {"QK",     "",       {.outcome = IMPORT_OCSP_ALONE}},
    {"QlQ",    "",       {.outcome = IMPORT_TOO_LARGE}},
    /* clang-format on */
};

static void pem_files_are_read_in_any_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(pem_rows); i++)
        expect_import(pem_rows[i].order, pem(pem_rows[i].order), pem_rows[i].given,
                      pem_rows[i].expected);
}

static void an_ocsp_response_comes_along(void **state)
{
    (void)state;
    char storage[256];
    struct text error = text_over(storage, sizeof storage);
    struct slice written = slice_bytes(response, sizeof response - 1);
    struct imported seen;
    assert_int_equal(import_certificates(pem("lQ"), SLICE(""), &arena, &seen, &error),
                     IMPORT_NO_PRIVATE_KEY);
    row_expect_slice("beside a certificate", seen.ocsp_response, written);
    assert_int_equal(import_certificates(pem("l"), SLICE(""), &arena, &seen, &error),
                     IMPORT_NO_PRIVATE_KEY);
    row_expect_slice("none", seen.ocsp_response, SLICE(""));
    assert_int_equal(import_certificates(written, SLICE(""), &arena, &seen, &error),
                     IMPORT_OCSP_ALONE);
    row_expect_slice("alone, in DER", seen.ocsp_response, written);
}

static void bare_certificates_are_read(void **state)
{
    (void)state;
    expect_import("DER", cast[LEAF].der, "",
                  (struct expected){IMPORT_NO_PRIVATE_KEY, LEAF, 0, 0, "DER", false});
    expect_import("OCSP", slice_bytes(response, sizeof response - 1), "",
                  (struct expected){.outcome = IMPORT_OCSP_ALONE});
    expect_import("PKCS#7", pkcs7(false), "",
                  (struct expected){IMPORT_NO_PRIVATE_KEY, LEAF, 2, 0, "PKCS#7", false});
    expect_import("PKCS#7 as PEM", pkcs7(true), "",
                  (struct expected){IMPORT_NO_PRIVATE_KEY, LEAF, 2, 0, "PEM", false});
}

static void other_files_are_told_apart(void **state)
{
    (void)state;
    static char zeros[IMPORT_MAX_BYTES + 1];
    static const struct {
        const char *row;
        struct slice file;
        enum import_outcome outcome;
    } rows[] = {
        {"empty", SLICE_INIT(""), IMPORT_UNKNOWN_FORMAT},
        {"text", SLICE_INIT("hello"), IMPORT_UNKNOWN_FORMAT},
        {"zip", SLICE_INIT("PK\x03\x04"), IMPORT_UNKNOWN_FORMAT},
        {"private key in DER", SLICE_INIT("\x30\x03\x02\x01\x00"), IMPORT_UNKNOWN_FORMAT},
        {"almost PKCS#12", SLICE_INIT("\x30\x03\x02\x01\x03"), IMPORT_DAMAGED},
        {"almost PKCS#7", SLICE_INIT("\x30\x05\x06\x03\x55\x04\x03"), IMPORT_DAMAGED},
        {"almost DER", SLICE_INIT("\x30\x04\x30\x02\x02\x00"), IMPORT_DAMAGED},
        {"cut PEM", SLICE_INIT("-----BEGIN CERTIFICATE-----\nMIIB"), IMPORT_DAMAGED},
        {"PEM of nonsense",
         SLICE_INIT("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
         IMPORT_DAMAGED},
        {"PEM key of nonsense",
         SLICE_INIT("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
         IMPORT_DAMAGED},
        {"too large", {zeros, sizeof zeros}, IMPORT_TOO_LARGE},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        expect_import(rows[i].row, rows[i].file, "", (struct expected){.outcome = rows[i].outcome});
    char password[IMPORT_PASSWORD_MAX + 2];
    memset(password, 'x', sizeof password);
    password[sizeof password - 1] = '\0';
    expect_import("long password", cast[LEAF].der, password,
                  (struct expected){.outcome = IMPORT_TOO_LARGE});
}

static void cut_and_changed_files_are_refused(void **state)
{
    (void)state;
    struct slice file = pkcs12(
        LEAF, LEAF, (struct p12){.password = "secret", .iterations = 1, .mac_iterations = 1});
    CLEANUP(text_deinit) struct text changed = text_with_ceiling(100000);
    struct imported seen;
    for (size_t len = 0; len < file.len; len += 7) {
        CLEANUP(arena_deinit) struct arena own = arena_with_ceiling(1024 * 1024);
        text_clear(&changed);
        assert_true(import_certificates(slice_first(file, len), SLICE("secret"), &own, &seen,
                                        &changed) != IMPORT_OK);
    }
    import_limit_iterations(5000);
    for (size_t i = 0; i < file.len; i += 11) { /* MAC or structure: nothing changed goes through */
        CLEANUP(arena_deinit) struct arena own = arena_with_ceiling(1024 * 1024);
        char storage[256];
        struct text error = text_over(storage, sizeof storage);
        text_clear(&changed);
        assert_true(text_append(&changed, file));
        changed.at[i] = (char)(changed.at[i] ^ 0x15);
        enum import_outcome outcome =
            import_certificates(text_slice(&changed), SLICE("secret"), &own, &seen, &error);
        if (outcome == IMPORT_OK)
            assert_true(slice_equal(seen.leaf, cast[LEAF].der));
    }
    import_limit_iterations(IMPORT_ITERATIONS_MAX);
}

static void a_key_that_only_looks_right_is_refused(void **state)
{
    (void)state;
    /* public part of the leaf, private part of another key */
    CLEANUP(text_deinit) struct text joined = text_with_ceiling(10000);
    BIGNUM *wrong = NULL;
    OSSL_PARAM *public = NULL;
    assert_int_equal(EVP_PKEY_get_bn_param(cast[OTHER].key, "priv", &wrong), 1);
    assert_int_equal(EVP_PKEY_todata(cast[LEAF].key, EVP_PKEY_PUBLIC_KEY, &public), 1);
    unsigned char bytes[32];
    assert_int_equal(BN_bn2nativepad(wrong, bytes, sizeof bytes), sizeof bytes);
    OSSL_PARAM private[] = {OSSL_PARAM_BN("priv", bytes, sizeof bytes), OSSL_PARAM_END};
    OSSL_PARAM *both = OSSL_PARAM_merge(public, private);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;
    assert_true(EVP_PKEY_fromdata_init(context) > 0 &&
                EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, both) > 0);
    BIO *bio = BIO_new(BIO_s_mem());
    put(bio, 'l');
    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
    expect_import("wrong private part", kept(bio), "",
                  (struct expected){.outcome = IMPORT_DAMAGED});
    EVP_PKEY_free(key);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(both);
    OSSL_PARAM_free(public);
    BN_clear_free(wrong);
}

static void a_friendly_name_is_read(void **state)
{
    (void)state;
    char storage[256];
    struct text error = text_over(storage, sizeof storage);
    struct imported seen;
    assert_int_equal(import_certificates(pkcs12(LEAF, LEAF, (struct p12){.password = "secret"}),
                                         SLICE("secret"), &arena, &seen, &error),
                     IMPORT_OK);
    row_expect_slice("name", seen.friendly_name, SLICE("Contoso M\xc3\xbcnchen"));
}

static EVP_PKEY *pss_bound_to_sha1(void)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
    assert_true(context && EVP_PKEY_keygen_init(context) > 0 &&
                EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048) > 0 &&
                EVP_PKEY_CTX_set_rsa_pss_keygen_md(context, EVP_sha1()) > 0 &&
                EVP_PKEY_generate(context, &key) > 0);
    EVP_PKEY_CTX_free(context);
    return key;
}

static void kinds_of_keys_we_do_not_serve_are_named(void **state)
{
    (void)state;
    const struct {
        const char *row;
        EVP_PKEY *key;
    } rows[] = {
        {"secp256k1", EVP_PKEY_Q_keygen(NULL, NULL, "EC", "secp256k1")},
        {"RSA-512", EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)512)},
        {"RSA-PSS with SHA-1", pss_bound_to_sha1()},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        BIO *bio = BIO_new(BIO_s_mem());
        put(bio, 'l');
        assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, rows[i].key, NULL, NULL, 0, NULL, NULL),
                         1);
        expect_import(rows[i].row, kept(bio), "", (struct expected){.outcome = IMPORT_UNSUPPORTED});
        EVP_PKEY_free(rows[i].key);
    }
}

/* RFC 5480 2.1.1: a curve has a name. */
static void a_curve_without_its_name_is_refused(void **state)
{
    (void)state;
    struct forged spelled = {.x509 = X509_dup(cast[LEAF].x509),
                             .key = EVP_PKEY_dup(cast[LEAF].key)};
    assert_int_equal(EVP_PKEY_set_utf8_string_param(spelled.key, OSSL_PKEY_PARAM_EC_ENCODING,
                                                    OSSL_PKEY_EC_ENCODING_EXPLICIT),
                     1);
    assert_true(X509_set_pubkey(spelled.x509, spelled.key) == 1 &&
                X509_sign(spelled.x509, cast[MIDDLE].key, EVP_sha256()) > 0);
    BIO *bio = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_X509(bio, spelled.x509), 1);
    put(bio, 'K');
    expect_import("spelled out", kept(bio), "", (struct expected){.outcome = IMPORT_UNSUPPORTED});
    forged_free(&spelled);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pkcs12_files_are_opened),
        cmocka_unit_test(pem_files_are_read_in_any_order),
        cmocka_unit_test(an_ocsp_response_comes_along),
        cmocka_unit_test(bare_certificates_are_read),
        cmocka_unit_test(other_files_are_told_apart),
        cmocka_unit_test(cut_and_changed_files_are_refused),
        cmocka_unit_test(a_key_that_only_looks_right_is_refused),
        cmocka_unit_test(a_friendly_name_is_read),
        cmocka_unit_test(kinds_of_keys_we_do_not_serve_are_named),
        cmocka_unit_test(a_curve_without_its_name_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
