/* SPDX-License-Identifier: Apache-2.0 */
/* verifier: a record says how to check the password it was made of, and no other fits. */
#include "vault/verifier.h"
#include "support/rows.h"
#include "vault/scram_keys.h"

#include <string.h>

static void a_verifier_fits_its_password_and_no_other(void **state)
{
    (void)state;
    struct text record = text_with_ceiling(VERIFIER_RECORD_MAX);
    assert_true(verifier_make(SLICE("p\xc3\xa4ssword"), &record));
    assert_true(slice_starts(text_slice(&record), SLICE("yescrypt $y$j9T$")));
    assert_true(slice_ends_nocase(text_slice(&record), SLICE("\n")));
    static const struct {
        const char *row;
        struct slice password;
        bool right;
    } rows[] = {
        {"the password", SLICE_INIT("p\xc3\xa4ssword"), true},
        {"another", SLICE_INIT("password"), false},
        {"longer", SLICE_INIT("p\xc3\xa4ssword "), false},
        {"shorter", SLICE_INIT("p\xc3\xa4sswor"), false},
        {"with a NUL behind it", SLICE_INIT("p\xc3\xa4ssword\0x"), false},
        {"empty", {NULL, 0}, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        row_expect(rows[i].row, "right", verifier_check(text_slice(&record), rows[i].password),
                   rows[i].right);
    text_deinit(&record);
}

static void two_verifiers_of_one_password_differ(void **state)
{
    (void)state;
    struct text a = text_with_ceiling(VERIFIER_RECORD_MAX);
    struct text b = text_with_ceiling(VERIFIER_RECORD_MAX);
    assert_true(verifier_make(SLICE("same"), &a));
    assert_true(verifier_make(SLICE("same"), &b));
    assert_false(slice_equal(text_slice(&a), text_slice(&b)));
    text_deinit(&a);
    text_deinit(&b);
}

static void passwords_crypt_cannot_take_are_refused(void **state)
{
    (void)state;
    char longest[VERIFIER_PASSWORD_MAX + 1];
    memset(longest, 'a', sizeof longest);
    struct text record = text_with_ceiling(VERIFIER_RECORD_MAX);
    assert_false(verifier_make((struct slice){0}, &record));
    assert_false(verifier_make(SLICE("a\0b"), &record));
    assert_false(verifier_make((struct slice){longest, sizeof longest}, &record));
    assert_int_equal(record.len, 0);
    assert_true(verifier_make((struct slice){longest, sizeof longest - 1}, &record));
    assert_true(verifier_check(text_slice(&record), (struct slice){longest, sizeof longest - 1}));
    assert_false(verifier_check(text_slice(&record), (struct slice){longest, sizeof longest}));
    text_deinit(&record);
}

static void damaged_records_fit_nothing(void **state)
{
    (void)state;
    static const char *const records[] = {
        "",
        "yescrypt ",
        "yescrypt \n",
        "yescrypt *0\n",
        "yescrypt *1\n",
        "yescrypt $y$j9T$",
        "yescrypt $y$j9T$abc$\n",
        "scram-sha-256 4096 abc def\n",
        "$y$j9T$V7qMYJaNbVKOeh4PhtqPk/$c0XGZ2asfipl.C8.IkjJKiPGhV/ac3eOE4gTGmU0M47\n",
    };
    for (size_t i = 0; i < COUNT_OF(records); i++)
        row_expect(records[i], "right", verifier_check(slice_of(records[i]), SLICE("password")), 0);
}

/* Made by another implementation of crypt(3): the format is the common one. */
static void a_record_of_another_cost_still_checks(void **state)
{
    (void)state;
    struct slice record = SLICE(
        "later-kind abc\n"
        "yescrypt $y$j75$V7qMYJaNbVKOeh4PhtqPk/$SQch2JGFpmd1L6rmg4pOPRAo5HNBpUS4.1C8Vnettx3\n");
    assert_true(verifier_check(record, SLICE("password")));
    assert_false(verifier_check(record, SLICE("passwore")));
}

static void a_verifier_has_keys_for_scram(void **state)
{
    (void)state;
    struct text record = text_with_ceiling(VERIFIER_RECORD_MAX);
    struct sasl_keys keys, again;
    assert_true(verifier_make(SLICE("I\xc2\xadX"), &record)); /* prepared: "IX" */
    assert_true(verifier_scram_keys(text_slice(&record), &keys));
    assert_int_equal(keys.iterations, SCRAM_ITERATIONS);
    again = keys;
    assert_true(scram_keys_derive(SLICE("IX"), &again));
    assert_memory_equal(&again, &keys, sizeof keys);
    assert_true(scram_keys_derive(SLICE("ix"), &again));
    assert_memory_not_equal(again.stored_key, keys.stored_key, sizeof keys.stored_key);
    text_deinit(&record);
}

/* The example of RFC 7677 3. */
static void keys_are_those_of_the_rfc(void **state)
{
    (void)state;
    static const char line[] = "4096 W22ZaJ0SNY7soEsUEjb6gQ== "
                               "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY= "
                               "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
    struct text written = text_with_ceiling(VERIFIER_RECORD_MAX);
    struct sasl_keys keys;
    assert_true(scram_keys_read(slice_of(line), &keys));
    explicit_bzero(keys.stored_key, sizeof keys.stored_key);
    explicit_bzero(keys.server_key, sizeof keys.server_key);
    assert_true(scram_keys_derive(SLICE("pencil"), &keys));
    assert_true(scram_keys_append(&keys, &written));
    row_expect_slice("line", text_slice(&written), slice_of(line));
    text_deinit(&written);
}

#define SALT "W22ZaJ0SNY7soEsUEjb6gQ=="
#define KEY "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="

static void damaged_keys_are_none(void **state)
{
    (void)state;
    static const char *const records[] = {
        "yescrypt $y$j9T$abc$\n",
        "scram-sha-256 \n",
        "scram-sha-256 0 " SALT " " KEY " " KEY "\n",
        "scram-sha-256 10000001 " SALT " " KEY " " KEY "\n",
        "scram-sha-256 4096 " SALT " " KEY "\n",
        "scram-sha-256 4096 " SALT " " KEY " " SALT "\n",
        "scram-sha-256 4096 " KEY " " KEY " " KEY "\n",
        "scram-sha-256 4096 " SALT " " KEY " " KEY " x\n",
        "scram-sha-256 4096 " SALT "  " KEY " " KEY "\n",
        "scram-sha-256 4096 " SALT " " KEY " " KEY "=\n",
    };
    struct sasl_keys keys;
    for (size_t i = 0; i < COUNT_OF(records); i++)
        row_expect(records[i], "keys", verifier_scram_keys(slice_of(records[i]), &keys), 0);
    assert_true(verifier_scram_keys(SLICE("x\nscram-sha-256 1 " SALT " " KEY " " KEY), &keys));
}

static void names_without_keys_have_a_salt_of_their_own(void **state)
{
    (void)state;
    struct kek kek = {.count = 1}, other = {.count = 1, .keys = {{.bytes = {1}}}};
    struct sasl_keys anna, again, berta, elsewhere;
    assert_true(scram_keys_pretend(&kek, SLICE("anna"), &anna));
    assert_true(scram_keys_pretend(&kek, SLICE("anna"), &again));
    assert_true(scram_keys_pretend(&kek, SLICE("berta"), &berta));
    assert_true(scram_keys_pretend(&other, SLICE("anna"), &elsewhere));
    assert_int_equal(anna.iterations, SCRAM_ITERATIONS);
    assert_memory_equal(anna.salt, again.salt, sizeof anna.salt);
    assert_memory_not_equal(anna.salt, berta.salt, sizeof anna.salt);
    assert_memory_not_equal(anna.salt, elsewhere.salt, sizeof anna.salt);
    assert_memory_not_equal(anna.stored_key, again.stored_key, sizeof anna.stored_key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verifier_fits_its_password_and_no_other),
        cmocka_unit_test(two_verifiers_of_one_password_differ),
        cmocka_unit_test(passwords_crypt_cannot_take_are_refused),
        cmocka_unit_test(damaged_records_fit_nothing),
        cmocka_unit_test(a_record_of_another_cost_still_checks),
        cmocka_unit_test(a_verifier_has_keys_for_scram),
        cmocka_unit_test(keys_are_those_of_the_rfc),
        cmocka_unit_test(damaged_keys_are_none),
        cmocka_unit_test(names_without_keys_have_a_salt_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
