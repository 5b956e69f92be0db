/* SPDX-License-Identifier: Apache-2.0 */
/* pressure - what the store says of its reserves, once a second: to the edges, which refuse by it,
 * and by events 15004 (more), 15005 (less), 15006 (the disk fills) and 15007 (the memory does).
 */
#ifndef HUB_TRANSPORT_PRESSURE_H
#define HUB_TRANSPORT_PRESSURE_H

#include "hub/state.h"

void pressure_watch(struct hub *hub);
void pressure_tell(struct hub *hub, struct peer *edge); /* a new one */
/* False: nothing more is taken in. */
bool pressure_accepts(const struct hub *hub);

const char *pressure_level_name(enum store_pressure_level level); /* "Low", "Medium", "High" */

#endif
