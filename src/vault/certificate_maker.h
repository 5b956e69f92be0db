/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_maker - a new key and its certificate, made on a worker.
 *
 * The request is copied; the answer comes once, on the loop. The new key leaves only sealed.
 */
#ifndef VAULT_CERTIFICATE_MAKER_H
#define VAULT_CERTIFICATE_MAKER_H

#include "os/worker.h"
#include "vault/kek.h"
#include "wire/messages.h"

/* Slices of the answer are good until the callback returns; it is NULL when the pool ended first.
 */
typedef void maker_done_fn(void *context, const struct wire_certificate_read *answer);

/* False: the pool is full, or no memory; `done` is not called. */
MUST_USE bool certificate_maker_submit(struct worker_pool *pool, const struct kek *kek,
                                       const struct wire_certificate_make *request,
                                       maker_done_fn *done, void *context);

#endif
