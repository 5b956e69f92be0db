/* SPDX-License-Identifier: Apache-2.0 */
/* seal - secrets at rest: AES-256-GCM under a fresh data key, which is wrapped by the
 * key-encrypting key (KEK) of the node.
 *
 *     sealed = "PSL1" | kek id (4 bytes, big endian) | nonce 12 | wrapped data key 32 + tag 16
 *              | nonce 12 | ciphertext | tag 16
 *
 * `bound` names what the secret belongs to (seal_bind makes it of object id and label) and is
 * authenticated with version and KEK id: a sealed value moved to another object does not open.
 * The KEK id is bound to the wrapped key alone, so seal_rewrap changes the KEK and leaves the
 * ciphertext as it is.
 */
#ifndef TLS_SEAL_H
#define TLS_SEAL_H

#include "base/attributes.h"
#include "base/text.h"

enum { SEAL_KEK_BYTES = 32, SEAL_OVERHEAD_BYTES = 96, SEAL_PLAIN_MAX = 1024 * 1024 };

enum seal_outcome {
    SEAL_OK,
    SEAL_DAMAGED,   /* not a sealed value at all */
    SEAL_OTHER_KEK, /* sealed under another KEK: see seal_kek_id */
    SEAL_REFUSED,   /* wrong key, wrong binding, or changed bytes */
    SEAL_NO_ROOM,   /* no memory, or past the ceiling of out */
};

bool seal_bind(struct text *out_bound, struct slice object_id, struct slice label);

enum seal_outcome seal_close(const unsigned char kek[SEAL_KEK_BYTES], uint32_t kek_id,
                             struct slice bound, struct slice plain, struct text *out_sealed);
/* Appends the plain bytes; the caller wipes them (seal_wipe). */
enum seal_outcome seal_open(const unsigned char kek[SEAL_KEK_BYTES], uint32_t kek_id,
                            struct slice bound, struct slice sealed, struct text *out_plain);
enum seal_outcome seal_rewrap(const unsigned char old_kek[SEAL_KEK_BYTES], uint32_t old_kek_id,
                              const unsigned char new_kek[SEAL_KEK_BYTES], uint32_t new_kek_id,
                              struct slice bound, struct slice sealed, struct text *out_sealed);
bool seal_kek_id(struct slice sealed, uint32_t *out_kek_id);

void seal_wipe(struct text *text); /* overwrites the whole storage, then frees it */

#endif
