/* SPDX-License-Identifier: Apache-2.0 */
/* What the day came to outlives the hub, and files of others do no harm. */
#include "hub/transport/tls_report_shelf.h"

#include "support/rows.h"

#include <stdio.h>

static void add(struct tls_results *results, const char *domain, enum tls_result result,
                const char *host, uint64_t count)
{
    struct tls_seen seen = {.domain = slice_of(domain),
                            .report_to = SLICE("mailto:a@b.example"),
                            .policy = TLS_POLICY_STS,
                            .policy_text = SLICE("version: STSv1\nmode: enforce"),
                            .policy_hosts = SLICE("mx.b.example"),
                            .result = result,
                            .host = slice_of(host)};
    assert_true(ip_parse(SLICE("192.0.2.1"), &seen.address));
    tls_results_add(results, &seen, count);
}

static const struct tls_domain_sum *domain_of(const struct tls_results *results, const char *name)
{
    const struct tls_domain_sum *sum = results->domains;
    while (sum && !slice_equal(sum->domain, slice_of(name)))
        sum = sum->next;
    assert_non_null(sum);
    return sum;
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    struct tls_results before, after;
    struct text written = text_with_ceiling(TLS_REPORT_SHELF_MAX);
    int64_t since_ms = 0;
    char host[32];
    tls_results_init(&before);
    tls_results_init(&after);
    add(&before, "b.example", TLS_RESULT_SUCCESS, "mx.b.example", 7);
    add(&before, "b.example", TLS_RESULT_EXPIRED, "mx.b.example", 3);
    for (int i = 0; i < TLS_RESULTS_FAILURES_MAX + 2; i++) {
        snprintf(host, sizeof host, "mx%d.c.example", i);
        add(&before, "c.example", TLS_RESULT_NOT_TRUSTED, host, 2);
    }
    before.left_out = 5;
    assert_true(tls_report_shelf_write(&before, 1234567890123, &written));
    assert_true(tls_report_shelf_read(text_slice(&written), &after, &since_ms));
    assert_int_equal(since_ms, 1234567890123);
    assert_int_equal(after.domain_count, 2);
    assert_int_equal(after.left_out, 5);
    const struct tls_policy_sum *policy = &domain_of(&after, "b.example")->policies[0];
    row_expect_slice("to", domain_of(&after, "b.example")->report_to, SLICE("mailto:a@b.example"));
    row_expect_slice("text", policy->text, SLICE("version: STSv1\nmode: enforce"));
    row_expect_slice("hosts", policy->hosts, SLICE("mx.b.example"));
    assert_int_equal(policy->good, 7);
    assert_int_equal(policy->bad, 3);
    assert_int_equal(policy->failures[0].count, 3);
    assert_int_equal(policy->failures[0].result, TLS_RESULT_EXPIRED);
    policy = &domain_of(&after, "c.example")->policies[0];
    assert_int_equal(policy->failure_count, TLS_RESULTS_FAILURES_MAX);
    assert_int_equal(policy->bad, 2 * (TLS_RESULTS_FAILURES_MAX + 2));
    tls_results_deinit(&before);
    tls_results_deinit(&after);
    text_deinit(&written);
}

static void it_is_bounded(void **state)
{
    (void)state;
    struct tls_results results;
    char storage[64];
    struct text written = text_over(storage, sizeof storage);
    tls_results_init(&results);
    add(&results, "b.example", TLS_RESULT_SUCCESS, "mx.b.example", 1);
    assert_false(tls_report_shelf_write(&results, 1, &written));
    tls_results_deinit(&results);
}

static void files_of_others_hold_nothing(void **state)
{
    (void)state;
#define FRONT "{\"version\":1,\"since-ms\":1,\"left-out\":0,\"connections\":["
    static const struct {
        const char *written;
        bool good;
    } rows[] = {
        {"", false},
        {"[]", false},
        {"{\"version\":2,\"since-ms\":1,\"left-out\":0,\"connections\":[]}", false},
        {"{\"version\":1,\"since-ms\":1,\"left-out\":-1,\"connections\":[]}", false},
        {"{\"version\":1,\"since-ms\":\"1\",\"left-out\":0,\"connections\":[]}", false},
        {FRONT "]}", true},
        {FRONT "1,null,[]]}", true},
        {FRONT "[\"d\",\"t\",3,\"\",\"\",0,\"\",\"::\",1]]}", true},
        {FRONT "[\"d\",\"t\",0,\"\",\"\",10,\"\",\"::\",1]]}", true},
        {FRONT "[\"d\",\"t\",0,\"\",\"\",-1,\"\",\"::\",1]]}", true},
        {FRONT "[\"d\",\"t\",0,\"\",\"\",0,\"\",\"x\",1]]}", true},
        {FRONT "[\"d\",\"t\",0,\"\",\"\",0,\"\",\"::\",0]]}", true},
        {FRONT "[\"d\",\"t\",0,\"\",\"\",0,\"\",\"::\",1,2]]}", true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct tls_results results;
        int64_t since_ms = 0;
        tls_results_init(&results);
        row_expect(rows[i].written, "good",
                   tls_report_shelf_read(slice_of(rows[i].written), &results, &since_ms),
                   rows[i].good);
        row_expect(rows[i].written, "domains", (long long)results.domain_count, 0);
        tls_results_deinit(&results);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(it_is_bounded),
        cmocka_unit_test(files_of_others_hold_nothing),
    };
    return cmocka_run_group_tests_name("hub/transport/tls_report_shelf", tests, NULL, NULL);
}
