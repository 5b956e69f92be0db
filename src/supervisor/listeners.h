/* SPDX-License-Identifier: Apache-2.0 */
/* listeners - the sockets strangers connect to, kept open whatever happens to the roles behind
 * them. */
#ifndef SUPERVISOR_LISTENERS_H
#define SUPERVISOR_LISTENERS_H

#include "base/ip.h"
#include "wire/channel.h"

struct listener {
    struct ip_endpoint endpoint;
    uint64_t id;
    int fd; /* -1: could not be opened yet */
    int error;
    bool wanted;
};

struct listeners {
    struct listener *items;
    size_t count;
    uint64_t next_id;
};

struct listeners_events {
    void (*opened)(void *context, const struct listener *listener);
    void (*closed)(void *context, const struct listener *listener);
    void *context;
};

/* Makes the open sockets those of the packed endpoints (see struct wire_bindings): opens what is
 * new, closes what is gone, tries again what failed before. False without memory. */
MUST_USE bool listeners_apply(struct listeners *listeners, struct slice packed,
                              const struct listeners_events *events);
/* Tries again what could not be opened: an address may have appeared, a port become free. Tells of
 * those that now listen; true when some still do not. */
bool listeners_retry(struct listeners *listeners, const struct listeners_events *events);
void listeners_announce(const struct listeners *listeners, struct channel *edge);
void listener_announce(const struct listener *listener, struct channel *edge);
void listeners_close(struct listeners *listeners);

#endif
