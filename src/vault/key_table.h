/* SPDX-License-Identifier: Apache-2.0 */
/* key_table - the private keys a signer holds, by the handle the hub gave them.
 *
 * They lie sealed, as they came, until the first question that needs them: what is not used is in
 * no memory in clear, and thousands of keys, which OpenSSL is slow to read, do not keep a start
 * waiting.
 */
#ifndef VAULT_KEY_TABLE_H
#define VAULT_KEY_TABLE_H

#include "vault/kek.h"

#include <openssl/types.h>

enum { KEY_TABLE_MAX = 16384 };

struct key_row {
    uint64_t handle;
    EVP_PKEY *key; /* NULL: not needed yet */
    char *closed;  /* while it is not: the id of its certificate, then the sealed key */
    size_t id_len, sealed_len;
    bool unreadable; /* it was needed, and is no key */
    bool told;       /* and that was said */
};

struct key_table { /* zeroed is empty; rows in the order of their handles */
    struct key_row *rows;
    size_t count, capacity;
};

/* Copies both, and replaces an earlier key of this handle. `id` is that of the certificate's
 * object. False without room. */
MUST_USE bool key_table_put(struct key_table *table, uint64_t handle, struct slice id,
                            struct slice sealed);
void key_table_drop(struct key_table *table, uint64_t handle);
/* Borrowed; NULL: there is none, or it does not open. */
EVP_PKEY *key_table_find(struct key_table *table, const struct kek *kek, uint64_t handle);
/* Whether the key turned out to be unreadable and nobody has been told yet; true once. */
bool key_table_complains(struct key_table *table, uint64_t handle);
void key_table_deinit(struct key_table *table);

#endif
