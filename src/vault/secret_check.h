/* SPDX-License-Identifier: Apache-2.0 */
/* secret_check - whether a sealed secret that comes back to the store opens here, for the object it
 * is meant for.
 *
 * Nothing of it leaves: of a key the digest of its public part, which a certificate must match.
 */
#ifndef VAULT_SECRET_CHECK_H
#define VAULT_SECRET_CHECK_H

#include "vault/kek.h"

enum { SECRET_DIGEST_BYTES = 32 };

/* `id` is that of the mailbox. */
bool secret_opens_verifier(const struct kek *kek, struct slice id, struct slice sealed);
/* `id` is that of the certificate's object. The digest is SHA-256 of the public key (SPKI, DER). */
bool secret_opens_key(const struct kek *kek, struct slice id, struct slice sealed,
                      bool *out_exportable, char out_digest[SECRET_DIGEST_BYTES]);

#endif
