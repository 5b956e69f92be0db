/* SPDX-License-Identifier: Apache-2.0 */
/* Values out: for people, and for comparing. */
#include "settings/kind.h"

#include <string.h>

bool setting_print(const struct setting *row, const void *object, struct text *text)
{
    const struct kind *kind = kind_of(row->kind);
    if (!kind->list)
        return setting_value_count(row, object) == 0 && row->kind != SETTING_FLAGS
                   ? true
                   : kind->codec->print(row, value_of(row, object), text);
    const char *between = row->flags & SETTING_SEMICOLONS ? "; " : ", ";
    struct any_list list = list_of(row, object);
    for (size_t i = 0; i < list.count; i++)
        if (!text_append_c(text, i ? between : "") ||
            !kind->codec->print(row, list_element(kind->codec, list, i), text))
            return false;
    return true;
}

static bool all_zero(const char *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (at[i])
            return false;
    return true;
}

static size_t count_words(const struct setting *row, const void *object)
{
    uint32_t mask;
    size_t count = 0;
    memcpy(&mask, value_of(row, object), sizeof mask);
    while (flags_word(row, mask, count))
        count++;
    return count;
}

size_t setting_value_count(const struct setting *row, const void *object)
{
    struct slice bytes;
    if (setting_is_list(row))
        return list_of(row, object).count;
    switch (row->kind) {
    case SETTING_FLAGS:
        return count_words(row, object);
    case SETTING_TEXT:
    case SETTING_HEX:
        memcpy(&bytes, value_of(row, object), sizeof bytes);
        return bytes.len != 0;
    case SETTING_TIME:
    case SETTING_UUID:
        return !all_zero(value_of(row, object), kind_of(row->kind)->codec->size);
    case SETTING_ENUM:
        return !enum_may_be_empty(row) ||
               !all_zero(value_of(row, object), kind_of(row->kind)->codec->size);
    case SETTING_BOOL:
    case SETTING_INTEGER:
    case SETTING_UNLIMITED:
    case SETTING_BYTES:
    case SETTING_UNLIMITED_BYTES:
    case SETTING_TIME_SPAN:
    case SETTING_BINDINGS:
    case SETTING_IP_RANGES:
    case SETTING_TEXT_LIST:
    case SETTING_HEX_LIST:
    case SETTING_ADDRESS_SPACES:
    case SETTING_HOSTS:
        break;
    }
    return 1;
}

bool setting_print_value(const struct setting *row, const void *object, size_t index,
                         struct text *text)
{
    const struct codec *codec = kind_of(row->kind)->codec;
    if (setting_is_list(row)) {
        struct any_list list = list_of(row, object);
        return index < list.count && codec->print(row, list_element(codec, list, index), text);
    }
    if (row->kind == SETTING_FLAGS) {
        uint32_t mask;
        memcpy(&mask, value_of(row, object), sizeof mask);
        const struct setting_word *word = flags_word(row, mask, index);
        return word && text_append_c(text, word->word);
    }
    return index == 0 && setting_print(row, object, text);
}

bool setting_equal(const struct setting *row, const void *a, const void *b)
{
    const struct kind *kind = kind_of(row->kind);
    if (!kind->list)
        return kind->codec->equal(value_of(row, a), value_of(row, b));
    struct any_list x = list_of(row, a), y = list_of(row, b);
    if (x.count != y.count)
        return false;
    for (size_t i = 0; i < x.count; i++)
        if (!kind->codec->equal(list_element(kind->codec, x, i), list_element(kind->codec, y, i)))
            return false;
    return true;
}

bool settings_equal(const struct setting *rows, const void *a, const void *b)
{
    for (; rows->name; rows++)
        if (!setting_equal(rows, a, b))
            return false;
    return true;
}
