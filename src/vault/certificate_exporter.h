/* SPDX-License-Identifier: Apache-2.0 */
/* certificate_exporter - a certificate with its key as a PKCS#12 file, made on a worker.
 *
 * A key that was sealed as not exportable does not leave, whatever the hub says. The request is
 * copied; the answer comes once, on the loop.
 */
#ifndef VAULT_CERTIFICATE_EXPORTER_H
#define VAULT_CERTIFICATE_EXPORTER_H

#include "os/worker.h"
#include "vault/kek.h"
#include "wire/messages.h"

/* The file is good until the callback returns; NULL: the pool ended first. */
typedef void exporter_done_fn(void *context, const struct wire_certificate_exported *answer);

/* False: the pool is full, or no memory; `done` is not called. */
MUST_USE bool certificate_exporter_submit(struct worker_pool *pool, const struct kek *kek,
                                          const struct wire_certificate_export *request,
                                          exporter_done_fn *done, void *context);

#endif
