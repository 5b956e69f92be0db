/* SPDX-License-Identifier: Apache-2.0 */
/* permission - rights given or denied to one principal on one object (Add-ADPermission): those of
 * sessions on a receive connector, beside its groups, or Send As on a mailbox. */
#ifndef MODEL_PERMISSION_H
#define MODEL_PERMISSION_H

#include "model/object.h"
#include "model/principal.h"

struct permission {
    struct object_id id;
    uint64_t version;
    int64_t created_ms, changed_ms;
    struct object_id object;  /* a receive connector, or the mailbox of Send As */
    uint32_t principal;       /* enum principal */
    struct object_id mailbox; /* who, when the principal is a mailbox */
    uint32_t rights;          /* enum right mask */
    bool deny;
};

extern const struct setting permission_settings[];

struct model;
/* The one permission of this object and principal that grants (or denies), or NULL. */
struct permission *permission_find(const struct model *model, struct object_id object,
                                   enum principal principal, struct object_id mailbox, bool deny);

#endif
