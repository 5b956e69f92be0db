/* SPDX-License-Identifier: Apache-2.0 */
/* replace - a renewal takes the place of what it renews.
 *
 * Superseded is every certificate with a key whose host names the new one all holds. Its services
 * are handed on, so that the new one is presented wherever names decide. A connector that names a
 * superseded one by issuer and subject is bound to the new name when the two differ: authorities
 * rename what they issue with. A connector that pins a thumbprint stays, and that is said.
 */
#ifndef HUB_CERTIFICATES_REPLACE_H
#define HUB_CERTIFICATES_REPLACE_H

#include "hub/handlers/object.h"

/* `certificate` is in the draft. False: the call has failed. */
MUST_USE bool certificate_replace(struct call *call, struct change *change,
                                  struct certificate *certificate);

#endif
