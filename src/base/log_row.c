/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log_row.h"

#include "base/calendar.h"

#include <string.h>

/* --- writing --- */

static bool is_printable(char c)
{
    return c >= 0x20 && c < 0x7f;
}

static bool append_byte(struct text *text, char c, bool quoted)
{
    static const char digits[] = "0123456789ABCDEF";
    unsigned char byte = (unsigned char)c;
    const char escaped[] = {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    if (c == '"')
        return text_append_c(text, quoted ? "\"\"" : "\"");
    return text_append(text, (struct slice){escaped, sizeof escaped});
}

/* Runs of plain bytes go in one piece: nearly always that is the whole value. */
static bool append_value(struct text *text, struct slice value, bool quoted)
{
    while (value.len) {
        size_t run = 0;
        while (run < value.len && is_printable(value.at[run]) && value.at[run] != '"')
            run++;
        text_append(text, slice_first(value, run));
        value = slice_after(value, run);
        if (value.len)
            append_byte(text, value.at[0], quoted);
        value = slice_after(value, 1);
    }
    return !text->truncated;
}

bool log_value_append(struct text *text, struct slice value, size_t max)
{
    append_value(text, slice_first(value, max), false);
    return value.len <= max ? !text->truncated : text_append_c(text, "...");
}

static bool needs_quotes(struct slice value)
{
    return value.len && (memchr(value.at, ',', value.len) || memchr(value.at, '"', value.len) ||
                         value.at[0] == ' ' || value.at[value.len - 1] == ' ');
}

bool log_row_field(struct text *row, struct slice value, size_t max)
{
    struct slice shown = slice_first(value, max);
    bool quoted = needs_quotes(shown);
    if (quoted)
        text_append_byte(row, '"');
    append_value(row, shown, quoted);
    if (shown.len < value.len)
        text_append_c(row, "...");
    return text_append_c(row, quoted ? "\"," : ",");
}

bool log_row_number(struct text *row, uint64_t number)
{
    return text_append_u64(row, number) && text_append_byte(row, ',');
}

bool log_row_time(struct text *row, int64_t at_ms)
{
    return calendar_append_rfc3339(row, at_ms) && text_append_byte(row, ',');
}

bool log_row_end(struct text *row)
{
    if (row->len)
        row->len--;
    return text_append_c(row, "\r\n") && !row->truncated;
}

/* --- reading --- */

/* Takes a field in quotes, the first quote being gone. False when it is not ended, or something
 * other than a comma stands behind it. */
static bool take_quoted(struct slice *rest, struct text *scratch, struct slice *out_field)
{
    size_t start = scratch->len;
    struct slice part;
    do {
        if (!slice_take_until(rest, '"', &part))
            return false;
        text_append(scratch, part);
    } while (slice_take_prefix(rest, SLICE("\"")) && text_append_byte(scratch, '"'));
    *out_field = slice_after(text_slice(scratch), start);
    return !scratch->truncated;
}

size_t log_row_split(struct slice row, struct text *scratch, struct slice *out_fields,
                     size_t capacity)
{
    for (size_t count = 0; count < capacity; count++) {
        struct slice *field = &out_fields[count];
        size_t end;
        if (!slice_take_prefix(&row, SLICE("\""))) {
            *field = slice_first(row, slice_find(row, ',', &end) ? end : row.len);
            row = slice_after(row, field->len);
        } else if (!take_quoted(&row, scratch, field)) {
            return 0;
        }
        if (row.len == 0)
            return count + 1;
        if (!slice_take_prefix(&row, SLICE(",")))
            return 0;
    }
    return capacity;
}
