/* SPDX-License-Identifier: Apache-2.0 */
/* tls_results - how connections to other servers fared with TLS, summed up by domain and policy, as
 * a report to the domain tells it (RFC 8460 4).
 *
 * Pure, and bounded: TLS_RESULTS_DOMAINS_MAX domains, TLS_RESULTS_POLICIES_MAX policies of each,
 * TLS_RESULTS_FAILURES_MAX kinds of failure of each policy; what goes beyond is counted and left
 * out. Everything that is added is copied.
 */
#ifndef MODEL_TLS_RESULTS_H
#define MODEL_TLS_RESULTS_H

#include "base/arena.h"
#include "base/ip.h"

enum {
    TLS_RESULTS_DOMAINS_MAX = 1000,
    TLS_RESULTS_POLICIES_MAX = 4, /* a domain may change its policy within a day */
    TLS_RESULTS_FAILURES_MAX = 32,
    TLS_RESULTS_BYTES_MAX = 32 << 20,
};

enum tls_policy_kind { /* RFC 8460 4.2, policy-type */
                       TLS_POLICY_NONE,
                       TLS_POLICY_STS,
                       TLS_POLICY_TLSA,
                       TLS_POLICY_KINDS
};

enum tls_result { /* RFC 8460 4.3 */
                  TLS_RESULT_SUCCESS,
                  TLS_RESULT_NO_STARTTLS,
                  TLS_RESULT_HOST_MISMATCH,
                  TLS_RESULT_EXPIRED,
                  TLS_RESULT_NOT_TRUSTED,
                  TLS_RESULT_VALIDATION,
                  TLS_RESULT_DNSSEC_INVALID,
                  TLS_RESULT_STS_FETCH,
                  TLS_RESULT_STS_INVALID,
                  TLS_RESULT_STS_WEBPKI,
                  TLS_RESULT_COUNT
};

struct tls_seen { /* one connection */
    struct slice domain;
    struct slice report_to; /* as its record has it: addresses with commas */
    enum tls_policy_kind policy;
    struct slice policy_text;  /* its lines, with LF */
    struct slice policy_hosts; /* that a policy of MTA-STS names, with LF */
    enum tls_result result;
    struct slice host;
    struct ip_address address;
};

struct tls_failure_sum {
    enum tls_result result;
    struct slice host;
    struct ip_address address;
    uint64_t count;
};

struct tls_policy_sum {
    enum tls_policy_kind kind;
    struct slice text, hosts;
    uint64_t good, bad;
    struct tls_failure_sum *failures;
    size_t failure_count;
};

struct tls_domain_sum {
    struct tls_domain_sum *next;
    struct slice domain, report_to; /* the latest */
    struct tls_policy_sum policies[TLS_RESULTS_POLICIES_MAX];
    size_t policy_count;
};

struct tls_results {
    struct arena arena;
    struct tls_domain_sum *domains;
    size_t domain_count;
    uint64_t left_out; /* connections */
};

void tls_results_init(struct tls_results *results);
void tls_results_deinit(struct tls_results *results);
/* So many connections of the same kind. */
void tls_results_add(struct tls_results *results, const struct tls_seen *seen, uint64_t count);

const char *tls_policy_kind_name(enum tls_policy_kind kind); /* "no-policy-found" */
const char *tls_result_name(enum tls_result result);         /* "starttls-not-supported" */

#endif
