/* SPDX-License-Identifier: Apache-2.0 */
/* Words of a command line as parameters. */
#include "support/rows.h"

#include "shell/arguments.h"

#include <stdlib.h>

enum { WORDS_MAX = 10 };

/* clang-format off */
static const struct {
    enum operation_id operation;
    const char *words[WORDS_MAX];
    const char *parameters; /* as JSON; NULL: refused */
    const char *error;      /* a part of it */
} rows[] = {
    {OPERATION_SET_RECEIVE_CONNECTOR, {"MX1\\Relay", "-RequireTLS", "$true"}, "{\"Identity\":\"MX1\\\\Relay\",\"RequireTLS\":\"$true\"}", NULL},
    {OPERATION_SET_RECEIVE_CONNECTOR, {"-identity:Relay", "-bind", "[::]:25,", "0.0.0.0:25"}, "{\"Identity\":\"Relay\",\"Bindings\":\"[::]:25,0.0.0.0:25\"}", NULL},
    {OPERATION_SET_RECEIVE_CONNECTOR, {"Relay", "-Banner", "$null", "-WhatIf"}, "{\"Identity\":\"Relay\",\"Banner\":null,\"WhatIf\":true}", NULL},
    {OPERATION_SET_RECEIVE_CONNECTOR, {"-WhatIf", "Relay"}, "{\"WhatIf\":true,\"Identity\":\"Relay\"}", NULL},
    {OPERATION_REMOVE_RECEIVE_CONNECTOR, {"Relay", "-Confirm:$false"}, "{\"Identity\":\"Relay\",\"Confirm\":false}", NULL},
    {OPERATION_SET_RECEIVE_CONNECTOR, {"Relay", "-RemoteIPRanges", "@{Add=\"10.0.0.0/8\", '::1' ; remove=a}"}, "{\"Identity\":\"Relay\",\"RemoteIPRanges\":{\"Add\":[\"10.0.0.0/8\",\"::1\"],\"Remove\":[\"a\"]}}", NULL},
    {OPERATION_SET_RECEIVE_CONNECTOR, {"Relay", "\xe2\x80\x93" "RequireTLS", "$true"}, "{\"Identity\":\"Relay\",\"RequireTLS\":\"$true\"}", NULL},
    {OPERATION_SET_MAILBOX, {"demo", "-Password", "-"}, "{\"Identity\":\"demo\",\"Password\":\"-\"}", NULL},
    {OPERATION_NEW_MAILBOX, {"demo", "-Primary", "demo@localhost"}, "{\"Name\":\"demo\",\"PrimarySmtpAddress\":\"demo@localhost\"}", NULL},
    {OPERATION_GET_RECEIVE_CONNECTOR, {"-o", "list"}, "{}", NULL},
    {OPERATION_IMPORT_CERTIFICATE, {"-FileName", "a.pfx"}, "{}", NULL},
    {OPERATION_EXPORT_CERTIFICATE, {"AB", "-FileName", "a.pfx", "-Force"}, "{\"Thumbprint\":\"AB\",\"Force\":true}", NULL},

    {OPERATION_SET_RECEIVE_CONNECTOR, {"Relay", "-RequireTLS"}, NULL, "-RequireTLS needs a value"},
    {OPERATION_SET_RECEIVE_CONNECTOR, {"Relay", "-RequireTLS", "-WhatIf"}, NULL, "-RequireTLS needs a value"},
    {OPERATION_SET_RECEIVE_CONNECTOR, {"Client", "Frontend"}, NULL, "needs quotes"},
    {OPERATION_SET_RECEIVE_CONNECTOR, {"--dry-run", "Relay"}, NULL, "A parameter has one dash here, such as -WhatIf"},
    {OPERATION_GET_RECEIVE_CONNECTOR, {"--json"}, NULL, "or -o json"},
    {OPERATION_SET_RECEIVE_CONNECTOR, {"Relay", "-Identity", "Other"}, NULL, "given twice"},
    {OPERATION_SET_RECEIVE_CONNECTOR, {"Relay", "-RequireTSL", "$true"}, NULL, "did you mean -RequireTLS?"},
    {OPERATION_SET_RECEIVE_CONNECTOR, {"Relay", "-Bindings", "@{Set=a}"}, NULL, "an edit of a list is"},
    {OPERATION_SET_RECEIVE_CONNECTOR, {"Relay", "-Bindings", "@{Add=a"}, NULL, "an edit of a list is"},
    {OPERATION_GET_RECEIVE_CONNECTOR, {"-o", "xml"}, NULL, "table, wide, list, json, jsonl, csv or name"},
    {OPERATION_GET_RECEIVE_CONNECTOR, {"-FileName", "a.pfx"}, NULL, "has no parameter -FileName"},
    {OPERATION_SET_RECEIVE_CONNECTOR, {"Relay", "-Comment", "\xff\xfe"}, NULL, "not UTF-8"},
};
/* clang-format on */

static void words_become_parameters(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text error = text_with_ceiling(1000);
        struct arguments arguments;
        size_t count = 0;
        while (count < WORDS_MAX && rows[i].words[count])
            count++;
        bool good = arguments_parse(&operations[rows[i].operation], rows[i].words, count,
                                    &arguments, &error);
        if (good != (rows[i].parameters != NULL))
            fail_msg("row %zu: %d: %.*s", i, good, SLICE_ARG(text_slice(&error)));
        if (!good && !slice_contains(text_slice(&error), slice_of(rows[i].error)))
            fail_msg("row %zu: %.*s", i, SLICE_ARG(text_slice(&error)));
        if (good) {
            char *written = json_dumps(arguments.parameters, JSON_COMPACT);
            row_expect_slice(rows[i].parameters, slice_of(written), slice_of(rows[i].parameters));
            free(written);
            json_decref(arguments.parameters);
        }
        text_deinit(&error);
    }
}

static void the_clients_own_options_stay_with_it(void **state)
{
    (void)state;
    struct text error = text_with_ceiling(1000);
    struct arguments arguments;
    const char *words[] = {"-filename", "my cert.pfx", "-o:json"};
    assert_true(
        arguments_parse(&operations[OPERATION_IMPORT_CERTIFICATE], words, 3, &arguments, &error));
    row_expect_slice("file", arguments.file_name, SLICE("my cert.pfx"));
    assert_int_equal(arguments.format, FORMAT_JSON);
    assert_int_equal(json_object_size(arguments.parameters), 0);
    json_decref(arguments.parameters);
    text_deinit(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_become_parameters),
        cmocka_unit_test(the_clients_own_options_stay_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
