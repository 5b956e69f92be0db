/* SPDX-License-Identifier: Apache-2.0 */
/* permission - what other nouns need of permissions: those of an object that goes must go
 * with it, and a connector shows that it has some.
 */
#ifndef HUB_HANDLERS_PERMISSION_H
#define HUB_HANDLERS_PERMISSION_H

#include "hub/call.h"
#include "hub/configuration/change.h"

/* Removes from the draft every permission on this object and every permission of this mailbox. */
void permission_forget(struct call *call, struct change *change, struct object_id id);
/* PermissionGroups, with Custom behind them when there are rights that were set by hand. */
json_t *permission_groups_json(const struct model *model,
                               const struct receive_connector *connector);

/* Whether any session can be one of them. */
bool permission_is_recognised(enum principal principal);

#endif
