/* SPDX-License-Identifier: Apache-2.0 */
/* Maps: entries in the order they came in, and an index once there are many. */
#include "shell/heap.h"

#include <stdlib.h>
#include <string.h>

enum { INDEX_FROM = 12 };

static size_t slot_of(const struct map_cell *map, const struct name *folded)
{
    size_t slot = folded->hash & (map->index_size - 1);
    while (map->index[slot] != 0 && map->at[map->index[slot] - 1].name->folded != folded)
        slot = (slot + 1) & (map->index_size - 1);
    return slot;
}

static void fill_index(struct map_cell *map)
{
    memset(map->index, 0, map->index_size * sizeof(*map->index));
    for (size_t i = 0; i < map->count; i++)
        map->index[slot_of(map, map->at[i].name->folded)] = (uint32_t)i + 1;
}

/* Keeps the index at most half full. */
static bool grow_index(struct heap *heap, struct map_cell *map)
{
    size_t wanted = map->index_size ? map->index_size : 32;
    while (wanted < map->count * 2 + 2)
        wanted *= 2;
    if (wanted == map->index_size)
        return true;
    if (wanted > UINT32_MAX / 2)
        return false;
    uint32_t *index = heap_resize(heap, &map->head, map->index, map->index_size * sizeof(uint32_t),
                                  wanted * sizeof(uint32_t));
    if (!index)
        return false;
    map->index = index;
    map->index_size = wanted;
    fill_index(map);
    return true;
}

struct datum *map_find_name(const struct map_cell *map, const struct name *name)
{
    if (map->index_size > 0) {
        uint32_t position = map->index[slot_of(map, name->folded)];
        return position ? &map->at[position - 1].value : NULL;
    }
    for (size_t i = 0; i < map->count; i++)
        if (map->at[i].name->folded == name->folded)
            return &map->at[i].value;
    return NULL;
}

struct datum *map_find(struct heap *heap, const struct map_cell *map, struct slice name)
{
    const struct name *interned = heap_name(heap, name);
    return interned ? map_find_name(map, interned) : NULL;
}

bool map_set(struct heap *heap, struct map_cell *map, struct slice name, struct datum value)
{
    const struct name *interned = heap_name(heap, name);
    if (!interned)
        return false;
    struct datum *there = map_find_name(map, interned);
    if (there) {
        *there = value;
        return true;
    }
    if (map->count == map->capacity) {
        size_t larger = map->capacity ? map->capacity * 2 : 4;
        struct entry *at =
            heap_resize(heap, &map->head, map->at, map->capacity * sizeof(struct entry),
                        larger * sizeof(struct entry));
        if (!at)
            return false;
        map->at = at;
        map->capacity = larger;
    }
    map->at[map->count++] = (struct entry){interned, value};
    if (map->count < INDEX_FROM)
        return true;
    if (!grow_index(heap, map)) {
        map->count--;
        return false;
    }
    map->index[slot_of(map, interned->folded)] = (uint32_t)map->count;
    return true;
}

bool map_remove(struct heap *heap, struct map_cell *map, struct slice name)
{
    struct datum *there = map_find(heap, map, name);
    if (!there)
        return false;
    struct entry *entry = (struct entry *)((char *)there - offsetof(struct entry, value));
    size_t behind = map->count - (size_t)(entry - map->at) - 1;
    memmove(entry, entry + 1, behind * sizeof(*entry));
    map->count--;
    if (map->index_size > 0)
        fill_index(map);
    return true;
}
