/* SPDX-License-Identifier: Apache-2.0 */
/* reroute - mail that waits is sent another way when the configuration has changed.
 *
 * After the start, and after a change that routes hang on, the whole queue is looked through, a few
 * hundred recipients at a time between other work. Whoever has another next hop now moves to its
 * queue and is due at once; whoever is in somebody's hand stays, and is looked at again a second
 * later: what becomes of him there is decided by the model in force.
 */
#ifndef HUB_TRANSPORT_REROUTE_H
#define HUB_TRANSPORT_REROUTE_H

#include "hub/state.h"

MUST_USE int reroute_begin(struct hub *hub);
void reroute_end(struct hub *hub);
/* A model has come into force in the place of `before`, which lives until this returns; NULL: the
 * first one, and what the last life left is looked through. */
void reroute_model_changed(struct hub *hub, const struct model *before);
/* What waits is looked through: something has been set free that is not where it belongs. */
void reroute_look(struct hub *hub);

#endif
