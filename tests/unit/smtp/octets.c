/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/octets.h"
#include "support/rows.h"

#include "base/attributes.h"

static void only_lines_are_lines_in_any_cut(void **state)
{
    (void)state;
    static const struct {
        struct slice content;
        bool lines;
    } rows[] = {
        {SLICE_INIT(""), true},
        {SLICE_INIT("a"), true},
        {SLICE_INIT("a\r\n"), true},
        {SLICE_INIT("a\r\nb\r\n\r\n"), true},
        {SLICE_INIT("a\r\n.\r\nb"), true},
        {SLICE_INIT("a\n"), false},
        {SLICE_INIT("a\rb"), false},
        {SLICE_INIT("a\r"), false},
        {SLICE_INIT("a\r\r\n"), false},
        {SLICE_INIT("\n"), false},
        {SLICE_INIT("a\r\n\nb"), false},
        {SLICE_INIT("a\0b"), false},
        {SLICE_INIT("a\r\0\n"), false},
        {SLICE_INIT("\xff\xfe\r\n"), true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t step = 1; step <= rows[i].content.len + 1; step++) {
            struct octets octets = {0};
            for (struct slice rest = rows[i].content; rest.len; rest = slice_after(rest, step))
                octets_take(&octets, slice_first(rest, step));
            row_expect(rows[i].content.at, "lines", octets_are_lines(&octets), rows[i].lines);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(only_lines_are_lines_in_any_cut)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
