/* SPDX-License-Identifier: Apache-2.0 */
/* hypothesis - a draft in which the certificate of a file is imported and enabled for SMTP, for
 * questions; it is never committed.
 *
 * The file is read where imports are read, in the limited child of the vault; the sealed key that
 * comes back goes with the draft.
 */
#ifndef HUB_CERTIFICATES_HYPOTHESIS_H
#define HUB_CERTIFICATES_HYPOTHESIS_H

#include "hub/handlers/object.h"

/* Reads the file of -WithFile; `edit` gets the draft, and ends with operation_refuse. */
void hypothesis_read(struct call *call, work_edit_fn *edit);
/* Puts what was read into the draft, in the place of the same certificate or of the request that it
 * answers. False: the call has failed. */
MUST_USE bool hypothesis_take(struct call *call, struct change *change);

#endif
