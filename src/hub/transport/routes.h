/* SPDX-License-Identifier: Apache-2.0 */
/* routes - where mail for an address goes next, by the model in force: model/routing with an index
 * that is made anew when the model changes. */
#ifndef HUB_TRANSPORT_ROUTES_H
#define HUB_TRANSPORT_ROUTES_H

#include "hub/state.h"
#include "model/routing.h"

enum { ROUTE_KEY_MAX = 512 };

/* `key` gets the name of the queue. Without memory everything is unreachable. */
struct route routes_choose(struct hub *hub, struct slice address, uint64_t size_bytes,
                           enum sender_tls way, struct text *key);
void routes_forget(struct hub *hub); /* the model has changed, or the end */

#endif
