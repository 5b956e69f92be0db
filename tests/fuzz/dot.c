/* SPDX-License-Identifier: Apache-2.0 */
/* smtp/dot against a decoder that works on the whole input: the end is the first CR LF . CR LF (or
 * . CR LF at the start), each line loses one leading dot, any other CR, LF or NUL is bad - or,
 * where that is asked for, any other LF is CR LF in the content. */
#include "smtp/dot.h"

#include "base/text.h"
#include "cuts.h"

struct decoded {
    struct text content;
    size_t used; /* 0: no end */
    bool bad;
};

static char byte_at(struct slice bytes, size_t at)
{
    return at < bytes.len ? bytes.at[at] : 'x';
}

static bool is_bare_lf(struct slice bytes, size_t i)
{
    return bytes.at[i] == '\n' && !(i > 0 && bytes.at[i - 1] == '\r');
}

static bool is_bad(struct slice bytes, size_t i)
{
    char c = bytes.at[i];
    return c == '\0' || (c == '\r' && i + 1 < bytes.len && byte_at(bytes, i + 1) != '\n');
}

static void naive(struct slice bytes, bool mends, struct decoded *out)
{
    for (size_t i = 0; i < bytes.len; i++) {
        bool line_start = i == 0 || (i >= 2 && bytes.at[i - 2] == '\r' && bytes.at[i - 1] == '\n');
        if (line_start && bytes.at[i] == '.') {
            if (byte_at(bytes, i + 1) == '\r' && byte_at(bytes, i + 2) == '\n') {
                out->used = i + 3;
                return;
            }
            continue;
        }
        bool bare = is_bare_lf(bytes, i);
        out->bad |= is_bad(bytes, i) || (bare && !mends);
        if (bare && mends)
            text_append_byte(&out->content, '\r');
        text_append_byte(&out->content, bytes.at[i]);
    }
}

static void decode(struct slice bytes, size_t cut, bool mends, struct decoded *out)
{
    struct dot dot = {.mends_bare_lf = mends};
    size_t given = 0;
    while (given < bytes.len && !out->used) {
        struct slice input = slice_first(slice_after(bytes, given), cut), piece;
        enum dot_outcome outcome;
        given += input.len;
        while ((outcome = dot_take(&dot, &input, &piece)) == DOT_PIECE) {
            require(piece.len > 0);
            text_append(&out->content, piece);
        }
        if (outcome == DOT_END)
            out->used = given - input.len;
        else
            require(input.len == 0);
    }
    out->bad = dot.bad_byte;
}

/* A CR held back behind a dot at the very end of the input is not content yet. */
static bool same_content(const struct decoded *seen, const struct decoded *expected,
                         struct slice bytes)
{
    struct slice content = text_slice(&expected->content);
    bool held = !expected->used && bytes.len >= 2 && bytes.at[bytes.len - 1] == '\r' &&
                bytes.at[bytes.len - 2] == '.' &&
                (bytes.len == 2 || (bytes.len >= 4 && bytes.at[bytes.len - 3] == '\n' &&
                                    bytes.at[bytes.len - 4] == '\r'));
    if (held)
        content.len--;
    return slice_equal(text_slice(&seen->content), content);
}

static void compare(struct slice bytes, size_t cut, bool mends)
{
    struct decoded expected = {.content = text_with_ceiling(CONTENT_MAX)};
    struct decoded seen = {.content = text_with_ceiling(CONTENT_MAX)};
    naive(bytes, mends, &expected);
    decode(bytes, cut, mends, &seen);
    require(seen.used == expected.used && seen.bad == expected.bad);
    require(same_content(&seen, &expected, bytes));
    text_deinit(&seen.content);
    text_deinit(&expected.content);
}
