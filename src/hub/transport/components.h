/* SPDX-License-Identifier: Apache-2.0 */
/* components - which parts of the server are in service (model/component.h), as the hub sees it. */
#ifndef HUB_TRANSPORT_COMPONENTS_H
#define HUB_TRANSPORT_COMPONENTS_H

#include "hub/state.h"

/* Takes over what the model in force says, and says by an event what has changed. */
void components_look(struct hub *hub);
/* False: what waits is to wait. */
static inline bool components_deliver(const struct hub *hub)
{
    return hub->components[COMPONENT_HUB_TRANSPORT] != COMPONENT_INACTIVE;
}
/* "HubTransport is Inactive (Maintenance): Set-ServerComponentState ..." - the command that ends
 * it. */
bool component_append_reason(struct text *text, const struct model *model, enum component component,
                             const struct component_wish *wish);

#endif
