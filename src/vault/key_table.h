/* SPDX-License-Identifier: Apache-2.0 */
/* key_table - the private keys a signer holds, by the handle the hub gave them. */
#ifndef VAULT_KEY_TABLE_H
#define VAULT_KEY_TABLE_H

#include "base/attributes.h"

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEY_TABLE_MAX = 16384 };

struct key_row {
    uint64_t handle;
    EVP_PKEY *key;
};

struct key_table { /* zeroed is empty; rows in the order of their handles */
    struct key_row *rows;
    size_t count, capacity;
};

/* Takes the key, and replaces an earlier one of this handle. False without room: the key is freed.
 */
MUST_USE bool key_table_put(struct key_table *table, uint64_t handle, EVP_PKEY *key_take);
void key_table_drop(struct key_table *table, uint64_t handle);
EVP_PKEY *key_table_find(const struct key_table *table, uint64_t handle); /* borrowed; or NULL */
void key_table_deinit(struct key_table *table);

#endif
