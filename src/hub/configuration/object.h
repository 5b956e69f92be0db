/* SPDX-License-Identifier: Apache-2.0 */
/* object - what the way out of the configuration as text and the way in have to agree
 * on: which settings stand in it, what an object is called, how a secret is written.
 */
#ifndef HUB_CONFIGURATION_OBJECT_H
#define HUB_CONFIGURATION_OBJECT_H

#include "model/model.h"
#include "operations/configuration.h"

/* Settings that the making cmdlet takes and that are read as such. */
struct configuration_rows {
    const struct setting *at[SETTINGS_MAX];
    size_t count;
};
struct configuration_rows configuration_rows_of(const struct configuration_kind *row);

/* What two texts have to call an object alike for it to be the same: its name, a thumbprint, of a
 * permission whom it is for on what. */
bool configuration_append_name(struct text *text, const struct model *model, enum model_kind kind,
                               const void *object);
/* The name of the mailbox or the well-known one. */
bool configuration_append_user(struct text *text, const struct model *model,
                               const struct permission *permission);

json_t *json_of_base64(struct slice bytes);
/* An object's id and its sealed secret as one parameter, and back. The bytes are appended. */
json_t *configuration_secret_json(struct object_id id, struct slice sealed);
bool configuration_secret_read(const json_t *value, struct object_id *out_id,
                               struct text *out_sealed);

#endif
