/* SPDX-License-Identifier: Apache-2.0 */
/* intake - messages on their way from the edges into the store.
 *
 * An edge opens a message, names its recipients, streams its body and ends it; the answer "stored"
 * is given when the store has said that it is durable, and not before. What an edge has begun and
 * not ended when it dies is forgotten.
 */
#ifndef HUB_TRANSPORT_INTAKE_H
#define HUB_TRANSPORT_INTAKE_H

#include "hub/state.h"

MUST_USE int intake_begin(struct hub *hub);
void intake_end(struct hub *hub);
/* A frame of an edge that belongs to a message. False: it makes no sense here, the edge is to be
 * ended. */
MUST_USE bool intake_frame(struct hub *hub, struct peer *edge, const struct frame *frame);
void intake_edge_lost(struct hub *hub, struct peer *edge);

#endif
