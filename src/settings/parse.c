/* SPDX-License-Identifier: Apache-2.0 */
/* Values in: scalars replaced, lists replaced and edited. The object changes only when all is well.
 */
#include "settings/kind.h"

#include <string.h>

/* A list while it grows: its elements lie in the arena, twice as many as are needed at most. */
struct growing {
    char *at;
    size_t count, capacity;
};

static bool is_null(struct slice written)
{
    return written.len == 0 || slice_equal_nocase(written, SLICE("$null"));
}

static void put(const struct setting *row, void *object, const void *value, size_t size)
{
    memcpy((char *)object + row->offset, value, size);
}

static bool no_memory(const struct setting *row, struct text *error)
{
    if (error)
        text_append_format(error, "%s: there is no memory for the value.", row->name);
    return false;
}

static bool checked(const struct setting *row, struct slice written, struct text *error)
{
    return !row->check || row->check(row, written, error);
}

/* --- scalars --- */

static bool may_be_empty(const struct setting *row)
{
    bool kind = row->kind == SETTING_TEXT || row->kind == SETTING_HEX ||
                row->kind == SETTING_TIME || row->kind == SETTING_UUID ||
                (row->kind == SETTING_ENUM && enum_may_be_empty(row));
    return kind && !(row->flags & SETTING_REQUIRED);
}

static bool parse_scalar(const struct setting *row, void *object, struct arena *arena,
                         struct slice written, struct text *error)
{
    const struct codec *codec = kind_of(row->kind)->codec;
    _Alignas(max_align_t) char value[KIND_VALUE_MAX] = {0};
    if (is_null(written)) {
        if (!may_be_empty(row))
            return refuse(row, SLICE(""), error);
    } else if (!codec->parse(row, written, value, arena) || !codec->in_bounds(row, value)) {
        return refuse(row, written, error);
    } else if (!checked(row, written, error)) {
        return false;
    }
    put(row, object, value, codec->size);
    return true;
}

/* --- lists --- */

static bool reserve(struct growing *list, size_t size, struct arena *arena)
{
    if (list->count < list->capacity)
        return true;
    size_t capacity = list->capacity ? 2 * list->capacity : 4;
    char *grown = arena_take_array(arena, capacity, size);
    if (!grown)
        return false;
    if (list->count)
        memcpy(grown, list->at, list->count * size);
    list->at = grown;
    list->capacity = capacity;
    return true;
}

static bool find_same(const struct growing *list, const struct codec *codec, const void *value,
                      size_t *out_index)
{
    for (size_t i = 0; i < list->count; i++)
        if (codec->same(list->at + i * codec->size, value)) {
            *out_index = i;
            return true;
        }
    return false;
}

static bool add_element(const struct setting *row, struct growing *list, struct slice written,
                        struct arena *arena, struct text *error)
{
    const struct codec *codec = kind_of(row->kind)->codec;
    _Alignas(max_align_t) char value[KIND_VALUE_MAX] = {0};
    size_t index;
    if (is_null(written) || !codec->parse(row, written, value, arena))
        return refuse(row, written, error);
    if (!checked(row, written, error))
        return false;
    if (find_same(list, codec, value, &index)) {
        if (codec == &address_space_codec) /* the same space, at a new cost */
            memcpy(list->at + index * codec->size, value, codec->size);
        return true;
    }
    if (!reserve(list, codec->size, arena))
        return no_memory(row, error);
    memcpy(list->at + list->count++ * codec->size, value, codec->size);
    return true;
}

static bool remove_element(const struct setting *row, struct growing *list, struct slice written,
                           struct arena *arena, struct text *error)
{
    const struct codec *codec = kind_of(row->kind)->codec;
    _Alignas(max_align_t) char value[KIND_VALUE_MAX] = {0};
    size_t index;
    if (is_null(written) || !codec->parse(row, written, value, arena))
        return refuse(row, written, error);
    if (!find_same(list, codec, value, &index))
        return true;
    list->count--;
    memmove(list->at + index * codec->size, list->at + (index + 1) * codec->size,
            (list->count - index) * codec->size);
    return true;
}

typedef bool element_fn(const struct setting *row, struct growing *list, struct slice written,
                        struct arena *arena, struct text *error);

static bool for_each_element(const struct setting *row, struct growing *list,
                             struct slice_list values, element_fn *act, struct arena *arena,
                             struct text *error)
{
    char separator = row->flags & SETTING_SEMICOLONS ? ';' : ',';
    for (size_t i = 0; i < values.count; i++) {
        struct slice rest = values.at[i], field;
        while (slice_take_field(&rest, separator, &field)) {
            field = slice_trim(field);
            if (list->count > SETTING_ELEMENTS_MAX)
                return refuse(row, field, error);
            if (field.len && !act(row, list, field, arena, error))
                return false;
        }
    }
    return true;
}

static bool store_list(const struct setting *row, void *object, const struct growing *list,
                       struct text *error)
{
    if (list->count == 0 && (row->flags & SETTING_REQUIRED))
        return refuse(row, SLICE(""), error);
    if (!list_in_bounds(row, list->count)) {
        if (error)
            text_append_format(error, "%s: %zu values are too many.", row->name, list->count);
        return false;
    }
    struct any_list stored = {list->at, list->count};
    put(row, object, &stored, sizeof stored);
    return true;
}

static bool parse_list(const struct setting *row, void *object, struct arena *arena,
                       struct slice_list values, struct text *error)
{
    struct growing list = {0};
    bool cleared = values.count == 1 && is_null(values.at[0]);
    return (cleared || for_each_element(row, &list, values, add_element, arena, error)) &&
           store_list(row, object, &list, error);
}

static bool edit_list(const struct setting *row, void *object, struct arena *arena,
                      struct slice_list add, struct slice_list remove, struct text *error)
{
    const struct codec *codec = kind_of(row->kind)->codec;
    struct any_list old = list_of(row, object);
    struct growing list = {.count = old.count, .capacity = old.count};
    if (old.count) {
        list.at = arena_take_array(arena, old.count, codec->size);
        if (!list.at)
            return no_memory(row, error);
        memcpy(list.at, old.at, old.count * codec->size);
    }
    return for_each_element(row, &list, remove, remove_element, arena, error) &&
           for_each_element(row, &list, add, add_element, arena, error) &&
           store_list(row, object, &list, error);
}

/* --- flags --- */

static bool join(struct slice_list values, struct text *joined)
{
    for (size_t i = 0; i < values.count; i++)
        if (!text_append_c(joined, i ? "," : "") || !text_append(joined, values.at[i]))
            return false;
    return true;
}

static bool flags_mask(const struct setting *row, struct slice_list values, uint32_t *out_mask,
                       struct text *error)
{
    char storage[1024];
    struct text joined = text_over(storage, sizeof storage);
    if (!join(values, &joined) || !flags_codec.parse(row, text_slice(&joined), out_mask, NULL))
        return refuse(row, text_slice(&joined), error);
    return true;
}

static bool store_flags(const struct setting *row, void *object, uint32_t mask, struct text *error)
{
    if (!flags_codec.in_bounds(row, &mask))
        return refuse(row, SLICE(""), error);
    put(row, object, &mask, sizeof mask);
    return true;
}

static bool parse_flags_values(const struct setting *row, void *object, struct slice_list values,
                               struct text *error)
{
    uint32_t mask = 0;
    bool cleared = values.count == 0 || (values.count == 1 && is_null(values.at[0]));
    return (cleared || flags_mask(row, values, &mask, error)) &&
           store_flags(row, object, mask, error);
}

static bool edit_flags(const struct setting *row, void *object, struct slice_list add,
                       struct slice_list remove, struct text *error)
{
    uint32_t mask, added, removed;
    memcpy(&mask, value_of(row, object), sizeof mask);
    return flags_mask(row, add, &added, error) && flags_mask(row, remove, &removed, error) &&
           store_flags(row, object, (mask & ~removed) | added, error);
}

/* --- the doors --- */

bool setting_parse(const struct setting *row, void *object, struct arena *arena,
                   const struct slice *values, size_t count, struct text *error)
{
    if (setting_is_list(row))
        return parse_list(row, object, arena, (struct slice_list){values, count}, error);
    if (row->kind == SETTING_FLAGS)
        return parse_flags_values(row, object, (struct slice_list){values, count}, error);
    if (count > 1) {
        if (error)
            text_append_format(error, "%s: it takes one value, not %zu.", row->name, count);
        return false;
    }
    return parse_scalar(row, object, arena, count ? values[0] : SLICE(""), error);
}

bool setting_edit(const struct setting *row, void *object, struct arena *arena,
                  struct slice_list add, struct slice_list remove, struct text *error)
{
    if (setting_is_list(row))
        return edit_list(row, object, arena, add, remove, error);
    if (row->kind == SETTING_FLAGS)
        return edit_flags(row, object, add, remove, error);
    if (error)
        text_append_format(error, "%s: it holds one value; @{Add=...;Remove=...} is for lists.",
                           row->name);
    return false;
}

static bool clear(const struct setting *row, void *object)
{
    const struct kind *kind = kind_of(row->kind);
    size_t size = kind->list ? sizeof(struct any_list) : kind->codec->size;
    memset((char *)object + row->offset, 0, size);
    return true;
}

bool setting_reset(const struct setting *row, void *object, struct arena *arena)
{
    struct slice fallback = slice_of(row->fallback);
    if (!row->fallback)
        return clear(row, object);
    return setting_parse(row, object, arena, &fallback, 1, NULL);
}

bool settings_reset(const struct setting *rows, void *object, struct arena *arena)
{
    for (; rows->name; rows++)
        if (!setting_reset(rows, object, arena))
            return false;
    return true;
}
