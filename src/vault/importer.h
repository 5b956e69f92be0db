/* SPDX-License-Identifier: Apache-2.0 */
/* importer - certificate files on their way through the zygote, one after the other.
 *
 * Every file that was taken is answered once, on the loop. A zygote that is gone or that keeps
 * silent past its child's time fails what waits and everything later.
 */
#ifndef VAULT_IMPORTER_H
#define VAULT_IMPORTER_H

#include "os/loop.h"
#include "vault/import_result.h"

enum { IMPORTER_WAITING_MAX = 4 };

struct importer;

/* Slices of the result are good until the callback returns. */
typedef void importer_done_fn(void *context, const struct import_result *result);

/* Takes the socket to the zygote; `lost` is called when the zygote is gone, after the answers. NULL
 * without memory: the socket is closed. */
MUST_USE struct importer *importer_new(struct loop *loop, int zygote_fd_take,
                                       void (*lost)(void *context), void *context);
/* What waits is dropped without an answer. Accepts NULL. */
void importer_free(struct importer *importer, void (*drop)(void *context));
/* False: too many wait, the file is too large, or there is no zygote; `done` is not called. */
MUST_USE bool importer_submit(struct importer *importer, const struct import_request *request,
                              importer_done_fn *done, void *context);

#endif
