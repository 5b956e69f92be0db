/* SPDX-License-Identifier: Apache-2.0 */
/* dot: transparency, the one end of data, bad bytes, and that cuts do not matter. */
#include "support/rows.h"

#include "base/text.h"
#include "smtp/dot.h"

#include <stdlib.h>
#include <string.h>

struct seen {
    struct text content;
    size_t used; /* bytes up to and with the end; 0: no end */
    bool bad;
};

static void decode(struct slice bytes, size_t cut, bool mends_bare_lf, struct seen *seen)
{
    struct dot dot = {.mends_bare_lf = mends_bare_lf};
    size_t given = 0;
    *seen = (struct seen){.content = text_with_ceiling(1 << 24)};
    while (given < bytes.len && !seen->used) {
        struct slice input = slice_first(slice_after(bytes, given), cut);
        struct slice piece;
        enum dot_outcome outcome;
        given += input.len;
        while ((outcome = dot_take(&dot, &input, &piece)) == DOT_PIECE) {
            assert_true(piece.len > 0);
            text_append(&seen->content, piece);
        }
        if (outcome == DOT_END)
            seen->used = given - input.len;
    }
    seen->bad = dot.bad_byte;
}

static const struct {
    const char *name;
    struct slice bytes, content;
    size_t left; /* behind the end */
    bool ends, bad;
} rows[] = {
    /* clang-format off */
    {"empty",              SLICE_INIT(".\r\nQ"),              SLICE_INIT(""),                1, true,  false},
    {"one line",           SLICE_INIT("a\r\n.\r\n"),          SLICE_INIT("a\r\n"),           0, true,  false},
    {"stuffed",            SLICE_INIT("..\r\n...\r\n.x\r\n.\r\n"), SLICE_INIT(".\r\n..\r\nx\r\n"), 0, true, false},
    {"dot within",         SLICE_INIT("a.\r\nb\r\n.\r\n"),    SLICE_INIT("a.\r\nb\r\n"),     0, true,  false},
    {"pipelined behind",   SLICE_INIT("a\r\n.\r\nQUIT\r\n"),  SLICE_INIT("a\r\n"),           6, true,  false},
    {"no end yet",         SLICE_INIT("a\r\n."),              SLICE_INIT("a\r\n"),           0, false, false},
    {"LF . LF",            SLICE_INIT("a\n.\nb\r\n.\r\n"),    SLICE_INIT("a\n.\nb\r\n"),     0, true,  true},
    {"LF . CR LF",         SLICE_INIT("a\n.\r\nb\r\n.\r\n"),  SLICE_INIT("a\n.\r\nb\r\n"),   0, true,  true},
    {"CR LF . LF",         SLICE_INIT("a\r\n.\nb\r\n.\r\n"),  SLICE_INIT("a\r\n\nb\r\n"),    0, true,  true},
    {"CR LF . CR",         SLICE_INIT("a\r\n.\rb\r\n.\r\n"),  SLICE_INIT("a\r\n\rb\r\n"),    0, true,  true},
    {"CR LF . CR CR LF",   SLICE_INIT("a\r\n.\r\r\n.\r\n"),   SLICE_INIT("a\r\n\r\r\n"),     0, true,  true},
    {"CR . CR LF",         SLICE_INIT("a\r.\r\nb\r\n.\r\n"),  SLICE_INIT("a\r.\r\nb\r\n"),   0, true,  true},
    {"CR CR LF . CR LF",   SLICE_INIT("a\r\r\n.\r\nQ"),       SLICE_INIT("a\r\r\n"),         1, true,  true},
    {"dot NUL",            SLICE_INIT("\r\n.\0\r\n.\r\n"),    SLICE_INIT("\r\n\0\r\n"),      0, true,  true},
    {"NUL dot",            SLICE_INIT("\r\n\0.\r\n.\r\n"),    SLICE_INIT("\r\n\0.\r\n"),     0, true,  true},
    {"NUL in CR LF",       SLICE_INIT("\r\0\n.\r\n\r\n.\r\n"), SLICE_INIT("\r\0\n.\r\n\r\n"), 0, true, true},
    {"LF first",           SLICE_INIT(".\n\r\n.\r\n"),        SLICE_INIT("\n\r\n"),          0, true,  true},
    /* clang-format on */
};

static void only_cr_lf_dot_cr_lf_ends_the_data(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t cut = 1; cut <= 20; cut++) {
            struct seen seen;
            decode(rows[i].bytes, cut, false, &seen);
            row_expect_slice(rows[i].name, text_slice(&seen.content), rows[i].content);
            row_expect(rows[i].name, "bad", seen.bad, rows[i].bad);
            row_expect(rows[i].name, "used", (long long)seen.used,
                       rows[i].ends ? (long long)(rows[i].bytes.len - rows[i].left) : 0);
            text_deinit(&seen.content);
        }
}

static void a_bare_lf_is_mended_where_that_is_allowed(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct slice bytes, content;
        bool bad;
    } mended[] = {
        /* clang-format off */
        {"nothing to mend",   SLICE_INIT("a\r\n..b\r\n.\r\n"),     SLICE_INIT("a\r\n.b\r\n"),             false},
        {"LF",                SLICE_INIT("a\nb\r\n.\r\n"),         SLICE_INIT("a\r\nb\r\n"),              false},
        {"LF LF",             SLICE_INIT("a\n\n\nb\r\n.\r\n"),     SLICE_INIT("a\r\n\r\n\r\nb\r\n"),      false},
        {"LF behind CR LF",   SLICE_INIT("a\r\n\nb\r\n.\r\n"),     SLICE_INIT("a\r\n\r\nb\r\n"),          false},
        {"LF first",          SLICE_INIT("\n\r\n.\r\n"),           SLICE_INIT("\r\n\r\n"),                false},
        {"LF . LF",           SLICE_INIT("a\n.\nb\r\n.\r\n"),       SLICE_INIT("a\r\n.\r\nb\r\n"),         false},
        {"LF . CR LF",        SLICE_INIT("a\n.\r\nb\r\n.\r\n"),     SLICE_INIT("a\r\n.\r\nb\r\n"),        false},
        {"LF .. CR LF",       SLICE_INIT("a\n..\r\nb\r\n.\r\n"),    SLICE_INIT("a\r\n..\r\nb\r\n"),       false},
        {"CR LF . LF",        SLICE_INIT("a\r\n.\nb\r\n.\r\n"),     SLICE_INIT("a\r\n\r\nb\r\n"),         false},
        {"CR LF LF . CR LF",  SLICE_INIT("a\r\n\n.\r\n\r\n.\r\n"),  SLICE_INIT("a\r\n\r\n.\r\n\r\n"),     false},
        {"CR stays bad",      SLICE_INIT("a\rb\nc\r\n.\r\n"),      SLICE_INIT("a\rb\r\nc\r\n"),          true},
        {"CR CR LF",          SLICE_INIT("a\r\r\n.\r\n"),          SLICE_INIT("a\r\r\n"),                 true},
        {"CR LF . CR CR LF",  SLICE_INIT("a\r\n.\r\r\n.\r\n"),     SLICE_INIT("a\r\n\r\r\n"),             true},
        {"NUL stays bad",     SLICE_INIT("a\n\0\n\r\n.\r\n"),      SLICE_INIT("a\r\n\0\r\n\r\n"),         true},
        /* clang-format on */
    };
    for (size_t i = 0; i < COUNT_OF(mended); i++)
        for (size_t cut = 1; cut <= 20; cut++) {
            struct seen seen;
            decode(mended[i].bytes, cut, true, &seen);
            row_expect_slice(mended[i].name, text_slice(&seen.content), mended[i].content);
            row_expect(mended[i].name, "bad", seen.bad, mended[i].bad);
            row_expect(mended[i].name, "used", (long long)seen.used,
                       (long long)mended[i].bytes.len);
            text_deinit(&seen.content);
        }
}

/* All strings of seven bytes over the five that matter, cut once at each place. */
static void every_short_input_survives_every_cut(void **state)
{
    (void)state;
    enum { LEN = 7, WORDS = 78125 };
    for (unsigned word = 0; word < WORDS; word++) {
        char bytes[LEN];
        unsigned left = word;
        for (size_t i = 0; i < LEN; i++, left /= 5)
            bytes[i] = "\r\n.a\0"[left % 5];
        struct seen whole, single;
        for (int mends = 0; mends < 2; mends++) {
            decode(slice_bytes(bytes, LEN), LEN, mends, &whole);
            decode(slice_bytes(bytes, LEN), 1 + word % 3, mends, &single);
            assert_true(slice_equal(text_slice(&whole.content), text_slice(&single.content)));
            assert_int_equal(whole.used, single.used);
            assert_int_equal(whole.bad, single.bad);
            text_deinit(&whole.content);
            text_deinit(&single.content);
        }
    }
}

static void a_great_body_is_one_piece(void **state)
{
    (void)state;
    enum { LINES = 10000, LINE = 78 };
    char *body = malloc((size_t)LINES * LINE);
    assert_non_null(body);
    for (size_t i = 0; i < LINES; i++)
        memcpy(body + i * LINE,
               "0123456789012345678901234567890123456789012345678901234567890123456789012345\r\n",
               LINE);
    struct dot dot = {0};
    struct slice input = {body, (size_t)LINES * LINE};
    struct slice piece;
    assert_int_equal(dot_take(&dot, &input, &piece), DOT_PIECE);
    assert_int_equal(piece.len, (size_t)LINES * LINE);
    assert_int_equal(dot.state, DOT_LINE_START);
    assert_false(dot.bad_byte);
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_cr_lf_dot_cr_lf_ends_the_data),
        cmocka_unit_test(a_bare_lf_is_mended_where_that_is_allowed),
        cmocka_unit_test(every_short_input_survives_every_cut),
        cmocka_unit_test(a_great_body_is_one_piece),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
