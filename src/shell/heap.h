/* SPDX-License-Identifier: Apache-2.0 */
/* heap - the memory of a running script: cells that are freed when nothing reaches them any more.
 *
 * Mark and sweep. Cells are freed by heap_collect() alone, which its owner calls where everything
 * still needed is reachable: from `roots`, or from the stack of kept data. So a function may hold
 * data in its variables as long as nothing is run meanwhile that could collect; across that it
 * keeps them (heap_keep, and heap_release back to a level it took beforehand).
 *
 * Everything counts against one ceiling. A function that needs memory and finds none gives false,
 * or a NULL datum or pointer, and sets `exhausted`, which stays set.
 */
#ifndef SHELL_HEAP_H
#define SHELL_HEAP_H

#include "base/attributes.h"
#include "shell/datum.h"

enum cell_kind { CELL_TEXT, CELL_LIST, CELL_MAP };

struct cell {
    struct cell *next;      /* of all cells */
    struct cell *next_grey; /* reached, its elements not yet */
    size_t bytes;
    enum cell_kind kind;
    bool marked;
};

struct text_cell {
    struct cell head;
    size_t len;
    bool
        words; /* words with commas between, such as the flags of a setting: + and - work on them */
    char at[];
};

struct list_cell {
    struct cell head;
    struct datum *at;
    size_t count, capacity;
};

/* The name of a property. Names that differ in case alone share one `folded`. Never freed. */
struct name {
    const struct name *folded;
    struct name *next;
    uint32_t hash;
    size_t len;
    char at[];
};

struct entry {
    const struct name *name;
    struct datum value;
};

struct map_cell {
    struct cell head;
    struct slice noun; /* a literal, or bytes that outlive the heap; empty: none */
    struct entry *at;
    size_t count, capacity;
    uint32_t *index; /* open addressing, 1 + position; only of larger maps */
    size_t index_size;
};

struct heap;
typedef void heap_roots_fn(struct heap *heap, void *context); /* calls heap_reach */

struct heap {
    struct cell *cells, *grey;
    size_t used, ceiling, collect_at;
    bool exhausted, always_collect; /* the latter for tests */
    struct datum *kept;
    size_t kept_count, kept_capacity;
    struct name **names;
    size_t names_size, names_count;
    heap_roots_fn *roots;
    void *context;
};

void heap_init(struct heap *heap, size_t ceiling, heap_roots_fn *roots, void *context);
void heap_deinit(struct heap *heap);
void heap_collect(struct heap *heap);
void heap_collect_if_due(struct heap *heap);
void heap_reach(struct heap *heap, struct datum datum);

size_t heap_level(const struct heap *heap);
void heap_keep(struct heap *heap, struct datum datum);
void heap_release(struct heap *heap, size_t level);

struct datum heap_text(struct heap *heap, struct slice bytes); /* a copy */
struct datum heap_bytes(struct heap *heap, enum datum_kind kind, struct slice bytes);
struct datum heap_list(struct heap *heap, size_t room);
bool heap_append(struct heap *heap, struct datum list, struct datum element);
struct datum heap_map(struct heap *heap, enum datum_kind kind, struct slice noun);
const struct name *heap_name(struct heap *heap, struct slice written); /* NULL: no memory */

static inline struct slice datum_slice(struct datum text)
{
    return slice_bytes(text.text->at, text.text->len);
}
static inline struct slice name_slice(const struct name *name)
{
    return slice_bytes(name->at, name->len);
}

/* --- maps --- */
/* The value under a name, case ignored; NULL: none. Valid until the map changes. */
struct datum *map_find(struct heap *heap, const struct map_cell *map, struct slice name);
struct datum *map_find_name(const struct map_cell *map, const struct name *name);
bool map_set(struct heap *heap, struct map_cell *map, struct slice name, struct datum value);
bool map_remove(struct heap *heap, struct map_cell *map, struct slice name);

/* For the parts of the heap. */
MUST_USE bool heap_charge(struct heap *heap, size_t bytes);
/* Returns the array at its new place, or NULL with the old one as it was. */
MUST_USE void *heap_resize(struct heap *heap, struct cell *owner, void *array, size_t old_bytes,
                           size_t new_bytes);

#endif
