/* SPDX-License-Identifier: Apache-2.0 */
/* filter_sockets - connects to content filters for edges, which open no sockets themselves.
 *
 * The connected socket goes to the hub and is forgotten; not a byte is read or written here.
 */
#ifndef COURIER_FILTER_SOCKETS_H
#define COURIER_FILTER_SOCKETS_H

#include "wire/channel.h"

struct filter_socket;

/* `all` is the list of those under way, NULL at first. The hub is answered once. */
void filter_socket_start(struct filter_socket **all, struct loop *loop, struct channel *hub,
                         const struct wire_filter_connect *order);
void filter_sockets_end(struct filter_socket **all); /* nobody is answered any more */

#endif
