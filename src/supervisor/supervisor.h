/* SPDX-License-Identifier: Apache-2.0 */
/* supervisor - starts the roles, wires them to each other, holds the listening sockets, restarts
 * what dies.
 *
 * It parses nothing that comes from a stranger. It reads frames of its own children, and of those
 * only the hub's may name an address to listen on. When a role dies it is started again (with a
 * growing pause if it keeps dying) and its peers are handed new wires; listening sockets stay open
 * all the while, so that no client is refused.
 */
#ifndef SUPERVISOR_SUPERVISOR_H
#define SUPERVISOR_SUPERVISOR_H

#include "base/attributes.h"

struct supervisor_options {
    const char *program;     /* argv[0] of the children */
    const char *data;        /* the data folder; created if absent */
    const char *server;      /* may be NULL */
    const char *bind;        /* may be NULL */
    const char *trust;       /* may be NULL */
    const char *name_server; /* may be NULL */
    const char *dns_anchor;  /* may be NULL */
    const char *policy_port; /* decimal text; may be NULL */
    const char *port_offset; /* decimal text */
    unsigned edges, couriers;
};

/* Runs until SIGTERM or SIGINT; the exit status of the program. */
int supervisor_run(const struct supervisor_options *options);

#endif
