/* SPDX-License-Identifier: Apache-2.0 */
/* canonical: bodies and fields in both forms, in any cut. */
#include "dkim/canonical.h"

#include "base/attributes.h"
#include "support/rows.h"

enum { OUT_MAX = 512 };

static const struct body_row {
    const char *name;
    struct slice body, relaxed, simple;
} bodies[] = {
    /* clang-format off */
    {"nothing", SLICE_INIT(""), SLICE_INIT(""), SLICE_INIT("\r\n")},
    {"an empty line", SLICE_INIT("\r\n"), SLICE_INIT(""), SLICE_INIT("\r\n")},
    {"empty lines", SLICE_INIT("\r\n\r\n\r\n"), SLICE_INIT(""), SLICE_INIT("\r\n")},
    {"blanks alone", SLICE_INIT(" \t\r\n"), SLICE_INIT(""), SLICE_INIT(" \t\r\n")},
    {"RFC 6376 3.4.5", SLICE_INIT(" C \r\nD \t E\r\n\r\n\r\n"), SLICE_INIT(" C\r\nD E\r\n"), SLICE_INIT(" C \r\nD \t E\r\n")},
    {"no end", SLICE_INIT("a"), SLICE_INIT("a\r\n"), SLICE_INIT("a\r\n")},
    {"a blank at the end", SLICE_INIT("a\r\nb "), SLICE_INIT("a\r\nb\r\n"), SLICE_INIT("a\r\nb \r\n")},
    {"blanks behind the last line", SLICE_INIT("a\r\n \r\n\t"), SLICE_INIT("a\r\n"), SLICE_INIT("a\r\n \r\n\t\r\n")},
    {"empty lines within", SLICE_INIT("\r\na\r\n\r\n\r\nb\r\n"), SLICE_INIT("\r\na\r\n\r\n\r\nb\r\n"), SLICE_INIT("\r\na\r\n\r\n\r\nb\r\n")},
    {"a CR alone", SLICE_INIT("a\rb\r\r\n\r"), SLICE_INIT("a\rb\r\r\n\r\r\n"), SLICE_INIT("a\rb\r\r\n\r\r\n")},
    {"an LF alone", SLICE_INIT("a\nb\r\n"), SLICE_INIT("a\nb\r\n"), SLICE_INIT("a\nb\r\n")},
    {"NUL and 8 bits", SLICE_INIT("\0\xff  \x85\r\n"), SLICE_INIT("\0\xff \x85\r\n"), SLICE_INIT("\0\xff  \x85\r\n")},
    /* clang-format on */
};

static void gather(void *context, struct slice bytes)
{
    assert_true(text_append(context, bytes));
}

static void feed_in_pieces(const struct body_row *row, enum canonical_form form, size_t cut,
                           struct slice expected)
{
    char storage[OUT_MAX];
    struct text out = text_over(storage, sizeof storage);
    struct canonical_body body = {.form = form, .sink = gather, .context = &out};
    for (struct slice rest = row->body; rest.len; rest = slice_after(rest, cut))
        canonical_body_feed(&body, slice_first(rest, cut));
    canonical_body_end(&body);
    row_expect_slice(row->name, text_slice(&out), expected);
}

static void bodies_are_the_same_in_any_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bodies); i++)
        for (size_t cut = 1; cut <= bodies[i].body.len + 1; cut++) {
            feed_in_pieces(&bodies[i], CANONICAL_RELAXED, cut, bodies[i].relaxed);
            feed_in_pieces(&bodies[i], CANONICAL_SIMPLE, cut, bodies[i].simple);
        }
}

static const struct field_row {
    const char *name, *field, *relaxed, *simple;
} fields[] = {
    {"RFC 6376 3.4.5, first", "A: X\r\n", "a:X", "A: X"},
    {"RFC 6376 3.4.5, second", "B : Y\t\r\n\tZ  \r\n", "b:Y Z", "B : Y\t\r\n\tZ  "},
    {"no line end", "A:x", "a:x", "A:x"},
    {"no value", "Subject: \r\n", "subject:", "Subject: "},
    {"folded at once", "To:\r\n a\r\n", "to:a", "To:\r\n a"},
    {"more colons", "A: b:c\r\n", "a:b:c", "A: b:c"},
    {"a CR alone", "A: b\rc\r\n", "a:b\rc", "A: b\rc"},
};

static void fields_are_made_alike(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        char storage[OUT_MAX];
        struct text out = text_over(storage, sizeof storage);
        assert_true(canonical_field_append(CANONICAL_RELAXED, slice_of(fields[i].field), &out));
        row_expect_slice(fields[i].name, text_slice(&out), slice_of(fields[i].relaxed));
        text_clear(&out);
        assert_true(canonical_field_append(CANONICAL_SIMPLE, slice_of(fields[i].field), &out));
        row_expect_slice(fields[i].name, text_slice(&out), slice_of(fields[i].simple));
    }
    struct text none = text_over(NULL, 0);
    assert_false(canonical_field_append(CANONICAL_RELAXED, SLICE("A: x"), &none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_are_the_same_in_any_cut),
        cmocka_unit_test(fields_are_made_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
