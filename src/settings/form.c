/* SPDX-License-Identifier: Apache-2.0 */
/* What may be written, in words: for refusals, help and the reference. */
#include "settings/kind.h"
#include "settings/quantity.h"

static bool has_bounds(const struct setting *row)
{
    return row->min || row->max;
}

static bool append_bound(const struct setting *row, int64_t bound, struct text *text)
{
    if (row->kind == SETTING_TIME_SPAN)
        return quantity_append_span(text, bound);
    if (row->kind == SETTING_BYTES || row->kind == SETTING_UNLIMITED_BYTES)
        return quantity_append_bytes(text, bound);
    return text_append_i64(text, bound);
}

static bool append_bounds(const struct setting *row, struct text *text)
{
    return !has_bounds(row) ||
           (text_append_c(text, " from ") && append_bound(row, row->min, text) &&
            text_append_c(text, " to ") && append_bound(row, row->max, text));
}

static bool append_text_form(const struct setting *row, const char *unit, struct text *text)
{
    if (!has_bounds(row))
        return true;
    if (row->min == row->max)
        return text_append_format(text, " of %lld %s", (long long)row->max, unit);
    return text_append_format(text, " of %s%lld %s", row->min > 1 ? "some to " : "at most ",
                              (long long)row->max, unit);
}

static bool append_words(const struct setting *row, struct text *text)
{
    const char *between = "";
    for (const struct setting_word *w = row->words; w->word; w++, between = ", ")
        if (!text_append_format(text, "%s%s", between, w->word))
            return false;
    return true;
}

bool setting_print_form(const struct setting *row, struct text *text)
{
    switch (row->kind) {
    case SETTING_BOOL:
        return text_append_c(text, "$true or $false");
    case SETTING_INTEGER:
        return text_append_c(text, "a whole number") && append_bounds(row, text);
    case SETTING_UNLIMITED:
        return text_append_c(text, "a whole number") && append_bounds(row, text) &&
               text_append_c(text, ", or Unlimited");
    case SETTING_BYTES:
        return text_append_c(text, "a size such as 36MB") && append_bounds(row, text);
    case SETTING_UNLIMITED_BYTES:
        return text_append_c(text, "a size such as 35MB") && append_bounds(row, text) &&
               text_append_c(text, ", or Unlimited");
    case SETTING_TIME_SPAN:
        return text_append_c(text, "a time span [d.]hh:mm:ss such as 00:05:00, or 30s, 5m, 2h") &&
               append_bounds(row, text);
    case SETTING_TEXT:
        return text_append_c(text, "a printable text") && append_text_form(row, "bytes", text);
    case SETTING_ENUM:
        return text_append_c(text, "one of ") && append_words(row, text);
    case SETTING_FLAGS:
        return text_append_c(text, "one or more, with commas, of ") && append_words(row, text);
    case SETTING_BINDINGS:
        return text_append_c(text, "an address with its port, such as 0.0.0.0:25 or [::]:25");
    case SETTING_IP_RANGES:
        return text_append_c(text, "an address, a range or a block, such as 192.0.2.1, "
                                   "192.0.2.1-192.0.2.9, 192.0.2.0/24 or 2001:db8::/32");
    case SETTING_TEXT_LIST:
        return text_append_c(text, row->flags & SETTING_SEMICOLONS
                                       ? "printable texts with semicolons"
                                       : "printable texts with commas");
    case SETTING_HEX:
        return text_append_c(text, "hexadecimal digits, two for a byte") &&
               append_text_form(row, "bytes", text);
    case SETTING_HEX_LIST:
        return text_append_c(text, "hexadecimal digits, two for a byte, with commas");
    case SETTING_TIME:
        return text_append_c(text, "a date such as 2027-01-03 or 2027-01-03T10:00:00Z");
    case SETTING_ADDRESS_SPACES:
        return text_append_c(text,
                             "SMTP domains, each with its cost (1 to 100; 1 when left out), such "
                             "as *, contoso.com or SMTP:*.contoso.com;5");
    case SETTING_HOSTS:
        return text_append_c(text, "host names, or addresses in brackets, such as "
                                   "relay.contoso.com or [192.0.2.1]");
    case SETTING_UUID:
        return text_append_c(text, "an id such as 0f8fad5b-d9cb-469f-a165-70867728950e");
    }
    return false;
}

bool refuse(const struct setting *row, struct slice written, struct text *error)
{
    if (!error)
        return false;
    text_append_format(error, "%s: ", row->name);
    if (written.len == 0) {
        text_append_c(error, "it may not be empty. Give ");
    } else {
        text_append_c(error, "\"");
        text_append_escaped(error, written, 100);
        text_append_c(error, "\" is not ");
    }
    setting_print_form(row, error);
    text_append_c(error, ".");
    return false;
}
