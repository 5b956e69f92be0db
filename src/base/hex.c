/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"

static bool append_digits(struct text *text, struct slice bytes, const char *digits)
{
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.at[i];
        char pair[] = {digits[c >> 4], digits[c & 15]};
        if (!text_append(text, (struct slice){pair, 2}))
            return false;
    }
    return true;
}

bool hex_append_upper(struct text *text, struct slice bytes)
{
    return append_digits(text, bytes, "0123456789ABCDEF");
}

bool hex_append_lower(struct text *text, struct slice bytes)
{
    return append_digits(text, bytes, "0123456789abcdef");
}

/* -1: it is no digit. */
static int value_of(char digit)
{
    char lower = ascii_lower(digit);
    if (ascii_is_digit(digit))
        return digit - '0';
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool hex_decode(struct slice digits, void *out_bytes, size_t capacity, size_t *out_len)
{
    if (digits.len % 2 || digits.len / 2 > capacity)
        return false;
    unsigned char *bytes = out_bytes;
    for (size_t i = 0; i < digits.len / 2; i++) {
        int high = value_of(digits.at[2 * i]), low = value_of(digits.at[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (unsigned char)(high << 4 | low);
    }
    *out_len = digits.len / 2;
    return true;
}
