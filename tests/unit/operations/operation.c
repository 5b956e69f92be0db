/* SPDX-License-Identifier: Apache-2.0 */
/* The table of operations: every row complete, every name found, every secret masked. */
#include "support/rows.h"

#include "operations/command.h"
#include "operations/nearest.h"
#include "operations/operation.h"

#include <string.h>

static struct slice name_of(const struct operation *operation, struct text *text)
{
    text_clear(text);
    operation_append_name(text, operation);
    return text_slice(text);
}

static bool is_verb(const struct operation *row, const char *verb)
{
    return strcmp(row->verb, verb) == 0;
}

static void every_row_is_complete(void **state)
{
    (void)state;
    char storage[96];
    struct text text = text_over(storage, sizeof(storage));
    for (size_t i = 0; i < OPERATION_COUNT; i++) {
        const struct operation *row = &operations[i];
        assert_non_null(row->verb);
        struct slice name = name_of(row, &text);
        if (!row->help || row->help[strlen(row->help) - 1] != '.')
            fail_msg("%.*s: help is a sentence", SLICE_ARG(name));
        if (!row->example || !slice_starts(slice_of(row->example), name))
            fail_msg("%.*s: the example begins with the cmdlet", SLICE_ARG(name));
        bool reads = is_verb(row, "Get") || is_verb(row, "Test") || is_verb(row, "Export") ||
                     is_verb(row, "Search");
        bool asks = is_verb(row, "Remove") || is_verb(row, "Enable") || is_verb(row, "Disable") ||
                    is_verb(row, "Undo") || is_verb(row, "Update") || is_verb(row, "Redirect");
        row_expect(row->example, "changes", row->changes, !reads);
        row_expect(row->example, "asks first", row->asks_first, asks);
        assert_int_equal(operation_id_of(row), i);
        assert_ptr_equal(operation_find(name, NULL), row);
    }
}

static void parameters_have_help_and_names_of_their_own(void **state)
{
    (void)state;
    struct operation_parameter all[OPERATION_PARAMETERS_MAX];
    for (size_t i = 0; i < OPERATION_COUNT; i++) {
        size_t count = operation_parameters(&operations[i], all, OPERATION_PARAMETERS_MAX);
        assert_true(count <= OPERATION_PARAMETERS_MAX);
        for (size_t j = 0; j < count; j++) {
            if (!all[j].help || !all[j].help[0] || !all[j].kind)
                fail_msg("%s -%s: no help or no kind", operations[i].example, all[j].name);
            assert_int_equal(all[j].kind == PARAMETER_SETTING, all[j].setting != NULL);
            for (size_t k = 0; k < j; k++)
                if (slice_equal_nocase(slice_of(all[j].name), slice_of(all[k].name)))
                    fail_msg("%s: -%s twice", operations[i].example, all[j].name);
        }
    }
}

static void the_examples_use_parameters_that_exist(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPERATION_COUNT; i++) {
        struct slice rest = slice_of(operations[i].example), word;
        while (slice_take_field(&rest, ' ', &word)) {
            struct operation_parameter found;
            if (!slice_take_prefix(&word, SLICE("-")) || word.len == 0 ||
                slice_equal(word, SLICE("o")) || slice_equal(word, SLICE("FileName")))
                continue;
            if (!operation_parameter_find(&operations[i], word, &found, NULL))
                fail_msg("%s: no -%.*s", operations[i].example, SLICE_ARG(word));
        }
    }
}

static void a_wrong_cmdlet_is_answered_with_the_nearest(void **state)
{
    (void)state;
    static const struct {
        const char *written, *meant;
    } rows[] = {
        {"Get-RecieveConnector", "did you mean Get-ReceiveConnector?"},
        {"get-exchangecertificates", "did you mean Get-ExchangeCertificate?"},
        {"Set-Mailbx", "did you mean Set-Mailbox?"},
        {"Frobnicate-Everything", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text error = text_with_ceiling(1000);
        assert_null(operation_find(slice_of(rows[i].written), &error));
        if (rows[i].meant && !slice_contains(text_slice(&error), slice_of(rows[i].meant)))
            fail_msg("%s: %.*s", rows[i].written, SLICE_ARG(text_slice(&error)));
        if (!rows[i].meant && slice_contains(text_slice(&error), SLICE("did you mean")))
            fail_msg("%s: %.*s", rows[i].written, SLICE_ARG(text_slice(&error)));
        text_deinit(&error);
    }
    assert_ptr_equal(operation_find(SLICE("GET-mailbox"), NULL),
                     &operations[OPERATION_GET_MAILBOX]);
    assert_ptr_equal(operation_find(SLICE("Get-TransportServer"), NULL),
                     &operations[OPERATION_GET_TRANSPORT_SERVICE]);
}

static void parameters_are_found_by_name_and_abbreviation(void **state)
{
    (void)state;
    static const struct {
        enum operation_id operation;
        const char *written, *found, *error;
    } rows[] = {
        {OPERATION_SET_RECEIVE_CONNECTOR, "requiretls", "RequireTLS", NULL},
        {OPERATION_SET_RECEIVE_CONNECTOR, "Bind", "Bindings", NULL},
        {OPERATION_SET_RECEIVE_CONNECTOR, "WhatIf", "WhatIf", NULL},
        {OPERATION_SET_RECEIVE_CONNECTOR, "TlsCert", NULL,
         "-TlsCertificateName, -TlsCertificateFallback"},
        {OPERATION_SET_RECEIVE_CONNECTOR, "RequireTSL", NULL, "did you mean -RequireTLS?"},
        {OPERATION_SET_RECEIVE_CONNECTOR, "Usage", NULL, "has no parameter -Usage"},
        {OPERATION_NEW_RECEIVE_CONNECTOR, "Identity", NULL, "has no parameter -Identity"},
        {OPERATION_SET_RECEIVE_CONNECTOR, "WhenCreated", NULL, "has no parameter"},
        {OPERATION_GET_RECEIVE_CONNECTOR, "WhatIf", NULL, "has no parameter"},
        {OPERATION_SET_RECEIVE_CONNECTOR, "", NULL, "has no parameter"},
        {OPERATION_NEW_MAILBOX, "Primary", "PrimarySmtpAddress", NULL},
        {OPERATION_SET_TRANSPORT_SERVICE, "MessageTrackingLogEnabled", "MessageTrackingLogEnabled",
         NULL},
        {OPERATION_SET_FRONTEND_TRANSPORT_SERVICE, "ReceiveProtocolLogMaxAge",
         "ReceiveProtocolLogMaxAge", NULL},
        {OPERATION_SET_FRONTEND_TRANSPORT_SERVICE, "MessageTrackingLogEnabled", NULL,
         "has no parameter -MessageTrackingLogEnabled"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text error = text_with_ceiling(2000);
        struct operation_parameter found = {0};
        bool good = operation_parameter_find(&operations[rows[i].operation],
                                             slice_of(rows[i].written), &found, &error);
        row_expect(rows[i].written, "found", good, rows[i].found != NULL);
        row_expect_slice(rows[i].written, slice_of(found.name), slice_of(rows[i].found));
        if (rows[i].error && !slice_contains(text_slice(&error), slice_of(rows[i].error)))
            fail_msg("%s: %.*s", rows[i].written, SLICE_ARG(text_slice(&error)));
        text_deinit(&error);
    }
}

static void new_demands_what_has_no_fallback(void **state)
{
    (void)state;
    struct operation_parameter all[OPERATION_PARAMETERS_MAX];
    size_t count =
        operation_parameters(&operations[OPERATION_NEW_MAILBOX], all, OPERATION_PARAMETERS_MAX);
    for (size_t i = 0; i < count; i++) {
        struct slice name = slice_of(all[i].name);
        bool expected =
            slice_equal(name, SLICE("Name")) || slice_equal(name, SLICE("PrimarySmtpAddress"));
        row_expect(all[i].name, "required", all[i].required, expected);
        row_expect(all[i].name, "positional", all[i].positional, slice_equal(name, SLICE("Name")));
    }
    struct operation_parameter bindings;
    assert_true(operation_parameter_find(&operations[OPERATION_NEW_RECEIVE_CONNECTOR],
                                         SLICE("Bindings"), &bindings, NULL));
    assert_false(bindings.required);
}

static void words_without_a_name_have_their_place(void **state)
{
    (void)state;
    struct operation_parameter found;
    assert_true(operation_positional(&operations[OPERATION_SET_RECEIVE_CONNECTOR], 0, &found));
    assert_string_equal(found.name, "Identity");
    assert_false(operation_positional(&operations[OPERATION_SET_RECEIVE_CONNECTOR], 1, &found));
    assert_true(operation_positional(&operations[OPERATION_ENABLE_CERTIFICATE], 0, &found));
    assert_string_equal(found.name, "Thumbprint");
}

static void help_leaves_out_what_has_no_effect(void **state)
{
    (void)state;
    struct text help = text_with_ceiling(1 << 20);
    assert_true(operation_print_help(&operations[OPERATION_SET_RECEIVE_CONNECTOR], &help));
    assert_true(slice_contains(text_slice(&help), SLICE("-RequireTLS")));
    assert_true(
        slice_contains(text_slice(&help), SLICE("Example:\n  postern Set-ReceiveConnector")));
    assert_false(slice_contains(text_slice(&help), SLICE("-EnableAuthGSSAPI")));
    struct operation_parameter found;
    assert_true(operation_parameter_find(&operations[OPERATION_SET_RECEIVE_CONNECTOR],
                                         SLICE("EnableAuthGSSAPI"), &found, NULL));
    text_clear(&help);
    assert_true(operation_print_list(&help));
    assert_true(slice_contains(text_slice(&help), SLICE("Disable-ExchangeCertificate")));
    text_deinit(&help);
}

static void the_audit_trail_holds_no_secret(void **state)
{
    (void)state;
    static const struct {
        enum operation_id operation;
        const char *parameters, *written;
    } rows[] = {
        {OPERATION_NEW_MAILBOX, "{\"Name\":\"alice\",\"Password\":\"hunter2\"}",
         "New-Mailbox -Name alice -Password ***"},
        {OPERATION_IMPORT_CERTIFICATE, "{\"FileData\":\"aGk=\",\"Passw\":\"x\"}",
         "Import-ExchangeCertificate -FileData *** -Passw ***"},
        {OPERATION_NEW_MAILBOX, "{\"Pasword\":\"hunter2\"}", "New-Mailbox -Pasword ***"},
        {OPERATION_SET_RECEIVE_CONNECTOR,
         "{\"Identity\":\"MX1\\\\Client Frontend MX1\",\"RequireTLS\":true,\"Banner\":null,"
         "\"MaxHopCount\":7,\"Bindings\":[\"[::]:25\",\"0.0.0.0:25\"],"
         "\"RemoteIPRanges\":{\"Add\":\"10.0.0.0/8\",\"Remove\":[\"a\",\"b\"]}}",
         "Set-ReceiveConnector -Identity 'MX1\\Client Frontend MX1' -RequireTLS $true "
         "-Banner $null -MaxHopCount 7 -Bindings [::]:25,0.0.0.0:25 "
         "-RemoteIPRanges @{Add='10.0.0.0/8';Remove='a','b'}"},
        {OPERATION_SET_RECEIVE_CONNECTOR, "{\"Comment\":\"a\\nb \\u001b[2J\"}",
         "Set-ReceiveConnector -Comment \"a`nb `e[2J\""},
        {OPERATION_SET_RECEIVE_CONNECTOR,
         "{\"Identity\":\"$x,y\",\"Comment\":\"it's\",\"Fqdn\":\"007\",\"Banner\":\"-x\","
         "\"Enabled\":\"$false\"}",
         "Set-ReceiveConnector -Identity '$x,y' -Comment 'it''s' -Fqdn '007' -Banner '-x' -Enabled "
         "$false"},
        {OPERATION_REMOVE_RECEIVE_CONNECTOR,
         "{\"Identity\":\"MX1\\\\x\",\"Force\":true,\"Confirm\":\"$false\"}",
         "Remove-ReceiveConnector -Identity MX1\\x -Force -Confirm:$false"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text text = text_with_ceiling(4096);
        json_t *parameters = json_loads(rows[i].parameters, 0, NULL);
        assert_non_null(parameters);
        assert_true(operation_append_command(&text, &operations[rows[i].operation], parameters));
        row_expect_slice(rows[i].parameters, text_slice(&text), slice_of(rows[i].written));
        json_decref(parameters);
        text_deinit(&text);
    }
}

static void categories_and_exit_codes_belong_together(void **state)
{
    (void)state;
    static const enum operation_error errors[] = {
        OPERATION_FAILED,   OPERATION_USAGE,  OPERATION_NOT_FOUND,
        OPERATION_CONFLICT, OPERATION_DENIED, OPERATION_UNREACHABLE,
    };
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        const char *category = operation_error_category(errors[i]);
        assert_true(category[0] != '\0');
        row_expect(category, "error", operation_error_of_category(slice_of(category)), errors[i]);
    }
    assert_int_equal(operation_error_of_category(SLICE("SomethingNew")), OPERATION_FAILED);
}

static void distance_counts_letters(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        size_t distance;
    } rows[] = {
        {"", "", 0}, {"abc", "ABC", 0}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"ab", "ba", 2}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        row_expect(rows[i].b, "distance",
                   (long long)name_distance(slice_of(rows[i].a), slice_of(rows[i].b)),
                   (long long)rows[i].distance);
}

static void a_value_in_the_audit_log_is_as_it_was_written_or_hidden(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value, *written;
    } rows[] = {
        {"Name", "\"a \\\"b\\\" c\"", "a \"b\" c"},
        {"Enabled", "true", "$true"},
        {"EmailAddresses", "[\"a@b.c\",\"d@e.f\"]", "a@b.c,d@e.f"},
        {"EmailAddresses", "{\"Add\":\"a@b.c\"}", "@{Add='a@b.c'}"},
        {"Password", "\"hunter2\"", "***"},
        {"passw", "\"hunter2\"", "***"},
        {"Pasword", "\"hunter2\"", "***"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text text = text_with_ceiling(4096);
        json_t *value = json_loads(rows[i].value, JSON_DECODE_ANY, NULL);
        assert_non_null(value);
        assert_true(
            operation_append_value(&text, &operations[OPERATION_NEW_MAILBOX], rows[i].name, value));
        row_expect_slice(rows[i].value, text_slice(&text), slice_of(rows[i].written));
        json_decref(value);
        text_deinit(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(parameters_have_help_and_names_of_their_own),
        cmocka_unit_test(the_examples_use_parameters_that_exist),
        cmocka_unit_test(a_wrong_cmdlet_is_answered_with_the_nearest),
        cmocka_unit_test(parameters_are_found_by_name_and_abbreviation),
        cmocka_unit_test(new_demands_what_has_no_fallback),
        cmocka_unit_test(words_without_a_name_have_their_place),
        cmocka_unit_test(help_leaves_out_what_has_no_effect),
        cmocka_unit_test(the_audit_trail_holds_no_secret),
        cmocka_unit_test(a_value_in_the_audit_log_is_as_it_was_written_or_hidden),
        cmocka_unit_test(categories_and_exit_codes_belong_together),
        cmocka_unit_test(distance_counts_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
