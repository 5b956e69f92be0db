/* SPDX-License-Identifier: Apache-2.0 */
/* log_row: whatever goes in is one line, and comes back as it is shown. */
#include "support/rows.h"

#include "base/log_row.h"

enum { FIELDS_MAX = 8 };

static void fields_are_fit_for_a_line(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct slice value;
        size_t max;
        const char *written;
    } rows[] = {
        {"plain", SLICE_INIT("250 2.1.0 Sender OK"), 100, "250 2.1.0 Sender OK"},
        {"empty", SLICE_INIT(""), 100, ""},
        {"comma", SLICE_INIT("a,b"), 100, "\"a,b\""},
        {"quotes", SLICE_INIT("say \"x\""), 100, "\"say \"\"x\"\"\""},
        {"blanks", SLICE_INIT(" x"), 100, "\" x\""},
        {"line ends", SLICE_INIT("a\r\nforged,row"), 100, "\"a\\x0D\\x0Aforged,row\""},
        {"escape", SLICE_INIT("\033[2J"), 100, "\\x1B[2J"},
        {"zero", SLICE_INIT("a\0b"), 100, "a\\x00b"},
        {"beyond ascii", SLICE_INIT("\xc2\x9b\xff"), 100, "\\xC2\\x9B\\xFF"},
        {"delete", SLICE_INIT("\x7f"), 100, "\\x7F"},
        {"backslash", SLICE_INIT("MX\\Default"), 100, "MX\\Default"},
        {"cut", SLICE_INIT("abcdef"), 3, "abc..."},
        {"cut before a comma", SLICE_INIT("abc,def"), 3, "abc..."},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char storage[200];
        struct text row = text_over(storage, sizeof storage);
        assert_true(log_row_field(&row, rows[i].value, rows[i].max));
        assert_true(log_row_end(&row));
        struct slice seen = text_slice(&row);
        row_expect_slice(rows[i].name, slice_after(seen, seen.len - 2), SLICE("\r\n"));
        row_expect_slice(rows[i].name, slice_first(seen, seen.len - 2), slice_of(rows[i].written));
    }
}

static void a_row_comes_back(void **state)
{
    (void)state;
    static const struct slice values[] = {
        SLICE_INIT("plain"), SLICE_INIT(""),     SLICE_INIT("a,b"), SLICE_INIT("\"\""),
        SLICE_INIT(" "),     SLICE_INIT("x\"y"), SLICE_INIT(","),   SLICE_INIT(""),
    };
    char storage[200], scratch_storage[200];
    struct text row = text_over(storage, sizeof storage);
    struct text scratch = text_over(scratch_storage, sizeof scratch_storage);
    for (size_t i = 0; i < COUNT_OF(values); i++)
        assert_true(log_row_field(&row, values[i], 100));
    assert_true(log_row_end(&row));
    struct slice fields[FIELDS_MAX];
    struct slice line = slice_first(text_slice(&row), row.len - 2);
    assert_int_equal(log_row_split(line, &scratch, fields, FIELDS_MAX), COUNT_OF(values));
    for (size_t i = 0; i < COUNT_OF(values); i++)
        row_expect_slice("field", fields[i], values[i]);
    text_clear(&scratch);
    assert_int_equal(log_row_split(line, &scratch, fields, 3), 3);
}

static void what_is_no_row_is_refused(void **state)
{
    (void)state;
    static const char *const lines[] = {"\"open", "\"a\"b,c", "a,\"", "\"\"\"", "a,\"b\"\"c"};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        char storage[100];
        struct text scratch = text_over(storage, sizeof storage);
        struct slice fields[FIELDS_MAX];
        row_expect(lines[i], "fields",
                   (long long)log_row_split(slice_of(lines[i]), &scratch, fields, FIELDS_MAX), 0);
    }
}

static void times_and_numbers(void **state)
{
    (void)state;
    char storage[200];
    struct text row = text_over(storage, sizeof storage);
    assert_true(log_row_time(&row, 1548374638478));
    assert_true(log_row_number(&row, UINT64_MAX));
    assert_true(log_row_end(&row));
    row_expect_slice("row", text_slice(&row),
                     SLICE("2019-01-25T00:03:58.478Z,18446744073709551615\r\n"));
}

static void a_row_without_room_says_so(void **state)
{
    (void)state;
    char storage[8];
    struct text row = text_over(storage, sizeof storage);
    log_row_field(&row, SLICE("four"), 100);
    log_row_field(&row, SLICE("more than that"), 100);
    assert_false(log_row_end(&row));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_fit_for_a_line),  cmocka_unit_test(a_row_comes_back),
        cmocka_unit_test(what_is_no_row_is_refused),  cmocka_unit_test(times_and_numbers),
        cmocka_unit_test(a_row_without_room_says_so),
    };
    return cmocka_run_group_tests_name("base/log_row", tests, NULL, NULL);
}
