/* SPDX-License-Identifier: Apache-2.0 */
/* verifier: a record says how to check the password it was made of, and no other fits. */
#include "vault/verifier.h"
#include "support/rows.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verifier_fits_its_password_and_no_other),
        cmocka_unit_test(two_verifiers_of_one_password_differ),
        cmocka_unit_test(passwords_crypt_cannot_take_are_refused),
        cmocka_unit_test(damaged_records_fit_nothing),
        cmocka_unit_test(a_record_of_another_cost_still_checks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
