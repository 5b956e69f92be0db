/* SPDX-License-Identifier: Apache-2.0 */
/* permission_show - what is granted and denied on a connector or a mailbox, as objects: one for
 * each right, as Get-ADPermission prints them.
 */
#ifndef HUB_HANDLERS_PERMISSION_SHOW_H
#define HUB_HANDLERS_PERMISSION_SHOW_H

#include "hub/call.h"
#include "model/permission_list.h"

struct permission_filter { /* zero: everything */
    bool by_user;
    enum principal principal; /* of this one only */
    struct object_id mailbox; /* when the principal is one */
    uint32_t rights;          /* only these; 0: all */
};

/* Emits the entries. `kind` is MODEL_RECEIVE_CONNECTOR or MODEL_MAILBOX. */
void permission_show(struct call *call, const struct model *model, enum model_kind kind,
                     const void *object, const struct permission_filter *filter);
/* Says from whom mail for other domains is taken. */
void permission_inform_relay(struct call *call, const struct model *model,
                             const struct receive_connector *connector);
/* A warning, with the cure, when that is anybody on the Internet. */
void permission_warn_of_open_relay(struct call *call, const struct model *model,
                                   const struct receive_connector *connector);

#endif
