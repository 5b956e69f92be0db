/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/encoding.h"

enum { REPLACEMENT = 0xfffd, LAST_CHARACTER = 0x10ffff };

bool encoding_append_character(struct text *text, uint32_t character)
{
    if (character > LAST_CHARACTER || (character >= 0xd800 && character < 0xe000))
        character = REPLACEMENT;
    if (character < 0x80)
        return text_append_byte(text, (char)character);
    if (character < 0x800)
        text_append_byte(text, (char)(0xc0 | character >> 6));
    else {
        if (character < 0x10000)
            text_append_byte(text, (char)(0xe0 | character >> 12));
        else {
            text_append_byte(text, (char)(0xf0 | character >> 18));
            text_append_byte(text, (char)(0x80 | (character >> 12 & 0x3f)));
        }
        text_append_byte(text, (char)(0x80 | (character >> 6 & 0x3f)));
    }
    return text_append_byte(text, (char)(0x80 | (character & 0x3f)));
}

static uint32_t unit_at(struct slice bytes, size_t at, bool big)
{
    uint32_t first = (unsigned char)bytes.at[at], second = (unsigned char)bytes.at[at + 1];
    return big ? first << 8 | second : second << 8 | first;
}

static bool append_utf16(struct text *text, struct slice bytes, bool big)
{
    for (size_t at = 0; at + 1 < bytes.len; at += 2) {
        uint32_t unit = unit_at(bytes, at, big);
        if (unit >= 0xd800 && unit < 0xdc00 && at + 3 < bytes.len) {
            uint32_t low = unit_at(bytes, at + 2, big);
            if (low >= 0xdc00 && low < 0xe000) {
                unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                at += 2;
            }
        }
        encoding_append_character(text, unit);
    }
    return !text->truncated;
}

bool encoding_append(struct text *text, struct slice bytes)
{
    if (slice_take_prefix(&bytes, SLICE("\xff\xfe")))
        return append_utf16(text, bytes, false);
    if (slice_take_prefix(&bytes, SLICE("\xfe\xff")))
        return append_utf16(text, bytes, true);
    slice_take_prefix(&bytes, SLICE("\xef\xbb\xbf"));
    return text_append(text, bytes);
}
