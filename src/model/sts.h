/* SPDX-License-Identifier: Apache-2.0 */
/* sts - MTA-STS (RFC 8461): a domain's word, by HTTPS, on which hosts take its mail and that they
 * have TLS with certificates that hold.
 *
 * Pure: the TXT record, the policy's text, what it says of a host, and whether a policy that was
 * fetched before still counts. Fetching is for others. Slices point into what was read.
 */
#ifndef MODEL_STS_H
#define MODEL_STS_H

#include "model/tag_list.h"

enum {
    STS_POLICY_MAX_BYTES = 64 * 1024, /* RFC 8461 3.3 */
    STS_MX_MAX = 100,                 /* patterns; one more and the policy is refused */
    STS_ID_MAX = 32,
    STS_AGE_MAX_S = 31557600,               /* RFC 8461 3.2: a year; more means that */
    STS_REFRESH_AFTER_MS = 24 * 3600 * 1000 /* a day: then it is fetched again in any case */
};

/* The id of the record at _mta-sts.DOMAIN, among all its TXT records. */
enum tag_list_outcome sts_record_read(const struct slice *records, size_t count,
                                      struct slice *out_id);

enum sts_mode { STS_MODE_NONE, STS_MODE_TESTING, STS_MODE_ENFORCE };

struct sts_policy {
    enum sts_mode mode;
    uint32_t max_age_s;
    struct slice mx[STS_MX_MAX]; /* "mail.example.org", "*.example.org" */
    size_t mx_count;
};

enum sts_policy_outcome {
    STS_POLICY_OK,
    STS_POLICY_TOO_LONG,
    STS_POLICY_MALFORMED, /* a line is no field */
    STS_POLICY_VERSION,   /* missing, or not STSv1 */
    STS_POLICY_MODE,      /* missing or unknown */
    STS_POLICY_MAX_AGE,   /* missing, or no number */
    STS_POLICY_MX,        /* missing, no name, or too many */
    STS_POLICY_OUTCOMES
};

enum sts_policy_outcome sts_policy_read(struct slice written, struct sts_policy *out_policy);
const char *sts_policy_outcome_text(enum sts_policy_outcome outcome); /* a phrase */

/* Whether the host is one of those the policy names (RFC 8461 4.1). */
bool sts_policy_allows(const struct sts_policy *policy, struct slice host);

struct sts_cached {  /* a policy that was fetched before */
    struct slice id; /* of the record it was fetched for; empty: there is none */
    int64_t fetched_ms;
    uint32_t max_age_s;
};

enum sts_step {
    STS_STEP_WITHOUT,           /* the domain has no policy */
    STS_STEP_CACHED,            /* the one we have */
    STS_STEP_FETCH,             /* it must be fetched; failing that there is none */
    STS_STEP_FETCH_ELSE_CACHED, /* failing that, the one we have still counts */
};

/* `id` is the record's, empty without one: that does not end a policy (RFC 8461 5.1), or whoever
 * can hold back an answer of DNS could. */
enum sts_step sts_next_step(const struct sts_cached *cached, struct slice id, int64_t now_ms);

#endif
