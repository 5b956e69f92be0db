/* SPDX-License-Identifier: Apache-2.0 */
/* The resolver against a name server of our own (tests/system/zone.py): verdicts, denials, limits.
 */
#include "support/rows.h"
#include "unit/dns/name_server.h"

#include "dns/resolver.h"
#include "os/clock.h"
#include "os/descriptor.h"
#include "os/sandbox.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WAIT_MS = 60000, SHORT_MS = 200 };

/* --- one question --- */

struct talk {
    struct loop *loop;
    struct resolver *resolver;
    struct dns_query query;
    char seen[1024]; /* what came, in a line */
    size_t answers;
};

static void write_record(struct text *line, enum dns_type type, const struct dns_record *record)
{
    text_append_byte(line, ' ');
    if (type == DNS_A || type == DNS_AAAA)
        ip_append(line, record->address);
    if (type == DNS_MX)
        text_append_format(line, "%u ", record->preference);
    if (type == DNS_TLSA)
        text_append_format(line, "%u/%u/%u %zu", record->usage, record->selector, record->matching,
                           record->data.len);
    text_append(line, record->host);
    if (type == DNS_TXT && record->data.len > 100)
        text_append_format(line, "%zu bytes", record->data.len);
    else if (type == DNS_TXT)
        text_append(line, record->data);
}

static int compare_records(const void *a, const void *b)
{
    const struct dns_record *left = a, *right = b;
    return left->preference - right->preference;
}

static void on_result(void *context, const struct dns_result *result)
{
    struct talk *talk = context;
    struct text line = text_over(talk->seen, sizeof talk->seen);
    struct dns_record records[4] = {0};
    assert_true(result->answer.count <= COUNT_OF(records));
    text_append_c(&line, dns_outcome_name(result->outcome));
    text_append_c(&line, result->secure ? " secure" : "");
    if (result->outcome == DNS_FOUND) {
        text_append_c(&line, " ");
        text_append(&line, result->answer.canonical_name);
    }
    for (size_t i = 0; i < result->answer.count; i++)
        records[i] = result->answer.records[i];
    qsort(records, result->answer.count, sizeof *records, compare_records);
    for (size_t i = 0; i < result->answer.count; i++)
        write_record(&line, talk->query.type, &records[i]);
    assert_int_equal(result->why.len != 0, result->outcome >= DNS_FAILED);
    if (result->outcome < DNS_FAILED) {
        assert_true(result->answer.ttl_s > 0);
        assert_true(result->answer.ttl_s <= 3600);
    }
    text_append_byte(&line, 0);
    talk->answers++;
    loop_stop(talk->loop);
}

static void open_talk_with(struct talk *talk, const struct resolver_settings *settings)
{
    char storage[1024] = "";
    struct text error = text_over(storage, sizeof storage - 1);
    *talk = (struct talk){0};
    assert_int_equal(loop_new(&talk->loop), 0);
    row_expect(storage, "resolver", resolver_new(talk->loop, settings, &talk->resolver, &error), 0);
}

static void open_talk(struct talk *talk)
{
    const char *anchor = server.anchor;
    open_talk_with(talk, &(struct resolver_settings){.forwards = &server.endpoint,
                                                     .forward_count = 1,
                                                     .trust_anchors = &anchor,
                                                     .trust_anchor_count = 1});
}

static void close_talk(struct talk *talk)
{
    assert_int_equal(resolver_under_way(talk->resolver), 0);
    resolver_free(talk->resolver);
    loop_free(talk->loop);
}

static void ask(struct talk *talk, const char *name, enum dns_type type, uint64_t limit_ms)
{
    size_t before = talk->answers;
    assert_int_equal(dns_query_start(&talk->query, talk->resolver, slice_of(name), type, limit_ms,
                                     on_result, talk),
                     0);
    assert_int_equal(talk->answers, before); /* never from within */
    assert_int_equal(resolver_under_way(talk->resolver), 1);
    assert_int_equal(loop_run(talk->loop), 0);
    assert_int_equal(talk->answers, before + 1);
}

/* clang-format off */
static const struct row {
    const char *name;
    enum dns_type type;
    const char *expected;
} rows[] = {
    {"signed.example",               DNS_MX,   "Found secure signed.example 10 mail.signed.example 20 alias.signed.example"},
    {"plain.example",                DNS_MX,   "Found plain.example 10 mail.plain.example 20 alias.plain.example"},
    {"mail.signed.example",          DNS_A,    "Found secure mail.signed.example 192.0.2.1"},
    {"MAIL.signed.example.",         DNS_AAAA, "Found secure mail.signed.example 2001:db8::1"},
    {"alias.signed.example",         DNS_A,    "Found secure mail.signed.example 192.0.2.1"},
    {"alias.plain.example",          DNS_AAAA, "Found mail.plain.example 2001:db8::1"},
    {"_25._tcp.mail.signed.example", DNS_TLSA, "Found secure _25._tcp.mail.signed.example 3/1/1 32"},
    {"nowhere.signed.example",       DNS_MX,   "Found secure nowhere.signed.example 0 ."},
    {"_mta-sts.plain.example",       DNS_TXT,  "Found _mta-sts.plain.example v=STSv1; id=1;"},
    {"long.signed.example",          DNS_TXT,  "Found secure long.signed.example 10000 bytes"}, /* by TCP */
    {"mail.signed.example",          DNS_MX,   "NoData secure"},
    {"mail.plain.example",           DNS_TLSA, "NoData"},
    {"_tcp.mail.signed.example",     DNS_TLSA, "NoData secure"},
    {"none.signed.example",          DNS_MX,   "NoName secure"},
    {"none.plain.example",           DNS_MX,   "NoName"},
    {"bad.signed.example",           DNS_A,    "Bogus"},
    {"old.signed.example",           DNS_A,    "Bogus"},
    {"mail.open.signed.example",     DNS_A,    "Found mail.open.signed.example 192.0.2.1"},
    {"none.open.signed.example",     DNS_A,    "NoName"},
    {"broken.example",               DNS_MX,   "Failed"},
};
/* clang-format on */

static void answers_carry_the_verdict(void **state)
{
    struct talk talk;
    (void)state;
    open_talk(&talk);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        ask(&talk, rows[i].name, rows[i].type, WAIT_MS);
        row_expect_slice(rows[i].name, slice_of(talk.seen), slice_of(rows[i].expected));
    }
    close_talk(&talk);
}

static void a_cached_answer_is_the_same(void **state)
{
    struct talk talk;
    (void)state;
    open_talk(&talk);
    for (size_t i = 0; i < 3; i++) {
        ask(&talk, rows[0].name, rows[0].type, WAIT_MS);
        assert_string_equal(talk.seen, rows[0].expected);
    }
    close_talk(&talk);
}

static void silence_ends_at_the_limit(void **state)
{
    struct talk talk;
    (void)state;
    open_talk(&talk);
    uint64_t before = clock_monotonic_ms();
    ask(&talk, "slow.example", DNS_MX, SHORT_MS);
    assert_string_equal(talk.seen, "TimedOut");
    assert_true(clock_monotonic_ms() - before >= SHORT_MS - 5);
    close_talk(&talk);
}

static void a_cancelled_query_calls_nobody(void **state)
{
    struct talk talk;
    struct dns_query other = {0};
    (void)state;
    open_talk(&talk);
    dns_query_cancel(&other);
    assert_int_equal(dns_query_start(&other, talk.resolver, SLICE("mail.signed.example"), DNS_A,
                                     WAIT_MS, on_result, NULL),
                     0);
    dns_query_cancel(&other);
    assert_int_equal(resolver_under_way(talk.resolver), 0);
    ask(&talk, "mail.signed.example", DNS_A, WAIT_MS); /* on_result with NULL would have crashed */
    /* What is in the cache is answered at once, and can be cancelled all the same. */
    assert_int_equal(dns_query_start(&other, talk.resolver, SLICE("mail.signed.example"), DNS_A,
                                     WAIT_MS, on_result, NULL),
                     0);
    dns_query_cancel(&other);
    ask(&talk, "mail.signed.example", DNS_AAAA, WAIT_MS);
    close_talk(&talk);
}

static void what_is_no_name_is_not_asked_for(void **state)
{
    static const char *const names[] = {"", "a..b", "\xc3\xa4.example", ".."};
    struct talk talk;
    char long_label[80];
    (void)state;
    open_talk(&talk);
    for (size_t i = 0; i < sizeof long_label; i++)
        long_label[i] = 'a';
    for (size_t i = 0; i < COUNT_OF(names); i++)
        row_expect(names[i], "result",
                   dns_query_start(&talk.query, talk.resolver, slice_of(names[i]), DNS_A, WAIT_MS,
                                   on_result, NULL),
                   -EINVAL);
    assert_int_equal(dns_query_start(&talk.query, talk.resolver,
                                     slice_bytes(long_label, sizeof long_label), DNS_A, WAIT_MS,
                                     on_result, NULL),
                     -EINVAL);
    close_talk(&talk);
}

static void no_more_than_the_limit_are_under_way(void **state)
{
    struct talk talk;
    (void)state;
    open_talk(&talk);
    struct dns_query *queries = calloc(DNS_UNDER_WAY_MAX, sizeof *queries);
    assert_non_null(queries);
    for (size_t i = 0; i < DNS_UNDER_WAY_MAX; i++)
        assert_int_equal(dns_query_start(&queries[i], talk.resolver, SLICE("slow.example"), DNS_A,
                                         WAIT_MS, on_result, NULL),
                         0);
    assert_int_equal(dns_query_start(&talk.query, talk.resolver, SLICE("mail.plain.example"), DNS_A,
                                     WAIT_MS, on_result, NULL),
                     -EAGAIN);
    for (size_t i = 0; i < DNS_UNDER_WAY_MAX; i++)
        dns_query_cancel(&queries[i]);
    free(queries);
    ask(&talk, "mail.plain.example", DNS_A, WAIT_MS);
    close_talk(&talk);
}

/* --- a name server that strips signatures --- */

static size_t times_unsigned;

static void on_unsigned(void *context, struct slice why)
{
    assert_ptr_equal(context, &times_unsigned);
    assert_true(why.len > 0);
    times_unsigned++;
}

/* Some key of the root, which nobody has signed anything with. */
static const char root_anchor[] =
    ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D";

static void open_unsigned(struct talk *talk, const char *anchor, const char *zone, bool strict)
{
    open_talk_with(talk, &(struct resolver_settings){.forwards = &server.endpoint,
                                                     .forward_count = 1,
                                                     .trust_anchors = &anchor,
                                                     .trust_anchor_count = 1,
                                                     .on_unsigned = strict ? NULL : on_unsigned,
                                                     .anchored = zone,
                                                     .context = &times_unsigned});
    times_unsigned = 0;
}

static void without_any_signature_it_goes_on_unless_strict(void **state)
{
    struct talk talk;
    (void)state;
    open_unsigned(&talk, root_anchor, ".", true);
    ask(&talk, "mail.plain.example", DNS_A, WAIT_MS);
    assert_string_equal(talk.seen, "Bogus");
    close_talk(&talk);
    open_unsigned(&talk, root_anchor, ".", false);
    ask(&talk, "mail.plain.example", DNS_A, WAIT_MS);
    assert_string_equal(talk.seen, "Found mail.plain.example 192.0.2.1");
    ask(&talk, "none.plain.example", DNS_MX, WAIT_MS);
    assert_string_equal(talk.seen, "NoName");
    assert_int_equal(times_unsigned, 1);
    close_talk(&talk);
}

static void one_forged_answer_is_refused_all_the_same(void **state)
{
    struct talk talk;
    (void)state;
    open_unsigned(&talk, server.anchor, "signed.example", false);
    ask(&talk, "bad.signed.example", DNS_A, WAIT_MS);
    assert_string_equal(talk.seen, "Bogus");
    ask(&talk, "mail.signed.example", DNS_A, WAIT_MS);
    assert_string_equal(talk.seen, "Found secure mail.signed.example 192.0.2.1");
    assert_int_equal(times_unsigned, 0);
    close_talk(&talk);
}

/* --- settings --- */

static void write_file(char path[32], const char *line)
{
    CLEANUP(close_fd) int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(fd_write_all(fd, slice_of(line)), 0);
    assert_int_equal(fd_write_all(fd, SLICE("\n")), 0);
}

/* Zones with a server of their own, an anchor from a file, and the hosts of a file. */
static void settings_have_their_effect(void **state)
{
    struct talk talk;
    char anchors[32] = "/tmp/postern-anchor-XXXXXX", hosts[32] = "/tmp/postern-hosts-XXXXXX";
    struct dns_stub stubs[] = {{"signed.example", server.endpoint},
                               {"plain.example", server.endpoint}};
    struct resolver_settings settings = {.stubs = stubs,
                                         .stub_count = COUNT_OF(stubs),
                                         .trust_anchor_file = anchors,
                                         .hosts_file = hosts};
    (void)state;
    write_file(anchors, server.anchor);
    write_file(hosts, "192.0.2.77 printer.lan");
    open_talk_with(&talk, &settings);
    unlink(anchors); /* both were read by then */
    unlink(hosts);
    ask(&talk, "mail.signed.example", DNS_A, WAIT_MS);
    assert_string_equal(talk.seen, "Found secure mail.signed.example 192.0.2.1");
    ask(&talk, "none.signed.example", DNS_MX, WAIT_MS);
    assert_string_equal(talk.seen, "NoName secure");
    ask(&talk, "mail.plain.example", DNS_AAAA, WAIT_MS);
    assert_string_equal(talk.seen, "Found mail.plain.example 2001:db8::1");
    ask(&talk, "printer.lan", DNS_A, WAIT_MS);
    assert_true(slice_ends_nocase(slice_of(talk.seen), SLICE(" printer.lan 192.0.2.77")));
    close_talk(&talk);
}

static void a_bad_anchor_is_named(void **state)
{
    struct loop *loop;
    struct resolver *resolver;
    char storage[1024];
    struct text error = text_over(storage, sizeof storage);
    const char *anchor = "signed.example. IN DNSKEY nonsense";
    struct resolver_settings settings = {.trust_anchors = &anchor, .trust_anchor_count = 1};
    (void)state;
    assert_int_equal(loop_new(&loop), 0);
    assert_int_equal(resolver_new(loop, &settings, &resolver, &error), -EINVAL);
    row_expect(text_c_string(&error), "names it",
               slice_contains(text_slice(&error), SLICE("DNSKEY nonsense")), true);
    loop_free(loop);
}

/* All that a query needs is within what a courier may do. */
static void it_works_within_the_sandbox(void **state)
{
    int status;
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct talk talk;
        struct sandbox_state in_force;
        struct sandbox_rules rules = {.name = "dns", .calls = SANDBOX_SOCKETS | SANDBOX_MESSAGES};
        open_talk(&talk);
        if (sandbox_enter(&rules, &in_force) < 0)
            _exit(2);
        ask(&talk, "long.signed.example", DNS_TXT, WAIT_MS);
        _exit(slice_starts(slice_of(talk.seen), SLICE("Found secure")) ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_carry_the_verdict),
        cmocka_unit_test(a_cached_answer_is_the_same),
        cmocka_unit_test(silence_ends_at_the_limit),
        cmocka_unit_test(a_cancelled_query_calls_nobody),
        cmocka_unit_test(what_is_no_name_is_not_asked_for),
        cmocka_unit_test(no_more_than_the_limit_are_under_way),
        cmocka_unit_test(without_any_signature_it_goes_on_unless_strict),
        cmocka_unit_test(one_forged_answer_is_refused_all_the_same),
        cmocka_unit_test(settings_have_their_effect),
        cmocka_unit_test(a_bad_anchor_is_named),
        cmocka_unit_test(it_works_within_the_sandbox),
    };
    return cmocka_run_group_tests_name("dns/resolver", tests, start_server, end_server);
}
