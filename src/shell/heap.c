/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/heap.h"

#include <stdlib.h>
#include <string.h>

enum { COLLECT_FIRST = 8 << 20, NAMES_FIRST = 256, KEPT_FIRST = 64 };

void heap_init(struct heap *heap, size_t ceiling, heap_roots_fn *roots, void *context)
{
    *heap = (struct heap){
        .ceiling = ceiling, .collect_at = COLLECT_FIRST, .roots = roots, .context = context};
}

bool heap_charge(struct heap *heap, size_t bytes)
{
    if (bytes > heap->ceiling || heap->used > heap->ceiling - bytes)
        heap->exhausted = true;
    else
        heap->used += bytes;
    return !heap->exhausted;
}

void *heap_resize(struct heap *heap, struct cell *owner, void *array, size_t old_bytes,
                  size_t new_bytes)
{
    if (!heap_charge(heap, new_bytes - old_bytes))
        return NULL;
    void *larger = realloc(array, new_bytes);
    if (larger) {
        owner->bytes += new_bytes - old_bytes;
        return larger;
    }
    heap->used -= new_bytes - old_bytes;
    heap->exhausted = true;
    return NULL;
}

/* --- collecting --- */

void heap_reach(struct heap *heap, struct datum datum)
{
    if (!datum_has_cell(datum) || datum.cell->marked)
        return;
    datum.cell->marked = true;
    if (datum.cell->kind == CELL_TEXT)
        return;
    datum.cell->next_grey = heap->grey;
    heap->grey = datum.cell;
}

static void reach_elements(struct heap *heap, const struct cell *cell)
{
    if (cell->kind == CELL_LIST) {
        const struct list_cell *list = (const struct list_cell *)cell;
        for (size_t i = 0; i < list->count; i++)
            heap_reach(heap, list->at[i]);
    } else {
        const struct map_cell *map = (const struct map_cell *)cell;
        for (size_t i = 0; i < map->count; i++)
            heap_reach(heap, map->at[i].value);
    }
}

static void mark(struct heap *heap)
{
    heap->grey = NULL;
    for (size_t i = 0; i < heap->kept_count; i++)
        heap_reach(heap, heap->kept[i]);
    if (heap->roots)
        heap->roots(heap, heap->context);
    while (heap->grey) {
        struct cell *cell = heap->grey;
        heap->grey = cell->next_grey;
        reach_elements(heap, cell);
    }
}

static void free_cell(struct heap *heap, struct cell *cell)
{
    heap->used -= cell->bytes;
    if (cell->kind == CELL_LIST)
        free(((struct list_cell *)cell)->at);
    if (cell->kind == CELL_MAP) {
        free(((struct map_cell *)cell)->at);
        free(((struct map_cell *)cell)->index);
    }
    if (cell->kind == CELL_TEXT) /* it may have been a secret */
        explicit_bzero(((struct text_cell *)cell)->at, ((struct text_cell *)cell)->len);
    free(cell);
}

static void sweep(struct heap *heap)
{
    struct cell **at = &heap->cells;
    while (*at) {
        struct cell *cell = *at;
        if (cell->marked) {
            cell->marked = false;
            at = &cell->next;
            continue;
        }
        *at = cell->next;
        free_cell(heap, cell);
    }
}

void heap_collect(struct heap *heap)
{
    mark(heap);
    sweep(heap);
    heap->collect_at = heap->used * 2 > COLLECT_FIRST ? heap->used * 2 : COLLECT_FIRST;
    if (heap->collect_at > heap->ceiling / 4 * 3 && heap->used < heap->ceiling / 2)
        heap->collect_at = heap->ceiling / 4 * 3;
}

void heap_collect_if_due(struct heap *heap)
{
    if (heap->always_collect || heap->used > heap->collect_at)
        heap_collect(heap);
}

static void free_names(struct heap *heap)
{
    for (size_t i = 0; i < heap->names_size; i++) {
        for (struct name *name = heap->names[i], *next; name; name = next) {
            next = name->next;
            free(name);
        }
    }
    free(heap->names);
}

void heap_deinit(struct heap *heap)
{
    while (heap->cells) {
        struct cell *cell = heap->cells;
        heap->cells = cell->next;
        free_cell(heap, cell);
    }
    free_names(heap);
    free(heap->kept);
    *heap = (struct heap){0};
}

/* --- what is kept --- */

size_t heap_level(const struct heap *heap)
{
    return heap->kept_count;
}

void heap_keep(struct heap *heap, struct datum datum)
{
    if (!datum_has_cell(datum))
        return;
    if (heap->kept_count == heap->kept_capacity) {
        size_t larger = heap->kept_capacity ? heap->kept_capacity * 2 : KEPT_FIRST;
        struct datum *kept = realloc(heap->kept, larger * sizeof(*kept));
        if (!kept)
            abort(); /* nothing could be freed safely from here on */
        heap->kept = kept;
        heap->kept_capacity = larger;
    }
    heap->kept[heap->kept_count++] = datum;
}

void heap_release(struct heap *heap, size_t level)
{
    heap->kept_count = level;
}

/* --- cells --- */

static void *new_cell(struct heap *heap, enum cell_kind kind, size_t bytes)
{
    if (!heap_charge(heap, bytes))
        return NULL;
    struct cell *cell = calloc(1, bytes);
    if (!cell) {
        heap->used -= bytes;
        heap->exhausted = true;
        return NULL;
    }
    cell->kind = kind;
    cell->bytes = bytes;
    cell->next = heap->cells;
    heap->cells = cell;
    return cell;
}

struct datum heap_bytes(struct heap *heap, enum datum_kind kind, struct slice bytes)
{
    struct text_cell *cell = new_cell(heap, CELL_TEXT, sizeof(*cell) + bytes.len);
    if (!cell)
        return datum_null();
    cell->len = bytes.len;
    if (bytes.len)
        memcpy(cell->at, bytes.at, bytes.len);
    return (struct datum){.kind = kind, .text = cell};
}

struct datum heap_text(struct heap *heap, struct slice bytes)
{
    return heap_bytes(heap, DATUM_TEXT, bytes);
}

struct datum heap_list(struct heap *heap, size_t room)
{
    bool fits = room <= heap->ceiling / sizeof(struct datum);
    struct list_cell *cell = fits ? new_cell(heap, CELL_LIST, sizeof(*cell)) : NULL;
    heap->exhausted = heap->exhausted || !fits;
    if (!cell)
        return datum_null();
    if (room > 0)
        cell->at = heap_resize(heap, &cell->head, NULL, 0, room * sizeof(struct datum));
    cell->capacity = cell->at ? room : 0;
    return (struct datum){.kind = DATUM_LIST, .list = cell};
}

bool heap_append(struct heap *heap, struct datum list, struct datum element)
{
    if (list.kind != DATUM_LIST)
        return false;
    struct list_cell *cell = list.list;
    if (cell->count == cell->capacity) {
        size_t larger = cell->capacity ? cell->capacity * 2 : 4;
        struct datum *at =
            heap_resize(heap, &cell->head, cell->at, cell->capacity * sizeof(struct datum),
                        larger * sizeof(struct datum));
        if (!at)
            return false;
        cell->at = at;
        cell->capacity = larger;
    }
    cell->at[cell->count++] = element;
    return true;
}

struct datum heap_map(struct heap *heap, enum datum_kind kind, struct slice noun)
{
    struct map_cell *cell = new_cell(heap, CELL_MAP, sizeof(*cell));
    if (!cell)
        return datum_null();
    cell->noun = noun;
    return (struct datum){.kind = kind, .map = cell};
}

/* --- names --- */

static uint32_t hash_of(struct slice written)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < written.len; i++)
        hash = (hash ^ (unsigned char)ascii_lower(written.at[i])) * 16777619u;
    return hash;
}

static bool grow_names(struct heap *heap)
{
    size_t larger = heap->names_size ? heap->names_size * 2 : NAMES_FIRST;
    if (!heap_charge(heap, larger * sizeof(struct name *)))
        return false;
    struct name **names = calloc(larger, sizeof(struct name *));
    if (!names)
        return false;
    for (size_t i = 0; i < heap->names_size; i++) {
        for (struct name *name = heap->names[i], *next; name; name = next) {
            next = name->next;
            name->next = names[name->hash & (larger - 1)];
            names[name->hash & (larger - 1)] = name;
        }
    }
    free(heap->names);
    heap->used -= heap->names_size * sizeof(struct name *);
    heap->names = names;
    heap->names_size = larger;
    return true;
}

const struct name *heap_name(struct heap *heap, struct slice written)
{
    uint32_t hash = hash_of(written);
    const struct name *folded = NULL;
    if (heap->names_count >= heap->names_size && !grow_names(heap))
        return NULL;
    struct name **bucket = &heap->names[hash & (heap->names_size - 1)];
    for (struct name *name = *bucket; name; name = name->next) {
        if (name->hash != hash || !slice_equal_nocase(name_slice(name), written))
            continue;
        folded = name->folded;
        if (slice_equal(name_slice(name), written))
            return name;
    }
    struct name *name = heap_charge(heap, sizeof(*name) + written.len)
                            ? calloc(1, sizeof(*name) + written.len)
                            : NULL;
    if (!name)
        return NULL;
    name->folded = folded ? folded : name;
    name->hash = hash;
    name->len = written.len;
    if (written.len)
        memcpy(name->at, written.at, written.len);
    name->next = *bucket;
    *bucket = name;
    heap->names_count++;
    return name;
}
