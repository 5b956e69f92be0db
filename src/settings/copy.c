/* SPDX-License-Identifier: Apache-2.0 */
/* Objects from one arena into another, value by value. */
#include "settings/kind.h"

#include <string.h>

/* Whether a value is a text, or begins with one. */
static bool is_text(const struct codec *codec)
{
    return codec == &text_codec || codec == &hex_codec || codec == &host_codec ||
           codec == &address_space_codec;
}
_Static_assert(offsetof(struct address_space, space) == 0, "the text stands in front");

/* Not checked again: it comes from an object. */
static bool own_text(struct slice *text, struct arena *arena)
{
    struct slice borrowed = *text;
    *text = (struct slice){0};
    return borrowed.len == 0 || arena_copy(arena, borrowed, text);
}

static bool copy_list(const struct codec *codec, struct any_list list, void *to,
                      struct arena *arena)
{
    char *elements = list.count ? arena_take_array(arena, list.count, codec->size) : NULL;
    if (list.count && !elements)
        return false;
    if (list.count)
        memcpy(elements, list.at, list.count * codec->size);
    for (size_t i = 0; is_text(codec) && i < list.count; i++)
        if (!own_text((struct slice *)(void *)(elements + i * codec->size), arena))
            return false;
    list.at = elements;
    memcpy(to, &list, sizeof list);
    return true;
}

static bool copy_value(const struct setting *row, const void *from, void *to, struct arena *arena)
{
    const struct kind *kind = kind_of(row->kind);
    char *target = (char *)to + row->offset;
    if (kind->list)
        return copy_list(kind->codec, list_of(row, from), target, arena);
    memcpy(target, value_of(row, from), kind->codec->size);
    return !is_text(kind->codec) || own_text((struct slice *)(void *)target, arena);
}

bool settings_copy(const struct setting *rows, const void *from, void *to, struct arena *arena)
{
    for (; rows->name; rows++)
        if (!copy_value(rows, from, to, arena))
            return false;
    return true;
}
