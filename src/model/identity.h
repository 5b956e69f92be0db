/* SPDX-License-Identifier: Apache-2.0 */
/* identity - what an identity means for one object. Known inside this room only. */
#ifndef MODEL_IDENTITY_H
#define MODEL_IDENTITY_H

#include "model/model.h"

enum { IDENTITY_MAX = 1024 };

/* The rows of the keys, looked up once for all objects; NULL ends. */
struct identity_rows {
    const struct setting *at[MODEL_KEYS_MAX + 1];
};

struct identity_rows identity_rows(const struct model_kind_facts *facts);
bool identity_means(const struct identity_rows *rows, const void *object, struct slice identity);
/* `SERVER\x` is x: there is one server in a model. The identity of connectors holds the server
 * itself. */
struct slice identity_without_server(const struct model *model, enum model_kind kind,
                                     struct slice identity);

#endif
