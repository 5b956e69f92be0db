/* SPDX-License-Identifier: Apache-2.0 */
/* From a domain to addresses through a name server: the whole way. */
#include "support/rows.h"
#include "unit/dns/name_server.h"

#include "courier/host_lookup.h"

enum { WAIT_MS = 60000, SHORT_MS = 100 };

struct talk {
    struct loop *loop;
    struct resolver *resolver;
    struct host_lookup lookup;
    char seen[1024];
    size_t calls;
};

static void on_hosts(void *context, const struct mail_hosts *walk)
{
    struct talk *talk = context;
    struct text line = text_over(talk->seen, sizeof talk->seen - 1);
    for (size_t i = 0; i < walk->target_count; i++) {
        text_append(&line, walk->targets[i].host->name);
        text_append_byte(&line, ' ');
        ip_append(&line, walk->targets[i].address);
        text_append_c(&line, walk->targets[i].host->secure ? " secure; " : "; ");
    }
    if (!walk->target_count)
        mail_hosts_explain(walk, &line);
    talk->seen[line.len] = 0;
    talk->calls++;
    loop_stop(talk->loop);
}

static void open_talk(struct talk *talk)
{
    char storage[512];
    struct text error = text_over(storage, sizeof storage);
    const char *anchor = server.anchor;
    struct resolver_settings settings = {.forwards = &server.endpoint,
                                         .forward_count = 1,
                                         .trust_anchors = &anchor,
                                         .trust_anchor_count = 1};
    *talk = (struct talk){0};
    assert_int_equal(loop_new(&talk->loop), 0);
    assert_int_equal(resolver_new(talk->loop, &settings, &talk->resolver, &error), 0);
}

static void close_talk(struct talk *talk)
{
    host_lookup_end(&talk->lookup);
    assert_int_equal(resolver_under_way(talk->resolver), 0);
    resolver_free(talk->resolver);
    loop_free(talk->loop);
}

static void start(struct talk *talk, const char *domain, uint64_t limit_ms)
{
    struct mail_hosts_settings settings = {.domain = slice_of(domain)};
    host_lookup_end(&talk->lookup);
    host_lookup_start(&talk->lookup, talk->loop, talk->resolver, &settings, limit_ms, on_hosts,
                      talk);
}

/* clang-format off */
static const struct row {
    const char *domain;
    uint64_t limit_ms;
    const char *expected;
} rows[] = {
    {"signed.example", WAIT_MS, "mail.signed.example 2001:db8::1 secure; mail.signed.example 192.0.2.1 secure; "
        "alias.signed.example 2001:db8::1 secure; alias.signed.example 192.0.2.1 secure; "},
    {"mail.plain.example", WAIT_MS, "mail.plain.example 2001:db8::1; mail.plain.example 192.0.2.1; "},
    {"nowhere.signed.example", WAIT_MS, "556 5.1.10 the domain nowhere.signed.example takes no mail: its MX record is \".\" (RFC 7505)"},
    {"none.signed.example", WAIT_MS, "550 5.4.4 SMTPSEND.DNS.NonExistentDomain; the domain none.signed.example does not exist"},
    {"broken.example", WAIT_MS, "451 4.4.3 DNS does not answer about broken.example: no server gives an answer"},
    {"slow.example", SHORT_MS, "451 4.4.3 DNS does not answer about slow.example: no answer in time"},
    {"[192.0.2.9]", WAIT_MS, "[192.0.2.9] 192.0.2.9; "},
    {"no name", WAIT_MS, "550 5.1.2 no name is neither a domain nor an address in brackets"},
};
/* clang-format on */

static void domains_lead_to_addresses(void **state)
{
    static struct talk talk;
    (void)state;
    open_talk(&talk);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        start(&talk, rows[i].domain, rows[i].limit_ms);
        row_expect(rows[i].domain, "calls from within", (long long)talk.calls, (long long)i);
        assert_int_equal(loop_run(talk.loop), 0);
        row_expect_slice(rows[i].domain, slice_of(talk.seen), slice_of(rows[i].expected));
        row_expect(rows[i].domain, "calls", (long long)talk.calls, (long long)i + 1);
    }
    close_talk(&talk);
}

static void a_forged_host_is_not_used(void **state)
{
    static struct talk talk;
    (void)state;
    open_talk(&talk);
    start(&talk, "bad.signed.example", WAIT_MS);
    assert_int_equal(loop_run(talk.loop), 0);
    assert_true(slice_starts(slice_of(talk.seen), SLICE("451 4.7.5 the answer of DNS about "
                                                        "bad.signed.example is not what")));
    close_talk(&talk);
}

static void a_lookup_that_is_ended_calls_nobody(void **state)
{
    static struct talk talk;
    (void)state;
    open_talk(&talk);
    start(&talk, "slow.example", WAIT_MS);
    assert_int_equal(resolver_under_way(talk.resolver), 1);
    host_lookup_end(&talk.lookup);
    assert_int_equal(resolver_under_way(talk.resolver), 0);
    start(&talk, "[192.0.2.9]", WAIT_MS); /* known at once, told at the end of the turn */
    host_lookup_end(&talk.lookup);
    start(&talk, "mail.plain.example", WAIT_MS);
    assert_int_equal(loop_run(talk.loop), 0);
    assert_int_equal(talk.calls, 1);
    close_talk(&talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(domains_lead_to_addresses),
        cmocka_unit_test(a_forged_host_is_not_used),
        cmocka_unit_test(a_lookup_that_is_ended_calls_nobody),
    };
    return cmocka_run_group_tests_name("courier/host_lookup", tests, start_server, end_server);
}
