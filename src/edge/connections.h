/* SPDX-License-Identifier: Apache-2.0 */
/* connections - all of the edge: found by the number they have on every wire, swept once a second
 * for what is overdue, counted by the configuration they live on.
 */
#ifndef EDGE_CONNECTIONS_H
#define EDGE_CONNECTIONS_H

#include "edge/state.h"

void connections_begin(struct edge *edge);
void connections_end(struct edge *edge); /* frees all */

/* Gives it its numbers. False: there is no room. */
MUST_USE bool connections_add(struct edge *edge, struct connection *connection);
void connections_remove(struct edge *edge, struct connection *connection);
struct connection *connections_find(const struct edge *edge, uint64_t id); /* NULL: it has gone */
/* Each may free itself. */
void connections_each(struct edge *edge, void (*run)(struct connection *connection));
/* Tells the hub the configuration in force, and how many sessions live on an older one. */
void connections_report(struct edge *edge);

#endif
