/* SPDX-License-Identifier: Apache-2.0 */
/* line: what ends a line, what makes it bad, and that cuts do not matter. */
#include "support/rows.h"

#include "base/text.h"
#include "smtp/line.h"

#include <string.h>

enum { MAX = 5 };

/* Each outcome as a letter: C, B or L, a complete line with its text in brackets. `kept` is what
 * was left. */
static void frame(struct slice bytes, size_t cut, struct text *seen, size_t *kept)
{
    struct line_framer framer = {0};
    char storage[64];
    struct text input = text_over(storage, sizeof storage);
    while (bytes.len) {
        text_append(&input, slice_first(bytes, cut));
        bytes = slice_after(bytes, cut);
        struct slice rest = text_slice(&input);
        struct slice line;
        enum line_outcome outcome;
        while ((outcome = line_take(&framer, &rest, MAX, &line)) != LINE_PARTIAL) {
            text_append_byte(seen, "?CBL"[outcome]);
            if (outcome == LINE_COMPLETE)
                text_append_format(seen, "[%.*s]", SLICE_ARG(line));
        }
        assert_true(rest.len <= MAX + 1);
        text_consume(&input, input.len - rest.len);
    }
    *kept = input.len;
}

static void lines_end_with_cr_lf_only(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct slice bytes;
        const char *seen;
        size_t kept;
    } rows[] = {
        {"two", SLICE_INIT("a\r\nbc\r\n"), "C[a]C[bc]", 0},
        {"empty", SLICE_INIT("\r\n\r\n"), "C[]C[]", 0},
        {"half", SLICE_INIT("a\r\nbc\r"), "C[a]", 3},
        {"bare LF", SLICE_INIT("a\nb\r\nc\r\n"), "BC[c]", 0},
        {"bare CR", SLICE_INIT("a\rb\r\nc\r\n"), "BC[c]", 0},
        {"CR CR LF", SLICE_INIT("a\r\r\nc\r\n"), "BC[c]", 0},
        {"LF first", SLICE_INIT("\nQ\r\n"), "B", 0},
        {"NUL", SLICE_INIT("a\0b\r\n"), "B", 0},
        {"at the limit", SLICE_INIT("12345\r\n"), "C[12345]", 0},
        {"at the limit, CR", SLICE_INIT("12345\r"), "", 6},
        {"over it", SLICE_INIT("123456\r\nb\r\n"), "LC[b]", 0},
        {"far over it", SLICE_INIT("123456789012\r\nb\r\n"), "LC[b]", 0},
        {"over it and bad", SLICE_INIT("1\n3456789\r0\0\n2\r\nb\r\n"), "LC[b]", 0},
        {"rest of a long line", SLICE_INIT("1234567\nQ\r\r\nb\r\n"), "LC[b]", 0},
        {"unended", SLICE_INIT("123456789"), "", 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t cut = 1; cut <= 30; cut++) {
            char storage[128];
            struct text seen = text_over(storage, sizeof storage);
            size_t kept;
            frame(rows[i].bytes, cut, &seen, &kept);
            row_expect_slice(rows[i].name, text_slice(&seen), slice_of(rows[i].seen));
            row_expect(rows[i].name, "kept", (long long)kept, (long long)rows[i].kept);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines_end_with_cr_lf_only)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
