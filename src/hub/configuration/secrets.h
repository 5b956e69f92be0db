/* SPDX-License-Identifier: Apache-2.0 */
/* secrets - which sealed secret lies in the store beside an object of a kind: the password of a
 * mailbox (as a verifier), that of a send connector's credential (itself). Keys of certificates are
 * in their records. */
#ifndef HUB_CONFIGURATION_SECRETS_H
#define HUB_CONFIGURATION_SECRETS_H

#include "model/model.h"

const char *secret_kind_of(enum model_kind kind); /* "account"; NULL: it has none */
/* Whose a secret of this kind is. False: of no kind that this release knows. */
bool secret_owner(struct slice secret_kind, enum model_kind *out_owner);
bool secret_is_set(enum model_kind kind, const void *object); /* as far as the model knows */

#endif
