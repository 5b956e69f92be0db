/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration as text: every kind that has a cmdlet, and how a document looks as a script. */
#include "operations/configuration.h"

#include "base/quoted.h"
#include "operations/argument.h"
#include "support/rows.h"

#include <string.h>

enum { TEXT_MAX = 1 << 16 };

/* --- values --- */

static void values_are_quoted_for_both_shells(void **state)
{
    (void)state;
    static const struct {
        const char *json, *written;
    } rows[] = {
        {"\"plain\"", "'plain'"},
        {"\"\"", "''"},
        {"\"it's\"", "'it''s'"},
        {"\"a \\\"b\\\" $c `d`\"", "'a \"b\" $c `d`'"},
        {"\"\\u2019\"", "'\xe2\x80\x99\xe2\x80\x99'"},
        {"\"\\u201c\"", "'\xe2\x80\x9c'"},
        {"\"a\\nb\"", "\"a`nb\""},
        {"\"$a\\t`b \\\"c\\\" it's\"", "\"`$a`t``b \"\"c\"\" it's\""},
        {"\"\\u201c\\n\"", "\"\xe2\x80\x9c\xe2\x80\x9c`n\""},
        {"true", "$true"},
        {"false", "$false"},
        {"null", "$null"},
        {"42", "42"},
        {"[]", "$null"},
        {"[\"a\", \"b,c\"]", "'a','b,c'"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text text = text_with_ceiling(TEXT_MAX);
        json_t *value = json_loads(rows[i].json, JSON_DECODE_ANY, NULL);
        assert_true(argument_append(&text, value));
        row_expect_slice(rows[i].json, text_slice(&text), slice_of(rows[i].written));
        json_decref(value);
        text_deinit(&text);
    }
}

static void what_does_not_fit_is_not_written_in_part(void **state)
{
    (void)state;
    char storage[8];
    struct text text = text_over(storage, sizeof(storage));
    assert_false(quoted_append(&text, SLICE("longer than that")));
}

/* --- kinds --- */

/* An object of a kind without a row would be removed by every apply, unseen. */
/* The server is no object of the file, and who may manage it is no matter of a file that is handed
 * about. */
static bool is_in_files(enum model_kind kind)
{
    return kind != MODEL_SERVER && kind != MODEL_ROLE_MEMBER && kind != MODEL_MANAGEMENT_TOKEN;
}

static void every_kind_of_a_file_can_be_made(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < MODEL_KINDS; kind++) {
        size_t found = 0;
        for (size_t i = 0; i < configuration_kind_count; i++)
            found += configuration_kinds[i].kind == (enum model_kind)kind;
        row_expect(model_kind_facts((enum model_kind)kind)->noun, "rows", (long long)found,
                   is_in_files((enum model_kind)kind));
    }
}

static void the_parameters_of_a_kind_are_those_of_its_cmdlet(void **state)
{
    (void)state;
    for (size_t i = 0; i < configuration_kind_count; i++) {
        const struct configuration_kind *row = &configuration_kinds[i];
        struct operation_parameter parameter;
        assert_ptr_equal(configuration_kind_of(row->make), row);
        row_expect_slice("noun", slice_of(operations[row->make].noun),
                         slice_of(configuration_noun(row)));
        for (size_t k = 0; row->specials[k]; k++)
            if (!operation_parameter_find(&operations[row->make], slice_of(row->specials[k]),
                                          &parameter, NULL) ||
                strcmp(parameter.name, row->specials[k]) != 0)
                fail_msg("%s: no -%s", configuration_noun(row), row->specials[k]);
        if (row->secret)
            assert_true(configuration_is_special(row, slice_of(row->secret)));
    }
    assert_null(configuration_kind_of(OPERATION_GET_MAILBOX));
}

/* --- the script --- */

static void a_document_is_printed_in_the_order_of_the_kinds(void **state)
{
    (void)state;
    static const char document[] =
        "{\"format\": 1, \"server\": \"MX1\", \"sealed\": true, \"objects\": {"
        "\"ADPermission\": [{\"Identity\": \"anna\", \"User\": \"bert\", \"ExtendedRights\": "
        "\"Send As\", \"Deny\": true}],"
        "\"Mailbox\": [{\"Name\": \"anna\", \"EmailAddresses\": [\"a@b\", \"c@d\"]}],"
        "\"ExchangeCertificate\": [{\"FileData\": \"AAAA\"}]}}";
    static const char expected[] =
        "\nImport-ExchangeCertificate -FileData ([System.Convert]::FromBase64String('AAAA'))\n"
        "\nNew-Mailbox -Name 'anna' -EmailAddresses 'a@b','c@d'\n"
        "\nAdd-ADPermission -Identity 'anna' -User 'bert' -ExtendedRights 'Send As' -Deny\n";
    struct text text = text_with_ceiling(TEXT_MAX);
    json_t *json = json_loads(document, 0, NULL);
    assert_non_null(json);
    assert_true(configuration_print_script(json, &text));
    struct slice seen = text_slice(&text);
    assert_true(slice_starts(seen, SLICE("# The configuration of MX1.\n")));
    assert_true(slice_contains(seen, SLICE("key-encryption key")));
    row_expect_slice("cmdlets", slice_after(seen, seen.len - strlen(expected)), slice_of(expected));
    json_object_set_new(json, "sealed", json_false());
    text_clear(&text);
    assert_true(configuration_print_script(json, &text));
    assert_false(slice_contains(text_slice(&text), SLICE("key-encryption key")));
    json_decref(json);
    text_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_quoted_for_both_shells),
        cmocka_unit_test(what_does_not_fit_is_not_written_in_part),
        cmocka_unit_test(every_kind_of_a_file_can_be_made),
        cmocka_unit_test(the_parameters_of_a_kind_are_those_of_its_cmdlet),
        cmocka_unit_test(a_document_is_printed_in_the_order_of_the_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
