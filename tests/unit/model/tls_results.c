/* SPDX-License-Identifier: Apache-2.0 */
/* What connections to a domain come to by the end of the day. */
#include "model/tls_results.h"

#include "support/rows.h"

#include <stdio.h>

static struct ip_address address_of(const char *written)
{
    struct ip_address address;
    assert_true(ip_parse(slice_of(written), &address));
    return address;
}

static struct tls_seen seen(const char *domain, enum tls_policy_kind policy, const char *text,
                            enum tls_result result)
{
    return (struct tls_seen){.domain = slice_of(domain),
                             .report_to = SLICE("mailto:a@b.example"),
                             .policy = policy,
                             .policy_text = slice_of(text),
                             .result = result,
                             .host = SLICE("mx.b.example"),
                             .address = address_of("192.0.2.1")};
}

static void add(struct tls_results *results, const char *domain, enum tls_policy_kind policy,
                const char *text, enum tls_result result)
{
    struct tls_seen one = seen(domain, policy, text, result);
    tls_results_add(results, &one, 1);
}

static void the_same_is_counted(void **state)
{
    (void)state;
    struct tls_results results;
    tls_results_init(&results);
    add(&results, "b.example", TLS_POLICY_STS, "x", TLS_RESULT_SUCCESS);
    add(&results, "B.example", TLS_POLICY_STS, "x", TLS_RESULT_SUCCESS);
    add(&results, "b.example", TLS_POLICY_STS, "x", TLS_RESULT_EXPIRED);
    add(&results, "b.example", TLS_POLICY_STS, "x", TLS_RESULT_EXPIRED);
    add(&results, "b.example", TLS_POLICY_STS, "x", TLS_RESULT_NO_STARTTLS);
    add(&results, "b.example", TLS_POLICY_STS, "y", TLS_RESULT_SUCCESS);
    add(&results, "b.example", TLS_POLICY_NONE, "y", TLS_RESULT_SUCCESS);
    add(&results, "c.example", TLS_POLICY_NONE, "", TLS_RESULT_SUCCESS);
    assert_int_equal(results.domain_count, 2);
    const struct tls_domain_sum *domain = results.domains->next;
    row_expect_slice("first", domain->domain, SLICE("b.example"));
    assert_int_equal(domain->policy_count, 3);
    const struct tls_policy_sum *policy = &domain->policies[0];
    assert_int_equal(policy->good, 2);
    assert_int_equal(policy->bad, 3);
    assert_int_equal(policy->failure_count, 2);
    assert_int_equal(policy->failures[0].count, 2);
    assert_int_equal(policy->failures[0].result, TLS_RESULT_EXPIRED);
    assert_int_equal(policy->failures[1].count, 1);
    assert_int_equal(results.left_out, 0);
    tls_results_deinit(&results);
}

static void hosts_fail_apart(void **state)
{
    (void)state;
    struct tls_results results;
    tls_results_init(&results);
    struct tls_seen one = seen("b.example", TLS_POLICY_NONE, "", TLS_RESULT_EXPIRED);
    tls_results_add(&results, &one, 1);
    one.address = address_of("192.0.2.2");
    tls_results_add(&results, &one, 1);
    one.host = SLICE("mx2.b.example");
    tls_results_add(&results, &one, 1);
    assert_int_equal(results.domains->policies[0].failure_count, 3);
    tls_results_deinit(&results);
}

static void the_latest_address_is_told(void **state)
{
    (void)state;
    struct tls_results results;
    tls_results_init(&results);
    struct tls_seen one = seen("b.example", TLS_POLICY_NONE, "", TLS_RESULT_SUCCESS);
    tls_results_add(&results, &one, 1);
    one.report_to = SLICE("mailto:c@b.example");
    tls_results_add(&results, &one, 1);
    row_expect_slice("address", results.domains->report_to, SLICE("mailto:c@b.example"));
    tls_results_deinit(&results);
}

static void what_finds_no_room_is_counted(void **state)
{
    (void)state;
    char name[64];
    struct tls_results results;
    tls_results_init(&results);
    for (int i = 0; i < TLS_RESULTS_DOMAINS_MAX + 3; i++) {
        snprintf(name, sizeof name, "d%d.example", i);
        add(&results, name, TLS_POLICY_NONE, "", TLS_RESULT_SUCCESS);
    }
    assert_int_equal(results.domain_count, TLS_RESULTS_DOMAINS_MAX);
    assert_int_equal(results.left_out, 3);
    for (int i = 0; i < TLS_RESULTS_POLICIES_MAX; i++) {
        snprintf(name, sizeof name, "policy %d", i);
        add(&results, "d0.example", TLS_POLICY_STS, name, TLS_RESULT_SUCCESS);
    }
    assert_int_equal(results.left_out, 4);
    for (int i = 0; i < TLS_RESULTS_FAILURES_MAX + 5; i++) {
        struct tls_seen one = seen("d1.example", TLS_POLICY_NONE, "", TLS_RESULT_EXPIRED);
        snprintf(name, sizeof name, "mx%d.example", i);
        one.host = slice_of(name);
        tls_results_add(&results, &one, 1);
    }
    const struct tls_domain_sum *sum = results.domains;
    while (!slice_equal(sum->domain, SLICE("d1.example")))
        sum = sum->next;
    assert_int_equal(sum->policies[0].failure_count, TLS_RESULTS_FAILURES_MAX);
    assert_int_equal(sum->policies[0].bad, TLS_RESULTS_FAILURES_MAX + 5);
    tls_results_deinit(&results);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_is_counted),
        cmocka_unit_test(hosts_fail_apart),
        cmocka_unit_test(the_latest_address_is_told),
        cmocka_unit_test(what_finds_no_room_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
