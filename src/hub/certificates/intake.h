/* SPDX-License-Identifier: Apache-2.0 */
/* intake - how a certificate that the vault read or made comes into the model.
 *
 *   certificate_intake_begin   the work of the call, with the id the new object will have
 *   (the vault is asked; certificate_intake_file does both for a file that a parameter brings)
 *   certificate_intake_read    its answer is kept in the work, the change begins: `edit`
 *   certificate_intake_take    the answer as a record of the draft; `edit` decides what it becomes
 *   certificate_intake_commit  takes -FriendlyName, says what changes for connectors, commits
 */
#ifndef HUB_CERTIFICATES_INTAKE_H
#define HUB_CERTIFICATES_INTAKE_H

#include "hub/handlers/object.h"
#include "hub/vault_link.h"

MUST_USE struct work *certificate_intake_begin(struct call *call, work_edit_fn *edit);
void certificate_intake_read(void *context, const struct wire_certificate_read *answer);

/* The base64 of this parameter, with -Password and what the model has of issuers. */
void certificate_intake_file(struct call *call, const char *parameter, bool exportable,
                             work_edit_fn *edit);

/* A certificate and its chain as a file the vault can read again. */
bool certificate_append_pem(struct text *pem, const struct certificate *certificate);
/* Asks once more in the same work, with a file made of what is here: `edit` runs again. */
void certificate_intake_again(struct call *call, struct slice file);

/* NULL: the call has failed. The record belongs to no model yet. */
MUST_USE struct certificate *certificate_intake_take(struct call *call, struct model *draft);
/* Another object of the draft that is the same certificate; or NULL. */
struct certificate *certificate_intake_twin(const struct model *draft,
                                            const struct certificate *certificate);
/* The pending request that this certificate without a key answers; or NULL. */
struct certificate *certificate_intake_request(const struct model *draft,
                                               const struct certificate *answer);
void certificate_intake_refuse_twin(struct call *call, const struct certificate *twin);
/* Adds it as a new object; a twin without key makes room and hands on its services. False: the call
 * has failed. */
MUST_USE bool certificate_intake_add(struct call *call, struct change *change,
                                     struct certificate *certificate);
void certificate_intake_commit(struct call *call, struct change *change,
                               struct certificate *certificate);

/* The number of a key at the signers, made of its object's id: never 0, never used twice. */
int64_t certificate_key_handle(struct object_id id);

#endif
