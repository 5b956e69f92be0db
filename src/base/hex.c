/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"

#include "base/number.h"

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

bool hex_decode(struct slice digits, void *out_bytes, size_t capacity, size_t *out_len)
{
    if (digits.len % 2 || digits.len / 2 > capacity)
        return false;
    unsigned char *bytes = out_bytes;
    for (size_t i = 0; i < digits.len / 2; i++) {
        uint64_t value;
        if (!number_parse_hex((struct slice){digits.at + 2 * i, 2}, 255, &value))
            return false;
        bytes[i] = (unsigned char)value;
    }
    *out_len = digits.len / 2;
    return true;
}
