/* SPDX-License-Identifier: Apache-2.0 */
/* Objects as bytes: a length, then for each row a tag made of its name, a length and the value.
 * Numbers are 32 bits, little end first. A list is its elements, each behind its length. */
#include "settings/kind.h"

#include <assert.h>
#include <string.h>

/* FNV-1a over the name: tags of one table are pairwise different, which a test checks. */
static uint32_t tag_of(const char *name)
{
    uint32_t hash = 2166136261U;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619U;
    return hash;
}

static void write_u32(char out[4], uint32_t number)
{
    for (size_t i = 0; i < 4; i++)
        out[i] = (char)(number >> 8 * i);
}

static bool append_u32(struct text *text, uint32_t number)
{
    char bytes[4];
    write_u32(bytes, number);
    return text_append(text, slice_bytes(bytes, sizeof bytes));
}

static bool take_u32(struct slice *rest, uint32_t *out_number)
{
    uint32_t number = 0;
    if (rest->len < 4)
        return false;
    for (size_t i = 0; i < 4; i++)
        number |= (uint32_t)(uint8_t)rest->at[i] << 8 * i;
    *rest = slice_after(*rest, 4);
    *out_number = number;
    return true;
}

static bool take_counted(struct slice *rest, struct slice *out_bytes)
{
    uint32_t len;
    if (!take_u32(rest, &len) || len > rest->len)
        return false;
    *out_bytes = slice_first(*rest, len);
    *rest = slice_after(*rest, len);
    return true;
}

/* Leaves room for a length at the end of the text; close_counted fills it in. */
static bool open_counted(struct text *text, size_t *out_at)
{
    *out_at = text->len;
    return append_u32(text, 0);
}

static bool close_counted(struct text *text, size_t at)
{
    size_t len = text->len - at - 4;
    if (len > UINT32_MAX)
        return false;
    write_u32(text->at + at, (uint32_t)len);
    return true;
}

static bool encode_value(const struct setting *row, const void *object, struct text *out)
{
    const struct kind *kind = kind_of(row->kind);
    if (!kind->list)
        return kind->codec->encode(value_of(row, object), out);
    struct any_list list = list_of(row, object);
    for (size_t i = 0; i < list.count; i++) {
        size_t at;
        if (!open_counted(out, &at) ||
            !kind->codec->encode(list_element(kind->codec, list, i), out) ||
            !close_counted(out, at))
            return false;
    }
    return true;
}

struct settings_tags settings_tags_of(const struct setting *rows)
{
    struct settings_tags tags = {.rows = rows, .count = settings_count(rows)};
    assert(tags.count <= SETTINGS_MAX);
    for (size_t i = 0; i < tags.count; i++)
        tags.at[i] = tag_of(rows[i].name);
    return tags;
}

bool settings_encode_with(const struct settings_tags *tags, const void *object,
                          uint32_t without_flags, struct text *out_bytes)
{
    size_t whole, one;
    if (!open_counted(out_bytes, &whole))
        return false;
    for (size_t i = 0; i < tags->count; i++) {
        const struct setting *row = &tags->rows[i];
        if (row->flags & without_flags)
            continue;
        if (!append_u32(out_bytes, tags->at[i]) || !open_counted(out_bytes, &one) ||
            !encode_value(row, object, out_bytes) || !close_counted(out_bytes, one))
            return false;
    }
    return close_counted(out_bytes, whole);
}

bool settings_encode(const struct setting *rows, const void *object, uint32_t without_flags,
                     struct text *out_bytes)
{
    struct settings_tags tags = settings_tags_of(rows);
    return settings_encode_with(&tags, object, without_flags, out_bytes);
}

/* --- back --- */

static bool count_elements(struct slice bytes, size_t *out_count)
{
    struct slice element;
    *out_count = 0;
    while (bytes.len) {
        if (!take_counted(&bytes, &element) || ++*out_count > SETTING_ELEMENTS_MAX)
            return false;
    }
    return true;
}

static bool decode_list(const struct setting *row, struct slice bytes, void *object,
                        struct arena *arena)
{
    const struct codec *codec = kind_of(row->kind)->codec;
    size_t count;
    if (!count_elements(bytes, &count) || !list_in_bounds(row, count))
        return false;
    char *elements = count ? arena_take_array(arena, count, codec->size) : NULL;
    if (count && !elements)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct slice element;
        if (!take_counted(&bytes, &element) ||
            !codec->decode(row, element, elements + i * codec->size))
            return false;
    }
    struct any_list list = {elements, count};
    memcpy((char *)object + row->offset, &list, sizeof list);
    return true;
}

static bool decode_value(const struct setting *row, struct slice bytes, void *object,
                         struct arena *arena)
{
    const struct kind *kind = kind_of(row->kind);
    if (kind->list)
        return decode_list(row, bytes, object, arena);
    _Alignas(max_align_t) char value[KIND_VALUE_MAX];
    if (!kind->codec->decode(row, bytes, value) || !kind->codec->in_bounds(row, value))
        return false;
    memcpy((char *)object + row->offset, value, kind->codec->size);
    return true;
}

/* The row with this tag. Bytes we wrote ourselves come in the order of the table, so the row behind
 * the last one is looked at first. */
static bool find_tag(const struct settings_tags *tags, uint32_t tag, size_t *next)
{
    for (size_t i = 0; i < tags->count; i++) {
        size_t index = *next + i < tags->count ? *next + i : *next + i - tags->count;
        if (tags->at[index] == tag) {
            *next = index;
            return true;
        }
    }
    return false;
}

static bool reset_absent(const struct setting *rows, size_t count, const bool *seen, void *object,
                         struct arena *arena)
{
    for (size_t i = 0; i < count; i++)
        if (!seen[i] && !setting_reset(&rows[i], object, arena))
            return false;
    return true;
}

bool settings_decode_with(const struct settings_tags *tags, struct slice *bytes, void *object,
                          struct arena *arena)
{
    bool seen[SETTINGS_MAX] = {false};
    size_t next = 0;
    struct slice body, value;
    uint32_t tag;
    if (!take_counted(bytes, &body))
        return false;
    while (body.len) {
        if (!take_u32(&body, &tag) || !take_counted(&body, &value))
            return false;
        if (!find_tag(tags, tag, &next))
            continue;
        if (!decode_value(&tags->rows[next], value, object, arena))
            return false;
        seen[next] = true;
        next = next + 1 < tags->count ? next + 1 : 0;
    }
    return reset_absent(tags->rows, tags->count, seen, object, arena);
}

bool settings_decode(const struct setting *rows, struct slice *bytes, void *object,
                     struct arena *arena)
{
    struct settings_tags tags = settings_tags_of(rows);
    return settings_decode_with(&tags, bytes, object, arena);
}
