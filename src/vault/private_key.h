/* SPDX-License-Identifier: Apache-2.0 */
/* private_key - the keys of certificates at rest.
 *
 * Whether a key may be exported is bound into its seal when it is imported or made: a hub that was
 * taken over, or a store that was edited, cannot get at a key that was not meant to leave.
 */
#ifndef VAULT_PRIVATE_KEY_H
#define VAULT_PRIVATE_KEY_H

#include "vault/kek.h"

/* `id` is that of the certificate's object. */
enum seal_outcome private_key_seal(const struct kek *kek, struct slice id, bool exportable,
                                   struct slice pkcs8, struct text *out_sealed);
/* Appends the key; the caller wipes it (seal_wipe). */
enum seal_outcome private_key_unseal(const struct kek *kek, struct slice id, struct slice sealed,
                                     struct text *out_pkcs8, bool *out_exportable);

#endif
