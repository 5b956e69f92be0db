/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/dot.h"

#include <string.h>

static const char *find(const char *from, const char *end, char byte)
{
    return from < end ? memchr(from, byte, (size_t)(end - from)) : NULL;
}

/* The rest of the input holds no LF. */
static void scan_tail(struct dot *dot, const char *from, const char *end)
{
    const char *cr = find(from, end, '\r');
    dot->bad_byte |= cr && cr + 1 < end;
    dot->state = from < end && end[-1] == '\r' ? DOT_AFTER_CR : DOT_IN_LINE;
}

/* A line from `from` ends with the LF at `lf`. */
static void scan_line(struct dot *dot, const char *from, const char *lf)
{
    const char *cr = find(from, lf, '\r');
    bool ended = lf > from && lf[-1] == '\r';
    dot->bad_byte |= !ended || cr + 1 != lf;
    dot->state = ended ? DOT_LINE_START : DOT_IN_LINE;
}

/* The CR before this input: was it half of a CR LF? */
static const char *scan_after_cr(struct dot *dot, const char *from)
{
    bool ended = *from == '\n';
    dot->bad_byte |= !ended;
    dot->state = ended ? DOT_LINE_START : DOT_IN_LINE;
    return from + ended;
}

/* The rest of a line up to a bare LF that is written anew: no CR in it stands before an LF. */
static size_t scan_to_bare_lf(struct dot *dot, const char *from, const char *lf, const char *front)
{
    dot->bad_byte |= find(from, lf, '\r') != NULL;
    dot->state = DOT_IN_LINE;
    return (size_t)(lf - front);
}

/* How many bytes from the front are content as they stand: all, or up to a dot that begins a line,
 * or up to an LF that is to be mended. Whole lines are stepped over with memchr. */
static size_t scan_content(struct dot *dot, struct slice input)
{
    const char *end = input.at + input.len;
    const char *from = input.at;
    if (dot->state == DOT_AFTER_CR)
        from = scan_after_cr(dot, from);
    while (from < end && !(dot->state == DOT_LINE_START && *from == '.')) {
        const char *lf = find(from, end, '\n');
        if (!lf) {
            scan_tail(dot, from, end);
            return input.len;
        }
        if (dot->mends_bare_lf && (lf == from || lf[-1] != '\r'))
            return scan_to_bare_lf(dot, from, lf, input.at);
        scan_line(dot, from, lf);
        from = lf + 1;
    }
    return (size_t)(from - input.at);
}

static bool begins_with_bare_lf(const struct dot *dot, struct slice input)
{
    return dot->state != DOT_AFTER_CR && input.at[0] == '\n';
}

static enum dot_outcome take_content(struct dot *dot, struct slice *input, struct slice *out_piece)
{
    if (dot->mends_bare_lf && begins_with_bare_lf(dot, *input)) {
        *input = slice_after(*input, 1);
        *out_piece = SLICE("\r\n");
        dot->state = DOT_IN_LINE;
        return DOT_PIECE;
    }
    *out_piece = slice_first(*input, scan_content(dot, *input));
    *input = slice_after(*input, out_piece->len);
    dot->bad_byte = dot->bad_byte || memchr(out_piece->at, '\0', out_piece->len);
    return DOT_PIECE;
}

/* Behind CR LF . CR: the end, or a CR that was content after all. */
static enum dot_outcome take_after_dot_cr(struct dot *dot, struct slice *input,
                                          struct slice *out_piece)
{
    if (slice_take_prefix(input, SLICE("\n"))) {
        dot->state = DOT_LINE_START;
        return DOT_END;
    }
    dot->state = DOT_IN_LINE;
    dot->bad_byte = true;
    *out_piece = SLICE("\r");
    return DOT_PIECE;
}

enum dot_outcome dot_take(struct dot *dot, struct slice *input, struct slice *out_piece)
{
    *out_piece = (struct slice){0};
    while (input->len) {
        switch (dot->state) {
        case DOT_LINE_START:
            if (!slice_take_prefix(input, SLICE(".")))
                return take_content(dot, input, out_piece);
            dot->state = DOT_AFTER_DOT;
            break;
        case DOT_AFTER_DOT:
            dot->state = slice_take_prefix(input, SLICE("\r")) ? DOT_AFTER_DOT_CR : DOT_IN_LINE;
            break;
        case DOT_AFTER_DOT_CR:
            return take_after_dot_cr(dot, input, out_piece);
        case DOT_IN_LINE:
        case DOT_AFTER_CR:
            return take_content(dot, input, out_piece);
        }
    }
    return DOT_MORE;
}
