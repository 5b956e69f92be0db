/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/directory_string.h"

static unsigned byte_at(struct slice s, size_t index)
{
    return (unsigned char)s.at[index];
}

static size_t sequence_length(unsigned lead)
{
    return lead < 0x80   ? 1
           : lead < 0xc2 ? 0
           : lead < 0xe0 ? 2
           : lead < 0xf0 ? 3
           : lead < 0xf5 ? 4
                         : 0;
}

/* RFC 3629 4: what the second byte may be depends on the first. */
static bool second_ok(unsigned lead, unsigned second)
{
    unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    return second >= low && second <= high;
}

bool utf8_ok(struct slice bytes)
{
    for (size_t i = 0, len; i < bytes.len; i += len) {
        unsigned lead = byte_at(bytes, i);
        len = sequence_length(lead);
        if (!len || len > bytes.len - i || (len > 1 && !second_ok(lead, byte_at(bytes, i + 1))))
            return false;
        for (size_t k = 2; k < len; k++)
            if ((byte_at(bytes, i + k) & 0xc0) != 0x80)
                return false;
    }
    return true;
}

static bool append_code_point(struct text *out, uint32_t point)
{
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        return false;
    if (point < 0x80)
        return text_append_byte(out, (char)point);
    unsigned count = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    char bytes[4];
    for (unsigned i = count; i-- > 1; point >>= 6)
        bytes[i] = (char)(0x80 | (point & 0x3f));
    bytes[0] = (char)(lead[count] | point);
    return text_append(out, slice_bytes(bytes, count));
}

static bool append_ascii(struct slice s, struct text *out)
{
    return slice_all_ascii(s) && text_append(out, s);
}

static bool append_utf8(struct slice s, struct text *out)
{
    return utf8_ok(s) && text_append(out, s);
}

static bool append_t61(struct slice s, struct text *out)
{
    if (utf8_ok(s))
        return text_append(out, s);
    for (size_t i = 0; i < s.len; i++)
        if (!append_code_point(out, byte_at(s, i)))
            return false;
    return true;
}

/* BMPString: two bytes each; pairs of surrogates are accepted, since Windows writes them. */
static bool append_bmp(struct slice s, struct text *out)
{
    if (s.len % 2)
        return false;
    for (size_t i = 0; i < s.len; i += 2) {
        uint32_t unit = byte_at(s, i) << 8 | byte_at(s, i + 1);
        if (unit >= 0xd800 && unit <= 0xdbff && i + 4 <= s.len) {
            uint32_t low = byte_at(s, i + 2) << 8 | byte_at(s, i + 3);
            if (low < 0xdc00 || low > 0xdfff)
                return false;
            unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
            i += 2;
        }
        if (!append_code_point(out, unit))
            return false;
    }
    return true;
}

static bool append_universal(struct slice s, struct text *out)
{
    if (s.len % 4)
        return false;
    for (size_t i = 0; i < s.len; i += 4) {
        uint32_t point = byte_at(s, i) << 24 | byte_at(s, i + 1) << 16 | byte_at(s, i + 2) << 8 |
                         byte_at(s, i + 3);
        if (!append_code_point(out, point))
            return false;
    }
    return true;
}

static const struct string_type {
    uint8_t tag;
    bool (*append)(struct slice s, struct text *out);
} string_types[] = {
    {DER_UTF8_STRING, append_utf8},     {DER_PRINTABLE_STRING, append_ascii},
    {DER_IA5_STRING, append_ascii},     {DER_NUMERIC_STRING, append_ascii},
    {DER_VISIBLE_STRING, append_ascii}, {DER_T61_STRING, append_t61},
    {DER_BMP_STRING, append_bmp},       {DER_UNIVERSAL_STRING, append_universal},
};

bool directory_string_utf8(const struct der_element *value, struct text *out)
{
    size_t before = out->len;
    for (size_t i = 0; i < COUNT_OF(string_types); i++)
        if (string_types[i].tag == value->tag && string_types[i].append(value->contents, out))
            return true;
    out->len = before;
    return false;
}
