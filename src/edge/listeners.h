/* SPDX-License-Identifier: Apache-2.0 */
/* listeners - the sockets that the supervisor listens on for this edge and others. They accept
 * while a configuration is in force, and rest for a moment when there are no descriptors left.
 */
#ifndef EDGE_LISTENERS_H
#define EDGE_LISTENERS_H

#include "edge/state.h"

#define LISTENERS_ALL UINT64_MAX

void listeners_begin(struct edge *edge);
void listeners_add(struct edge *edge, const struct wire_listener *message, int fd_take);
void listeners_remove(struct edge *edge, uint64_t id);
void listeners_accept(struct edge *edge, bool accepting);

#endif
