/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/octets.h"
#include "support/rows.h"

#include "base/attributes.h"
#include "base/text.h"

/* Passes `content` through in steps of this size; what comes out is appended to `out`. */
static void pass(struct octets *octets, struct slice content, size_t step, struct text *out)
{
    for (struct slice rest = content; rest.len; rest = slice_after(rest, step)) {
        struct slice input = slice_first(rest, step), piece;
        while (octets_take(octets, &input, &piece)) {
            assert_true(piece.len > 0);
            text_append(out, piece);
        }
        assert_int_equal(input.len, 0);
    }
}

static void only_lines_are_lines_in_any_cut(void **state)
{
    (void)state;
    static const struct {
        struct slice content, mended; /* as it leaves with mends_bare_lf */
        bool lines, mended_lines;
    } rows[] = {
        /* clang-format off */
        {SLICE_INIT(""),                     SLICE_INIT(""),                     true,  true},
        {SLICE_INIT("a"),                    SLICE_INIT("a"),                    true,  true},
        {SLICE_INIT("a\r\n"),                SLICE_INIT("a\r\n"),                true,  true},
        {SLICE_INIT("a\r\nb\r\n\r\n"),       SLICE_INIT("a\r\nb\r\n\r\n"),       true,  true},
        {SLICE_INIT("a\r\n.\r\nb"),          SLICE_INIT("a\r\n.\r\nb"),          true,  true},
        {SLICE_INIT("a\n"),                  SLICE_INIT("a\r\n"),                false, true},
        {SLICE_INIT("a\rb"),                 SLICE_INIT("a\rb"),                 false, false},
        {SLICE_INIT("a\r"),                  SLICE_INIT("a\r"),                  false, false},
        {SLICE_INIT("a\r\r\n"),              SLICE_INIT("a\r\r\n"),              false, false},
        {SLICE_INIT("\n"),                   SLICE_INIT("\r\n"),                 false, true},
        {SLICE_INIT("a\r\n\nb\n\n"),         SLICE_INIT("a\r\n\r\nb\r\n\r\n"),   false, true},
        {SLICE_INIT("a\n.\r\n"),             SLICE_INIT("a\r\n.\r\n"),           false, true},
        {SLICE_INIT("a\rb\n"),               SLICE_INIT("a\rb\r\n"),             false, false},
        {SLICE_INIT("a\0b"),                 SLICE_INIT("a\0b"),                 false, false},
        {SLICE_INIT("a\r\0\n"),              SLICE_INIT("a\r\0\r\n"),            false, false},
        {SLICE_INIT("\xff\xfe\r\n"),         SLICE_INIT("\xff\xfe\r\n"),         true,  true},
        /* clang-format on */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t step = 1; step <= rows[i].content.len + 1; step++)
            for (int mends = 0; mends < 2; mends++) {
                char storage[64];
                struct text out = text_over(storage, sizeof storage);
                struct octets octets = {.mends_bare_lf = mends};
                pass(&octets, rows[i].content, step, &out);
                row_expect_slice(rows[i].content.at, text_slice(&out),
                                 mends ? rows[i].mended : rows[i].content);
                row_expect(rows[i].content.at, "lines", octets_are_lines(&octets),
                           mends ? rows[i].mended_lines : rows[i].lines);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(only_lines_are_lines_in_any_cut)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
