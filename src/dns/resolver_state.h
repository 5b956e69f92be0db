/* SPDX-License-Identifier: Apache-2.0 */
/* resolver_state - what a resolver is, to the files of this room alone. */
#ifndef DNS_RESOLVER_STATE_H
#define DNS_RESOLVER_STATE_H

#include "dns/resolver.h"

#include <unbound.h>

enum { CLASS_IN = 1 };

struct resolver {
    struct ub_ctx *unbound;     /* validates */
    struct ub_ctx *unvalidated; /* the same without anchors; NULL: not for a strict resolver */
    struct loop *loop;
    dns_unsigned_fn *on_unsigned;
    void *context;
    const char *anchored;       /* zone; borrowed for good */
    uint64_t unsigned_until_ms; /* until then `unvalidated` is asked */
    size_t under_way;
};

#endif
