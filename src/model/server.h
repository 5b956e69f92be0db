/* SPDX-License-Identifier: Apache-2.0 */
/* server - the machine a model belongs to. A model has exactly one. */
#ifndef MODEL_SERVER_H
#define MODEL_SERVER_H

#include "model/object.h"

struct server {
    struct object_id id;
    uint64_t version;
    int64_t created_ms, changed_ms;
    struct slice name;   /* as in `NAME\Connector` */
    struct slice fqdn;   /* banner, EHLO and certificate choice when a connector names none */
    int64_t port_offset; /* added to the ports of the default connectors */
    struct slice_list
        bind_addresses;     /* the default connectors listen here only; empty: everywhere */
    struct slice judged_by; /* fingerprint of the roots all certificates were judged by last */
};

extern const struct setting server_settings[];

#endif
