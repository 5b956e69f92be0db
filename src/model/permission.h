/* SPDX-License-Identifier: Apache-2.0 */
/* permission - rights given or denied to one principal on one connector, beside its groups
 * (Add-ADPermission, Remove-ADPermission). */
#ifndef MODEL_PERMISSION_H
#define MODEL_PERMISSION_H

#include "model/object.h"

struct permission {
    struct object_id id;
    uint64_t version;
    int64_t created_ms, changed_ms;
    struct object_id connector;
    struct slice principal; /* "NT AUTHORITY\ANONYMOUS LOGON", or a mailbox's name or address */
    uint32_t rights;        /* enum right mask */
    bool deny;
};

extern const struct setting permission_settings[];

#endif
