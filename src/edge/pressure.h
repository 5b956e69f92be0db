/* SPDX-License-Identifier: Apache-2.0 */
/* pressure - whose mail is not taken while the server has too much on its hands: at the medium
 * level that of clients nobody knows, at the high one everybody's. Deliveries go on.
 */
#ifndef EDGE_PRESSURE_H
#define EDGE_PRESSURE_H

#include "edge/connection.h"

void pressure_take(struct edge *edge, const struct wire_pressure *pressure);
/* Whether this client begins no message now; the cause is borrowed from the edge. */
bool pressure_refuses(const struct connection *connection, struct slice *out_cause);

#endif
