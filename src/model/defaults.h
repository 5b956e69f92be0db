/* SPDX-License-Identifier: Apache-2.0 */
/* defaults - the model of a server that nobody has configured yet: the six default connectors and
 * one accepted domain. Deterministic but for the ids, whose randomness is handed in. */
#ifndef MODEL_DEFAULTS_H
#define MODEL_DEFAULTS_H

#include "model/model.h"

struct model_defaults {
    struct slice server_name; /* as in `NAME\Default Frontend NAME` */
    struct slice fqdn;
    struct slice
        domain; /* the accepted domain; empty: behind the first dot of fqdn, or "localhost" */
    const struct ip_address *bind_addresses; /* none: 0.0.0.0 and [::] */
    size_t bind_address_count;
    uint16_t port_offset; /* 2500 makes 25 into 2525 */
    int64_t now_ms;       /* WhenCreated */
    object_random_fn *random;
    void *random_context;
};

/* Fills an empty model. False when a port passes 65535, a name is malformed or memory is short. */
bool model_create_defaults(struct model *model, const struct model_defaults *defaults,
                           struct text *error);

#endif
