/* SPDX-License-Identifier: Apache-2.0 */
/* kind - what a kind of setting can do with one value. Known inside this room only.
 *
 * A list is its element's codec applied many times. Values are reached through memcpy: the object
 * is the caller's struct, of which only the offset is known.
 */
#ifndef SETTINGS_KIND_H
#define SETTINGS_KIND_H

#include "settings/setting.h"

enum { KIND_VALUE_MAX = 48 /* bytes of the widest value or element */ };

struct codec {
    size_t size;
    bool (*parse)(const struct setting *row, struct slice written, void *out_value,
                  struct arena *arena);
    bool (*print)(const struct setting *row, const void *value, struct text *text);
    bool (*equal)(const void *a, const void *b);
    bool (*same)(const void *a, const void *b); /* for finding what to remove from a list */
    bool (*encode)(const void *value, struct text *out_bytes);
    bool (*decode)(const struct setting *row, struct slice bytes, void *out_value);
    bool (*in_bounds)(const struct setting *row, const void *value); /* of a scalar; empty is in */
};

struct kind {
    const struct codec *codec;
    bool list;
};

/* All lists of setting.h look like this one. */
struct any_list {
    const char *at;
    size_t count;
};

const struct kind *kind_of(enum setting_kind kind);
struct any_list list_of(const struct setting *row, const void *object);
const void *list_element(const struct codec *codec, struct any_list list, size_t index);
bool list_in_bounds(const struct setting *row, size_t count);

static inline const char *value_of(const struct setting *row, const void *object)
{
    return (const char *)object + row->offset;
}

/* NAME: "written" is not FORM. Always false, so that a parser may return it. */
bool refuse(const struct setting *row, struct slice written, struct text *error);

/* Printable UTF-8 without control characters: nothing that ends a line may hide in a setting. */
bool text_is_printable(struct slice s);
/* Whether a word may be left out. */
bool enum_may_be_empty(const struct setting *row);

extern const struct codec bool_codec, integer_codec, unlimited_codec, bytes_codec, span_codec,
    text_codec, enum_codec, flags_codec, endpoint_codec, range_codec, hex_codec, time_codec,
    uuid_codec, unlimited_bytes_codec, address_space_codec, host_codec;

/* FLAGS: the index-th word of a mask, NULL behind the last. */
const struct setting_word *flags_word(const struct setting *row, uint32_t mask, size_t index);
bool flags_parse_word(const struct setting *row, struct slice written, uint32_t *out_bits);

#endif
