/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_record: the verdict on a chain, by the roots of the system and of the house. */
#include "vault/certificate_record.h"

#include "model/model.h"
#include "tls/library.h"
#include "unit/tls/forge.h"

#include <errno.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum who {
    PUBLIC,
    HOUSE,
    STRANGE,
    MIDDLE,
    OF_PUBLIC,
    OF_HOUSE,
    OF_STRANGE,
    OF_MIDDLE,
    ALONE,
    LATE,
    CLIENT,
    SHORT,
    OLD_DIGEST,
    NO_SIGNING,
    NAMELESS,
    IMPOSTOR,
    SELF_NAMED,
    WHO_COUNT
};
static struct forged cast[WHO_COUNT];
static struct arena arena;
static struct trust_store trust;

static struct forged leaf(enum who issuer)
{
    return forge(&arena,
                 (struct forge){.common_name = "mail.example.org", .issuer = &cast[issuer]});
}

static int set_up(void **state)
{
    (void)state;
    arena = arena_with_ceiling(4 << 20);
    assert_int_equal(tls_library_start(), 0);
    cast[PUBLIC] = forge(&arena, (struct forge){.common_name = "Public", .extensions = FORGE_CA});
    cast[HOUSE] = forge(&arena, (struct forge){.common_name = "House", .extensions = FORGE_CA});
    cast[STRANGE] = forge(&arena, (struct forge){.common_name = "Strange", .extensions = FORGE_CA});
    cast[MIDDLE] = forge(&arena, (struct forge){.common_name = "Middle",
                                                .issuer = &cast[PUBLIC],
                                                .days_from = -30,
                                                .days_to = 10,
                                                .extensions = FORGE_CA});
    cast[OF_PUBLIC] = leaf(PUBLIC);
    cast[OF_HOUSE] = leaf(HOUSE);
    cast[OF_STRANGE] = leaf(STRANGE);
    cast[OF_MIDDLE] = leaf(MIDDLE);
    cast[ALONE] = forge(&arena, (struct forge){.common_name = "mail.example.org"});
    cast[LATE] = forge(&arena, (struct forge){.common_name = "mail.example.org",
                                              .issuer = &cast[PUBLIC],
                                              .days_from = -60,
                                              .days_to = -30});
    cast[CLIENT] = forge(&arena, (struct forge){.common_name = "mail.example.org",
                                                .issuer = &cast[PUBLIC],
                                                .extensions = {{NID_ext_key_usage, "clientAuth"}}});
    cast[SHORT] = forge(&arena, (struct forge){.common_name = "mail.example.org",
                                               .issuer = &cast[PUBLIC],
                                               .rsa_bits = 1024});
    cast[OLD_DIGEST] = forge(&arena, (struct forge){.common_name = "mail.example.org",
                                                    .issuer = &cast[PUBLIC],
                                                    .digest = "SHA1"});
    cast[NO_SIGNING] =
        forge(&arena, (struct forge){.common_name = "mail.example.org",
                                     .issuer = &cast[PUBLIC],
                                     .extensions = {{NID_key_usage, "keyEncipherment"}}});
    cast[NAMELESS] =
        forge(&arena, (struct forge){.common_name = "A Mail Server", .issuer = &cast[PUBLIC]});
    cast[IMPOSTOR] = forge(&arena, (struct forge){.common_name = "other.example.org",
                                                  .issuer = &cast[OF_PUBLIC]}); /* no authority */
    cast[SELF_NAMED] = forge(
        &arena, (struct forge){.common_name = "mail.example.org", .issuer = &cast[OF_PUBLIC]});
    trust = (struct trust_store){.system = tls_trust_new(),
                                 .house = tls_trust_new(),
                                 .system_count = 1,
                                 .house_count = 1,
                                 .fingerprint = "roots of the test"};
    assert_true(tls_trust_add(trust.system, cast[PUBLIC].der));
    assert_true(tls_trust_add(trust.house, cast[HOUSE].der));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < WHO_COUNT; i++)
        forged_free(&cast[i]);
    trust_store_close(&trust);
    arena_deinit(&arena);
    return 0;
}

/* The record of a leaf with these issuers behind it (WHO_COUNT ends them), in `model`. */
static struct certificate *record(struct model *model, const enum who *chain,
                                  const struct trust_store *roots)
{
    struct slice ders[RECORD_CHAIN_MAX + 1];
    size_t count = 0;
    for (; chain[count] != WHO_COUNT; count++)
        ders[count] = cast[chain[count]].der;
    struct record_source source = {.leaf = ders[0],
                                   .chain = ders + 1,
                                   .chain_count = count - 1,
                                   .trust = roots,
                                   .now_ms = forge_now_ms};
    struct text bytes = text_with_ceiling(1 << 18);
    assert_int_equal(certificate_record_read(&source, &bytes), RECORD_OK);
    struct slice kept;
    assert_true(arena_copy(model->arena, text_slice(&bytes), &kept));
    text_deinit(&bytes);
    struct certificate *read = model_object_decode(model, MODEL_CERTIFICATE, kept);
    assert_non_null(read);
    return read;
}

static void chains_are_judged_without_their_dates(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct {
        const char *name;
        enum who chain[4];
        uint32_t status, root, findings;
    } rows[] = {
        {"public", {OF_PUBLIC, WHO_COUNT}, STATUS_VALID, ROOT_THIRD_PARTY, 0},
        {"public with its root", {OF_PUBLIC, PUBLIC, WHO_COUNT}, STATUS_VALID, ROOT_THIRD_PARTY, 0},
        {"of the house", {OF_HOUSE, WHO_COUNT}, STATUS_VALID, ROOT_ENTERPRISE, 0},
        {"self-signed", {ALONE, WHO_COUNT}, STATUS_VALID, ROOT_NONE, 0},
        {"intermediate", {OF_MIDDLE, MIDDLE, WHO_COUNT}, STATUS_VALID, ROOT_THIRD_PARTY, 0},
        {"intermediate missing", {OF_MIDDLE, WHO_COUNT}, STATUS_UNTRUSTED, ROOT_UNKNOWN, FINDING_ISSUER_MISSING},
        {"strange root", {OF_STRANGE, STRANGE, WHO_COUNT}, STATUS_UNTRUSTED, ROOT_UNKNOWN, FINDING_UNTRUSTED_ROOT},
        {"expired", {LATE, WHO_COUNT}, STATUS_VALID, ROOT_THIRD_PARTY, 0},
        {"for clients", {CLIENT, WHO_COUNT}, STATUS_INVALID, ROOT_THIRD_PARTY, FINDING_NOT_FOR_SERVERS},
        {"short key", {SHORT, WHO_COUNT}, STATUS_VALID, ROOT_THIRD_PARTY, FINDING_SHORT_KEY},
        {"SHA-1", {OLD_DIGEST, WHO_COUNT}, STATUS_VALID, ROOT_THIRD_PARTY, FINDING_WEAK_SIGNATURE},
        {"may not sign", {NO_SIGNING, WHO_COUNT}, STATUS_VALID, ROOT_THIRD_PARTY, FINDING_CANNOT_SIGN},
        {"no host name", {NAMELESS, WHO_COUNT}, STATUS_VALID, ROOT_THIRD_PARTY, FINDING_NO_HOST_NAME},
        {"issuer is no authority", {IMPOSTOR, OF_PUBLIC, WHO_COUNT}, STATUS_INVALID, ROOT_UNKNOWN, FINDING_BAD_CHAIN},
        {"its own issuer by name, not by key", {SELF_NAMED, OF_PUBLIC, WHO_COUNT}, STATUS_INVALID, ROOT_UNKNOWN, FINDING_BAD_CHAIN},
    };
    /* clang-format on */
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct model *model = model_new();
        struct certificate *read = record(model, rows[i].chain, &trust);
        row_expect(rows[i].name, "status", read->status, rows[i].status);
        row_expect(rows[i].name, "root", read->root_ca_type, rows[i].root);
        row_expect(rows[i].name, "findings", read->findings, rows[i].findings);
        model_free(model);
    }
}

static void without_roots_nothing_is_known(void **state)
{
    (void)state;
    struct trust_store none = {.system = tls_trust_new(), .house = tls_trust_new()};
    struct model *model = model_new();
    struct certificate *read = record(model, (enum who[]){OF_PUBLIC, PUBLIC, WHO_COUNT}, &none);
    assert_int_equal(read->status, STATUS_UNKNOWN);
    assert_int_equal(read->findings, 0);
    read = record(model, (enum who[]){OF_MIDDLE, WHO_COUNT}, &none);
    assert_int_equal(read->findings, FINDING_ISSUER_MISSING);
    model_free(model);
    trust_store_close(&none);
}

static void the_missing_issuer_is_named(void **state)
{
    (void)state;
    struct model *model = model_new();
    struct certificate *read = record(model, (enum who[]){OF_MIDDLE, WHO_COUNT}, &trust);
    struct certificate *issuer = record(model, (enum who[]){MIDDLE, WHO_COUNT}, &trust);
    row_expect_slice("printed", read->missing_issuer, SLICE("CN=Middle"));
    row_expect_slice("canonical", read->missing_issuer_der, issuer->subject_der);
    assert_int_equal(read->chain_not_after_ms, 0);
    read = record(model, (enum who[]){OF_MIDDLE, MIDDLE, WHO_COUNT}, &trust);
    assert_int_equal(read->missing_issuer.len, 0);
    assert_int_equal(read->chain_not_after_ms, forge_now_ms + 10 * 86400000ll);
    model_free(model);
}

static void facts_of_the_certificate_are_recorded(void **state)
{
    (void)state;
    struct model *model = model_new();
    struct certificate *read = record(model, (enum who[]){CLIENT, WHO_COUNT}, &trust);
    assert_int_equal(read->uses.count, 1);
    row_expect_slice("use", read->uses.at[0], SLICE("Client Authentication (1.3.6.1.5.5.7.3.2)"));
    assert_int_equal(read->key_sha256.len, 32);
    assert_int_equal(read->key_identifier.len, 0);
    assert_int_equal(record(model, (enum who[]){HOUSE, WHO_COUNT}, &trust)->key_identifier.len, 20);
    model_free(model);
}

/* --- the store of roots --- */

static void write_file(const char *folder, const char *name, const char *text, X509 *certificate)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    if (certificate)
        assert_int_equal(PEM_write_X509(file, certificate), 1);
    assert_int_equal(fclose(file), 0);
}

static void by_which_roots_is_recorded(void **state)
{
    (void)state;
    struct model *model = model_new();
    struct certificate *read = record(model, (enum who[]){OF_PUBLIC, WHO_COUNT}, &trust);
    row_expect_slice("judged", read->judged_by,
                     slice_bytes(trust.fingerprint, sizeof trust.fingerprint));
    read = record(model, (enum who[]){ALONE, WHO_COUNT}, &trust);
    row_expect_slice("self-signed", read->judged_by, SLICE(""));
    read = record(model, (enum who[]){OF_PUBLIC, WHO_COUNT}, NULL);
    row_expect_slice("made here", read->judged_by, SLICE(""));
    model_free(model);
}

static void roots_come_from_a_file_or_a_folder(void **state)
{
    (void)state;
    char folder[] = "/tmp/trust-test-XXXXXX", path[256], command[64];
    unsigned char both[TRUST_FINGERPRINT_BYTES];
    struct trust_store store;
    assert_non_null(mkdtemp(folder));
    write_file(folder, "README", "Roots of ours.\n", NULL);
    assert_int_equal(trust_store_open(folder, &store), -ENODATA);
    trust_store_close(&store);
    write_file(folder, "house.pem", "", cast[HOUSE].x509);
    write_file(folder, "strange.crt", "a remark\n", cast[STRANGE].x509);
    assert_int_equal(trust_store_open(folder, &store), 0);
    assert_int_equal(store.house_count, 2);
    memcpy(both, store.fingerprint, sizeof both);
    trust_store_close(&store);
    assert_int_equal(trust_store_open(folder, &store), 0);
    assert_memory_equal(store.fingerprint, both, sizeof both);
    trust_store_close(&store);
    snprintf(path, sizeof path, "%s/house.pem", folder);
    assert_int_equal(trust_store_open(path, &store), 0);
    assert_int_equal(store.house_count, 1);
    assert_memory_not_equal(store.fingerprint, both, sizeof both);
    trust_store_close(&store);
    assert_int_equal(trust_store_open("/tmp/there/is/no/such", &store), -ENOENT);
    trust_store_close(&store);
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains_are_judged_without_their_dates),
        cmocka_unit_test(without_roots_nothing_is_known),
        cmocka_unit_test(the_missing_issuer_is_named),
        cmocka_unit_test(facts_of_the_certificate_are_recorded),
        cmocka_unit_test(by_which_roots_is_recorded),
        cmocka_unit_test(roots_come_from_a_file_or_a_folder),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
