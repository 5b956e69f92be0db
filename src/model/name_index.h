/* SPDX-License-Identifier: Apache-2.0 */
/* name_index - model_find for who asks for many objects by their whole names, one after another.
 *
 * It shows a model as it was when the index was made: an object that got another name since is not
 * found under it. Patterns and ids are looked for in the model itself.
 */
#ifndef MODEL_NAME_INDEX_H
#define MODEL_NAME_INDEX_H

#include "model/model.h"

struct name_index;

/* The model is borrowed. NULL without memory. */
struct name_index *name_index_new(const struct model *model, enum model_kind kind);
void name_index_free(struct name_index *index); /* accepts NULL */
/* The objects, and how many, that model_find would say. */
size_t name_index_find(const struct name_index *index, struct slice identity, void **out_objects,
                       size_t capacity);

#endif
