/* SPDX-License-Identifier: Apache-2.0 */
/* vault_link - questions of the hub to the vault: make a verifier, seal a password, read a
 * certificate file, make a key, write a PKCS#12 file, try whether a sealed secret opens.
 *
 * Every question is answered once: by the vault, or with `available` false when it died or took
 * longer than 20 s. Slices of an answer are good until the callback returns.
 */
#ifndef HUB_VAULT_LINK_H
#define HUB_VAULT_LINK_H

#include "hub/state.h"

typedef void vault_verifier_fn(void *context, bool available, struct slice sealed);
void vault_make_verifier(struct hub *hub, struct object_id account, struct slice password,
                         vault_verifier_fn *done, void *context);
/* Seals a password that we log in elsewhere with, for the connector of this id. */
void vault_seal_credential(struct hub *hub, struct object_id connector, struct slice password,
                           vault_verifier_fn *done, void *context);

/* Opens the credential of a connector, for the courier that logs in with it now. `available` is
 * false too when there is none, or it does not open. The password is overwritten behind the
 * callback: who needs it longer than that asks again. */
typedef void vault_credential_fn(void *context, bool available, struct slice password);
void vault_open_credential(struct hub *hub, struct object_id connector, vault_credential_fn *done,
                           void *context);

/* answer is NULL when the vault was not available. `request` without its request number. */
typedef void vault_mail_keys_fn(void *context, const struct wire_dkim_made *answer);
void vault_make_mail_keys(struct hub *hub, struct wire_dkim_make request, vault_mail_keys_fn *done,
                          void *context);
typedef void vault_mail_signed_fn(void *context, const struct wire_dkim_signed *answer);
void vault_sign_mail(struct hub *hub, struct wire_dkim_sign request, vault_mail_signed_fn *done,
                     void *context);

/* answer is NULL when the vault was not available; see struct wire_certificate_read. */
typedef void vault_certificate_fn(void *context, const struct wire_certificate_read *answer);
/* `import` and `request` without their request numbers. */
void vault_import_certificate(struct hub *hub, struct wire_certificate_import import,
                              vault_certificate_fn *done, void *context);
void vault_make_certificate(struct hub *hub, struct wire_certificate_make request,
                            vault_certificate_fn *done, void *context);

typedef void vault_file_fn(void *context, const struct wire_certificate_exported *answer);
void vault_export_certificate(struct hub *hub, struct wire_certificate_export request,
                              vault_file_fn *done, void *context);

/* answer is NULL when the vault was not available. */
typedef void vault_secret_fn(void *context, const struct wire_secret_checked *answer);
void vault_check_secret(struct hub *hub, enum wire_secret_kind kind, struct object_id id,
                        struct slice sealed, vault_secret_fn *done, void *context);

#endif
