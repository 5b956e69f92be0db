/* SPDX-License-Identifier: Apache-2.0 */
/* A report of TLS, to the letter: its JSON, and what carries it. */
#include "hub/transport/tls_report_message.h"

#include "support/rows.h"

#include <string.h>

static const struct tls_seen connections[] = {
    {SLICE_INIT("b.example"),
     SLICE_INIT("mailto:a@b.example"),
     TLS_POLICY_STS,
     SLICE_INIT("version: STSv1\nmode: enforce"),
     SLICE_INIT("*.b.example\nmx.b.example"),
     TLS_RESULT_SUCCESS,
     SLICE_INIT("mx.b.example"),
     {{0}}},
    {SLICE_INIT("b.example"),
     SLICE_INIT("mailto:a@b.example"),
     TLS_POLICY_STS,
     SLICE_INIT("version: STSv1\nmode: enforce"),
     SLICE_INIT("*.b.example\nmx.b.example"),
     TLS_RESULT_HOST_MISMATCH,
     SLICE_INIT("mx.b.example"),
     {{[10] = 0xff, 0xff, 192, 0, 2, 1}}},
    {SLICE_INIT("b.example"),
     SLICE_INIT("mailto:a@b.example"),
     TLS_POLICY_NONE,
     {0},
     {0},
     TLS_RESULT_STS_FETCH,
     SLICE_INIT("\xff"),
     {{0}}},
};

static const char expected[] = "{\n"
                               " \"organization-name\": \"mx.x.example\",\n"
                               " \"date-range\": {\n"
                               "  \"start-datetime\": \"1970-01-01T00:00:00.000Z\",\n"
                               "  \"end-datetime\": \"1970-01-02T00:00:00.000Z\"\n"
                               " },\n"
                               " \"contact-info\": \"postmaster@x.example\",\n"
                               " \"report-id\": \"tls-1\",\n"
                               " \"policies\": [\n"
                               "  {\n"
                               "   \"policy\": {\n"
                               "    \"policy-type\": \"sts\",\n"
                               "    \"policy-string\": [\n"
                               "     \"version: STSv1\",\n"
                               "     \"mode: enforce\"\n"
                               "    ],\n"
                               "    \"policy-domain\": \"b.example\",\n"
                               "    \"mx-host\": [\n"
                               "     \"*.b.example\",\n"
                               "     \"mx.b.example\"\n"
                               "    ]\n"
                               "   },\n"
                               "   \"summary\": {\n"
                               "    \"total-successful-session-count\": 1,\n"
                               "    \"total-failure-session-count\": 1\n"
                               "   },\n"
                               "   \"failure-details\": [\n"
                               "    {\n"
                               "     \"result-type\": \"certificate-host-mismatch\",\n"
                               "     \"receiving-mx-hostname\": \"mx.b.example\",\n"
                               "     \"receiving-ip\": \"192.0.2.1\",\n"
                               "     \"failed-session-count\": 1\n"
                               "    }\n"
                               "   ]\n"
                               "  },\n"
                               "  {\n"
                               "   \"policy\": {\n"
                               "    \"policy-type\": \"no-policy-found\",\n"
                               "    \"policy-domain\": \"b.example\"\n"
                               "   },\n"
                               "   \"summary\": {\n"
                               "    \"total-successful-session-count\": 0,\n"
                               "    \"total-failure-session-count\": 1\n"
                               "   },\n"
                               "   \"failure-details\": [\n"
                               "    {\n"
                               "     \"result-type\": \"sts-policy-fetch-error\",\n"
                               "     \"receiving-mx-hostname\": \"?\",\n"
                               "     \"failed-session-count\": 1\n"
                               "    }\n"
                               "   ]\n"
                               "  }\n"
                               " ]\n"
                               "}\n";

static struct tls_report report_of(struct tls_results *results)
{
    tls_results_init(results);
    for (size_t i = 0; i < COUNT_OF(connections); i++)
        tls_results_add(results, &connections[i], 1);
    return (struct tls_report){.sum = results->domains,
                               .submitter = SLICE("mx.x.example"),
                               .from = SLICE("postmaster@x.example"),
                               .to = SLICE("<a@b.example>"),
                               .id = SLICE("tls-1"),
                               .end_ms = 24 * 3600 * 1000,
                               .now_ms = 24 * 3600 * 1000};
}

static void json_has_every_count(void **state)
{
    (void)state;
    struct tls_results results;
    struct tls_report report = report_of(&results);
    struct text json = text_with_ceiling(TLS_REPORT_JSON_MAX);
    assert_true(tls_report_append_json(&json, &report));
    row_expect_slice("JSON", text_slice(&json), slice_of(expected));
    text_deinit(&json);
    tls_results_deinit(&results);
}

static void the_mail_names_whose_report_it_is(void **state)
{
    static const char *const parts[] = {
        "From: <postmaster@x.example>\r\nTo: <a@b.example>\r\n",
        "Subject: Report Domain: b.example Submitter: mx.x.example Report-ID: <tls-1>\r\n",
        "\r\nTLS-Report-Domain: b.example\r\nTLS-Report-Submitter: mx.x.example\r\n",
        "Content-Type: multipart/report; report-type=\"tlsrpt\";\r\n "
        "boundary=\"=_tls-1\"\r\n\r\n--=_tls-1\r\n",
        " filename=\"mx.x.example!b.example!0!86400!tls-1.json\"\r\n\r\newog",
        "\r\n--=_tls-1--\r\n",
    };
    (void)state;
    struct tls_results results;
    struct tls_report report = report_of(&results);
    struct text mail = text_with_ceiling(TLS_REPORT_MESSAGE_MAX);
    assert_true(tls_report_append_message(&mail, &report));
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        row_expect(parts[i], "is there", slice_contains(text_slice(&mail), slice_of(parts[i])), 1);
    struct slice rest = text_slice(&mail);
    for (struct slice line; slice_take_field(&rest, '\n', &line);)
        assert_true(line.len <= 998);
    text_deinit(&mail);
    tls_results_deinit(&results);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_has_every_count),
        cmocka_unit_test(the_mail_names_whose_report_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
