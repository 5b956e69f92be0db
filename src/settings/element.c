/* SPDX-License-Identifier: Apache-2.0 */
/* Texts, words, hexadecimal bytes, endpoints and ranges: the kinds that are written with letters.
 */
#include "base/hex.h"
#include "settings/kind.h"

#include <string.h>

static uint32_t load_mask(const void *value)
{
    uint32_t mask;
    memcpy(&mask, value, sizeof mask);
    return mask;
}

static bool len_in_bounds(const struct setting *row, const void *value)
{
    int64_t len = (int64_t)slice_load(value).len;
    return len == 0 || (row->min == 0 && row->max == 0) || (len >= row->min && len <= row->max);
}

static bool equal_slice(const void *a, const void *b)
{
    return slice_equal(slice_load(a), slice_load(b));
}

static bool encode_slice(const void *value, struct text *out_bytes)
{
    return text_append(out_bytes, slice_load(value));
}

/* --- text --- */

/* RFC 3629 section 4: the first byte of a sequence says how long it is and which range its second
 * has. */
static size_t utf8_sequence(struct slice s)
{
    static const struct {
        unsigned char first, last, second_first, second_last;
        size_t len;
    } rows[] = {
        {0x20, 0x7e, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    unsigned char lead = (unsigned char)s.at[0];
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (lead < rows[i].first || lead > rows[i].last)
            continue;
        if (s.len < rows[i].len)
            return 0;
        for (size_t k = 1; k < rows[i].len; k++) {
            unsigned char c = (unsigned char)s.at[k];
            if (c < (k == 1 ? rows[i].second_first : 0x80) ||
                c > (k == 1 ? rows[i].second_last : 0xbf))
                return 0;
        }
        return rows[i].len;
    }
    return 0;
}

bool text_is_printable(struct slice s)
{
    while (s.len) {
        size_t len = utf8_sequence(s);
        bool c1 = len == 2 && (unsigned char)s.at[0] == 0xc2 && (unsigned char)s.at[1] < 0xa0;
        if (len == 0 || c1)
            return false;
        s = slice_after(s, len);
    }
    return true;
}

static bool parse_text(const struct setting *row, struct slice written, void *out_value,
                       struct arena *arena)
{
    (void)row;
    struct slice copy;
    if (!text_is_printable(written) || !arena_copy(arena, written, &copy))
        return false;
    memcpy(out_value, &copy, sizeof copy);
    return true;
}

static bool print_text(const struct setting *row, const void *value, struct text *text)
{
    (void)row;
    return text_append(text, slice_load(value));
}

static bool same_text(const void *a, const void *b)
{
    return slice_equal_nocase(slice_load(a), slice_load(b));
}

/* A text that no operator wrote may be a stranger's (the subject of a certificate): it is kept as
 * it is, and escaped where it is shown. */
static bool decode_text(const struct setting *row, struct slice bytes, void *out_value)
{
    memcpy(out_value, &bytes, sizeof bytes);
    return (row->flags & SETTING_READ_ONLY) || text_is_printable(bytes);
}

/* --- hexadecimal bytes --- */

static bool parse_hex(const struct setting *row, struct slice written, void *out_value,
                      struct arena *arena)
{
    (void)row;
    size_t len = 0;
    char *bytes = written.len % 2 ? NULL : arena_take(arena, written.len / 2);
    if (!bytes || !hex_decode(written, bytes, written.len / 2, &len))
        return false;
    memcpy(out_value, &(struct slice){bytes, len}, sizeof(struct slice));
    return true;
}

static bool print_hex(const struct setting *row, const void *value, struct text *text)
{
    (void)row;
    return hex_append_upper(text, slice_load(value));
}

static bool decode_hex(const struct setting *row, struct slice bytes, void *out_value)
{
    (void)row;
    memcpy(out_value, &bytes, sizeof bytes);
    return true;
}

/* --- words --- */

static bool equal_mask(const void *a, const void *b)
{
    return load_mask(a) == load_mask(b);
}

static bool encode_mask(const void *value, struct text *out_bytes)
{
    uint32_t mask = load_mask(value);
    char bytes[4] = {(char)mask, (char)(mask >> 8), (char)(mask >> 16), (char)(mask >> 24)};
    return text_append(out_bytes, slice_bytes(bytes, sizeof bytes));
}

static bool decode_mask(const struct setting *row, struct slice bytes, void *out_value)
{
    (void)row;
    uint32_t mask = 0;
    if (bytes.len != 4)
        return false;
    for (size_t i = 0; i < 4; i++)
        mask |= (uint32_t)(uint8_t)bytes.at[i] << 8 * i;
    memcpy(out_value, &mask, sizeof mask);
    return true;
}

static const struct setting_word *word_of(const struct setting *row, uint32_t value)
{
    for (const struct setting_word *w = row->words; w->word; w++)
        if (w->value == value)
            return w;
    return NULL;
}

bool flags_parse_word(const struct setting *row, struct slice written, uint32_t *out_bits)
{
    for (const struct setting_word *w = row->words; w->word; w++)
        if (slice_equal_nocase(written, slice_of(w->word))) {
            *out_bits = w->value;
            return true;
        }
    return false;
}

static bool parse_enum(const struct setting *row, struct slice written, void *out_value,
                       struct arena *arena)
{
    (void)arena;
    uint32_t value;
    if (!flags_parse_word(row, written, &value))
        return false;
    memcpy(out_value, &value, sizeof value);
    return true;
}

static bool print_enum(const struct setting *row, const void *value, struct text *text)
{
    const struct setting_word *word = word_of(row, load_mask(value));
    return text_append_c(text, word ? word->word : "");
}

bool enum_may_be_empty(const struct setting *row)
{
    return !row->fallback && !(row->flags & SETTING_REQUIRED);
}

static bool enum_in_bounds(const struct setting *row, const void *value)
{
    uint32_t word = load_mask(value);
    return word_of(row, word) != NULL || (word == 0 && enum_may_be_empty(row));
}

const struct setting_word *flags_word(const struct setting *row, uint32_t mask, size_t index)
{
    const struct setting_word *whole = word_of(row, mask);
    if (whole)
        return index == 0 && mask ? whole : NULL;
    for (const struct setting_word *w = row->words; w->word; w++) {
        bool single = w->value && (w->value & (w->value - 1)) == 0;
        if (single && (mask & w->value) && index-- == 0)
            return w;
    }
    return NULL;
}

/* A word of value 0 (None) stands alone. */
static bool parse_flags(const struct setting *row, struct slice written, void *out_value,
                        struct arena *arena)
{
    (void)arena;
    uint32_t mask = 0, bits = 0;
    size_t words = 0;
    bool none = false;
    struct slice field;
    while (slice_take_field(&written, ',', &field)) {
        field = slice_trim(field);
        if (field.len == 0)
            continue;
        if (!flags_parse_word(row, field, &bits))
            return false;
        words++;
        none = none || bits == 0;
        mask |= bits;
    }
    memcpy(out_value, &mask, sizeof mask);
    return !none || words == 1;
}

static bool print_flags(const struct setting *row, const void *value, struct text *text)
{
    uint32_t mask = load_mask(value);
    if (mask == 0)
        return print_enum(row, value, text);
    const struct setting_word *word;
    for (size_t i = 0; (word = flags_word(row, mask, i)); i++)
        if (!text_append_c(text, i ? ", " : "") || !text_append_c(text, word->word))
            return false;
    return true;
}

static bool flags_in_bounds(const struct setting *row, const void *value)
{
    uint32_t known = 0, mask = load_mask(value);
    for (const struct setting_word *w = row->words; w->word; w++)
        known |= w->value;
    return (mask & ~known) == 0;
}

/* --- addresses --- */

static bool parse_endpoint(const struct setting *row, struct slice written, void *out_value,
                           struct arena *arena)
{
    (void)row, (void)arena;
    return ip_endpoint_parse(written, out_value);
}

static bool print_endpoint(const struct setting *row, const void *value, struct text *text)
{
    (void)row;
    return ip_endpoint_append(text, *(const struct ip_endpoint *)value);
}

static bool equal_endpoint(const void *a, const void *b)
{
    return ip_endpoint_equal(*(const struct ip_endpoint *)a, *(const struct ip_endpoint *)b);
}

static bool encode_endpoint(const void *value, struct text *out_bytes)
{
    const struct ip_endpoint *endpoint = value;
    char port[2] = {(char)endpoint->port, (char)(endpoint->port >> 8)};
    return text_append(out_bytes, slice_bytes(endpoint->address.bytes, 16)) &&
           text_append(out_bytes, slice_bytes(port, 2));
}

static bool decode_endpoint(const struct setting *row, struct slice bytes, void *out_value)
{
    (void)row;
    struct ip_endpoint *endpoint = out_value;
    if (bytes.len != 18)
        return false;
    memcpy(endpoint->address.bytes, bytes.at, 16);
    endpoint->port = (uint16_t)((uint8_t)bytes.at[16] | (uint8_t)bytes.at[17] << 8);
    return endpoint->port != 0;
}

static bool parse_range(const struct setting *row, struct slice written, void *out_value,
                        struct arena *arena)
{
    (void)row, (void)arena;
    return ip_range_parse(written, out_value);
}

static bool print_range(const struct setting *row, const void *value, struct text *text)
{
    (void)row;
    return ip_range_append(text, *(const struct ip_range *)value);
}

static bool equal_range(const void *a, const void *b)
{
    const struct ip_range *x = a, *y = b;
    return ip_equal(x->first, y->first) && ip_equal(x->last, y->last);
}

static bool encode_range(const void *value, struct text *out_bytes)
{
    const struct ip_range *range = value;
    return text_append(out_bytes, slice_bytes(range->first.bytes, 16)) &&
           text_append(out_bytes, slice_bytes(range->last.bytes, 16));
}

static bool decode_range(const struct setting *row, struct slice bytes, void *out_value)
{
    (void)row;
    struct ip_range *range = out_value;
    if (bytes.len != 32)
        return false;
    memcpy(range->first.bytes, bytes.at, 16);
    memcpy(range->last.bytes, bytes.at + 16, 16);
    return ip_compare(range->first, range->last) <= 0 &&
           ip_is_v4(range->first) == ip_is_v4(range->last);
}

/* clang-format off */
const struct codec text_codec =     {sizeof(struct slice), parse_text, print_text, equal_slice, same_text, encode_slice, decode_text, len_in_bounds};
const struct codec hex_codec =      {sizeof(struct slice), parse_hex, print_hex, equal_slice, equal_slice, encode_slice, decode_hex, len_in_bounds};
const struct codec enum_codec =     {sizeof(uint32_t), parse_enum, print_enum, equal_mask, equal_mask, encode_mask, decode_mask, enum_in_bounds};
const struct codec flags_codec =    {sizeof(uint32_t), parse_flags, print_flags, equal_mask, equal_mask, encode_mask, decode_mask, flags_in_bounds};
const struct codec endpoint_codec = {sizeof(struct ip_endpoint), parse_endpoint, print_endpoint, equal_endpoint, equal_endpoint, encode_endpoint, decode_endpoint, NULL};
const struct codec range_codec =    {sizeof(struct ip_range), parse_range, print_range, equal_range, equal_range, encode_range, decode_range, NULL};
/* clang-format on */
