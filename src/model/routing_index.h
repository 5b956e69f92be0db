/* SPDX-License-Identifier: Apache-2.0 */
/* routing_index - the answers of route_choose without looking at every connector and domain.
 *
 * Address spaces and accepted domains lie in one hash table, each place sorted by the order of
 * routing. A question asks for the domain and for what stands behind each of its dots, so its cost
 * is that of the labels; among connectors of one space the first that takes the size is taken.
 *
 * It lends the model, which must neither change nor go while the index is in use.
 */
#ifndef MODEL_ROUTING_INDEX_H
#define MODEL_ROUTING_INDEX_H

#include "model/routing.h"

struct routing_index;

/* NULL without memory. */
struct routing_index *routing_index_new(const struct model *model);
void routing_index_free(struct routing_index *index); /* accepts NULL */

/* As route_choose. */
struct route routing_index_choose(const struct routing_index *index,
                                  const struct route_question *question);

#endif
