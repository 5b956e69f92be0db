/* SPDX-License-Identifier: Apache-2.0 */
#include "model/name_index.h"

#include "model/identity.h"

#include <stdlib.h>

enum { KEYS_FIRST = 64 };

struct key {
    uint32_t hash;
    size_t number; /* of the object */
};

struct name_index {
    const struct model *model;
    enum model_kind kind;
    struct identity_rows rows;
    struct key *keys; /* by hash, then by number */
    size_t count, capacity;
};

static uint32_t hash_of(struct slice name)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ (unsigned char)ascii_lower(name.at[i])) * 16777619u;
    return hash;
}

static int by_hash(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static bool add(struct name_index *index, struct slice name, size_t number)
{
    if (index->count == index->capacity) {
        size_t larger = index->capacity ? index->capacity * 2 : KEYS_FIRST;
        struct key *keys = realloc(index->keys, larger * sizeof(*keys));
        if (!keys)
            return false;
        index->keys = keys;
        index->capacity = larger;
    }
    index->keys[index->count++] = (struct key){hash_of(name), number};
    return true;
}

static bool add_object(struct name_index *index, size_t number)
{
    const void *object = model_object(index->model, index->kind, number);
    char storage[IDENTITY_MAX];
    for (size_t i = 0; index->rows.at[i]; i++)
        for (size_t k = 0; k < setting_value_count(index->rows.at[i], object); k++) {
            struct text name = text_over(storage, sizeof storage);
            if (setting_print_value(index->rows.at[i], object, k, &name) &&
                !add(index, text_slice(&name), number))
                return false;
        }
    return true;
}

struct name_index *name_index_new(const struct model *model, enum model_kind kind)
{
    struct name_index *index = calloc(1, sizeof *index);
    if (!index)
        return NULL;
    *index = (struct name_index){
        .model = model, .kind = kind, .rows = identity_rows(model_kind_facts(kind))};
    for (size_t i = 0; i < model_count(model, kind); i++)
        if (!add_object(index, i)) {
            name_index_free(index);
            return NULL;
        }
    if (index->count)
        qsort(index->keys, index->count, sizeof *index->keys, by_hash);
    return index;
}

void name_index_free(struct name_index *index)
{
    if (!index)
        return;
    free(index->keys);
    free(index);
}

static bool is_whole_name(struct slice identity)
{
    struct object_id id;
    size_t at;
    return identity.len > 0 && !slice_find(identity, '*', &at) && !slice_find(identity, '?', &at) &&
           !object_id_parse(identity, &id);
}

/* The first key of this hash, or of a larger one. */
static size_t first_key(const struct name_index *index, uint32_t hash)
{
    size_t low = 0, high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (index->keys[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t name_index_find(const struct name_index *index, struct slice identity, void **out_objects,
                       size_t capacity)
{
    size_t count = 0, last = SIZE_MAX;
    if (!is_whole_name(identity))
        return model_find(index->model, index->kind, identity, out_objects, capacity);
    identity = identity_without_server(index->model, index->kind, identity);
    uint32_t hash = hash_of(identity);
    for (size_t i = first_key(index, hash); i < index->count && index->keys[i].hash == hash; i++) {
        size_t number = index->keys[i].number;
        if (number == last || number >= model_count(index->model, index->kind))
            continue;
        last = number; /* two names of one object are one object */
        void *object = model_object(index->model, index->kind, number);
        if (!identity_means(&index->rows, object, identity))
            continue;
        if (count < capacity)
            out_objects[count] = object;
        count++;
    }
    return count;
}
