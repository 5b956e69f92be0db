/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool base64_append(struct text *text, struct slice bytes)
{
    const unsigned char *in = (const unsigned char *)bytes.at;
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        unsigned group = (unsigned)in[i] << 16 | (left > 1 ? (unsigned)in[i + 1] << 8 : 0) |
                         (left > 2 ? in[i + 2] : 0);
        char out[] = {alphabet[group >> 18], alphabet[group >> 12 & 63],
                      left > 1 ? alphabet[group >> 6 & 63] : '=',
                      left > 2 ? alphabet[group & 63] : '='};
        if (!text_append(text, (struct slice){out, 4}))
            return false;
    }
    return true;
}

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (ascii_is_digit(c))
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool decode_group(const char *in, size_t symbols, struct text *out_bytes)
{
    unsigned group = 0;
    for (size_t i = 0; i < 4; i++) {
        int value = i < symbols ? value_of(in[i]) : 0;
        if (value < 0)
            return false;
        group = group << 6 | (unsigned)value;
    }
    if ((symbols == 2 && group & 0xffff) || (symbols == 3 && group & 0xff))
        return false;
    char bytes[] = {(char)(group >> 16 & 255), (char)(group >> 8 & 255), (char)(group & 255)};
    return text_append(out_bytes, (struct slice){bytes, symbols - 1});
}

bool base64_decode(struct slice encoded, struct text *out_bytes)
{
    size_t before = out_bytes->len;
    bool good = encoded.len % 4 == 0;
    for (size_t i = 0; good && i < encoded.len; i += 4) {
        const char *in = encoded.at + i;
        bool last = i + 4 == encoded.len;
        size_t symbols = !last || in[3] != '=' ? 4 : in[2] != '=' ? 3 : 2;
        good = decode_group(in, symbols, out_bytes);
    }
    if (!good)
        out_bytes->len = before;
    return good;
}
