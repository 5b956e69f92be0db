/* SPDX-License-Identifier: Apache-2.0 */
/* What is made, what is read of it, and what a client would say. */
#include "base/hex.h"
#include "base/pem.h"
#include "support/rows.h"
#include "tls/certificate_facts.h"
#include "tls/chain.h"
#include "tls/distinguished_name.h"
#include "tls/library.h"
#include "tls/make.h"
#include "tls/signer.h"
#include "tls/verify.h"
#include "unit/tls/forge.h"

#include <errno.h>

static const int64_t day_ms = 86400000;
static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_with_ceiling(4 * 1024 * 1024);
    return tls_library_start();
}

static int tear_down(void **state)
{
    (void)state;
    arena_deinit(&arena);
    return 0;
}

static struct certificate_facts facts_of(struct slice der)
{
    struct certificate_facts facts;
    assert_int_equal(certificate_facts_read(der, NULL, 0, &arena, &facts), CERTIFICATE_OK);
    return facts;
}

static struct make_settings settings_for(enum make_key key, const struct slice *names, size_t count)
{
    return (struct make_settings){.key = key,
                                  .common_name = SLICE("mail.example.org"),
                                  .organization = SLICE("Contoso, Ltd."),
                                  .names = names,
                                  .name_count = count,
                                  .days = 90,
                                  .now_ms = forge_now_ms};
}

static void a_made_certificate_says_what_was_asked(void **state)
{
    (void)state;
    static const struct {
        enum make_key key;
        enum key_kind kind;
        const char *name;
        int bits;
        const char *algorithm;
    } rows[] = {
        {MAKE_KEY_P256, KEY_P256, "ECDSA_P256", 256, "sha256ECDSA"},
        {MAKE_KEY_P384, KEY_P384, "ECDSA_P384", 384, "sha384ECDSA"},
        {MAKE_KEY_RSA_2048, KEY_RSA, "RSA", 2048, "sha256RSA"},
        {MAKE_KEY_RSA_4096, KEY_RSA, "RSA", 4096, "sha256RSA"},
        {MAKE_KEY_ED25519, KEY_ED25519, "ED25519", 256, "Ed25519"},
    };
    static const struct slice names[] = {SLICE_INIT("Mail.example.org"),
                                         SLICE_INIT("*.example.org"), SLICE_INIT("192.0.2.1"),
                                         SLICE_INIT("2001:db8::1")};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct make_settings settings = settings_for(rows[i].key, names, COUNT_OF(names));
        struct made made;
        row_expect(rows[i].name, "made", make_self_signed(&settings, &arena, &made), 0);
        struct certificate_facts facts = facts_of(made.certificate);
        row_expect(rows[i].name, "kind", facts.key_kind, rows[i].kind);
        row_expect(rows[i].name, "bits", facts.key_bits, rows[i].bits);
        row_expect_slice(rows[i].name, slice_of(key_kind_name(facts.key_kind)),
                         slice_of(rows[i].name));
        row_expect_slice(rows[i].name, facts.signature_algorithm, slice_of(rows[i].algorithm));
        row_expect_slice(rows[i].name, facts.subject,
                         SLICE("CN=mail.example.org, O=\"Contoso, Ltd.\""));
        row_expect_slice(rows[i].name, facts.issuer, facts.subject);
        row_expect(rows[i].name, "self-signed", facts.self_signed, true);
        row_expect(rows[i].name, "authority", facts.is_ca, false);
        row_expect(rows[i].name, "for servers", facts.server_auth, true);
        row_expect(rows[i].name, "version", facts.version, 3);
        row_expect(rows[i].name, "from", facts.not_before_ms, forge_now_ms - 3600000);
        row_expect(rows[i].name, "to", facts.not_after_ms, forge_now_ms + 90 * day_ms);
        row_expect(rows[i].name, "names", (long long)facts.dns_name_count, 2);
        row_expect_slice(rows[i].name, facts.dns_names[0], SLICE("mail.example.org"));
        row_expect_slice(rows[i].name, facts.dns_names[1], SLICE("*.example.org"));
        row_expect(rows[i].name, "addresses", (long long)facts.ip_name_count, 2);
        row_expect(rows[i].name, "dropped", facts.names_dropped, false);
        row_expect(rows[i].name, "serial", (long long)facts.serial.len, 32);
        made_wipe(&made);
    }
}

static void hashes_and_serial_are_those_of_the_bytes(void **state)
{
    (void)state;
    struct forged forged = forge(&arena, (struct forge){.common_name = "a.example"});
    struct certificate_facts facts = facts_of(forged.der);
    unsigned char sha1[20], sha256[32];
    assert_int_equal(EVP_Digest(forged.der.at, forged.der.len, sha1, NULL, EVP_sha1(), NULL), 1);
    assert_int_equal(EVP_Digest(forged.der.at, forged.der.len, sha256, NULL, EVP_sha256(), NULL),
                     1);
    assert_memory_equal(facts.thumbprint, sha1, sizeof sha1);
    assert_memory_equal(facts.sha256, sha256, sizeof sha256);
    assert_true(facts.serial.len == 4 && slice_starts(facts.serial, SLICE("03"))); /* 1000... */
    CLEANUP(text_deinit) struct text spki = text_with_ceiling(1000);
    assert_true(signer_key_spki(forged.key, &spki));
    row_expect_slice("spki", facts.spki, text_slice(&spki));
    forged_free(&forged);
}

/* Which names count, and which are dropped. */
/* clang-format off */
static const struct name_row {
    const char *row, *common_name;
    size_t common_name_len;
    const char *alternative; /* NULL: none */
    const char *names[3];
    size_t addresses;
    bool dropped;
} name_rows[] = {
    {"CN alone",             "Mail.Example.org", 0,  NULL,                         {"mail.example.org"}, 0, false},
    {"CN is a wildcard",     "*.example.org",    0,  NULL,                         {"*.example.org"},    0, false},
    {"CN is no host",        "Microsoft Exchange", 0, NULL,                        {0},                  0, false},
    {"CN is an address",     "192.0.2.1",        0,  NULL,                         {0},                  0, false},
    {"CN with NUL",          "good.test\0.evil.test", 20, NULL,                    {0},                  0, false},
    {"SAN beats CN",         "cn.example.org",   0,  "DNS:a.example,DNS:B.example", {"a.example", "b.example"}, 0, false},
    {"CN when SAN has no DNS", "cn.example.org", 0,  "IP:192.0.2.1",               {"cn.example.org"},   1, false},
    {"no CN when DNS is unfit", "cn.example.org", 0, "DNS:*",                      {0},                  0, true},
    {"unfit ones are dropped", "x",              0,  "DNS:*.*,DNS:a b,DNS:ok.example,DNS:f*.example", {"ok.example"}, 0, true},
    {"address as DNS",       "x",                0,  "DNS:192.0.2.1",              {0},                  0, true},
    {"other kinds",          "x",                0,  "email:a@b.example,URI:http://x/,IP:2001:db8::1", {"x"}, 1, false},
};
/* clang-format on */

static void names_are_read_as_whole_strings(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(name_rows); i++) {
        const struct name_row *r = &name_rows[i];
        struct forged forged =
            forge(&arena, (struct forge){.common_name = r->common_name,
                                         .common_name_len = r->common_name_len,
                                         .extensions = {{NID_subject_alt_name, r->alternative}}});
        struct certificate_facts facts = facts_of(forged.der);
        size_t count = 0;
        for (; count < COUNT_OF(r->names) && r->names[count]; count++)
            if (count < facts.dns_name_count)
                row_expect_slice(r->row, facts.dns_names[count], slice_of(r->names[count]));
        row_expect(r->row, "names", (long long)facts.dns_name_count, (long long)count);
        row_expect(r->row, "addresses", (long long)facts.ip_name_count, (long long)r->addresses);
        row_expect(r->row, "dropped", facts.names_dropped, r->dropped);
        forged_free(&forged);
    }
}

static void a_name_with_nul_in_san_is_dropped(void **state)
{
    (void)state;
    struct forged forged = forge(
        &arena, (struct forge){.common_name = "x",
                               .extensions = {{NID_subject_alt_name,
                                               "DER:30:0c:82:0a:67:6f:6f:64:2e:00:65:76:69:6c"}}});
    struct certificate_facts facts = facts_of(forged.der);
    assert_int_equal(facts.dns_name_count, 0);
    assert_true(facts.names_dropped);
    forged_free(&forged);
}

static void damaged_certificates_are_refused(void **state)
{
    (void)state;
    struct forged forged = forge(&arena, (struct forge){.common_name = "x"});
    struct certificate_facts facts;
    for (size_t len = 0; len < forged.der.len; len++)
        assert_int_equal(
            certificate_facts_read(slice_first(forged.der, len), NULL, 0, &arena, &facts),
            CERTIFICATE_DAMAGED);
    CLEANUP(text_deinit) struct text more = text_with_ceiling(10000);
    text_append(&more, forged.der);
    text_append_byte(&more, 0);
    assert_int_equal(certificate_facts_read(text_slice(&more), NULL, 0, &arena, &facts),
                     CERTIFICATE_DAMAGED);
    assert_int_equal(certificate_facts_read(slice_bytes(more.at, 200000), NULL, 0, &arena, &facts),
                     CERTIFICATE_TOO_LARGE);
    CLEANUP(arena_deinit) struct arena small = arena_with_ceiling(64);
    assert_int_equal(certificate_facts_read(forged.der, NULL, 0, &small, &facts), -ENOMEM);
    forged_free(&forged);
}

static void settings_out_of_range_make_nothing(void **state)
{
    (void)state;
    static const struct slice fine[] = {SLICE_INIT("a.example")};
    static const struct slice odd[] = {SLICE_INIT("a.example"), SLICE_INIT("email:copy")};
    static const struct slice empty[] = {SLICE_INIT("")};
    struct make_settings good = settings_for(MAKE_KEY_P256, fine, 1);
    struct make_settings rows[8] = {good, good, good, good, good, good, good, good};
    rows[0].common_name = (struct slice){0};
    rows[1].days = 0;
    rows[2].days = MAKE_DAYS_MAX + 1;
    rows[3].names = odd;
    rows[3].name_count = 2;
    rows[4].name_count = MAKE_NAMES_MAX + 1;
    rows[5].names = empty;
    rows[6].common_name = SLICE("\xff\xff");
    char long_name[65];
    memset(long_name, 'a', sizeof long_name);
    rows[7].common_name = slice_bytes(long_name, sizeof long_name);
    struct made made;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(make_self_signed(&rows[i], &arena, &made), -EINVAL);
        assert_int_equal(made.certificate.len, 0);
        assert_int_equal(make_request(&rows[i], &arena, &made), -EINVAL);
    }
}

static void a_private_authority_issues(void **state)
{
    (void)state;
    static const struct slice names[] = {SLICE_INIT("mail.example.org")};
    struct make_settings for_leaf = settings_for(MAKE_KEY_P256, names, 1);
    struct make_settings for_authority = for_leaf;
    struct made authority, leaf, again;
    for_authority.common_name = SLICE("Contoso Mail CA");
    for_authority.days = 30;
    assert_int_equal(make_authority(&for_authority, &arena, &authority), 0);
    assert_int_equal(make_issued(&for_leaf, &authority, &arena, &leaf), 0);
    struct certificate_facts facts, above = facts_of(authority.certificate);
    assert_int_equal(
        certificate_facts_read(leaf.certificate, &authority.certificate, 1, &arena, &facts),
        CERTIFICATE_OK);
    assert_true(above.is_ca && above.self_signed && !facts.is_ca && !facts.self_signed);
    assert_true(facts.chain_in_order);
    row_expect_slice("issuer", facts.issuer_canonical, above.subject_canonical);
    assert_true(facts.not_after_ms == above.not_after_ms); /* never outlives its issuer */
    struct tls_trust *trust = tls_trust_new();
    struct verdict verdict;
    assert_true(tls_trust_add(trust, authority.certificate));
    verify_chain(&leaf.certificate, 1, trust, names[0], forge_now_ms, &verdict);
    assert_true(verdict_ok(&verdict));
    tls_trust_free(trust);
    assert_int_equal(make_issued(&for_leaf, &leaf, &arena, &again), -EINVAL);
    struct made crossed = {.certificate = authority.certificate, .private_key = leaf.private_key};
    assert_int_equal(make_issued(&for_leaf, &crossed, &arena, &again), -EINVAL);
}

static void a_request_is_signed_by_its_key(void **state)
{
    (void)state;
    static const struct slice names[] = {SLICE_INIT("mail.example.org")};
    struct make_settings settings = settings_for(MAKE_KEY_RSA_2048, names, 1);
    struct made made;
    CLEANUP(text_deinit) struct text subject = text_with_ceiling(1000);
    assert_true(distinguished_name_encode(SLICE("CN=Mail.Example.org, O=\"Contoso, Ltd.\", C=AT"),
                                          &subject));
    settings.subject = text_slice(&subject);
    assert_int_equal(make_request(&settings, &arena, &made), 0);
    const unsigned char *at = (const unsigned char *)made.request.at;
    X509_REQ *request = d2i_X509_REQ(NULL, &at, (long)made.request.len);
    assert_non_null(request);
    BIO *bio = BIO_new(BIO_s_mem());
    X509_NAME_print_ex(bio, X509_REQ_get_subject_name(request), 0, XN_FLAG_RFC2253);
    char *printed;
    long len = BIO_get_mem_data(bio, &printed);
    row_expect_slice("subject", slice_bytes(printed, (size_t)len),
                     SLICE("CN=Mail.Example.org,O=Contoso\\, Ltd.,C=AT"));
    BIO_free(bio);
    struct certificate_facts stand_in = facts_of(made.certificate);
    row_expect_slice("stand-in", stand_in.subject,
                     SLICE("CN=Mail.Example.org, O=\"Contoso, Ltd.\", C=AT"));
    X509 *certificate =
        d2i_X509(NULL, &(const unsigned char *){(const unsigned char *)made.certificate.at},
                 (long)made.certificate.len);
    assert_int_equal(X509_REQ_check_private_key(request, X509_get0_pubkey(certificate)), 1);
    X509_free(certificate);
    assert_int_equal(X509_REQ_verify(request, X509_REQ_get0_pubkey(request)), 1);
    STACK_OF(X509_EXTENSION) *extensions = X509_REQ_get_extensions(request);
    assert_int_equal(sk_X509_EXTENSION_num(extensions), 1);
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    X509_REQ_free(request);
}

/* --- verdicts --- */

enum who {
    ROOT,
    MIDDLE,
    LEAF,
    SELF,
    STRANGER,
    BAD,
    SHORT,
    OLD_DIGEST,
    CODE,
    BOUND,
    BOUND_LEAF,
    BELOW,
    PAST,
    FUTURE,
    WHO_COUNT
};
static struct forged cast[WHO_COUNT];

static void forge_cast(void)
{
    cast[ROOT] = forge(&arena, (struct forge){.common_name = "Root", .extensions = FORGE_CA});
    cast[MIDDLE] = forge(
        &arena,
        (struct forge){.common_name = "Middle", .issuer = &cast[ROOT], .extensions = FORGE_CA});
    cast[LEAF] = forge(
        &arena,
        (struct forge){.common_name = "mail.example.org",
                       .issuer = &cast[MIDDLE],
                       .extensions = {{NID_subject_alt_name,
                                       "DNS:mail.example.org,DNS:*.wild.example,IP:192.0.2.1"}}});
    cast[SELF] = forge(&arena, (struct forge){.common_name = "mail.example.org"});
    cast[STRANGER] =
        forge(&arena, (struct forge){.common_name = "Stranger", .extensions = FORGE_CA});
    cast[BAD] =
        forge(&arena, (struct forge){.common_name = "mail.example.org", .issuer = &cast[ROOT]});
    cast[SHORT] = forge(
        &arena,
        (struct forge){.common_name = "mail.example.org", .issuer = &cast[ROOT], .rsa_bits = 1024});
    cast[OLD_DIGEST] = forge(
        &arena,
        (struct forge){.common_name = "mail.example.org", .issuer = &cast[ROOT], .digest = "SHA1"});
    cast[CODE] = forge(&arena, (struct forge){.common_name = "mail.example.org",
                                              .issuer = &cast[ROOT],
                                              .extensions = {{NID_ext_key_usage, "codeSigning"}}});
    cast[BOUND] =
        forge(&arena, (struct forge){.common_name = "Bound",
                                     .issuer = &cast[ROOT],
                                     .extensions = {{NID_basic_constraints, "critical,CA:TRUE"},
                                                    {NID_name_constraints,
                                                     "critical,permitted;DNS:example.com"}}});
    cast[BOUND_LEAF] = forge(
        &arena, (struct forge){.common_name = "mail.example.org",
                               .issuer = &cast[BOUND],
                               .extensions = {{NID_subject_alt_name, "DNS:mail.example.org"}}});
    cast[BELOW] =
        forge(&arena, (struct forge){.common_name = "below.example.org", .issuer = &cast[LEAF]});
    cast[PAST] = forge(&arena, (struct forge){.common_name = "mail.example.org",
                                              .issuer = &cast[ROOT],
                                              .days_from = -20,
                                              .days_to = -1});
    cast[FUTURE] = forge(&arena, (struct forge){.common_name = "mail.example.org",
                                                .issuer = &cast[ROOT],
                                                .days_from = 1,
                                                .days_to = 9});
}

/* clang-format off */
static const struct verdict_row {
    const char *row;
    enum who chain[4];
    size_t count;
    const char *name;
    const char *verdict;
} verdicts[] = {
    {"good",                  {LEAF, MIDDLE},       2, "mail.example.org",  "OK"},
    {"root sent too",         {LEAF, MIDDLE, ROOT}, 3, "MAIL.example.ORG",  "OK"},
    {"with a stranger",       {LEAF, STRANGER, MIDDLE}, 3, "mail.example.org", "OK"},
    {"by wildcard",           {LEAF, MIDDLE},       2, "a.wild.example",    "OK"},
    {"by address",            {LEAF, MIDDLE},       2, "192.0.2.1",         "OK"},
    {"no name asked",         {LEAF, MIDDLE},       2, "",                  "OK"},
    {"other name",            {LEAF, MIDDLE},       2, "mail.example.com",  "NameMismatch"},
    {"deeper than the wildcard", {LEAF, MIDDLE},    2, "a.b.wild.example",  "NameMismatch"},
    {"other address",         {LEAF, MIDDLE},       2, "192.0.2.2",         "NameMismatch"},
    {"issuer not sent",       {LEAF},               1, "mail.example.org",  "ChainIncomplete"},
    {"self-signed",           {SELF},               1, "mail.example.org",  "SelfSigned"},
    {"self-signed, other name", {SELF},             1, "x.example",         "SelfSigned, NameMismatch"},
    {"code signing",          {CODE},               1, "mail.example.org",  "WrongPurpose"},
    {"code signing, no name", {CODE},               1, "",                  "OK"},
    {"short key",             {SHORT},              1, "mail.example.org",  "Weak"},
    {"SHA-1",                 {OLD_DIGEST},               1, "mail.example.org",  "Weak"},
    {"constrained",           {BOUND_LEAF, BOUND},  2, "mail.example.org",  "Constrained"},
    {"a leaf as issuer",      {BELOW, LEAF, MIDDLE}, 3, "below.example.org", "NotAnAuthority, WrongPurpose"},
    {"expired",               {PAST},               1, "mail.example.org",  "Expired"},
    {"not yet valid",         {FUTURE},             1, "mail.example.org",  "NotYetValid"},
    {"expired, other name",   {PAST},               1, "x.example",         "Expired, NameMismatch"},
};
/* clang-format on */

static void expect_verdict(const struct verdict_row *r, const struct tls_trust *trust)
{
    struct slice chain[4];
    struct verdict verdict;
    char storage[256];
    struct text printed = text_over(storage, sizeof storage);
    for (size_t i = 0; i < r->count; i++)
        chain[i] = cast[r->chain[i]].der;
    verify_chain(chain, r->count, trust, slice_of(r->name), forge_now_ms, &verdict);
    assert_true(verdict_print(&verdict, &printed));
    row_expect_slice(r->row, text_slice(&printed), slice_of(r->verdict));
    row_expect(r->row, "ok", verdict_ok(&verdict), strcmp(r->verdict, "OK") == 0);
    row_expect(r->row, "has OK", verdict_has(&verdict, VERIFY_OK), verdict_ok(&verdict));
}

static void every_finding_is_named(void **state)
{
    (void)state;
    forge_cast();
    struct tls_trust *trust = tls_trust_new();
    struct verdict verdict;
    assert_true(tls_trust_add(trust, cast[ROOT].der));
    for (size_t i = 0; i < COUNT_OF(verdicts); i++)
        expect_verdict(&verdicts[i], trust);

    struct slice sent[] = {cast[LEAF].der, cast[MIDDLE].der, cast[ROOT].der};
    verify_chain(sent, 3, NULL, SLICE("mail.example.org"), forge_now_ms, &verdict);
    assert_int_equal(verdict.mask, 1u << VERIFY_UNTRUSTED_ROOT);
    assert_int_equal(verdict.depth[VERIFY_UNTRUSTED_ROOT], 2);

    verify_chain(sent, 2, trust, SLICE("mail.example.org"), forge_now_ms + 60 * day_ms, &verdict);
    assert_true(verdict_has(&verdict, VERIFY_EXPIRED));
    verify_chain(NULL, 0, trust, SLICE("x"), forge_now_ms, &verdict);
    assert_true(verdict_has(&verdict, VERIFY_NO_CERTIFICATE));
    sent[1] = SLICE("damaged");
    verify_chain(sent, 2, trust, SLICE("x"), forge_now_ms, &verdict);
    assert_true(verdict_has(&verdict, VERIFY_MALFORMED));

    CLEANUP(text_deinit) struct text changed = text_with_ceiling(10000);
    text_append(&changed, cast[BAD].der);
    changed.at[changed.len - 1] = (char)(changed.at[changed.len - 1] ^ 1);
    struct slice bad = text_slice(&changed);
    verify_chain(&bad, 1, trust, SLICE("mail.example.org"), forge_now_ms, &verdict);
    assert_true(verdict_has(&verdict, VERIFY_BAD_SIGNATURE));
    tls_trust_free(trust);
    tls_trust_free(NULL);
    for (size_t i = 0; i < WHO_COUNT; i++)
        forged_free(&cast[i]);
}

static void a_pinned_self_signed_certificate_is_trusted(void **state)
{
    (void)state;
    struct forged self = forge(&arena, (struct forge){.common_name = "mail.example.org"});
    struct tls_trust *trust = tls_trust_new();
    struct verdict verdict;
    assert_true(tls_trust_add(trust, self.der));
    assert_false(tls_trust_add(trust, SLICE("damaged")));
    verify_chain(&self.der, 1, trust, SLICE("mail.example.org"), forge_now_ms, &verdict);
    assert_true(verdict_ok(&verdict));
    tls_trust_free(trust);
    forged_free(&self);
}

static void clients_may_show_what_servers_have(void **state)
{
    (void)state;
    static const struct {
        const char *uses; /* NULL: it names none */
        enum verify_finding finding;
    } rows[] = {
        {NULL, VERIFY_OK},
        {"clientAuth", VERIFY_OK},
        {"serverAuth", VERIFY_OK},
        {"emailProtection", VERIFY_WRONG_PURPOSE},
        {"codeSigning,timeStamping", VERIFY_WRONG_PURPOSE},
    };
    struct forged root =
        forge(&arena, (struct forge){.common_name = "Root", .extensions = FORGE_CA});
    struct tls_trust *trust = tls_trust_new();
    struct verdict verdict;
    assert_true(tls_trust_add(trust, root.der));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct forged leaf =
            forge(&arena, (struct forge){.common_name = "mail.example.org",
                                         .issuer = &root,
                                         .extensions = {{NID_ext_key_usage, rows[i].uses}}});
        verify_client_chain(&leaf.der, 1, trust, forge_now_ms, &verdict);
        row_expect(rows[i].uses ? rows[i].uses : "none", "verdict", verdict.mask,
                   rows[i].finding == VERIFY_OK ? 0 : 1u << rows[i].finding);
        forged_free(&leaf);
    }
    verify_client_chain(NULL, 0, trust, forge_now_ms, &verdict);
    assert_int_equal(verdict.mask, 1u << VERIFY_NO_CERTIFICATE);
    tls_trust_free(trust);
    forged_free(&root);
}

static void a_damaged_root_hides_no_other(void **state)
{
    (void)state;
    struct forged one = forge(&arena, (struct forge){.common_name = "One", .extensions = FORGE_CA});
    struct forged two = forge(&arena, (struct forge){.common_name = "Two", .extensions = FORGE_CA});
    CLEANUP(text_deinit) struct text pem = text_with_ceiling(65536);
    text_append_c(&pem, "a README\n");
    pem_append(&pem, "CERTIFICATE", one.der);
    pem_append(&pem, "CERTIFICATE", SLICE("no certificate"));
    text_append_c(&pem, "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n");
    pem_append(&pem, "CERTIFICATE", two.der);
    text_append_c(&pem, "-----BEGIN CERTIFICATE-----\n");
    struct tls_trust *trust = tls_trust_new();
    struct verdict verdict;
    assert_int_equal(tls_trust_add_pem(trust, text_slice(&pem)), 2);
    verify_chain(&two.der, 1, trust, (struct slice){0}, forge_now_ms, &verdict);
    assert_true(verdict_ok(&verdict));
    tls_trust_free(trust);
    forged_free(&one);
    forged_free(&two);
}

static void chains_are_extended_by_what_is_known(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum who leaf, known[3];
        size_t known_count, given, capacity, count; /* given: of LEAF, MIDDLE */
    } rows[] = {
        {"in any order, without the root", BELOW, {ROOT, MIDDLE, LEAF}, 3, 0, 5, 2},
        {"one is given", BELOW, {STRANGER, MIDDLE}, 2, 1, 5, 2},
        {"one is not known", BELOW, {MIDDLE}, 1, 0, 5, 0},
        {"no room", BELOW, {MIDDLE, LEAF}, 2, 0, 1, 1},
        {"self-signed", SELF, {ROOT, LEAF}, 2, 0, 5, 0},
        {"signed by another key", BAD, {MIDDLE}, 1, 0, 5, 0},
    };
    forge_cast();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CLEANUP(text_deinit) struct text known = text_with_ceiling(100000);
        struct slice chain[5] = {cast[LEAF].der};
        for (size_t k = 0; k < rows[i].known_count; k++)
            text_append(&known, cast[rows[i].known[k]].der);
        text_append_c(&known, "0junk");
        size_t count = chain_extend(cast[rows[i].leaf].der, chain, rows[i].given, rows[i].capacity,
                                    text_slice(&known));
        row_expect(rows[i].name, "issuers", (long long)count, (long long)rows[i].count);
        if (count > 0)
            row_expect_slice(rows[i].name, chain[0], cast[LEAF].der);
        if (count > 1)
            row_expect_slice(rows[i].name, chain[1], cast[MIDDLE].der);
    }
    for (size_t i = 0; i < WHO_COUNT; i++)
        forged_free(&cast[i]);
}

static void every_finding_has_words(void **state)
{
    (void)state;
    for (unsigned i = 0; i < VERIFY_FINDING_COUNT; i++) {
        assert_non_null(verify_finding_name((enum verify_finding)i));
        assert_non_null(verify_finding_text((enum verify_finding)i));
    }
}

static void who_demands_a_staple(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        bool demanded;
    } rows[] = {
        {NULL, false}, {"status_request", true}, {"17", false}, {"17, status_request", true}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct forged made =
            forge(&arena, (struct forge){.common_name = "leaf",
                                         .extensions = {{NID_tlsfeature, rows[i].value}}});
        struct certificate_facts facts = facts_of(made.der);
        row_expect(rows[i].value ? rows[i].value : "no feature", "demanded", facts.must_staple,
                   rows[i].demanded);
        forged_free(&made);
    }
}

static void who_is_asked_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *value, *responder;
    } rows[] = {
        {NULL, ""},
        {"OCSP;URI:http://ocsp.contoso.com/a?b", "http://ocsp.contoso.com/a?b"},
        {"caIssuers;URI:http://contoso.com/ca.der", ""},
        {"OCSP;URI:https://ocsp.contoso.com", ""},
        {"OCSP;URI:ldap://ocsp.contoso.com,OCSP;URI:HTTP://2.contoso.com,OCSP;URI:http://"
         "3.contoso.com",
         "HTTP://2.contoso.com"},
        {"OCSP;URI:http://ocsp.contoso.com/a b", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct forged made =
            forge(&arena, (struct forge){.common_name = "leaf",
                                         .extensions = {{NID_info_access, rows[i].value}}});
        struct certificate_facts facts = facts_of(made.der);
        row_expect_slice(rows[i].value ? rows[i].value : "none", facts.ocsp_responder,
                         slice_of(rows[i].responder));
        forged_free(&made);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_made_certificate_says_what_was_asked),
        cmocka_unit_test(who_is_asked_is_read),
        cmocka_unit_test(hashes_and_serial_are_those_of_the_bytes),
        cmocka_unit_test(names_are_read_as_whole_strings),
        cmocka_unit_test(a_name_with_nul_in_san_is_dropped),
        cmocka_unit_test(damaged_certificates_are_refused),
        cmocka_unit_test(settings_out_of_range_make_nothing),
        cmocka_unit_test(a_private_authority_issues),
        cmocka_unit_test(a_request_is_signed_by_its_key),
        cmocka_unit_test(every_finding_is_named),
        cmocka_unit_test(a_pinned_self_signed_certificate_is_trusted),
        cmocka_unit_test(clients_may_show_what_servers_have),
        cmocka_unit_test(a_damaged_root_hides_no_other),
        cmocka_unit_test(chains_are_extended_by_what_is_known),
        cmocka_unit_test(every_finding_has_words),
        cmocka_unit_test(who_demands_a_staple),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
