/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 4096 };

struct arena_block {
    struct arena_block *older;
    size_t capacity;
    size_t used;
    alignas(max_align_t) char bytes[];
};

struct arena arena_with_ceiling(size_t ceiling)
{
    return (struct arena){.ceiling = ceiling};
}

void arena_reset(struct arena *arena)
{
    while (arena->newest) {
        struct arena_block *block = arena->newest;
        arena->newest = block->older;
        free(block);
    }
    arena->used = 0;
}

void arena_deinit(struct arena *arena)
{
    if (arena)
        arena_reset(arena);
}

static bool add_block(struct arena *arena, size_t size)
{
    size_t capacity = size > BLOCK_BYTES ? size : BLOCK_BYTES;
    struct arena_block *block = malloc(sizeof *block + capacity);
    if (!block)
        return false;
    block->older = arena->newest;
    block->capacity = capacity;
    block->used = 0;
    arena->newest = block;
    return true;
}

void *arena_take(struct arena *arena, size_t size)
{
    size_t const step = alignof(max_align_t);
    if (size > arena->ceiling || arena->used > arena->ceiling - size)
        return NULL;
    size_t rounded = (size + step - 1) / step * step;
    if (rounded == 0)
        rounded = step;
    struct arena_block *block = arena->newest;
    if (!block || block->capacity - block->used < rounded) {
        if (!add_block(arena, rounded))
            return NULL;
        block = arena->newest;
    }
    void *piece = block->bytes + block->used;
    block->used += rounded;
    arena->used += rounded;
    memset(piece, 0, rounded);
    return piece;
}

void *arena_take_array(struct arena *arena, size_t count, size_t size)
{
    if (size && count > arena->ceiling / size)
        return NULL;
    return arena_take(arena, count * size);
}

bool arena_copy(struct arena *arena, struct slice bytes, struct slice *out_copy)
{
    if (bytes.len >= arena->ceiling)
        return false;
    char *copy = arena_take(arena, bytes.len + 1);
    if (!copy)
        return false;
    if (bytes.len)
        memcpy(copy, bytes.at, bytes.len);
    *out_copy = (struct slice){copy, bytes.len};
    return true;
}
