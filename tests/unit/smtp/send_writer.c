/* SPDX-License-Identifier: Apache-2.0 */
/* send_writer: bodies in their three forms, in any cut. */
#include "smtp/send_writer.h"

#include "base/attributes.h"
#include "support/rows.h"

static const struct row {
    const char *name;
    struct slice body, dotted, lines;
} rows[] = {
    /* clang-format off */
    {"nothing", SLICE_INIT(""), SLICE_INIT(".\r\n"), SLICE_INIT("")},
    {"a line", SLICE_INIT("a\r\n"), SLICE_INIT("a\r\n.\r\n"), SLICE_INIT("a\r\n")},
    {"no end", SLICE_INIT("a"), SLICE_INIT("a\r\n.\r\n"), SLICE_INIT("a\r\n")},
    {"empty lines", SLICE_INIT("\r\n\r\n"), SLICE_INIT("\r\n\r\n.\r\n"), SLICE_INIT("\r\n\r\n")},
    {"bare LF", SLICE_INIT("a\nb\n"), SLICE_INIT("a\r\nb\r\n.\r\n"), SLICE_INIT("a\r\nb\r\n")},
    {"bare CR", SLICE_INIT("a\rb\r"), SLICE_INIT("a\r\nb\r\n.\r\n"), SLICE_INIT("a\r\nb\r\n")},
    {"CR CR LF", SLICE_INIT("a\r\r\nb\r\n"), SLICE_INIT("a\r\n\r\nb\r\n.\r\n"), SLICE_INIT("a\r\n\r\nb\r\n")},
    {"LF CR", SLICE_INIT("a\n\rb\r\n"), SLICE_INIT("a\r\n\r\nb\r\n.\r\n"), SLICE_INIT("a\r\n\r\nb\r\n")},
    {"LF LF", SLICE_INIT("\n\n"), SLICE_INIT("\r\n\r\n.\r\n"), SLICE_INIT("\r\n\r\n")},
    {"dots", SLICE_INIT(".\r\n..\r\n.a\r\na.\r\n"), SLICE_INIT("..\r\n...\r\n..a\r\na.\r\n.\r\n"), SLICE_INIT(".\r\n..\r\n.a\r\na.\r\n")},
    {"a dot at the end", SLICE_INIT("a\r\n."), SLICE_INIT("a\r\n..\r\n.\r\n"), SLICE_INIT("a\r\n.\r\n")},
    {"ends of another kind", SLICE_INIT("a\n.\nb\r.\rc\r\n.\nd\n.\r\ne"), SLICE_INIT("a\r\n..\r\nb\r\n..\r\nc\r\n..\r\nd\r\n..\r\ne\r\n.\r\n"),
     SLICE_INIT("a\r\n.\r\nb\r\n.\r\nc\r\n.\r\nd\r\n.\r\ne\r\n")},
    {"NUL and 8 bits", SLICE_INIT("\0\xff\x85\r\n"), SLICE_INIT("\0\xff\x85\r\n.\r\n"), SLICE_INIT("\0\xff\x85\r\n")},
    /* clang-format on */
};

static void write_in_pieces(const struct row *row, enum send_form form, size_t cut,
                            struct slice expected)
{
    char storage[256];
    struct text out = text_over(storage, sizeof storage);
    struct send_writer writer = {.form = form};
    struct slice rest = row->body;
    bool last;
    do {
        struct slice piece = slice_first(rest, cut);
        rest = slice_after(rest, cut);
        last = rest.len == 0;
        size_t measured = send_writer_measure(&writer, piece, last), before = out.len;
        assert_true(send_writer_write(&writer, piece, last, &out));
        row_expect(row->name, "measured", (long long)measured, (long long)(out.len - before));
        row_expect(row->name, "twice the piece is enough",
                   measured <= 2 * piece.len + (last ? SEND_WRITER_END_MAX : 0), true);
    } while (!last);
    row_expect_slice(row->name, text_slice(&out), expected);
}

static void bodies_are_written_in_any_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t cut = 1; cut <= rows[i].body.len + 1; cut++) {
            write_in_pieces(&rows[i], SEND_FORM_DOTTED, cut, rows[i].dotted);
            write_in_pieces(&rows[i], SEND_FORM_LINES, cut, rows[i].lines);
            write_in_pieces(&rows[i], SEND_FORM_VERBATIM, cut, rows[i].body);
        }
}

static void no_room_is_said(void **state)
{
    (void)state;
    char storage[4];
    struct text out = text_over(storage, sizeof storage);
    struct send_writer writer = {.form = SEND_FORM_DOTTED};
    assert_false(send_writer_write(&writer, SLICE("ab\r\ncd"), false, &out));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_are_written_in_any_cut),
        cmocka_unit_test(no_room_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
