/* SPDX-License-Identifier: Apache-2.0 */
#include "base/quoted.h"

#include "base/attributes.h"

static const char *const single_quotes[] = {"'", "\xe2\x80\x98", "\xe2\x80\x99", "\xe2\x80\x9a",
                                            "\xe2\x80\x9b"};
static const char *const double_quotes[] = {"\"", "\xe2\x80\x9c", "\xe2\x80\x9d", "\xe2\x80\x9e",
                                            "\xe2\x80\x9f"};
enum { QUOTES = COUNT_OF(single_quotes) };
_Static_assert(COUNT_OF(double_quotes) == QUOTES, "both kinds of quotes have the same forms");

static const struct {
    char byte;
    const char *written;
} escapes[] = {{'\n', "`n"}, {'\t', "`t"}, {'\r', "`r"}, {'\a', "`a"}, {'\b', "`b"},
               {'\f', "`f"}, {'\v', "`v"}, {'`', "``"},  {'$', "`$"},  {0x1b, "`e"}};

static const struct slice no_break_space = SLICE_INIT("\xc2\xa0");

static bool is_control(char byte)
{
    return (unsigned char)byte < 0x20 || byte == 0x7f;
}

static bool has_control(struct slice value)
{
    for (size_t i = 0; i < value.len; i++)
        if (is_control(value.at[i]))
            return true;
    return false;
}

/* The quote at the front of `rest`, or an empty slice. */
static struct slice quote_at(const char *const *quotes, struct slice rest)
{
    for (size_t i = 0; i < QUOTES; i++)
        if (slice_starts(rest, slice_of(quotes[i])))
            return slice_of(quotes[i]);
    return SLICE("");
}

static const char *escape_of(char byte)
{
    for (size_t i = 0; i < COUNT_OF(escapes); i++)
        if (escapes[i].byte == byte)
            return escapes[i].written;
    return NULL;
}

bool quoted_append(struct text *text, struct slice value)
{
    bool escaped = has_control(value);
    const char *const *quotes = escaped ? double_quotes : single_quotes;
    text_append_c(text, quotes[0]);
    while (value.len > 0) {
        struct slice quote = quote_at(quotes, value);
        const char *escape = escaped ? escape_of(value.at[0]) : NULL;
        struct slice piece = quote.len ? quote : slice_first(value, 1);
        if (escaped && slice_starts(value, no_break_space))
            text_append_byte(text, '`'); /* else the shell here takes it for a pasted blank */
        text_append(text, quote);
        if (escape)
            text_append_c(text, escape);
        else if (is_control(value.at[0]))
            text_append_format(text, "`u{%x}", (unsigned)(unsigned char)value.at[0]);
        else
            text_append(text, piece);
        value = slice_after(value, piece.len);
    }
    return text_append_c(text, quotes[0]) && !text->truncated;
}
