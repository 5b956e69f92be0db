/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/key_table.h"

#include "tls/signer.h"

#include <stdlib.h>
#include <string.h>

/* The first row whose handle is not less. */
static size_t place_of(const struct key_table *table, uint64_t handle)
{
    size_t low = 0, high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->rows[middle].handle < handle)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool make_room(struct key_table *table)
{
    if (table->count < table->capacity)
        return true;
    size_t capacity = table->capacity ? table->capacity * 2 : 16;
    if (capacity > KEY_TABLE_MAX)
        return false;
    struct key_row *rows = realloc(table->rows, capacity * sizeof *rows);
    if (!rows)
        return false;
    table->rows = rows;
    table->capacity = capacity;
    return true;
}

bool key_table_put(struct key_table *table, uint64_t handle, EVP_PKEY *key)
{
    size_t place = place_of(table, handle);
    if (place < table->count && table->rows[place].handle == handle) {
        signer_key_free(table->rows[place].key);
        table->rows[place].key = key;
        return true;
    }
    if (!make_room(table)) {
        signer_key_free(key);
        return false;
    }
    struct key_row *row = &table->rows[place];
    memmove(row + 1, row, (table->count - place) * sizeof *row);
    *row = (struct key_row){handle, key};
    table->count++;
    return true;
}

void key_table_drop(struct key_table *table, uint64_t handle)
{
    size_t place = place_of(table, handle);
    if (place == table->count || table->rows[place].handle != handle)
        return;
    struct key_row *row = &table->rows[place];
    signer_key_free(row->key);
    table->count--;
    memmove(row, row + 1, (table->count - place) * sizeof *row);
}

EVP_PKEY *key_table_find(const struct key_table *table, uint64_t handle)
{
    size_t place = place_of(table, handle);
    bool found = place < table->count && table->rows[place].handle == handle;
    return found ? table->rows[place].key : NULL;
}

void key_table_deinit(struct key_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        signer_key_free(table->rows[i].key);
    free(table->rows);
    *table = (struct key_table){0};
}
