/* SPDX-License-Identifier: Apache-2.0 */
/* smtp/line against a framer that reads byte by byte, with cuts chosen by the input. */
#include "smtp/line.h"

#include "base/text.h"
#include "fuzz.h"

enum { MAX = 40, INPUT_MAX = 4096 };

static void append_event(struct text *events, enum line_outcome outcome, struct slice line)
{
    text_append_byte(events, (char)('0' + outcome));
    text_append_u64(events, line.len);
    text_append(events, line);
}

static enum line_outcome naive_outcome(struct slice line)
{
    if (line.len > MAX)
        return LINE_TOO_LONG;
    for (size_t i = 0; i < line.len; i++)
        if (line.at[i] == '\r' || line.at[i] == '\n' || line.at[i] == '\0')
            return LINE_BAD;
    return LINE_COMPLETE;
}

static void naive(struct slice bytes, struct text *events)
{
    size_t start = 0;
    for (size_t i = 0; i + 1 < bytes.len; i++) {
        if (bytes.at[i] != '\r' || bytes.at[i + 1] != '\n')
            continue;
        struct slice line = {bytes.at + start, i - start};
        enum line_outcome outcome = naive_outcome(line);
        append_event(events, outcome, outcome == LINE_COMPLETE ? line : (struct slice){0});
        start = ++i + 1;
    }
}

static void framed(struct slice bytes, size_t cut, struct text *events)
{
    struct line_framer framer = {0};
    struct text input = text_with_ceiling(INPUT_MAX);
    while (bytes.len) {
        text_append(&input, slice_first(bytes, cut));
        bytes = slice_after(bytes, cut);
        struct slice rest = text_slice(&input), line;
        enum line_outcome outcome;
        while ((outcome = line_take(&framer, &rest, MAX, &line)) != LINE_PARTIAL)
            append_event(events, outcome, line);
        require(rest.len <= MAX + 1);
        text_consume(&input, input.len - rest.len);
    }
    text_deinit(&input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > INPUT_MAX)
        return 0;
    struct slice bytes = slice_bytes(data + 1, size - 1);
    const size_t cuts[] = {1, 1U + data[0], INPUT_MAX};
    struct text expected = text_with_ceiling(16 * INPUT_MAX);
    naive(bytes, &expected);
    for (size_t i = 0; i < COUNT_OF(cuts); i++) {
        struct text events = text_with_ceiling(16 * INPUT_MAX);
        framed(bytes, cuts[i], &events);
        require(slice_equal(text_slice(&expected), text_slice(&events)));
        text_deinit(&events);
    }
    text_deinit(&expected);
    return 0;
}
