/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/line.h"

#include <string.h>

/* Where the CR of the first CR LF stands. */
static bool find_end(struct slice input, size_t *out_cr)
{
    const char *found = input.len ? memmem(input.at, input.len, "\r\n", 2) : NULL;
    if (found)
        *out_cr = (size_t)(found - input.at);
    return found != NULL;
}

static bool has_forbidden_byte(struct slice line)
{
    size_t index;
    return slice_find(line, '\r', &index) || slice_find(line, '\n', &index) ||
           slice_find(line, '\0', &index);
}

static enum line_outcome keep_or_swallow(struct line_framer *framer, struct slice *input,
                                         size_t max)
{
    bool cr_last = input->len && input->at[input->len - 1] == '\r';
    if (input->len - cr_last > max) {
        framer->swallowing = true;
        framer->swallowed_cr = cr_last;
        *input = slice_after(*input, input->len);
    }
    return LINE_PARTIAL;
}

static enum line_outcome swallow(struct line_framer *framer, struct slice *input)
{
    bool split_end = framer->swallowed_cr && input->len && input->at[0] == '\n';
    size_t cr;
    if (!split_end && !find_end(*input, &cr)) {
        if (input->len)
            framer->swallowed_cr = input->at[input->len - 1] == '\r';
        *input = slice_after(*input, input->len);
        return LINE_PARTIAL;
    }
    *input = slice_after(*input, split_end ? 1 : cr + 2);
    *framer = (struct line_framer){0};
    return LINE_TOO_LONG;
}

enum line_outcome line_take(struct line_framer *framer, struct slice *input, size_t max,
                            struct slice *out_line)
{
    *out_line = (struct slice){0};
    if (framer->swallowing)
        return swallow(framer, input);
    size_t cr;
    if (!find_end(*input, &cr))
        return keep_or_swallow(framer, input, max);
    struct slice line = slice_first(*input, cr);
    *input = slice_after(*input, cr + 2);
    if (line.len > max)
        return LINE_TOO_LONG;
    if (has_forbidden_byte(line))
        return LINE_BAD;
    *out_line = line;
    return LINE_COMPLETE;
}
