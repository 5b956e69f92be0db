/* SPDX-License-Identifier: Apache-2.0 */
/* record - an object of the model as the JSON text that the store keeps: every setting by its name,
 * as it is printed. What is printed can be parsed and gives the same value, so an administrator who
 * opens the database can read it. */
#ifndef HUB_CONFIGURATION_RECORD_H
#define HUB_CONFIGURATION_RECORD_H

#include "model/model.h"

bool record_write(enum model_kind kind, const void *object, struct text *out_json);
/* The object, its texts in the model's arena, in no list yet. NULL: the error says which setting
 * cannot be read. */
void *record_parse(struct model *model, enum model_kind kind, struct object_id id, uint64_t version,
                   struct slice json, struct text *error);
/* Adds the object to the model. False: the error says which setting cannot be read. */
bool record_read(struct model *model, enum model_kind kind, struct object_id id, uint64_t version,
                 struct slice json, struct text *error);
/* Every list as its objects were added: people see the same order before and after a restart. */
void record_sort(struct model *model);

#endif
