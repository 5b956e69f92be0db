/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/xtext.h"

#include "mail/utf8.h"

static int digit_value(char c)
{
    return ascii_is_digit(c) ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* hexchar = "+" HEXDIG HEXDIG, of a byte that may stand in a line */
static bool hexchar_valid(struct slice pair)
{
    int high = pair.len >= 2 ? digit_value(pair.at[0]) : -1;
    int low = pair.len >= 2 ? digit_value(pair.at[1]) : -1;
    return high >= 2 && low >= 0 && !(high == 7 && low == 15);
}

bool xtext_valid(struct slice written)
{
    for (size_t i = 0; i < written.len; i++) {
        char c = written.at[i];
        if (c < '!' || c > '~' || c == '=')
            return false;
        if (c == '+' && !hexchar_valid(slice_after(written, i + 1)))
            return false;
    }
    return true;
}

bool xtext_append_decoded(struct text *text, struct slice written)
{
    if (!xtext_valid(written))
        return false;
    for (size_t i = 0; i < written.len; i++) {
        char c = written.at[i];
        if (c == '+') {
            c = (char)(digit_value(written.at[i + 1]) * 16 + digit_value(written.at[i + 2]));
            i += 2;
        }
        if (!text_append_byte(text, c))
            return false;
    }
    return true;
}

bool xtext_append_encoded(struct text *text, struct slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        char c = bytes.at[i];
        if (c < ' ' || c > '~')
            return false;
        bool encoded = c == ' ' || c == '+' || c == '=';
        if (encoded ? !text_append_format(text, "+%02X", (unsigned char)c)
                    : !text_append_byte(text, c))
            return false;
    }
    return true;
}

bool xtext_append_utf8(struct text *text, struct slice address)
{
    uint32_t c;
    while (address.len) {
        if (!utf8_take(&address, &c) || !utf8_printable(c))
            return false;
        bool encoded = c <= ' ' || c > '~' || c == '+' || c == '=' || c == '\\';
        if (encoded ? !text_append_format(text, "\\x{%02X}", (unsigned)c)
                    : !text_append_byte(text, (char)c))
            return false;
    }
    return true;
}
