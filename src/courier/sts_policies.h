/* SPDX-License-Identifier: Apache-2.0 */
/* sts_policies - the policies of MTA-STS (RFC 8461) of the domains that mail goes to: looked up in
 * DNS, fetched by HTTPS, kept for as long as each of them says.
 *
 * Those of the domains asked for last are in memory, all of them on the shelf (courier/sts_shelf),
 * where another courier may have put a newer one. A policy that cannot be fetched is not asked for
 * again for a while; what was kept counts on.
 *
 * A lookup is embedded in the object that asks and belongs to the policies from sts_lookup_start
 * until its callback, which comes once and never from within the start; the callback may free it.
 */
#ifndef COURIER_STS_POLICIES_H
#define COURIER_STS_POLICIES_H

#include "courier/https.h"
#include "courier/sts_shelf.h"
#include "model/sts.h"

struct channel;

enum {
    STS_DOMAINS_MAX = 1000, /* the one that was not asked for the longest makes room */
    STS_DNS_LIMIT_MS = 20000,
    STS_FAILED_MS = 5 * 60 * 1000, /* RFC 8461 3.3: no faster than that again */
};

struct sts_kept { /* one policy; lives as long as somebody has a reference */
    unsigned references;
    char id_bytes[STS_ID_MAX];
    struct sts_cached cached; /* its id points above */
    struct text written;
    struct sts_policy policy; /* its slices point there */
};

void sts_kept_unref(struct sts_kept *kept); /* accepts NULL */

struct sts_policies;

/* All are borrowed; events go to the hub; the shelf's folder may be -1. NULL without memory. */
MUST_USE struct sts_policies *sts_policies_new(struct loop *loop, struct resolver *resolver,
                                               struct https *https, struct channel *hub,
                                               int shelf_fd);
void sts_policies_free(struct sts_policies *policies); /* no lookup may be open; accepts NULL */

enum sts_failure { /* of the fetching; a policy that was kept may count all the same */
                   STS_FAILURE_NONE,
                   STS_FAILURE_FETCH,
                   STS_FAILURE_INVALID,
                   STS_FAILURE_NOT_TRUSTED /* the certificate of the policy's server */
};

/* The reference is the asker's now; NULL: there is no policy, or none is to be had. */
typedef void sts_found_fn(void *context, struct sts_kept *policy, enum sts_failure failure);

struct sts_lookup { /* zeroed before its first use; members are the policies' */
    struct sts_policies *policies;
    struct dns_query query;
    struct https_request request;
    char domain[HTTPS_NAME_MAX + 1], id_bytes[STS_ID_MAX];
    struct slice id;
    enum sts_failure failure;
    struct deferred done;
    sts_found_fn *run;
    void *context;
};

/* The domain is ASCII (mail/ascii_domain); an address in brackets has no policy. */
void sts_lookup_start(struct sts_lookup *lookup, struct sts_policies *policies, struct slice domain,
                      sts_found_fn *run, void *context);
void sts_lookup_end(struct sts_lookup *lookup); /* without a word; also of a zeroed one */

#endif
