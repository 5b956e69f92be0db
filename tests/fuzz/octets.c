/* SPDX-License-Identifier: Apache-2.0 */
/* smtp/octets against a reader that has the whole content before it: CR and LF stand together only
 * and there is no NUL - or, where that is asked for, an LF without CR is CR LF in what comes out.
 */
#include "smtp/octets.h"

#include "base/text.h"
#include "cuts.h"

struct seen {
    struct text content;
    bool lines;
};

static void naive(struct slice bytes, bool mends, struct seen *out)
{
    out->lines = true;
    for (size_t i = 0; i < bytes.len; i++) {
        char c = bytes.at[i];
        bool bare_lf = c == '\n' && !(i > 0 && bytes.at[i - 1] == '\r');
        bool bare_cr = c == '\r' && !(i + 1 < bytes.len && bytes.at[i + 1] == '\n');
        out->lines = out->lines && c != '\0' && !bare_cr && (mends || !bare_lf);
        if (bare_lf && mends)
            text_append_byte(&out->content, '\r');
        text_append_byte(&out->content, c);
    }
}

static void pass(struct slice bytes, size_t cut, bool mends, struct seen *out)
{
    struct octets octets = {.mends_bare_lf = mends};
    for (; bytes.len; bytes = slice_after(bytes, cut)) {
        struct slice input = slice_first(bytes, cut), piece;
        while (octets_take(&octets, &input, &piece)) {
            require(piece.len > 0);
            text_append(&out->content, piece);
        }
        require(input.len == 0);
    }
    out->lines = octets_are_lines(&octets);
}

static void compare(struct slice bytes, size_t cut, bool mends)
{
    struct seen expected = {.content = text_with_ceiling(CONTENT_MAX)};
    struct seen seen = {.content = text_with_ceiling(CONTENT_MAX)};
    naive(bytes, mends, &expected);
    pass(bytes, cut, mends, &seen);
    require(seen.lines == expected.lines);
    require(slice_equal(text_slice(&seen.content), text_slice(&expected.content)));
    text_deinit(&seen.content);
    text_deinit(&expected.content);
}
