/* SPDX-License-Identifier: Apache-2.0 */
/* endpoint - where a filter listens, as people write it: unix:/run/filter.sock, or
 * inet:127.0.0.1:11332 and inet:[::1]:11332. */
#ifndef MILTER_ENDPOINT_H
#define MILTER_ENDPOINT_H

#include "base/ip.h"
#include "base/slice.h"

enum { ENDPOINT_PATH_MAX = 107 /* of a UNIX socket */ };

struct milter_endpoint {
    struct slice path; /* points into what was read; empty: `inet` */
    struct ip_endpoint inet;
};

bool milter_endpoint_parse(struct slice written, struct milter_endpoint *out);

#endif
