/* SPDX-License-Identifier: Apache-2.0 */
/* Handshakes with keys that live elsewhere: every kind of key, TLS 1.2 and 1.3. */
#include "unit/tls/forge.h"
#include "unit/tls/pair.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

static struct arena arena;

/* What tls/make does not make: a certificate of an RSA-PSS key. */
static struct identity pss_identity(const EVP_MD *only) /* NULL: any digest */
{
    struct identity identity = {0};
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
    assert_true(context && EVP_PKEY_keygen_init(context) > 0 &&
                EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048) > 0 &&
                (!only || (EVP_PKEY_CTX_set_rsa_pss_keygen_md(context, only) > 0 &&
                           EVP_PKEY_CTX_set_rsa_pss_keygen_mgf1_md(context, only) > 0)) &&
                EVP_PKEY_generate(context, &identity.key) > 0);
    EVP_PKEY_CTX_free(context);
    X509 *certificate = X509_new();
    assert_true(X509_set_version(certificate, 2) == 1 &&
                ASN1_INTEGER_set(X509_get_serialNumber(certificate), 7) == 1 &&
                X509_set_pubkey(certificate, identity.key) == 1 &&
                ASN1_TIME_set(X509_getm_notBefore(certificate), 1767225600) &&
                ASN1_TIME_set(X509_getm_notAfter(certificate), 1798761600) &&
                X509_sign(certificate, identity.key, only ? only : EVP_sha256()) > 0);
    unsigned char *der = NULL;
    int len = i2d_X509(certificate, &der);
    assert_true(arena_copy(&arena, slice_bytes(der, (size_t)len), &identity.certificate));
    OPENSSL_free(der);
    X509_free(certificate);
    return identity;
}

enum { IDENTITIES = 7 };
static struct identity identities[IDENTITIES];

/* clang-format off */
static const struct handshake_row {
    const char *row;
    size_t identity;
    uint16_t version;
    const char *signature;
    uint32_t scheme;
} handshakes[] = {
    {"RSA-2048, 1.3", 0, TLS_1_3, "RSA-PSS", SIGNATURE_RSA_PSS_SHA256},
    {"RSA-2048, 1.2", 0, TLS_1_2, "RSA-PSS", SIGNATURE_RSA_PSS_SHA256},
    {"P-256, 1.3",    1, TLS_1_3, "ECDSA",   SIGNATURE_ECDSA_SHA256},
    {"P-256, 1.2",    1, TLS_1_2, "ECDSA",   SIGNATURE_ECDSA_SHA256},
    {"P-384, 1.3",    2, TLS_1_3, "ECDSA",   SIGNATURE_ECDSA_SHA384},
    {"P-384, 1.2",    2, TLS_1_2, "ECDSA",   SIGNATURE_ECDSA_SHA256},
    {"Ed25519, 1.3",  3, TLS_1_3, "ED25519", SIGNATURE_ED25519},
    {"Ed25519, 1.2",  3, TLS_1_2, "ED25519", SIGNATURE_ED25519},
    {"RSA-PSS, 1.3",  4, TLS_1_3, "RSA-PSS", SIGNATURE_RSA_PSS_SHA256},
    {"RSA-PSS, 1.2",  4, TLS_1_2, "RSA-PSS", SIGNATURE_RSA_PSS_SHA256},
    {"RSA-PSS bound to SHA-512, 1.3", 6, TLS_1_3, "RSA-PSS", SIGNATURE_RSA_PSS_SHA512},
    {"RSA-PSS bound to SHA-512, 1.2", 6, TLS_1_2, "RSA-PSS", SIGNATURE_RSA_PSS_SHA512},
};
/* clang-format on */

static int set_up(void **state)
{
    (void)state;
    arena = arena_with_ceiling(1024 * 1024);
    assert_int_equal(tls_library_start(), 0);
    assert_int_equal(tls_library_start(), 0);
    remote_key_set_signer(vault_sign, NULL);
    identities[0] = identity_make(&arena, MAKE_KEY_RSA_2048, "mail.example.org");
    identities[1] = identity_make(&arena, MAKE_KEY_P256, "mail.example.org");
    identities[2] = identity_make(&arena, MAKE_KEY_P384, "mail.example.org");
    identities[3] = identity_make(&arena, MAKE_KEY_ED25519, "mail.example.org");
    identities[4] = pss_identity(NULL);
    identities[5] = identity_make(&arena, MAKE_KEY_P256, "other.example.org");
    identities[6] = pss_identity(EVP_sha512());
    for (size_t i = 0; i < IDENTITIES; i++)
        vault_take(identities[i].key);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    vault_forget();
    arena_deinit(&arena);
    return 0;
}

static struct pair pair_for(size_t identity, uint16_t version, bool client_certificate)
{
    struct tls_context_settings server = {.min_version = version,
                                          .max_version = version,
                                          .ask_client_certificate = client_certificate};
    struct tls_client_settings client = {.min_version = version};
    if (client_certificate) {
        client.chain = &identities[5].certificate;
        client.chain_count = 1;
        client.local_key = identities[5].pkcs8;
    }
    struct tls_context *a = client_context(client);
    struct tls_context *b = server_context(&identities[identity], identity, server);
    struct pair pair = pair_of(a, b);
    tls_context_unref(a);
    tls_context_unref(b);
    return pair;
}

static void expect_peer(const char *row, struct tls_engine *engine, struct slice expected)
{
    CLEANUP(text_deinit) struct text der = text_with_ceiling(65536);
    row_expect(row, "peer certificate", tls_engine_peer_certificate(engine, 0, &der),
               expected.len != 0);
    row_expect(row, "its bytes", slice_equal(text_slice(&der), expected), true);
    row_expect(row, "one more", tls_engine_peer_certificate(engine, 1, &der), false);
}

static void run(const struct handshake_row *h, bool client_certificate)
{
    struct pair pair = pair_for(h->identity, h->version, client_certificate);
    assert_true(tls_engine_expect(pair.client, SLICE("Mail.Example.org")));
    vault.calls = 0;
    struct met met = pair_meet(&pair);
    row_expect(h->row, "client", (long long)met.client, TLS_OK);
    row_expect(h->row, "server", (long long)met.server, TLS_OK);
    row_expect(h->row, "signatures asked for", vault.calls, 1);
    row_expect(h->row, "scheme", vault.scheme, h->scheme);
    row_expect_slice(h->row, tls_engine_signature(pair.client), slice_of(h->signature));
    row_expect_slice(h->row, tls_engine_version(pair.server),
                     h->version == TLS_1_3 ? SLICE("TLS1.3") : SLICE("TLS1.2"));
    row_expect_slice(h->row, tls_engine_group(pair.server), SLICE("X25519"));
    bool asked;
    row_expect_slice(h->row, tls_engine_server_name(pair.server, &asked),
                     SLICE("mail.example.org"));
    row_expect(h->row, "asked for a name", asked, true);
    row_expect(h->row, "bits", tls_engine_cipher_bits(pair.server), 256);
    row_expect(h->row, "resumed", tls_engine_resumed(pair.server), false);
    row_expect(h->row, "a certificate asked for", tls_engine_certificate_asked(pair.client),
               client_certificate);
    expect_peer(h->row, pair.client, identities[h->identity].certificate);
    expect_peer(h->row, pair.server,
                client_certificate ? identities[5].certificate : (struct slice){0});
    pair_say(pair.client, pair.server, SLICE("EHLO client\r\n"));
    pair_say(pair.server, pair.client, SLICE("250 server\r\n"));
    pair_free(&pair);
}

static void every_kind_of_key_shakes_hands(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(handshakes); i++)
        run(&handshakes[i], false);
}

/* The server's key is at hand, the client's is in the vault. */
static void prove(const struct handshake_row *h)
{
    const struct identity *shown = &identities[h->identity];
    struct tls_context_settings settings = {.chain = &identities[5].certificate,
                                            .chain_count = 1,
                                            .local_key = identities[5].pkcs8,
                                            .ask_client_certificate = true};
    struct tls_context *server = NULL;
    struct tls_context *client =
        client_context((struct tls_client_settings){.max_version = h->version,
                                                    .chain = &shown->certificate,
                                                    .chain_count = 1,
                                                    .key_handle = h->identity});
    assert_int_equal(tls_context_new_server(&settings, &server), TLS_CONTEXT_OK);
    struct pair pair = pair_of(client, server);
    vault.calls = 0;
    struct met met = pair_meet(&pair);
    row_expect(h->row, "client", (long long)met.client, TLS_OK);
    row_expect(h->row, "server", (long long)met.server, TLS_OK);
    row_expect(h->row, "signatures asked for", vault.calls, 1);
    row_expect(h->row, "longer than of TLS 1.3", vault.len > 146, h->version == TLS_1_2);
    expect_peer(h->row, pair.server, shown->certificate);
    pair_say(pair.client, pair.server, SLICE("EHLO client\r\n"));
    pair_free(&pair);
    tls_context_unref(client);
    tls_context_unref(server);
}

static void a_client_proves_every_kind_of_remote_key(void **state)
{
    (void)state;
    vault.side = SIGNER_CLIENT;
    for (size_t i = 0; i < COUNT_OF(handshakes); i++) {
        const struct handshake_row *h = &handshakes[i];
        if (h->identity != 2 || h->version != TLS_1_2) /* P-384 is none of our server's groups */
            prove(h);
    }
    vault.side = SIGNER_SERVER;
}

static void every_kind_of_key_shakes_hands_with_a_client_certificate(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(handshakes); i++)
        run(&handshakes[i], true);
}

static void sizes_to_be_signed_are_what_the_signer_knows(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        uint16_t version;
        size_t len;
    } rows[] = {{"1.3", TLS_1_3, 146}, {"1.2", TLS_1_2, 100}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct pair pair = pair_for(1, rows[i].version, false);
        row_expect(rows[i].row, "done", (long long)pair_meet(&pair).server, TLS_OK);
        row_expect(rows[i].row, "bytes", (long long)vault.len, (long long)rows[i].len);
        pair_free(&pair);
    }
}

static void a_remote_key_is_a_key_without_a_private_part(void **state)
{
    (void)state;
    for (size_t i = 0; i < IDENTITIES; i++) {
        CLEANUP(text_deinit) struct text spki = text_with_ceiling(4096);
        unsigned char out[64], digest[32] = {0}, *der = NULL;
        size_t len = sizeof out;
        EVP_PKEY *remote;
        assert_true(signer_key_spki(identities[i].key, &spki));
        assert_int_equal(remote_key_new(i, text_slice(&spki), &remote), 0);
        assert_int_equal(EVP_PKEY_eq(remote, identities[i].key), 1);
        assert_int_equal(EVP_PKEY_eq(identities[i].key, remote), 1);
        assert_int_equal(EVP_PKEY_get_bits(remote), EVP_PKEY_get_bits(identities[i].key));
        assert_true(i2d_PrivateKey(remote, NULL) <= 0);
        assert_true(i2d_PUBKEY(remote, &der) > 0);
        OPENSSL_free(der);
        /* nobody signs a naked digest */
        EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(remote, NULL);
        assert_true(EVP_PKEY_sign_init(context) <= 0 ||
                    EVP_PKEY_sign(context, out, &len, digest, sizeof digest) <= 0);
        EVP_PKEY_CTX_free(context);
        EVP_PKEY_free(remote);
    }
    EVP_PKEY *none;
    assert_int_equal(remote_key_new(1, SLICE("no key"), &none), -EINVAL);
    assert_int_equal(remote_key_new(1, SLICE(""), &none), -EINVAL);
}

/* Were it exported without its private part, OpenSSL would sign with that copy, and fail. */
static void only_the_public_part_is_exported(void **state)
{
    (void)state;
    for (size_t i = 0; i < IDENTITIES; i++) {
        CLEANUP(text_deinit) struct text spki = text_with_ceiling(4096);
        EVP_PKEY *remote;
        OSSL_PARAM *params = NULL;
        assert_true(signer_key_spki(identities[i].key, &spki));
        assert_int_equal(remote_key_new(i, text_slice(&spki), &remote), 0);
        assert_int_equal(EVP_PKEY_todata(remote, EVP_PKEY_KEYPAIR, &params), 0);
        assert_null(params);
        assert_int_equal(EVP_PKEY_todata(remote, EVP_PKEY_PUBLIC_KEY, &params), 1);
        OSSL_PARAM_free(params);
        char digest[32];
        assert_true(EVP_PKEY_get_default_digest_name(remote, digest, sizeof digest) > 0);
        int size;
        assert_int_equal(EVP_PKEY_get_int_param(remote, OSSL_PKEY_PARAM_MAX_SIZE, &size), 1);
        assert_int_equal(size, EVP_PKEY_get_size(identities[i].key));
        EVP_PKEY_free(remote);
    }
}

static void a_client_judges_what_it_was_sent(void **state)
{
    (void)state;
    struct forged root =
        forge(&arena, (struct forge){.common_name = "Root", .extensions = FORGE_CA});
    struct forged middle = forge(
        &arena, (struct forge){.common_name = "Middle", .issuer = &root, .extensions = FORGE_CA});
    struct forged leaf =
        forge(&arena, (struct forge){.common_name = "mail.example.org", .issuer = &middle});
    struct slice chain[] = {leaf.der, middle.der, root.der};
    struct tls_trust *trust = tls_trust_new();
    assert_true(tls_trust_add(trust, root.der));
    assert_int_equal(EVP_PKEY_up_ref(leaf.key), 1);
    struct tls_context_settings settings = {
        .chain = chain, .chain_count = 3, .key_handle = vault_take(leaf.key)};
    struct tls_context *server,
        *client = client_context((struct tls_client_settings){.trust = trust});
    assert_int_equal(tls_context_new_server(&settings, &server), TLS_CONTEXT_OK);
    static const char *const names[] = {"mail.example.org", "other.example.org"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        CLEANUP(text_deinit) struct text der = text_with_ceiling(65536);
        struct verdict verdict;
        struct pair pair = pair_of(client, server);
        assert_true(tls_engine_expect(pair.client, slice_of(names[i])));
        assert_int_equal(pair_meet(&pair).client, TLS_OK);
        tls_engine_verdict(pair.client, test_now_ms, &verdict);
        assert_int_equal(verdict.mask, i ? 1u << VERIFY_NAME_MISMATCH : 0);
        assert_true(tls_engine_peer_certificate(pair.client, 1, &der));
        assert_false(
            tls_engine_peer_certificate(pair.client, 2, &der)); /* the root stays at home */
        tls_engine_verdict(pair.server, test_now_ms, &verdict);
        assert_true(verdict_has(&verdict, VERIFY_NO_CERTIFICATE));
        pair_free(&pair);
    }
    tls_context_unref(server);
    tls_context_unref(client);
    tls_trust_free(trust);
    forged_free(&leaf);
    forged_free(&middle);
    forged_free(&root);
}

/* STARTTLS is not withdrawn for it: who minds is the client. */
static void a_weak_certificate_is_shown(void **state)
{
    (void)state;
    struct forged root =
        forge(&arena, (struct forge){.common_name = "Root", .extensions = FORGE_CA});
    const struct forge plans[] = {
        {.common_name = "mail.example.org", .rsa_bits = 1024},
        {.common_name = "mail.example.org", .issuer = &root, .rsa_bits = 2048, .digest = "SHA1"},
    };
    for (size_t i = 0; i < COUNT_OF(plans); i++)
        for (uint16_t version = TLS_1_2; version <= TLS_1_3; version++) {
            struct forged weak = forge(&arena, plans[i]);
            struct identity identity = {.certificate = weak.der};
            struct tls_context_settings settings = {.min_version = version, .max_version = version};
            struct tls_context *client = client_context((struct tls_client_settings){0});
            struct tls_context *server = server_context(&identity, vault_take(weak.key), settings);
            struct pair pair = pair_of(client, server);
            struct met met = pair_meet(&pair);
            row_expect(plans[i].digest ? "SHA-1" : "1024 bits", "server", (long long)met.server,
                       TLS_OK);
            expect_peer("weak", pair.client, weak.der);
            pair_free(&pair);
            tls_context_unref(client);
            tls_context_unref(server);
            X509_free(weak.x509); /* the key is the vault's now */
        }
    forged_free(&root);
}

static void a_refused_signature_is_alert_80(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct pair pair = pair_for(1, i ? TLS_1_3 : TLS_1_2, false);
        vault.dead = true;
        struct met met = pair_meet(&pair);
        vault.dead = false;
        assert_int_equal(met.server, TLS_FAILED);
        assert_int_equal(met.client, TLS_FAILED);
        assert_int_equal(tls_engine_alert_received(pair.client), 80);
        assert_int_equal(tls_engine_alert_sent(pair.server), 80);
        CLEANUP(text_deinit) struct text reason = text_with_ceiling(256);
        tls_engine_failure(pair.client, &reason);
        assert_true(slice_contains(text_slice(&reason), SLICE("peer sent alert 80")));
        pair_free(&pair);
        pair = pair_for(1, i ? TLS_1_3 : TLS_1_2, false);
        assert_int_equal(pair_meet(&pair).server, TLS_OK); /* the next one is good again */
        pair_free(&pair);
    }
}

static void contexts_are_refused_with_a_reason(void **state)
{
    (void)state;
    struct slice damaged = slice_first(identities[1].certificate, 100);
    const struct {
        const char *row;
        struct slice certificate, local_key;
        struct slice spki;
        uint16_t min, max;
        int outcome;
    } rows[] = {
        {"fine", identities[1].certificate, {0}, {0}, 0, 0, TLS_CONTEXT_OK},
        {"local key", identities[1].certificate, identities[1].pkcs8, {0}, 0, 0, TLS_CONTEXT_OK},
        {"key of the same kind",
         identities[1].certificate,
         identities[5].pkcs8,
         {0},
         0,
         0,
         TLS_CONTEXT_KEY_MISMATCH},
        {"key of another kind",
         identities[1].certificate,
         identities[0].pkcs8,
         {0},
         0,
         0,
         TLS_CONTEXT_KEY_MISMATCH},
        {"damaged certificate", damaged, {0}, {0}, 0, 0, TLS_CONTEXT_BAD_CERTIFICATE},
        {"damaged key", identities[1].certificate, SLICE("key"), {0}, 0, 0, TLS_CONTEXT_BAD_KEY},
        {"damaged public key",
         identities[1].certificate,
         {0},
         SLICE("key"),
         0,
         0,
         TLS_CONTEXT_BAD_KEY},
        {"versions out of order",
         identities[1].certificate,
         {0},
         {0},
         TLS_1_3,
         TLS_1_2,
         TLS_CONTEXT_BAD_POLICY},
        {"no such version", identities[1].certificate, {0}, {0}, 0x0300, 0, TLS_CONTEXT_BAD_POLICY},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct tls_context_settings settings = {.chain = &rows[i].certificate,
                                                .chain_count = 1,
                                                .key_handle = 1,
                                                .local_key = rows[i].local_key,
                                                .spki = rows[i].spki,
                                                .min_version = rows[i].min,
                                                .max_version = rows[i].max};
        struct tls_context *context;
        row_expect(rows[i].row, "outcome", tls_context_new_server(&settings, &context),
                   rows[i].outcome);
        row_expect(rows[i].row, "made", context != NULL, rows[i].outcome == TLS_CONTEXT_OK);
        tls_context_unref(context);
    }
}

static void another_certificates_remote_key_is_found_out(void **state)
{
    (void)state;
    CLEANUP(text_deinit) struct text spki = text_with_ceiling(4096);
    assert_true(signer_key_spki(identities[5].key, &spki));
    struct tls_context_settings settings = {
        .chain = &identities[1].certificate, .chain_count = 1, .spki = text_slice(&spki)};
    struct tls_context *context;
    assert_int_equal(tls_context_new_server(&settings, &context), TLS_CONTEXT_KEY_MISMATCH);
}

static void old_versions_only_where_somebody_insists(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        size_t identity = i; /* RSA, P-256 */
        struct tls_client_settings client = {.min_version = TLS_1_0, .max_version = TLS_1_0};
        struct tls_context_settings old = {.min_version = TLS_1_0}, usual = {0};
        struct tls_context *a = client_context(client);
        struct tls_context *b = server_context(&identities[identity], identity, old);
        struct tls_context *c = server_context(&identities[identity], identity, usual);
        struct pair pair = pair_of(a, b);
        assert_int_equal(pair_meet(&pair).server, TLS_OK);
        row_expect_slice("1.0", tls_engine_version(pair.client), SLICE("TLS1.0"));
        pair_free(&pair);
        pair = pair_of(a, c);
        assert_int_equal(pair_meet(&pair).server, TLS_FAILED);
        assert_int_equal(tls_engine_alert_received(pair.client), 70);
        pair_free(&pair);
        tls_context_unref(a);
        tls_context_unref(b);
        tls_context_unref(c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_key_shakes_hands),
        cmocka_unit_test(every_kind_of_key_shakes_hands_with_a_client_certificate),
        cmocka_unit_test(a_client_proves_every_kind_of_remote_key),
        cmocka_unit_test(sizes_to_be_signed_are_what_the_signer_knows),
        cmocka_unit_test(a_remote_key_is_a_key_without_a_private_part),
        cmocka_unit_test(only_the_public_part_is_exported),
        cmocka_unit_test(a_client_judges_what_it_was_sent),
        cmocka_unit_test(a_weak_certificate_is_shown),
        cmocka_unit_test(a_refused_signature_is_alert_80),
        cmocka_unit_test(contexts_are_refused_with_a_reason),
        cmocka_unit_test(another_certificates_remote_key_is_found_out),
        cmocka_unit_test(old_versions_only_where_somebody_insists),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
