/* SPDX-License-Identifier: Apache-2.0 */
/* resolver - questions to DNS, with the verdict of DNSSEC (RFC 4035), on the loop of the process.
 *
 * A thin face over libunbound, which validates and keeps a cache; it runs on our loop, without
 * threads or processes of its own. It opens sockets as it needs them (SANDBOX_SOCKETS with
 * SANDBOX_MESSAGES); files are read by resolver_new alone, before any sandbox.
 *
 * A query is embedded in the object that asks and belongs to the resolver from dns_query_start
 * until its callback, which comes exactly once, never from within dns_query_start, and at the
 * latest when its time is over; dns_query_cancel ends it without. The callback may start it again,
 * or free it. What libunbound began for a query that is cancelled or too late, it may bring to its
 * end, for its cache; it has bounds of its own for that.
 *
 * It knows no mail: what an answer means for a message is model/mail_hosts.
 */
#ifndef DNS_RESOLVER_H
#define DNS_RESOLVER_H

#include "dns/record.h"
#include "os/loop.h"

struct resolver;
struct ub_ctx;

struct dns_stub { /* who is to be asked about a zone and all below it */
    const char *zone;
    struct ip_endpoint server;
};

/* Signatures do not come through to us (`why`): not even the anchored zone's keys are there. */
typedef void dns_unsigned_fn(void *context, struct slice why);

struct resolver_settings {
    const struct ip_endpoint *forwards; /* ask these; none: from the root servers down */
    size_t forward_count;
    const struct dns_stub *stubs;
    size_t stub_count;
    /* DS or DNSKEY records as text, and a file of them. Where nothing is anchored nothing is
     * secure. */
    const char *const *trust_anchors;
    size_t trust_anchor_count;
    const char *trust_anchor_file; /* NULL: none */
    const char *hosts_file;        /* NULL: none; "/etc/hosts" */
    /* NULL: strict, what does not hold is DNS_BOGUS. Else a resolver whose name servers strip
     * signatures says so here and does without them, for an hour: nothing is secure then, and
     * nothing bogus. It still takes no forged answer where signatures arrive. */
    dns_unsigned_fn *on_unsigned;
    const char *anchored; /* with it: the zone of the anchors, "."; kept */
    void *context;
};

enum {
    DNS_UNDER_WAY_MAX = 1000, /* queries of one resolver at a time */
    DNS_QUERY_NAME_MAX = 253, /* as text, RFC 1035 2.3.4 */
    DNS_WHY_MAX = 512,        /* of a reason */
    DNS_PACKET_MAX = UINT16_MAX
};

/* The result is borrowed for the time of the callback. */
typedef void dns_done_fn(void *context, const struct dns_result *result);

enum dns_step { DNS_STEP_NAME, DNS_STEP_ANCHOR, DNS_STEP_UNSIGNED };

struct dns_query { /* zeroed before its first use; members are the resolver's */
    struct resolver *resolver;
    enum dns_type type;
    dns_done_fn *run;
    void *context;
    bool open, answered, no_keys;
    enum dns_step step;
    struct ub_ctx *asked; /* of libunbound, and its number there */
    int number;
    struct watch limit;
    struct deferred done;
    enum dns_outcome outcome;
    bool secure;
    char name[DNS_QUERY_NAME_MAX + 2];
    struct text packet, why;
};

/* 0 or -errno. -EINVAL: out_error says which setting cannot be used. */
MUST_USE int resolver_new(struct loop *loop, const struct resolver_settings *settings,
                          struct resolver **out_resolver, struct text *out_error);
/* No query may be open, and it may not be called by a callback. Accepts NULL. */
void resolver_free(struct resolver *resolver);
size_t resolver_under_way(const struct resolver *resolver);

/* The name is ASCII (mail/ascii_domain), with or without the dot at its end. 0, -EINVAL for what is
 * no name, -EAGAIN when DNS_UNDER_WAY_MAX are under way, -ENOMEM; no callback comes then. */
MUST_USE int dns_query_start(struct dns_query *query, struct resolver *resolver, struct slice name,
                             enum dns_type type, uint64_t limit_ms, dns_done_fn *run,
                             void *context);
void dns_query_cancel(struct dns_query *query); /* also of one that is not open, or zeroed */

#endif
