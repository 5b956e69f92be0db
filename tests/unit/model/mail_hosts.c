/* SPDX-License-Identifier: Apache-2.0 */
/* The walk from a domain to its mail hosts, over a DNS that is a line of text. */
#include "support/rows.h"

#include "base/number.h"
#include "model/mail_hosts.h"

enum { RECORDS_MAX = 120, LINE_MAX_BYTES = 4096, SEEDS = 8 };

/* clang-format off */
static const struct row {
    const char *name, *domain; /* "=HOST": a host, not a domain */
    const char *dns; /* "TYPE NAME VALUES...|..."; a value may be an outcome or "secure"; what is missing is NoData */
    const char *expected; /* the targets, or the reply */
} rows[] = {
    {"by preference", "x.example", "MX x.example 20 b.example 10 a.example|A a.example 192.0.2.1|A b.example 192.0.2.2",
        "a.example 192.0.2.1, b.example 192.0.2.2"},
    {"no MX: the domain itself", "x.example", "A x.example 192.0.2.1", "x.example 192.0.2.1"},
    {"no MX and no address", "x.example", "", "550 5.4.4 no mail host of x.example has an address"},
    {"MX without address: not the domain itself", "x.example", "MX x.example 10 a.example|A x.example 192.0.2.1",
        "550 5.4.4 no mail host of x.example has an address"},
    {"addresses that no host can have", "x.example",
        "MX x.example 1 a.example|A a.example 0.0.0.0 0.1.2.3 192.0.2.1 224.0.0.1 255.255.255.255|AAAA a.example :: ff02::1 2001:db8::1",
        "a.example 2001:db8::1, a.example 192.0.2.1"},
    {"only addresses that no host can have", "x.example", "MX x.example 1 a.example|A a.example 0.0.0.0|AAAA a.example ::",
        "550 5.4.4 no mail host of x.example has an address"},
    {"a literal that no host can have", "[0.0.0.0]", "", "550 5.1.2 [0.0.0.0] is neither a domain nor an address in brackets"},
    {"no domain", "x.example", "MX x.example NoName",
        "550 5.4.4 SMTPSEND.DNS.NonExistentDomain; the domain x.example does not exist"},
    {"null MX", "x.example", "MX x.example 0 .", "556 5.1.10 the domain x.example takes no mail: its MX record is \".\" (RFC 7505)"},
    {"null MX among others", "x.example", "MX x.example 0 . 5 a.example|A a.example 192.0.2.1", "a.example 192.0.2.1"},
    {"both families take turns", "x.example",
        "MX x.example 1 a.example|A a.example 192.0.2.1 192.0.2.2|AAAA a.example 2001:db8::1",
        "a.example 2001:db8::1, a.example 192.0.2.1, a.example 192.0.2.2"},
    {"one host named twice", "x.example", "MX x.example 30 A.example 10 a.example|A a.example 192.0.2.1|A A.example 192.0.2.1",
        "a.example 192.0.2.1"},
    {"a host that is an alias", "x.example", "MX x.example 1 a.example|A a.example =b.example 192.0.2.1", "a.example=b.example 192.0.2.1"},
    {"all secure", "x.example", "MX x.example secure 1 a.example|A a.example secure 192.0.2.1|AAAA a.example secure 2001:db8::1",
        "a.example 2001:db8::1 secure, a.example 192.0.2.1 secure"},
    {"MX not secure", "x.example", "MX x.example 1 a.example|A a.example secure 192.0.2.1", "a.example 192.0.2.1"},
    {"one address not secure", "x.example",
        "MX x.example secure 1 a.example|A a.example secure 192.0.2.1|AAAA a.example 2001:db8::1",
        "a.example 2001:db8::1, a.example 192.0.2.1"},
    {"no MX, surely", "x.example", "MX x.example secure NoData|A x.example secure 192.0.2.1", "x.example 192.0.2.1 secure"},
    {"MX fails", "x.example", "MX x.example Failed|A x.example 192.0.2.1", "451 4.4.3 DNS does not answer about x.example: for a reason"},
    {"MX takes too long", "x.example", "MX x.example TimedOut", "451 4.4.3 DNS does not answer about x.example: for a reason"},
    {"MX is forged", "x.example", "MX x.example Bogus|A x.example 192.0.2.1",
        "451 4.7.5 the answer of DNS about x.example is not what the domain has signed: for a reason"},
    {"one host fails, one is there", "x.example", "MX x.example 1 a.example 2 b.example|A a.example Failed|A b.example 192.0.2.2",
        "b.example 192.0.2.2"},
    {"one host fails, one has nothing", "x.example", "MX x.example 1 a.example 2 b.example|A a.example Failed",
        "451 4.4.3 DNS does not answer about a.example: for a reason"},
    {"one host fails, one is forged", "x.example", "MX x.example 1 a.example 2 b.example|AAAA a.example Failed|A b.example Bogus",
        "451 4.4.3 DNS does not answer about a.example: for a reason"},
    {"hosts are forged", "x.example", "MX x.example 1 a.example|A a.example Bogus",
        "451 4.7.5 the answer of DNS about a.example is not what the domain has signed: for a reason"},
    {"one family fails", "x.example", "MX x.example 1 a.example|AAAA a.example Failed|A a.example 192.0.2.1", "a.example 192.0.2.1"},
    {"ourselves in the middle", "x.example",
        "MX x.example 1 a.example 2 b.example 2 mx.own.example 3 c.example|A a.example 192.0.2.1|A b.example 192.0.2.2|A c.example 192.0.2.3",
        "a.example 192.0.2.1"},
    {"ourselves by address", "x.example", "MX x.example 1 a.example 2 b.example|A a.example 192.0.2.1|A b.example 192.0.2.2 198.51.100.25",
        "a.example 192.0.2.1"},
    {"ourselves by alias", "x.example", "MX x.example 1 a.example 2 b.example|A a.example 192.0.2.1|A b.example =MX.own.example 192.0.2.2",
        "a.example 192.0.2.1"},
    {"ourselves first", "x.example", "MX x.example 1 mx.own.example 2 b.example|A b.example 192.0.2.2",
        "550 5.3.5 this server itself is the preferred mail host of x.example, but has not been told that it takes its mail: see New-AcceptedDomain"},
    {"a host: its MX is another matter", "=x.example", "MX x.example 1 a.example|A a.example 192.0.2.1|A x.example 192.0.2.9", "x.example 192.0.2.9"},
    {"a host without MX, in a domain that does not exist", "=x.example", "MX x.example NoName|AAAA x.example NoName|A x.example NoName",
        "550 5.4.4 no mail host of x.example has an address"},
    {"a secure host", "=x.example", "AAAA x.example secure 2001:db8::1|A x.example secure 192.0.2.9", "x.example 2001:db8::1 secure, x.example 192.0.2.9 secure"},
    {"a host that is not secure", "=x.example", "AAAA x.example secure 2001:db8::1|A x.example 192.0.2.9", "x.example 2001:db8::1, x.example 192.0.2.9"},
    {"a host that fails", "=x.example", "AAAA x.example Failed|A x.example Failed", "451 4.4.3 DNS does not answer about x.example: for a reason"},
    {"a host that is an address", "=[192.0.2.1]", "", "[192.0.2.1] 192.0.2.1"},
    {"an address", "[192.0.2.1]", "", "[192.0.2.1] 192.0.2.1"},
    {"an address of IPv6", "[IPv6:2001:db8::1]", "", "[IPv6:2001:db8::1] 2001:db8::1"},
    {"our own address", "[198.51.100.25]", "",
        "550 5.3.5 this server itself is the preferred mail host of [198.51.100.25], but has not been told that it takes its mail: see New-AcceptedDomain"},
    {"an address that is none", "[192.0.2.999]", "", "550 5.1.2 [192.0.2.999] is neither a domain nor an address in brackets"},
    {"no name", "a..b", "", "550 5.1.2 a..b is neither a domain nor an address in brackets"},
};
/* clang-format on */

static bool is_outcome(struct slice word, enum dns_outcome *out)
{
    for (enum dns_outcome i = DNS_FOUND; i < DNS_OUTCOMES; i++)
        if (slice_equal(word, slice_of(dns_outcome_name(i)))) {
            *out = i;
            return true;
        }
    return false;
}

static void read_values(struct slice line, enum dns_type type, struct dns_result *result,
                        struct dns_record records[RECORDS_MAX])
{
    uint64_t preference;
    for (struct slice word; slice_take_word(&line, &word);) {
        struct dns_record *record = &records[result->answer.count];
        if (slice_equal(word, SLICE("secure"))) {
            result->secure = true;
        } else if (slice_take_prefix(&word, SLICE("="))) {
            result->answer.canonical_name = word;
        } else if (!is_outcome(word, &result->outcome)) {
            result->outcome = DNS_FOUND;
            result->answer.count++;
            if (type != DNS_MX) {
                assert_true(ip_parse(word, &record->address));
                continue;
            }
            assert_true(number_parse_u64(word, UINT16_MAX, &preference));
            assert_true(slice_take_word(&line, &record->host));
            record->preference = (uint16_t)preference;
        }
    }
}

static void look_up(const char *dns, const struct mail_hosts_question *question,
                    struct dns_result *result, struct dns_record records[RECORDS_MAX])
{
    struct slice all = slice_of(dns), line, type, name;
    *result = (struct dns_result){.outcome = DNS_NO_DATA};
    result->answer.records = records;
    result->answer.canonical_name = question->name;
    while (slice_take_field(&all, '|', &line)) {
        slice_take_word(&line, &type);
        slice_take_word(&line, &name);
        if (slice_equal(type, slice_of(dns_type_name(question->type))) &&
            slice_equal(name, question->name))
            read_values(line, question->type, result, records);
    }
    if (result->outcome >= DNS_FAILED)
        result->why = SLICE("for a reason");
}

static void run_walk(struct mail_hosts *walk, struct arena *arena, const char *domain,
                     const char *dns, uint64_t seed, bool backwards)
{
    static const struct slice own_names[] = {SLICE_INIT("mx.own.example")};
    struct ip_address own_address;
    assert_true(ip_parse(SLICE("198.51.100.25"), &own_address));
    bool is_host = *domain == '=';
    struct mail_hosts_settings settings = {.domain = slice_of(domain + is_host),
                                           .is_host = is_host,
                                           .seed = seed,
                                           .own_names = own_names,
                                           .own_name_count = COUNT_OF(own_names),
                                           .own_addresses = &own_address,
                                           .own_address_count = 1};
    struct mail_hosts_question questions[2 * MAIL_HOSTS_MAX + 1];
    size_t count;
    mail_hosts_begin(walk, &settings, arena);
    do {
        for (count = 0; mail_hosts_next(walk, &questions[count]);)
            count++;
        for (size_t i = 0; i < count; i++) {
            struct dns_record records[RECORDS_MAX] = {0};
            struct dns_result result;
            const struct mail_hosts_question *question = &questions[backwards ? count - 1 - i : i];
            look_up(dns, question, &result, records);
            mail_hosts_answer(walk, question->number, &result);
        }
    } while (count);
    assert_true(walk->status != MAIL_HOSTS_WALKING);
    walk->settings.own_addresses = NULL; /* it was borrowed until here */
}

static void print(const struct mail_hosts *walk, struct text *line)
{
    for (size_t i = 0; i < walk->target_count; i++) {
        const struct mail_host *host = walk->targets[i].host;
        text_append_c(line, i ? ", " : "");
        text_append(line, host->name);
        if (!slice_equal(host->name, host->canonical_name)) {
            text_append_c(line, "=");
            text_append(line, host->canonical_name);
        }
        text_append_c(line, " ");
        ip_append(line, walk->targets[i].address);
        text_append_c(line, host->secure ? " secure" : "");
    }
    if (!walk->target_count)
        mail_hosts_explain(walk, line);
}

static void domains_lead_to_hosts(void **state)
{
    static struct mail_hosts walk;
    (void)state;
    for (size_t i = 0; i < SEEDS * COUNT_OF(rows); i++) {
        CLEANUP(arena_deinit) struct arena arena = arena_with_ceiling(MAIL_HOSTS_ARENA_MAX);
        const struct row *row = &rows[i / SEEDS];
        char storage[LINE_MAX_BYTES];
        struct text line = text_over(storage, sizeof storage);
        run_walk(&walk, &arena, row->domain, row->dns, i, i % 2);
        print(&walk, &line);
        row_expect_slice(row->name, text_slice(&line), slice_of(row->expected));
        row_expect(row->name, "permanent", mail_hosts_is_permanent(walk.status),
                   row->expected[0] == '5');
    }
}

/* Over many seeds each of three equal hosts is first about as often. */
static void equal_hosts_share_the_load(void **state)
{
    static struct mail_hosts walk;
    size_t first[3] = {0};
    (void)state;
    for (uint64_t seed = 0; seed < 3000; seed++) {
        CLEANUP(arena_deinit) struct arena arena = arena_with_ceiling(MAIL_HOSTS_ARENA_MAX);
        run_walk(&walk, &arena, "x.example",
                 "MX x.example 5 a 5 b 5 c 9 d|A a 192.0.2.1|A b 192.0.2.2|A c 192.0.2.3|"
                 "A d 192.0.2.4",
                 seed, false);
        assert_int_equal(walk.target_count, 4);
        first[walk.targets[0].host->name.at[0] - 'a']++;
        assert_true(slice_equal(walk.targets[3].host->name, SLICE("d")));
    }
    for (size_t i = 0; i < COUNT_OF(first); i++)
        assert_in_range(first[i], 850, 1150);
}

static void the_preferred_ones_are_left(void **state)
{
    static struct mail_hosts walk;
    CLEANUP(arena_deinit) struct arena arena = arena_with_ceiling(MAIL_HOSTS_ARENA_MAX);
    CLEANUP(text_deinit) struct text dns = text_with_ceiling(65536);
    (void)state;
    text_append_c(&dns, "MX x.example");
    for (unsigned i = 0; i < RECORDS_MAX - 1; i++)
        text_append_format(&dns, " %u h%u", 1000 - i, i);
    for (unsigned i = 0; i < RECORDS_MAX - 1; i++)
        text_append_format(&dns, "|A h%u 192.0.2.1 192.0.2.2 192.0.2.3", i);
    run_walk(&walk, &arena, "x.example", text_c_string(&dns), 1, false);
    assert_true(walk.cut);
    assert_int_equal(walk.host_count, MAIL_HOSTS_MAX);
    assert_int_equal(walk.target_count, MAIL_TARGETS_MAX);
    assert_true(slice_equal(walk.targets[0].host->name, SLICE("h118")));
}

static void without_memory_it_is_a_deferral(void **state)
{
    static struct mail_hosts walk;
    (void)state;
    for (size_t ceiling = 1; ceiling < 2000; ceiling += 20) {
        CLEANUP(arena_deinit) struct arena arena = arena_with_ceiling(ceiling);
        run_walk(&walk, &arena, "x.example", rows[0].dns, 1, false);
        assert_true(walk.status == MAIL_HOSTS_FOUND || walk.status == MAIL_HOSTS_DNS_FAILED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(domains_lead_to_hosts),
        cmocka_unit_test(equal_hosts_share_the_load),
        cmocka_unit_test(the_preferred_ones_are_left),
        cmocka_unit_test(without_memory_it_is_a_deferral),
    };
    return cmocka_run_group_tests_name("model/mail_hosts", tests, NULL, NULL);
}
