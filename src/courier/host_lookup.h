/* SPDX-License-Identifier: Apache-2.0 */
/* host_lookup - the walk to a domain's mail hosts (model/mail_hosts), with the answers of a
 * resolver.
 *
 * Embedded in the object that looks; it belongs to the lookup from host_lookup_start until the
 * callback, which comes once and never from within host_lookup_start. What was found is in `walk`
 * and stays until host_lookup_end, which also ends a lookup that is under way.
 */
#ifndef COURIER_HOST_LOOKUP_H
#define COURIER_HOST_LOOKUP_H

#include "dns/resolver.h"
#include "model/mail_hosts.h"

enum { HOST_LOOKUP_AT_ONCE = 8 }; /* questions of one lookup under way */

struct host_lookup;
typedef void host_lookup_fn(void *context, const struct mail_hosts *walk);

struct host_lookup_slot {
    struct host_lookup *lookup;
    size_t number;
    struct dns_query query;
};

struct host_lookup { /* zeroed before its first use */
    struct resolver *resolver;
    struct loop *loop;
    struct arena arena;
    struct mail_hosts walk;
    struct host_lookup_slot slots[HOST_LOOKUP_AT_ONCE];
    uint64_t limit_ms;
    struct deferred done;
    host_lookup_fn *run;
    void *context;
};

/* The own names and addresses are borrowed until the callback, the domain is copied; the seed is
 * chosen here. limit_ms is each question's, of which one waits for another once. */
void host_lookup_start(struct host_lookup *lookup, struct loop *loop, struct resolver *resolver,
                       const struct mail_hosts_settings *settings, uint64_t limit_ms,
                       host_lookup_fn *run, void *context);
void host_lookup_end(struct host_lookup *lookup); /* also of a zeroed one */

#endif
