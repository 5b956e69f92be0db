/* SPDX-License-Identifier: Apache-2.0 */
/* sts_shelf - policies of MTA-STS on disk, so that they outlive the process and all couriers share
 * them: whoever can keep the policy of a domain from us for a moment must not gain by a restart
 * (RFC 8461 10.2).
 *
 *     DATA/policies/DOMAIN.policy    STSv1 ID FETCHED UNTIL LENGTH, and behind that line the policy
 *
 * FETCHED and UNTIL are milliseconds since 1970. A file that is not whole is as good as none. What
 * cannot be written is left out: then the policy is fetched again by the next process.
 */
#ifndef COURIER_STS_SHELF_H
#define COURIER_STS_SHELF_H

#include "base/text.h"
#include "model/sts.h"

enum { STS_SHELF_MAX = 10000 /* files; no more are written, until the time of some is over */ };

struct sts_shelf {
    int folder_fd; /* borrowed; -1: there is none */
    size_t count;  /* files, as this process knows */
};

struct sts_shelved {
    struct slice id, policy;
    int64_t fetched_ms, until_ms;
};

/* Before any sandbox. Removes what is over. */
void sts_shelf_open(struct sts_shelf *shelf, int folder_fd, int64_t now_ms);
/* The domain is a host name (tls/host_name). `out` points into `storage`. False: there is none, or
 * its time is over. */
bool sts_shelf_read(const struct sts_shelf *shelf, struct slice domain, int64_t now_ms,
                    struct text *storage, struct sts_shelved *out);
void sts_shelf_write(struct sts_shelf *shelf, struct slice domain,
                     const struct sts_shelved *policy);
/* What such a file says. False: it is not whole. */
bool sts_shelved_parse(struct slice file, struct sts_shelved *out);

#endif
