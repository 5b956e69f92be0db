/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/utf8.h"

#include "base/attributes.h"

static const struct {
    unsigned char mask, lead;
    size_t len;
    uint32_t least;
} forms[] = {
    {0x80, 0x00, 1, 0},
    {0xe0, 0xc0, 2, 0x80},
    {0xf0, 0xe0, 3, 0x800},
    {0xf8, 0xf0, 4, 0x10000},
};

static bool join(struct slice bytes, uint32_t *code_point)
{
    for (size_t i = 1; i < bytes.len; i++) {
        unsigned char byte = (unsigned char)bytes.at[i];
        if ((byte & 0xc0) != 0x80)
            return false;
        *code_point = *code_point << 6 | (byte & 0x3f);
    }
    return true;
}

bool utf8_take(struct slice *rest, uint32_t *out_code_point)
{
    for (size_t i = 0; rest->len && i < COUNT_OF(forms); i++) {
        unsigned char first = (unsigned char)rest->at[0];
        if ((first & forms[i].mask) != forms[i].lead)
            continue;
        uint32_t code_point = first & (unsigned char)~forms[i].mask;
        if (rest->len < forms[i].len || !join(slice_first(*rest, forms[i].len), &code_point) ||
            code_point < forms[i].least || code_point > 0x10ffff ||
            (code_point >= 0xd800 && code_point <= 0xdfff))
            return false;
        *rest = slice_after(*rest, forms[i].len);
        *out_code_point = code_point;
        return true;
    }
    return false;
}

bool utf8_valid(struct slice bytes)
{
    uint32_t code_point;
    while (utf8_take(&bytes, &code_point))
        ;
    return bytes.len == 0;
}

bool utf8_printable(uint32_t code_point)
{
    return code_point >= 0x20 && !(code_point >= 0x7f && code_point < 0xa0) &&
           code_point != 0x2028 && code_point != 0x2029;
}
