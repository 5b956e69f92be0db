/* SPDX-License-Identifier: Apache-2.0 */
#include "model/tls_results.h"

void tls_results_init(struct tls_results *results)
{
    *results = (struct tls_results){.arena = arena_with_ceiling(TLS_RESULTS_BYTES_MAX)};
}

void tls_results_deinit(struct tls_results *results)
{
    arena_deinit(&results->arena);
    *results = (struct tls_results){0};
}

/* NULL: there is no room for one more. */
static struct tls_domain_sum *domain_of(struct tls_results *results, struct slice domain)
{
    struct tls_domain_sum *sum = results->domains;
    while (sum && !slice_equal_nocase(sum->domain, domain))
        sum = sum->next;
    if (sum || results->domain_count == TLS_RESULTS_DOMAINS_MAX)
        return sum;
    sum = arena_take(&results->arena, sizeof *sum);
    if (!sum)
        return NULL;
    *sum = (struct tls_domain_sum){.next = results->domains};
    if (!arena_copy(&results->arena, domain, &sum->domain))
        return NULL;
    results->domains = sum;
    results->domain_count++;
    return sum;
}

static struct tls_policy_sum *policy_of(struct tls_results *results, struct tls_domain_sum *domain,
                                        const struct tls_seen *seen)
{
    for (size_t i = 0; i < domain->policy_count; i++)
        if (domain->policies[i].kind == seen->policy &&
            slice_equal(domain->policies[i].text, seen->policy_text))
            return &domain->policies[i];
    if (domain->policy_count == TLS_RESULTS_POLICIES_MAX)
        return NULL;
    struct tls_policy_sum *policy = &domain->policies[domain->policy_count];
    *policy = (struct tls_policy_sum){.kind = seen->policy};
    policy->failures =
        arena_take_array(&results->arena, TLS_RESULTS_FAILURES_MAX, sizeof *policy->failures);
    if (!policy->failures || !arena_copy(&results->arena, seen->policy_text, &policy->text) ||
        !arena_copy(&results->arena, seen->policy_hosts, &policy->hosts))
        return NULL;
    domain->policy_count++;
    return policy;
}

/* What finds no room is still among the policy's bad ones. */
static void add_failure(struct tls_results *results, struct tls_policy_sum *policy,
                        const struct tls_seen *seen, uint64_t count)
{
    for (size_t i = 0; i < policy->failure_count; i++) {
        struct tls_failure_sum *failure = &policy->failures[i];
        if (failure->result == seen->result && slice_equal_nocase(failure->host, seen->host) &&
            ip_equal(failure->address, seen->address)) {
            failure->count += count;
            return;
        }
    }
    if (policy->failure_count == TLS_RESULTS_FAILURES_MAX)
        return;
    struct tls_failure_sum *failure = &policy->failures[policy->failure_count];
    *failure =
        (struct tls_failure_sum){.result = seen->result, .address = seen->address, .count = count};
    if (arena_copy(&results->arena, seen->host, &failure->host))
        policy->failure_count++;
}

static void keep_report_to(struct tls_results *results, struct tls_domain_sum *domain,
                           struct slice report_to)
{
    struct slice kept;
    if (!slice_equal(domain->report_to, report_to) && arena_copy(&results->arena, report_to, &kept))
        domain->report_to = kept;
}

void tls_results_add(struct tls_results *results, const struct tls_seen *seen, uint64_t count)
{
    struct tls_domain_sum *domain = domain_of(results, seen->domain);
    struct tls_policy_sum *policy = domain ? policy_of(results, domain, seen) : NULL;
    if (!policy) {
        results->left_out += count;
        return;
    }
    keep_report_to(results, domain, seen->report_to);
    if (seen->result == TLS_RESULT_SUCCESS) {
        policy->good += count;
        return;
    }
    policy->bad += count;
    add_failure(results, policy, seen, count);
}

const char *tls_policy_kind_name(enum tls_policy_kind kind)
{
    static const char *const names[] = {
        [TLS_POLICY_NONE] = "no-policy-found",
        [TLS_POLICY_STS] = "sts",
        [TLS_POLICY_TLSA] = "tlsa",
    };
    _Static_assert(COUNT_OF(names) == TLS_POLICY_KINDS, "each kind has its name");
    return names[kind];
}

const char *tls_result_name(enum tls_result result)
{
    static const char *const names[] = {
        [TLS_RESULT_SUCCESS] = "success",
        [TLS_RESULT_NO_STARTTLS] = "starttls-not-supported",
        [TLS_RESULT_HOST_MISMATCH] = "certificate-host-mismatch",
        [TLS_RESULT_EXPIRED] = "certificate-expired",
        [TLS_RESULT_NOT_TRUSTED] = "certificate-not-trusted",
        [TLS_RESULT_VALIDATION] = "validation-failure",
        [TLS_RESULT_DNSSEC_INVALID] = "dnssec-invalid",
        [TLS_RESULT_STS_FETCH] = "sts-policy-fetch-error",
        [TLS_RESULT_STS_INVALID] = "sts-policy-invalid",
        [TLS_RESULT_STS_WEBPKI] = "sts-webpki-invalid",
    };
    _Static_assert(COUNT_OF(names) == TLS_RESULT_COUNT, "each result has its name");
    return names[result];
}
