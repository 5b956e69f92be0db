/* SPDX-License-Identifier: Apache-2.0 */
/* TLSA records against chains made for the purpose, and against a handshake. */
#include "unit/tls/forge.h"
#include "unit/tls/pair.h"

#include "tls/dane.h"

static struct arena arena;
static struct forged root, issuer, leaf, old_leaf, other, lone;

/* What a record can speak of. */
enum what { NONE, LEAF, ISSUER, ROOT, OTHER, LONE, OLD };
enum chain { FULL, EXPIRED, ALONE, EMPTY, NOISE };

static const struct forged *forged_of(enum what what)
{
    static const struct forged *const all[] = {NULL,   &leaf, &issuer,  &root,
                                               &other, &lone, &old_leaf};
    return all[what];
}

static int set_up(void **state)
{
    (void)state;
    arena = arena_with_ceiling(1024 * 1024);
    assert_int_equal(tls_library_start(), 0);
    remote_key_set_signer(vault_sign, NULL);
    root = forge(&arena, (struct forge){.common_name = "Root", .extensions = FORGE_CA});
    issuer = forge(
        &arena, (struct forge){.common_name = "Issuer", .issuer = &root, .extensions = FORGE_CA});
    leaf =
        forge(&arena, (struct forge){.common_name = "leaf",
                                     .issuer = &issuer,
                                     .extensions = {{NID_subject_alt_name,
                                                     "DNS:mail.example.org,DNS:*.wild.example"}}});
    old_leaf = forge(
        &arena, (struct forge){.common_name = "old",
                               .issuer = &issuer,
                               .days_from = -90,
                               .days_to = -60,
                               .extensions = {{NID_subject_alt_name, "DNS:mail.example.org"}}});
    other = forge(&arena, (struct forge){.common_name = "Other", .extensions = FORGE_CA});
    lone = forge(&arena, (struct forge){.common_name = "lone", .days_from = -90, .days_to = -60});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    struct forged *all[] = {&root, &issuer, &leaf, &old_leaf, &other, &lone};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        forged_free(all[i]);
    vault_forget();
    arena_deinit(&arena);
    return 0;
}

/* The data of a record: whole or key, itself or a digest. */
static struct slice association(const struct forged *of, uint8_t selector, uint8_t matching)
{
    unsigned char *der = NULL, hash[EVP_MAX_MD_SIZE];
    unsigned hash_len = 0;
    struct slice data;
    int len = selector ? i2d_PUBKEY(of->key, &der) : i2d_X509(of->x509, &der);
    assert_true(len > 0);
    struct slice whole = slice_bytes(der, (size_t)len);
    if (matching) {
        const EVP_MD *digest = matching == 2 ? EVP_sha512() : EVP_sha256();
        assert_int_equal(EVP_Digest(whole.at, whole.len, hash, &hash_len, digest, NULL), 1);
        whole = slice_bytes(hash, hash_len);
    }
    assert_true(arena_copy(&arena, whole, &data));
    OPENSSL_free(der);
    return data;
}

/* clang-format off */
static const struct row {
    const char *name;
    uint8_t usage, selector, matching;
    enum what of;
    enum chain chain;
    const char *peer;
    enum dane_outcome expected;
    int depth;
} rows[] = {
    {"3 0 0",                          3, 0, 0, LEAF,   FULL,    "mail.example.org", DANE_MATCH, 0},
    {"3 0 1",                          3, 0, 1, LEAF,   FULL,    "mail.example.org", DANE_MATCH, 0},
    {"3 0 2",                          3, 0, 2, LEAF,   FULL,    "mail.example.org", DANE_MATCH, 0},
    {"3 1 0",                          3, 1, 0, LEAF,   FULL,    "mail.example.org", DANE_MATCH, 0},
    {"3 1 1",                          3, 1, 1, LEAF,   FULL,    "mail.example.org", DANE_MATCH, 0},
    {"3 1 2",                          3, 1, 2, LEAF,   FULL,    "mail.example.org", DANE_MATCH, 0},
    {"own certificate, other name",    3, 1, 1, LEAF,   FULL,    "other.example",    DANE_MATCH, 0},
    {"own certificate, expired",       3, 1, 1, OLD,    EXPIRED, "mail.example.org", DANE_MATCH, 0},
    {"self-signed, expired, nameless", 3, 0, 1, LONE,   ALONE,   "mail.example.org", DANE_MATCH, 0},
    {"another's key",                  3, 1, 1, OTHER,  FULL,    "mail.example.org", DANE_NO_MATCH, 0},
    {"3 about the issuer",             3, 1, 1, ISSUER, FULL,    "mail.example.org", DANE_NO_MATCH, 0},
    {"2 0 0",                          2, 0, 0, ISSUER, FULL,    "mail.example.org", DANE_MATCH, 1},
    {"2 0 1",                          2, 0, 1, ISSUER, FULL,    "mail.example.org", DANE_MATCH, 1},
    {"2 1 1",                          2, 1, 1, ISSUER, FULL,    "mail.example.org", DANE_MATCH, 1},
    {"2 1 2 of the root",              2, 1, 2, ROOT,   FULL,    "mail.example.org", DANE_MATCH, 2},
    {"2, wildcard",                    2, 1, 1, ISSUER, FULL,    "a.wild.example",   DANE_MATCH, 1},
    {"2, other name",                  2, 1, 1, ISSUER, FULL,    "other.example",    DANE_NAME, 0},
    {"2, expired",                     2, 1, 1, ISSUER, EXPIRED, "mail.example.org", DANE_CHAIN, 0},
    {"2, another authority",           2, 1, 1, OTHER,  FULL,    "mail.example.org", DANE_NO_MATCH, 0},
    {"2 about the leaf",               2, 1, 1, LEAF,   FULL,    "mail.example.org", DANE_NO_MATCH, 0},
    {"2 about a lone certificate",     2, 0, 1, LONE,   ALONE,   "lone",             DANE_NO_MATCH, 0},
    {"0 is of no use",                 0, 1, 1, ISSUER, FULL,    "mail.example.org", DANE_NO_USABLE, 0},
    {"1 is of no use",                 1, 1, 1, LEAF,   FULL,    "mail.example.org", DANE_NO_USABLE, 0},
    {"4 is unknown",                   4, 1, 1, LEAF,   FULL,    "mail.example.org", DANE_NO_USABLE, 0},
    {"no records",                     3, 1, 1, NONE,   FULL,    "mail.example.org", DANE_NO_USABLE, 0},
    {"no certificate",                 3, 1, 1, LEAF,   EMPTY,   "mail.example.org", DANE_NO_CERTIFICATE, 0},
    {"noise for a certificate",        3, 1, 1, LEAF,   NOISE,   "mail.example.org", DANE_NO_CERTIFICATE, 0},
};
/* clang-format on */

static size_t chain_of(enum chain chain, struct slice out[3])
{
    out[0] = chain == FULL      ? leaf.der
             : chain == EXPIRED ? old_leaf.der
             : chain == ALONE   ? lone.der
                                : SLICE("noise");
    out[1] = issuer.der;
    out[2] = root.der;
    return chain == EMPTY ? 0 : chain == FULL || chain == EXPIRED ? 3 : 1;
}

static void records_are_matched(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct row *row = &rows[i];
        struct dane_record record = {row->usage, row->selector, row->matching, {0}};
        if (row->of != NONE)
            record.data = association(forged_of(row->of), row->selector, row->matching);
        struct slice name = slice_of(row->peer), chain[3];
        struct dane_question question = {&record, row->of != NONE, &name, 1};
        struct dane_verdict verdict;
        size_t count = chain_of(row->chain, chain);
        dane_judge(&question, chain, count, forge_now_ms, &verdict);
        row_expect(row->name, "outcome", verdict.outcome, row->expected);
        row_expect(row->name, "depth", verdict.depth, row->depth);
        if (row->expected == DANE_MATCH)
            row_expect(row->name, "usage", verdict.usage, row->usage);
    }
}

static void what_cannot_be_used_is_known(void **state)
{
    static const char bytes[64];
    /* clang-format off */
    static const struct {
        const char *name;
        struct dane_record record;
        bool usable;
    } cases[] = {
        {"a digest",            {3, 1, 1, {bytes, 32}}, true},
        {"a longer digest",     {2, 0, 2, {bytes, 64}}, true},
        {"a digest cut short",  {3, 1, 1, {bytes, 31}}, false},
        {"a digest too long",   {3, 1, 1, {bytes, 33}}, false},
        {"SHA-512 cut short",   {3, 1, 2, {bytes, 32}}, false},
        {"another digest",      {3, 1, 3, {bytes, 32}}, false},
        {"another selector",    {3, 2, 1, {bytes, 32}}, false},
        {"private use",         {255, 1, 1, {bytes, 32}}, false},
        {"nothing",             {3, 0, 0, {bytes, 0}}, false},
    };
    /* clang-format on */
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        row_expect(cases[i].name, "usable", dane_usable(&cases[i].record), cases[i].usable);
}

/* One that fits is enough; those of no use do no harm; either name will do. */
static void one_that_fits_is_enough(void **state)
{
    struct slice chain[3];
    size_t count = chain_of(FULL, chain);
    struct slice names[] = {SLICE("mx.elsewhere.example"), SLICE("mail.example.org")};
    struct dane_record records[] = {{0, 1, 1, association(&leaf, 1, 1)},
                                    {3, 1, 1, association(&other, 1, 1)},
                                    {3, 0, 0, SLICE("no certificate")},
                                    {2, 1, 1, association(&root, 1, 1)}};
    struct dane_question question = {records, COUNT_OF(records), names, COUNT_OF(names)};
    struct dane_verdict verdict;
    char storage[256];
    struct text line = text_over(storage, sizeof storage);
    (void)state;
    dane_judge(&question, chain, count, forge_now_ms, &verdict);
    assert_int_equal(verdict.outcome, DANE_MATCH);
    assert_int_equal(verdict.usable, 2);
    assert_true(dane_explain(&verdict, &line));
    row_expect_slice("sentence", text_slice(&line),
                     SLICE("TLSA record 2 1 1 fits the authority of the server's certificate"));
    question.name_count = 1;
    dane_judge(&question, chain, count, forge_now_ms, &verdict);
    assert_int_equal(verdict.outcome, DANE_NAME);
}

static void a_handshake_is_judged(void **state)
{
    (void)state;
    struct identity identity = identity_make(&arena, MAKE_KEY_P256, "mail.example.org");
    struct tls_context *client = client_context((struct tls_client_settings){0});
    struct tls_context *server =
        server_context(&identity, vault_take(identity.key), (struct tls_context_settings){0});
    struct pair pair = pair_of(client, server);
    tls_context_unref(client);
    tls_context_unref(server);
    struct forged seen = {.key = identity.key};
    struct dane_record record = {3, 1, 1, association(&seen, 1, 1)};
    struct slice name = SLICE("mail.example.org");
    struct dane_question question = {&record, 1, &name, 1};
    struct dane_verdict verdict;
    assert_true(tls_engine_expect(pair.client, name));
    assert_int_equal(pair_meet(&pair).client, TLS_OK);
    tls_engine_dane_verdict(pair.client, &question, test_now_ms, &verdict);
    assert_int_equal(verdict.outcome, DANE_MATCH);
    record.data = association(&leaf, 1, 1);
    tls_engine_dane_verdict(pair.client, &question, test_now_ms, &verdict);
    assert_int_equal(verdict.outcome, DANE_NO_MATCH);
    pair_free(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_matched),
        cmocka_unit_test(what_cannot_be_used_is_known),
        cmocka_unit_test(one_that_fits_is_enough),
        cmocka_unit_test(a_handshake_is_judged),
    };
    return cmocka_run_group_tests_name("tls/dane", tests, set_up, tear_down);
}
