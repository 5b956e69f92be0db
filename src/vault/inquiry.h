/* SPDX-License-Identifier: Apache-2.0 */
/* inquiry - what the hub asks of the checker, logins apart: verifiers, credentials, certificates,
 * keys and signatures of mail. Each is answered exactly once, some at once, most by a thread or a
 * child; but only to the hub that has asked. Secrets in the question are overwritten.
 */
#ifndef VAULT_INQUIRY_H
#define VAULT_INQUIRY_H

#include "vault/checker.h"

/* A frame of another type is ignored. Borrows everything during the call. */
void inquiry_take(struct checker *checker, const struct frame *frame);

#endif
