/* SPDX-License-Identifier: Apache-2.0 */
/* kek - the key-encryption keys of this node: what opens and closes every secret of the store.
 *
 * From the service manager: $CREDENTIALS_DIRECTORY/kek.N, 32 bytes each, N from 1; the highest N
 * closes, all of them open, so that keys can be exchanged one by one. Without that, one key (number
 * 0) is made at the first start in DATA/vault/kek, readable by root alone; when both exist the
 * local one still opens. Several processes may start at once: one of them makes the key, all read
 * it.
 *
 * Read before privileges go; kept in locked memory that is in no dump; overwritten at the end.
 */
#ifndef VAULT_KEK_H
#define VAULT_KEK_H

#include "tls/seal.h"

enum { KEK_COUNT_MAX = 16 };

struct kek_key {
    uint32_t id;
    unsigned char bytes[SEAL_KEK_BYTES];
};

struct kek { /* lives in a locked page of its own */
    size_t count;
    bool local; /* no credential was given: protects backups of the database only */
    struct kek_key keys[KEK_COUNT_MAX]; /* the one that closes first */
};

/* 0 or -errno; -EPERM when others may read the local key, -EINVAL when a key is not 32 bytes. */
MUST_USE int kek_open(const char *data, struct kek **out_kek);
void kek_close(struct kek *kek); /* accepts NULL */

enum seal_outcome kek_seal(const struct kek *kek, struct slice object_id, struct slice label,
                           struct slice plain, struct text *out_sealed);
/* Appends the plain bytes; the caller wipes them (seal_wipe). */
enum seal_outcome kek_unseal(const struct kek *kek, struct slice object_id, struct slice label,
                             struct slice sealed, struct text *out_plain);

#endif
