/* SPDX-License-Identifier: Apache-2.0 */
/* vault_wire - the side of vault_link that the hub's joining code drives. */
#ifndef HUB_VAULT_WIRE_H
#define HUB_VAULT_WIRE_H

#include "hub/state.h"

MUST_USE bool vault_link_begin(struct hub *hub);
void vault_link_end(struct hub *hub);
void vault_link_verifier_made(struct hub *hub, const struct wire_verifier_made *made);
void vault_link_credential_opened(struct hub *hub, const struct wire_credential_opened *opened);
void vault_link_mail_keys_made(struct hub *hub, const struct wire_dkim_made *made);
void vault_link_mail_signed(struct hub *hub, const struct wire_dkim_signed *answer);
void vault_link_certificate_read(struct hub *hub, const struct wire_certificate_read *read);
void vault_link_certificate_exported(struct hub *hub,
                                     const struct wire_certificate_exported *exported);
void vault_link_secret_checked(struct hub *hub, const struct wire_secret_checked *checked);
void vault_link_lost(struct hub *hub); /* the vault has died: every open question is answered so */

#endif
