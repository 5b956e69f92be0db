/* SPDX-License-Identifier: Apache-2.0 */
/* filter_sockets - an edge wants a connection to a content filter: a courier makes it.
 *
 * Nothing is kept: what a courier must give back travels with the order. An edge gets connections
 * to the filters of connectors only.
 */
#ifndef HUB_TRANSPORT_FILTER_SOCKETS_H
#define HUB_TRANSPORT_FILTER_SOCKETS_H

#include "hub/state.h"

/* False: the frame makes no sense. */
bool filter_sockets_question(struct hub *hub, struct peer *edge,
                             const struct wire_filter_question *question);
/* A courier has connected, or has not. Takes the descriptor (-1: none). */
void filter_sockets_answer(struct hub *hub, const struct frame *frame, int fd_take);

#endif
