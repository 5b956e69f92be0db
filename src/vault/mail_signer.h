/* SPDX-License-Identifier: Apache-2.0 */
/* mail_signer - keys for DKIM, and signatures with them, made on a worker.
 *
 * A key leaves only sealed, under the id of its config and the label of its algorithm, and no other
 * secret opens under these: such a key signs digests of mail and nothing else, and no key of a
 * certificate signs mail. Requests are copied; the answer comes once, on the loop; NULL: the pool
 * ended first.
 */
#ifndef VAULT_MAIL_SIGNER_H
#define VAULT_MAIL_SIGNER_H

#include "dkim/key.h"
#include "os/worker.h"
#include "vault/kek.h"
#include "wire/messages.h"

/* Whether a sealed key opens, for the config of this id; then its public half is appended. */
MUST_USE bool mail_key_opens(const struct kek *kek, struct slice id, enum dkim_algorithm algorithm,
                             struct slice sealed, struct text *out_public);

/* The slices are good until the callback returns. */
typedef void mail_keys_done_fn(void *context, const struct wire_dkim_made *answer);
typedef void mail_signed_done_fn(void *context, const struct wire_dkim_signed *answer);

/* False: the pool is full, or no memory; `done` is not called. */
MUST_USE bool mail_keys_submit(struct worker_pool *pool, const struct kek *kek,
                               const struct wire_dkim_make *request, mail_keys_done_fn *done,
                               void *context);
MUST_USE bool mail_signer_submit(struct worker_pool *pool, const struct kek *kek,
                                 const struct wire_dkim_sign *request, mail_signed_done_fn *done,
                                 void *context);

#endif
