/* SPDX-License-Identifier: Apache-2.0 */
/* connector_index - the answers of connector_choose for every endpoint and client, computed once.
 *
 * For each endpoint somebody binds, the space of client addresses is cut at the borders of the
 * remote ranges; each segment knows the connector that goes before all others there. A choice is
 * two binary searches (the exact endpoint, and 0.0.0.0 or [::] of its family) and one comparison,
 * by the order of connector_choice: the answer is the same for every input.
 *
 * It lends the model, which must neither change nor go while the index is in use.
 */
#ifndef MODEL_CONNECTOR_INDEX_H
#define MODEL_CONNECTOR_INDEX_H

#include "model/model.h"

struct connector_index;

/* NULL without memory, or when bindings times ranges are more than anybody writes. */
struct connector_index *connector_index_new(const struct model *model);
void connector_index_free(struct connector_index *index); /* accepts NULL */

/* As connector_choose. */
const struct receive_connector *connector_index_choose(const struct connector_index *index,
                                                       struct ip_endpoint local,
                                                       struct ip_address client);

#endif
