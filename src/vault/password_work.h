/* SPDX-License-Identifier: Apache-2.0 */
/* password_work - the two slow things one does with a password, on a worker: check it, and make a
 * verifier of it. Passwords are copied and overwritten behind their use. */
#ifndef VAULT_PASSWORD_WORK_H
#define VAULT_PASSWORD_WORK_H

#include "os/worker.h"
#include "vault/kek.h"
#include "wire/messages.h"

/* `ran` is false when the pool ended first. */
typedef void password_checked_fn(void *context, uint64_t request, bool ran, bool right);

/* False: the pool is full, or no memory; `done` is not called. */
MUST_USE bool password_check_submit(struct worker_pool *pool, struct slice record,
                                    struct slice password, uint64_t request,
                                    password_checked_fn *done, void *context);

/* `sealed` is empty when no verifier could be made of that password. A recoverable one is no
 * verifier but the password, bound to its owner as "credential": we log in elsewhere with it. */
typedef void verifier_made_fn(void *context, uint64_t request, struct slice sealed);

MUST_USE bool verifier_make_submit(struct worker_pool *pool, const struct kek *kek,
                                   const struct wire_verifier_make *make, verifier_made_fn *done,
                                   void *context);

#endif
