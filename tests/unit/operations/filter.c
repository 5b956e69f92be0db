/* SPDX-License-Identifier: Apache-2.0 */
/* -Filter: which objects fit, and how it is said that a filter is none. */
#include "operations/filter.h"

#include "base/calendar.h"
#include "support/rows.h"

static const char an_object[] =
    "{\"Identity\":\"MX1\\\\Mailbox\",\"Status\":\"Retry\",\"MessageCount\":12,\"Damaged\":false,"
    "\"NextRetryTime\":\"2026-03-03T12:00:00.000Z\",\"LastError\":\"\",\"Nothing\":null,"
    "\"Recipients\":[\"bob@contoso.com\",\"carol@fabrikam.com\"]}";

static const struct row {
    const char *written;
    bool taken;
} rows[] = {
    {"", true},
    {"Status -eq 'Retry'", true},
    {"status -EQ retry", true},
    {"{Status -eq \"Retry\"}", true},
    {" { Status -ne 'Retry' } ", false},
    {"MessageCount -gt 5", true},
    {"MessageCount -gt 12", false},
    {"MessageCount -ge 12", true},
    {"MessageCount -lt 100", true},
    {"MessageCount -le 11", false},
    {"Identity -like 'MX1\\*'", true},
    {"Identity -like *queue", false},
    {"Identity -notlike *queue", true},
    {"Damaged -eq $false", true},
    {"Damaged -eq $true", false},
    {"LastError -eq $null", true},
    {"LastError -ne $null", false},
    {"Nothing -eq $null", true},
    {"Status -ne $null", true},
    {"NextRetryTime -gt 2026-03-03", true},
    {"NextRetryTime -lt '2026-03-03T12:00:00Z'", false},
    {"Recipients -contains bob@contoso.com", true},
    {"Recipients -like '*@fabrikam.com'", true},
    {"Recipients -like '*@example.com'", false},
    {"Recipients -notlike '*@example.com'", true},
    {"Recipients -notlike '*@fabrikam.com'", false},
    {"Status -eq Retry -and MessageCount -gt 5", true},
    {"Status -eq 'Retry' -AND MessageCount -gt 50", false},
    {"Missing -eq 1", false},
};

static void objects_fit_or_not(void **state)
{
    (void)state;
    json_t *object = json_loads(an_object, 0, NULL);
    assert_non_null(object);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text error = text_with_ceiling(1000);
        struct filter filter;
        if (!filter_parse(slice_of(rows[i].written), &filter, &error))
            fail_msg("%s: %.*s", rows[i].written, SLICE_ARG(text_slice(&error)));
        row_expect(rows[i].written, "taken", filter_takes(&filter, object), rows[i].taken);
        text_deinit(&error);
    }
    struct filter filter;
    assert_true(filter_parse(SLICE("status -eq 1 -and Colour -eq red"), &filter, NULL));
    row_expect_slice("the first unknown", filter_unknown_property(&filter, object),
                     SLICE("Colour"));
    json_decref(object);
}

/* --- numbers and moments, against the same written as text --- */

static void expect_alike(struct slice written, int64_t number)
{
    char number_bytes[32], moment_bytes[32];
    struct text as_number = text_over(number_bytes, sizeof number_bytes);
    struct text as_moment = text_over(moment_bytes, sizeof moment_bytes);
    struct filter filter;
    assert_true(filter_parse(written, &filter, NULL));
    const struct filter_condition *condition = &filter.conditions[0];
    text_append_i64(&as_number, number);
    calendar_append_rfc3339(&as_moment, number);
    row_expect(written.at, "as a number", filter_condition_takes_number(condition, number),
               filter_condition_takes(condition, text_slice(&as_number)));
    row_expect(written.at, "as a moment", filter_condition_takes_moment(condition, number),
               filter_condition_takes(condition, text_slice(&as_moment)));
}

static void a_number_fits_as_its_text_does(void **state)
{
    (void)state;
    static const char *const operators[] = {"-eq", "-ne",   "-gt",      "-ge",      "-lt",
                                            "-le", "-like", "-notlike", "-contains"};
    static const char *const values[] = {"0",
                                         "7",
                                         "-7",
                                         "007",
                                         "86400000",
                                         "9223372036854775807",
                                         "99999999999999999999",
                                         "x",
                                         "",
                                         "*",
                                         "1*",
                                         "*Z",
                                         "$null",
                                         "$true",
                                         "1970-01-01",
                                         "1970-01-02T00:00:00Z",
                                         "1970-01-02T01:00:00+01:00",
                                         "1970-01-02T00:00:00.000Z",
                                         "1970-13-01"};
    static const int64_t numbers[] = {0, 7, -7, 1, 86399999, 86400000, 86400001, 253402300799999};
    char bytes[80];
    for (size_t i = 0; i < COUNT_OF(operators); i++)
        for (size_t j = 0; j < COUNT_OF(values); j++)
            for (size_t k = 0; k < COUNT_OF(numbers); k++) {
                bool bare = values[j][0] == '$';
                snprintf(bytes, sizeof bytes, bare ? "Size %s %s" : "Size %s '%s'", operators[i],
                         values[j]);
                expect_alike(slice_of(bytes), numbers[k]);
            }
}

static const struct wrong_row {
    const char *written, *says;
} wrong_rows[] = {
    {"Status", "no operator is called \"\""},
    {"Status = 'Retry'", "no operator is called \"=\""},
    {"Status -eq", "there is no value behind \"-eq\""},
    {"Status -eq 'Retry", "the quote is not closed"},
    {"Status -eq $status", "the server knows no variables"},
    {"Status -eq Retry -or Status -eq Ready", "joined by -and alone, not by \"-or\""},
    {"Status -eq Retry -and", "there is nothing behind \"-and\""},
};

static void what_is_no_filter_is_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong_rows); i++) {
        struct text error = text_with_ceiling(1000);
        struct filter filter;
        assert_false(filter_parse(slice_of(wrong_rows[i].written), &filter, &error));
        if (!slice_contains(text_slice(&error), slice_of(wrong_rows[i].says)))
            fail_msg("%s: %.*s", wrong_rows[i].written, SLICE_ARG(text_slice(&error)));
        text_deinit(&error);
    }
}

static void there_is_a_ceiling(void **state)
{
    (void)state;
    struct text many = text_with_ceiling(4000), error = text_with_ceiling(1000);
    struct filter filter;
    for (size_t i = 0; i <= FILTER_CONDITIONS_MAX; i++)
        text_append_format(&many, "%sA -eq 1", i ? " -and " : "");
    assert_false(filter_parse(text_slice(&many), &filter, &error));
    text_deinit(&many);
    text_deinit(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_fit_or_not),
        cmocka_unit_test(a_number_fits_as_its_text_does),
        cmocka_unit_test(what_is_no_filter_is_said),
        cmocka_unit_test(there_is_a_ceiling),
    };
    return cmocka_run_group_tests_name("operations/filter", tests, NULL, NULL);
}
