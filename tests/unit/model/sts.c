/* SPDX-License-Identifier: Apache-2.0 */
/* MTA-STS and TLS reports: records, policies, hosts, and what a policy we have is still worth. */
#include "support/rows.h"

#include "base/attributes.h"
#include "base/text.h"
#include "model/sts.h"
#include "model/tls_report.h"

enum { RECORDS_MAX = 3 };

static size_t count_of(const struct slice records[RECORDS_MAX])
{
    size_t count = 0;
    while (count < RECORDS_MAX && records[count].at)
        count++;
    return count;
}

/* clang-format off */
static const struct record_row {
    const char *name;
    struct slice records[RECORDS_MAX];
    enum tag_list_outcome outcome;
    const char *expected;
} sts_rows[] = {
    {"usual",                 {SLICE_INIT("v=STSv1; id=20160831085700Z;")}, TAG_LIST_OK, "20160831085700Z"},
    {"no semicolon at end",   {SLICE_INIT("v=STSv1;id=1")}, TAG_LIST_OK, "1"},
    {"more fields",           {SLICE_INIT("v=STSv1; a.b-c_d=x; id=1; id2=y")}, TAG_LIST_OK, "1"},
    {"the first id counts",   {SLICE_INIT("v=STSv1; id=1; id=2")}, TAG_LIST_OK, "1"},
    {"among others",          {SLICE_INIT("v=spf1 -all"), SLICE_INIT("v=STSv1; id=7;"), SLICE_INIT("v=STSv2; id=8;")}, TAG_LIST_OK, "7"},
    {"two",                   {SLICE_INIT("v=STSv1; id=1;"), SLICE_INIT("v=STSv1; id=1;")}, TAG_LIST_SEVERAL, ""},
    {"none",                  {SLICE_INIT("v=spf1 -all")}, TAG_LIST_NONE, ""},
    {"no record at all",      {{0}}, TAG_LIST_NONE, ""},
    {"version in other case", {SLICE_INIT("v=stsv1; id=1;")}, TAG_LIST_NONE, ""},
    {"version not first",     {SLICE_INIT("id=1; v=STSv1;")}, TAG_LIST_NONE, ""},
    {"longest id",            {SLICE_INIT("v=STSv1; id=12345678901234567890123456789012;")}, TAG_LIST_OK, "12345678901234567890123456789012"},
    {"id too long",           {SLICE_INIT("v=STSv1; id=123456789012345678901234567890123;")}, TAG_LIST_MALFORMED, ""},
    {"id with a dash",        {SLICE_INIT("v=STSv1; id=1-2;")}, TAG_LIST_MALFORMED, ""},
    {"empty id",              {SLICE_INIT("v=STSv1; id=;")}, TAG_LIST_MALFORMED, ""},
    {"no id",                 {SLICE_INIT("v=STSv1;")}, TAG_LIST_MALFORMED, ""},
    {"a field without =",     {SLICE_INIT("v=STSv1; id=1; x")}, TAG_LIST_MALFORMED, ""},
    {"nothing between",       {SLICE_INIT("v=STSv1; id=1;; x=y")}, TAG_LIST_MALFORMED, ""},
    {"a control byte",        {SLICE_INIT("v=STSv1; id=1; x=\n")}, TAG_LIST_MALFORMED, ""},
};

static const struct record_row report_rows[] = {
    {"mail",            {SLICE_INIT("v=TLSRPTv1; rua=mailto:a@b.example;")}, TAG_LIST_OK, "mailto:a@b.example"},
    {"mail and web",    {SLICE_INIT("v=TLSRPTv1;rua=mailto:a@b.example , https://b.example/x")}, TAG_LIST_OK, "mailto:a@b.example https://b.example/x"},
    {"another kind",    {SLICE_INIT("v=TLSRPTv1; rua=ftp://b,mailto:a@b.example")}, TAG_LIST_OK, "mailto:a@b.example"},
    {"only that",       {SLICE_INIT("v=TLSRPTv1; rua=http://b.example/")}, TAG_LIST_MALFORMED, ""},
    {"mark to escape",  {SLICE_INIT("v=TLSRPTv1; rua=mailto:a@b.example!10m")}, TAG_LIST_MALFORMED, ""},
    {"empty address",   {SLICE_INIT("v=TLSRPTv1; rua=mailto:")}, TAG_LIST_MALFORMED, ""},
    {"no address",      {SLICE_INIT("v=TLSRPTv1; x=y")}, TAG_LIST_MALFORMED, ""},
    {"two",             {SLICE_INIT("v=TLSRPTv1; rua=mailto:a@b"), SLICE_INIT("v=TLSRPTv1; rua=mailto:c@d")}, TAG_LIST_SEVERAL, ""},
    {"none",            {SLICE_INIT("v=TLSRPTv2; rua=mailto:a@b")}, TAG_LIST_NONE, ""},
};

static const struct mailbox_row {
    const char *address;
    const char *expected; /* NULL: none */
} mailbox_rows[] = {
    {"mailto:a@b.example",                "a@b.example"},
    {"MAILTO:tls%2Breports@b.example",    "tls+reports@b.example"},
    {"mailto:a@b.example?subject=x@y",    "a@b.example"},
    {"mailto:%22a%2Cb%22@b.example",      "\"a,b\"@b.example"},
    {"https://b.example/x",               NULL},
    {"mailto:b.example",                  NULL},
    {"mailto:a%0D%0ABcc:c@b.example",     NULL},
    {"mailto:a%00@b.example",             NULL},
    {"mailto:a%4@b.example",              NULL},
    {"mailto:a@b.example%",               NULL},
    {"mailto:a@b.example,c@d.example",    NULL},
    {"mailto:%C3%A4@b.example",           NULL},
    {"mailto:?to=a@b.example",            NULL},
};

static const struct policy_row {
    const char *name;
    struct slice written;
    enum sts_policy_outcome outcome;
    enum sts_mode mode;
    uint32_t max_age_s;
    size_t mx_count;
} policy_rows[] = {
    {"usual",           SLICE_INIT("version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n"),
        STS_POLICY_OK, STS_MODE_ENFORCE, 604800, 2},
    {"bare line ends",  SLICE_INIT("version:STSv1\nmode:testing\nmx:a.example\nmax_age:1"), STS_POLICY_OK, STS_MODE_TESTING, 1, 1},
    {"any order",       SLICE_INIT("mx: a.example\nmax_age: 1\nmode: enforce \nversion: STSv1\n\n"), STS_POLICY_OK, STS_MODE_ENFORCE, 1, 1},
    {"none",            SLICE_INIT("version: STSv1\nmode: none\nmax_age: 86400\n"), STS_POLICY_OK, STS_MODE_NONE, 86400, 0},
    {"first counts",    SLICE_INIT("version: STSv1\nmode: none\nmode: enforce\nmax_age: 1\nmax_age: x\n"), STS_POLICY_OK, STS_MODE_NONE, 1, 0},
    {"unknown field",   SLICE_INIT("version: STSv1\nmode: none\nmax_age: 1\nfuture: x y\n"), STS_POLICY_OK, STS_MODE_NONE, 1, 0},
    {"a year at most",  SLICE_INIT("version: STSv1\nmode: none\nmax_age: 9999999999\n"), STS_POLICY_OK, STS_MODE_NONE, 31557600, 0},
    {"other version",   SLICE_INIT("version: STSv2\nmode: none\nmax_age: 1\n"), STS_POLICY_VERSION, 0, 0, 0},
    {"no version",      SLICE_INIT("mode: none\nmax_age: 1\n"), STS_POLICY_VERSION, 0, 0, 0},
    {"nothing",         SLICE_INIT(""), STS_POLICY_VERSION, 0, 0, 0},
    {"no mode",         SLICE_INIT("version: STSv1\nmax_age: 1\n"), STS_POLICY_MODE, 0, 0, 0},
    {"unknown mode",    SLICE_INIT("version: STSv1\nmode: Enforce\nmax_age: 1\n"), STS_POLICY_MODE, 0, 0, 0},
    {"no age",          SLICE_INIT("version: STSv1\nmode: none\n"), STS_POLICY_MAX_AGE, 0, 0, 0},
    {"age below zero",  SLICE_INIT("version: STSv1\nmode: none\nmax_age: -1\n"), STS_POLICY_MAX_AGE, 0, 0, 0},
    {"age too long",    SLICE_INIT("version: STSv1\nmode: none\nmax_age: 10000000000\n"), STS_POLICY_MAX_AGE, 0, 0, 0},
    {"no host",         SLICE_INIT("version: STSv1\nmode: enforce\nmax_age: 1\n"), STS_POLICY_MX, 0, 0, 0},
    {"host is address", SLICE_INIT("version: STSv1\nmode: enforce\nmax_age: 1\nmx: 192.0.2.1\n"), STS_POLICY_MX, 0, 0, 0},
    {"star in between", SLICE_INIT("version: STSv1\nmode: enforce\nmax_age: 1\nmx: a.*.example\n"), STS_POLICY_MX, 0, 0, 0},
    {"a web page",      SLICE_INIT("<html>\n"), STS_POLICY_MALFORMED, 0, 0, 0},
    {"NUL in a value",  SLICE_INIT("version: STSv1\nmode: none\0\nmax_age: 1\n"), STS_POLICY_MALFORMED, 0, 0, 0},
    {"CR in a value",   SLICE_INIT("version: STSv1\nfuture: a\rb\n"), STS_POLICY_MALFORMED, 0, 0, 0},
};

static const struct host_row {
    const char *host;
    bool allowed;
} host_rows[] = {
    {"mail.example.com", true},      {"MAIL.Example.COM", true},   {"a.example.net", true},
    {"example.net", false},          {"a.b.example.net", false},   {"mail.example.com.evil.example", false},
    {"xmail.example.com", false},    {"", false},                  {"*.example.net", false},
};

static const struct step_row {
    const char *name;
    struct slice cached;
    uint32_t max_age_s;
    const char *id;
    int64_t age_ms;
    enum sts_step expected;
} step_rows[] = {
    {"nothing known",                  {0}, 0,                "",  0,          STS_STEP_WITHOUT},
    {"record, nothing kept",           {0}, 0,                "1", 0,          STS_STEP_FETCH},
    {"same record",                    SLICE_INIT("1"), 604800, "1", 3600000,    STS_STEP_CACHED},
    {"other record",                   SLICE_INIT("1"), 604800, "2", 3600000,    STS_STEP_FETCH_ELSE_CACHED},
    {"same record, a day later",       SLICE_INIT("1"), 604800, "1", 86400000,   STS_STEP_FETCH_ELSE_CACHED},
    {"record gone, policy holds",      SLICE_INIT("1"), 604800, "",  604799999,  STS_STEP_CACHED},
    {"record gone, policy is over",    SLICE_INIT("1"), 604800, "",  604800000,  STS_STEP_WITHOUT},
    {"same record, policy is over",    SLICE_INIT("1"), 604800, "1", 604800000,  STS_STEP_FETCH},
    {"policy that never held",         SLICE_INIT("1"), 0,      "1", 0,          STS_STEP_FETCH},
    {"fetched in the future",          SLICE_INIT("1"), 604800, "1", -1,         STS_STEP_FETCH},
};
/* clang-format on */

static void records_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sts_rows); i++) {
        const struct record_row *row = &sts_rows[i];
        struct slice id = {0};
        row_expect(row->name, "outcome", sts_record_read(row->records, count_of(row->records), &id),
                   row->outcome);
        row_expect_slice(row->name, id, slice_of(row->expected));
    }
}

static void report_records_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(report_rows); i++) {
        const struct record_row *row = &report_rows[i];
        struct tls_report_record record;
        char storage[256];
        struct text line = text_over(storage, sizeof storage);
        row_expect(row->name, "outcome",
                   tls_report_record_read(row->records, count_of(row->records), &record),
                   row->outcome);
        for (size_t j = 0; row->outcome == TAG_LIST_OK && j < record.count; j++) {
            text_append_c(&line, j ? " " : "");
            text_append(&line, record.addresses[j]);
        }
        row_expect_slice(row->name, text_slice(&line), slice_of(row->expected));
    }
}

static void policies_are_read(void **state)
{
    static struct sts_policy policy;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(policy_rows); i++) {
        const struct policy_row *row = &policy_rows[i];
        row_expect(row->name, sts_policy_outcome_text(row->outcome),
                   sts_policy_read(row->written, &policy), row->outcome);
        if (row->outcome != STS_POLICY_OK)
            continue;
        row_expect(row->name, "mode", policy.mode, row->mode);
        row_expect(row->name, "max_age", policy.max_age_s, row->max_age_s);
        row_expect(row->name, "hosts", (long long)policy.mx_count, (long long)row->mx_count);
    }
}

static void policies_have_ceilings(void **state)
{
    static struct sts_policy policy;
    CLEANUP(text_deinit) struct text text = text_with_ceiling(STS_POLICY_MAX_BYTES + 1);
    (void)state;
    text_append_c(&text, "version: STSv1\nmode: enforce\nmax_age: 1\n");
    for (unsigned i = 0; i < STS_MX_MAX; i++)
        text_append_format(&text, "mx: m%u.example\n", i);
    assert_int_equal(sts_policy_read(text_slice(&text), &policy), STS_POLICY_OK);
    assert_int_equal(policy.mx_count, STS_MX_MAX);
    text_append_c(&text, "mx: one.more.example\n");
    assert_int_equal(sts_policy_read(text_slice(&text), &policy), STS_POLICY_MX);
    while (text.len <= STS_POLICY_MAX_BYTES)
        text_append_byte(&text, '\n');
    assert_int_equal(sts_policy_read(text_slice(&text), &policy), STS_POLICY_TOO_LONG);
}

static void hosts_are_allowed_by_name(void **state)
{
    static struct sts_policy policy;
    (void)state;
    assert_int_equal(sts_policy_read(policy_rows[0].written, &policy), STS_POLICY_OK);
    for (size_t i = 0; i < COUNT_OF(host_rows); i++)
        row_expect(host_rows[i].host, "allowed",
                   sts_policy_allows(&policy, slice_of(host_rows[i].host)), host_rows[i].allowed);
}

static void what_is_kept_has_its_time(void **state)
{
    const int64_t now_ms = 1767225600000;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(step_rows); i++) {
        const struct step_row *row = &step_rows[i];
        struct sts_cached cached = {row->cached, now_ms - row->age_ms, row->max_age_s};
        row_expect(row->name, "step", sts_next_step(&cached, slice_of(row->id), now_ms),
                   row->expected);
    }
}

static void mailboxes_of_reports(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(mailbox_rows); i++) {
        const struct mailbox_row *row = &mailbox_rows[i];
        char storage[256];
        struct text mailbox = text_over(storage, sizeof storage);
        bool found = tls_report_mailbox(slice_of(row->address), &mailbox);
        row_expect(row->address, "found", found, row->expected != NULL);
        if (found)
            row_expect_slice(row->address, text_slice(&mailbox), slice_of(row->expected));
    }
}

static void web_servers_of_reports(void **state)
{
    (void)state;
    static const struct {
        const char *address, *host, *path; /* host NULL: none */
    } rows[] = {
        {"https://r.example/tls?x=%21", "r.example", "/tls?x=%21"},
        {"HTTPS://r.example", "r.example", "/"},
        {"https://r.example:443/x", NULL, NULL},
        {"https://r.example:25/x", NULL, NULL},
        {"https://user@r.example/x", NULL, NULL},
        {"https://127.0.0.1:25/x", NULL, NULL},
        {"https://[::1]/x", NULL, NULL},
        {"https://localhost/x", NULL, NULL},
        {"https:///x", NULL, NULL},
        {"https://r.example/a b", NULL, NULL},
        {"https://r.example/\x7f", NULL, NULL},
        {"https://r.example/\xc3\xa4", NULL, NULL},
        {"http://r.example/x", NULL, NULL},
        {"mailto:a@r.example", NULL, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice host, path;
        bool found = tls_report_https(slice_of(rows[i].address), &host, &path);
        row_expect(rows[i].address, "found", found, rows[i].host != NULL);
        if (found) {
            row_expect_slice(rows[i].address, host, slice_of(rows[i].host));
            row_expect_slice(rows[i].address, path, slice_of(rows[i].path));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mailboxes_of_reports),      cmocka_unit_test(records_are_read),
        cmocka_unit_test(report_records_are_read),   cmocka_unit_test(policies_are_read),
        cmocka_unit_test(policies_have_ceilings),    cmocka_unit_test(hosts_are_allowed_by_name),
        cmocka_unit_test(what_is_kept_has_its_time), cmocka_unit_test(web_servers_of_reports),
    };
    return cmocka_run_group_tests_name("model/sts", tests, NULL, NULL);
}
