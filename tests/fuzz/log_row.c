/* SPDX-License-Identifier: Apache-2.0 */
/* What a peer says on its way into a log: lines of its choice become one row of printable ASCII
 * each, the row splits into the fields that went in, and nothing within an exchange is shown. */
#include "base/log_row.h"
#include "fuzz.h"
#include "smtp/loggable.h"

#include <stdlib.h>

enum { LINE_MAX_BYTES = 4096, FIELDS = 3 };

static void expect_field(struct slice seen, struct slice value)
{
    struct text expected = text_with_ceiling(8 * LINE_MAX_BYTES);
    require(log_value_append(&expected, value, LINE_MAX_BYTES));
    require(slice_equal(seen, text_slice(&expected)));
    text_deinit(&expected);
}

static void through_a_row(struct slice a, struct slice b, struct slice c)
{
    struct text row = text_with_ceiling(24 * LINE_MAX_BYTES);
    require(log_row_field(&row, a, LINE_MAX_BYTES) && log_row_field(&row, b, LINE_MAX_BYTES) &&
            log_row_field(&row, c, LINE_MAX_BYTES) && log_row_end(&row));
    struct slice line = slice_first(text_slice(&row), row.len - 2), fields[FIELDS + 1];
    for (size_t i = 0; i < line.len; i++)
        require(line.at[i] >= ' ' && line.at[i] <= '~');
    char *storage = malloc(line.len + 1);
    require(storage != NULL);
    struct text scratch = text_over(storage, line.len);
    require(log_row_split(line, &scratch, fields, FIELDS + 1) == FIELDS);
    expect_field(fields[0], a);
    expect_field(fields[1], b);
    expect_field(fields[2], c);
    free(storage);
    text_deinit(&row);
}

/* Any bytes may be split; whatever comes out lies in the input or the scratch. */
static void split_anything(struct slice bytes)
{
    char *storage = malloc(bytes.len + 1);
    require(storage != NULL);
    struct text scratch = text_over(storage, bytes.len);
    struct slice fields[FIELDS];
    size_t count = log_row_split(bytes, &scratch, fields, FIELDS), total = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < fields[i].len; k++)
            total += (unsigned char)fields[i].at[k];
    require(count <= FIELDS && total <= 255 * bytes.len);
    free(storage);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > LINE_MAX_BYTES)
        return 0;
    struct slice rest = slice_bytes(data, size), line;
    struct loggable loggable = {0};
    struct text shown = text_with_ceiling(2 * LINE_MAX_BYTES);
    split_anything(rest);
    while (slice_take_field(&rest, '\n', &line)) {
        text_clear(&shown);
        require(loggable_append_command(&loggable, &shown, line, true));
        require(slice_equal(text_slice(&shown), SLICE("<authentication response>")));
        text_clear(&shown);
        require(loggable_append_command(&loggable, &shown, line, false));
        through_a_row(line, text_slice(&shown), slice_trim(line));
    }
    struct slice replies = slice_bytes(data, size);
    for (text_clear(&shown); loggable_take_reply(&replies, &shown); text_clear(&shown))
        require(shown.len <= 2 * LINE_MAX_BYTES);
    text_deinit(&shown);
    return 0;
}
