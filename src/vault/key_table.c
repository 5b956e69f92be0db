/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/key_table.h"

#include "tls/signer.h"
#include "vault/private_key.h"

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

static void row_deinit(struct key_row *row)
{
    signer_key_free(row->key);
    free(row->closed);
}

static bool row_init(struct key_row *row, uint64_t handle, struct slice id, struct slice sealed)
{
    *row = (struct key_row){.handle = handle,
                            .closed = malloc(id.len + sealed.len + 1),
                            .id_len = id.len,
                            .sealed_len = sealed.len};
    if (!row->closed)
        return false;
    memcpy(row->closed, id.at, id.len);
    memcpy(row->closed + id.len, sealed.at, sealed.len);
    return true;
}

bool key_table_put(struct key_table *table, uint64_t handle, struct slice id, struct slice sealed)
{
    struct key_row fresh;
    size_t place = place_of(table, handle);
    bool replaced = place < table->count && table->rows[place].handle == handle;
    if ((!replaced && !make_room(table)) || !row_init(&fresh, handle, id, sealed))
        return false;
    struct key_row *row = &table->rows[place];
    if (replaced) {
        row_deinit(row);
    } else {
        memmove(row + 1, row, (table->count - place) * sizeof *row);
        table->count++;
    }
    *row = fresh;
    return true;
}

void key_table_drop(struct key_table *table, uint64_t handle)
{
    size_t place = place_of(table, handle);
    if (place == table->count || table->rows[place].handle != handle)
        return;
    struct key_row *row = &table->rows[place];
    row_deinit(row);
    table->count--;
    memmove(row, row + 1, (table->count - place) * sizeof *row);
}

/* It stays open from now on. */
static void open_row(struct key_row *row, const struct kek *kek)
{
    struct slice id = {row->closed, row->id_len};
    struct slice sealed = {row->closed + row->id_len, row->sealed_len};
    struct text plain = text_with_ceiling(SEAL_PLAIN_MAX);
    bool opened = private_key_unseal(kek, id, sealed, &plain, &(bool){false}) == SEAL_OK &&
                  signer_key_new(text_slice(&plain), &row->key) == 0;
    seal_wipe(&plain);
    row->unreadable = !opened;
    if (!opened)
        return;
    free(row->closed);
    row->closed = NULL;
}

EVP_PKEY *key_table_find(struct key_table *table, const struct kek *kek, uint64_t handle)
{
    size_t place = place_of(table, handle);
    if (place == table->count || table->rows[place].handle != handle)
        return NULL;
    struct key_row *row = &table->rows[place];
    if (!row->key && !row->unreadable)
        open_row(row, kek);
    return row->key;
}

bool key_table_complains(struct key_table *table, uint64_t handle)
{
    size_t place = place_of(table, handle);
    if (place == table->count || table->rows[place].handle != handle)
        return false;
    struct key_row *row = &table->rows[place];
    bool first = row->unreadable && !row->told;
    row->told = row->unreadable;
    return first;
}

void key_table_deinit(struct key_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        row_deinit(&table->rows[i]);
    free(table->rows);
    *table = (struct key_table){0};
}
