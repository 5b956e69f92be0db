/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/parameter.h"

static const struct parameter *find_row(const struct session *s, struct slice keyword,
                                        const struct parameter *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal_nocase(keyword, rows[i].keyword))
            return rows[i].offered(s) ? &rows[i] : NULL;
    return NULL;
}

static enum reply_name read_one(struct session *s, struct slice word, const struct parameter *rows,
                                size_t count, unsigned *seen)
{
    struct slice keyword;
    bool has_value = slice_take_until(&word, '=', &keyword);
    if (!has_value)
        keyword = word;
    const struct parameter *row = find_row(s, keyword, rows, count);
    if (!row)
        return REPLY_UNKNOWN_PARAMETER;
    unsigned bit = 1U << (row - rows);
    if (*seen & bit || (has_value && word.len == 0))
        return REPLY_INVALID_ARGUMENTS;
    *seen |= bit;
    return row->read(s, has_value ? word : (struct slice){0}, has_value);
}

enum reply_name parameter_read_all(struct session *s, struct slice rest,
                                   const struct parameter *rows, size_t count)
{
    struct slice word;
    unsigned seen = 0;
    if (rest.len && rest.at[0] != ' ')
        return REPLY_INVALID_ARGUMENTS;
    while (slice_take_word(&rest, &word)) {
        enum reply_name refusal = read_one(s, word, rows, count, &seen);
        if (refusal != REPLY_NONE)
            return refusal;
    }
    return REPLY_NONE;
}
