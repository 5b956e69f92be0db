/* SPDX-License-Identifier: Apache-2.0 */
/* Destinations by key, most of them found in a small cache of the writer's. */
#include "store/sqlite_queue.h"

#include <stdlib.h>
#include <string.h>

static struct destination_entry *slot_of(struct store *store, struct slice key)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < key.len; i++)
        hash = (hash ^ (unsigned char)key.at[i]) * UINT64_C(1099511628211);
    return &store->destinations[(hash ^ hash >> 32) % DESTINATIONS_CACHED];
}

static void keep(struct destination_entry *slot, struct slice key,
                 const struct destination_entry *entry)
{
    char *copy = malloc(key.len + 1);
    if (!copy)
        return;
    if (key.len)
        memcpy(copy, key.at, key.len);
    free(slot->key);
    *slot = *entry;
    slot->key = copy;
    slot->key_len = key.len;
}

static int look_up(struct store *store, struct slice key, struct destination_entry *entry)
{
    sqlite3_stmt *find = queue_statement(store, WRITE_DESTINATION_FIND);
    database_bind_slice(find, 1, key);
    int code = find ? sqlite3_step(find) : SQLITE_ERROR;
    if (code == SQLITE_ROW) {
        entry->id = sqlite3_column_int64(find, 0);
        entry->state = sqlite3_column_int(find, 1);
    }
    int reset = sqlite3_reset(find);
    return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK
                                                     : queue_failure(store, find ? reset : code);
}

int destination_find(struct store *store, struct slice key, bool create,
                     struct destination_entry *out_entry)
{
    struct destination_entry *slot = slot_of(store, key);
    if (slot->id && slice_equal((struct slice){slot->key, slot->key_len}, key)) {
        *out_entry = *slot;
        return SQLITE_OK;
    }
    *out_entry = (struct destination_entry){0};
    int code = look_up(store, key, out_entry);
    if (code == SQLITE_OK && out_entry->id == 0 && create) {
        sqlite3_stmt *insert = queue_statement(store, WRITE_DESTINATION);
        database_bind_slice(insert, 1, key);
        code = queue_failure(store, database_step(insert));
        if (code == SQLITE_OK)
            out_entry->id = sqlite3_last_insert_rowid(store->queue_writer.handle);
    }
    if (code == SQLITE_OK && out_entry->id)
        keep(slot, key, out_entry);
    return code;
}

void destination_forget(struct store *store)
{
    for (size_t i = 0; i < DESTINATIONS_CACHED; i++) {
        free(store->destinations[i].key);
        store->destinations[i] = (struct destination_entry){0};
    }
}
