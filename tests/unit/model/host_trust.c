/* SPDX-License-Identifier: Apache-2.0 */
/* Who demands what of a mail host, and what is said when it falls short. */
#include "support/rows.h"

#include "base/attributes.h"
#include "base/text.h"
#include "model/host_trust.h"

enum certificate { CLEAR, NO_CERTIFICATE, INVALID, GOOD, WILD, ELSEWHERE };
enum policy { NO_POLICY, ENFORCE, TESTING, ENFORCE_OTHER, OFF };

/* clang-format off */
static const struct row {
    const char *name;
    enum certificate certificate;
    enum host_level level;
    const char *domain; /* TlsDomain */
    bool dane;
    enum dane_outcome dane_outcome;
    enum policy policy;
    enum host_verdict verdict;
    enum host_demander demander;
    enum host_verdict testing;
} rows[] = {
    {"nothing demanded, in clear",     CLEAR,          HOST_LEVEL_NONE,        "",            false, 0, NO_POLICY, HOST_MAY_RECEIVE, 0, 0},
    {"nothing demanded, any",          INVALID,        HOST_LEVEL_NONE,        "",            false, 0, NO_POLICY, HOST_MAY_RECEIVE, 0, 0},
    {"encryption, in clear",           CLEAR,          HOST_LEVEL_ENCRYPTION,  "",            false, 0, NO_POLICY, HOST_IN_CLEAR, 0, 0},
    {"encryption, any",                INVALID,        HOST_LEVEL_ENCRYPTION,  "",            false, 0, NO_POLICY, HOST_MAY_RECEIVE, 0, 0},
    {"certificate, in clear",          CLEAR,          HOST_LEVEL_CERTIFICATE, "",            false, 0, NO_POLICY, HOST_IN_CLEAR, 0, 0},
    {"certificate, none",              NO_CERTIFICATE, HOST_LEVEL_CERTIFICATE, "",            false, 0, NO_POLICY, HOST_NOT_SHOWN, 0, 0},
    {"certificate, invalid",           INVALID,        HOST_LEVEL_CERTIFICATE, "",            false, 0, NO_POLICY, HOST_NOT_VALID, 0, 0},
    {"certificate, another's",         ELSEWHERE,      HOST_LEVEL_CERTIFICATE, "",            false, 0, NO_POLICY, HOST_MAY_RECEIVE, 0, 0},
    {"domain, the host's name",        GOOD,           HOST_LEVEL_DOMAIN,      "mx.x.example", false, 0, NO_POLICY, HOST_MAY_RECEIVE, 0, 0},
    {"domain, in other letters",       GOOD,           HOST_LEVEL_DOMAIN,      "MX.X.Example", false, 0, NO_POLICY, HOST_MAY_RECEIVE, 0, 0},
    {"domain, the parent",             GOOD,           HOST_LEVEL_DOMAIN,      "x.example",   false, 0, NO_POLICY, HOST_OTHER, 0, 0},
    {"domain, below the parent",       GOOD,           HOST_LEVEL_DOMAIN,      "*.x.example", false, 0, NO_POLICY, HOST_MAY_RECEIVE, 0, 0},
    {"domain, below the grandparent",  GOOD,           HOST_LEVEL_DOMAIN,      "*.example",   false, 0, NO_POLICY, HOST_MAY_RECEIVE, 0, 0},
    {"domain, below another",          GOOD,           HOST_LEVEL_DOMAIN,      "*.y.example", false, 0, NO_POLICY, HOST_OTHER, 0, 0},
    {"domain, wildcard covers",        WILD,           HOST_LEVEL_DOMAIN,      "mx.x.example", false, 0, NO_POLICY, HOST_MAY_RECEIVE, 0, 0},
    {"domain, the wildcard itself",    WILD,           HOST_LEVEL_DOMAIN,      "*.x.example", false, 0, NO_POLICY, HOST_MAY_RECEIVE, 0, 0},
    {"domain, invalid",                INVALID,        HOST_LEVEL_DOMAIN,      "mx.x.example", false, 0, NO_POLICY, HOST_NOT_VALID, 0, 0},
    {"domain is empty",                GOOD,           HOST_LEVEL_DOMAIN,      "",            false, 0, NO_POLICY, HOST_OTHER, 0, 0},
    {"DANE, match of an invalid one",  INVALID,        HOST_LEVEL_NONE,        "",            true,  DANE_MATCH, NO_POLICY, HOST_MAY_RECEIVE, HOST_DEMAND_DANE, 0},
    {"DANE, no match",                 GOOD,           HOST_LEVEL_NONE,        "",            true,  DANE_NO_MATCH, NO_POLICY, HOST_NOT_DANE, HOST_DEMAND_DANE, 0},
    {"DANE, other name",               GOOD,           HOST_LEVEL_NONE,        "",            true,  DANE_NAME, NO_POLICY, HOST_NOT_DANE, HOST_DEMAND_DANE, 0},
    {"DANE, in clear",                 CLEAR,          HOST_LEVEL_NONE,        "",            true,  DANE_NO_CERTIFICATE, NO_POLICY, HOST_IN_CLEAR, HOST_DEMAND_DANE, 0},
    {"DANE of no use",                 INVALID,        HOST_LEVEL_NONE,        "",            true,  DANE_NO_USABLE, NO_POLICY, HOST_MAY_RECEIVE, HOST_DEMAND_DANE, 0},
    {"DANE of no use, in clear",       CLEAR,          HOST_LEVEL_NONE,        "",            true,  DANE_NO_USABLE, NO_POLICY, HOST_IN_CLEAR, HOST_DEMAND_DANE, 0},
    {"DANE match, connector demands",  INVALID,        HOST_LEVEL_CERTIFICATE, "",            true,  DANE_MATCH, NO_POLICY, HOST_NOT_VALID, HOST_DEMAND_CONNECTOR, 0},
    {"DANE silences MTA-STS",          INVALID,        HOST_LEVEL_NONE,        "",            true,  DANE_MATCH, ENFORCE, HOST_MAY_RECEIVE, HOST_DEMAND_DANE, 0},
    {"MTA-STS does not mend DANE",     GOOD,           HOST_LEVEL_NONE,        "",            true,  DANE_NO_MATCH, ENFORCE, HOST_NOT_DANE, HOST_DEMAND_DANE, 0},
    {"MTA-STS, good",                  GOOD,           HOST_LEVEL_NONE,        "",            false, 0, ENFORCE, HOST_MAY_RECEIVE, HOST_DEMAND_STS, 0},
    {"MTA-STS, in clear",              CLEAR,          HOST_LEVEL_NONE,        "",            false, 0, ENFORCE, HOST_IN_CLEAR, HOST_DEMAND_STS, 0},
    {"MTA-STS, invalid",               INVALID,        HOST_LEVEL_NONE,        "",            false, 0, ENFORCE, HOST_NOT_VALID, HOST_DEMAND_STS, 0},
    {"MTA-STS, another's",             ELSEWHERE,      HOST_LEVEL_NONE,        "",            false, 0, ENFORCE, HOST_OTHER, HOST_DEMAND_STS, 0},
    {"MTA-STS names others",           GOOD,           HOST_LEVEL_NONE,        "",            false, 0, ENFORCE_OTHER, HOST_NOT_NAMED, HOST_DEMAND_STS, 0},
    {"MTA-STS, testing",               INVALID,        HOST_LEVEL_NONE,        "",            false, 0, TESTING, HOST_MAY_RECEIVE, 0, HOST_NOT_VALID},
    {"MTA-STS, testing, good",         GOOD,           HOST_LEVEL_NONE,        "",            false, 0, TESTING, HOST_MAY_RECEIVE, 0, 0},
    {"MTA-STS is off",                 CLEAR,          HOST_LEVEL_NONE,        "",            false, 0, OFF, HOST_MAY_RECEIVE, 0, 0},
};
/* clang-format on */

static const struct sts_policy *policy_of(enum policy which)
{
    static struct sts_policy policies[] = {
        [ENFORCE] = {.mode = STS_MODE_ENFORCE, .mx = {SLICE_INIT("mx.x.example")}, .mx_count = 1},
        [TESTING] = {.mode = STS_MODE_TESTING, .mx = {SLICE_INIT("*.x.example")}, .mx_count = 1},
        [ENFORCE_OTHER] = {.mode = STS_MODE_ENFORCE,
                           .mx = {SLICE_INIT("b.x.example")},
                           .mx_count = 1},
        [OFF] = {.mode = STS_MODE_NONE},
    };
    return which == NO_POLICY ? NULL : &policies[which];
}

static struct host_shown shown_of(enum certificate certificate, enum dane_outcome dane)
{
    static struct slice good[] = {SLICE_INIT("mx.x.example")}, wild[] = {SLICE_INIT("*.x.example")},
                        elsewhere[] = {SLICE_INIT("mx.y.example")};
    struct slice *names = certificate == WILD ? wild : certificate == ELSEWHERE ? elsewhere : good;
    struct host_shown shown = {.host = SLICE("mx.x.example"),
                               .tls = certificate != CLEAR,
                               .shown = certificate > NO_CERTIFICATE,
                               .valid = certificate > INVALID,
                               .dane = dane};
    if (shown.shown) {
        shown.names.at = names;
        shown.names.count = 1;
    }
    return shown;
}

static void demands_are_weighed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct row *row = &rows[i];
        struct host_demands demands = {row->level, slice_of(row->domain), row->dane,
                                       policy_of(row->policy), false};
        struct host_shown shown = shown_of(row->certificate, row->dane_outcome);
        struct host_answer answer = host_judge(&demands, &shown);
        char storage[512];
        struct text line = text_over(storage, sizeof storage);
        row_expect(row->name, "verdict", answer.verdict, row->verdict);
        row_expect(row->name, "demander", answer.demander, row->demander);
        row_expect(row->name, "testing", answer.testing, row->testing);
        assert_true(host_answer_explain(&answer, &demands, &shown, &line));
        row_expect(row->name, "has a reply", line.len != 0, row->verdict != HOST_MAY_RECEIVE);
        row_expect(row->name, "needs TLS", host_needs_tls(&demands),
                   row->level || row->dane || row->policy == ENFORCE ||
                       row->policy == ENFORCE_OTHER);
        if (row->certificate == CLEAR) /* never in clear where TLS is demanded */
            row_expect(row->name, "in clear", answer.verdict == HOST_MAY_RECEIVE,
                       !host_needs_tls(&demands));
    }
}

/* REQUIRETLS (RFC 8689 4.2.1): TLS, a host that is the domain's, and a certificate of that host. */
static void a_sender_may_demand(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct {
        const char *name;
        bool vouched;
        enum certificate certificate;
        enum host_level level;
        bool dane;
        enum dane_outcome dane_outcome;
        enum policy policy;
        enum host_verdict verdict;
        enum host_demander demander;
    } demanded[] = {
        {"vouched for, a good certificate", true,  GOOD,           HOST_LEVEL_NONE,   false, 0,              NO_POLICY,     HOST_MAY_RECEIVE, HOST_DEMAND_SENDER},
        {"vouched for by a policy",         false, GOOD,           HOST_LEVEL_NONE,   false, 0,              ENFORCE,       HOST_MAY_RECEIVE, HOST_DEMAND_SENDER},
        {"a policy that tests vouches too", false, WILD,           HOST_LEVEL_NONE,   false, 0,              TESTING,       HOST_MAY_RECEIVE, HOST_DEMAND_SENDER},
        {"a policy that is off does not",   false, GOOD,           HOST_LEVEL_NONE,   false, 0,              OFF,           HOST_NOT_VOUCHED, HOST_DEMAND_SENDER},
        {"nobody vouches",                  false, GOOD,           HOST_LEVEL_NONE,   false, 0,              NO_POLICY,     HOST_NOT_VOUCHED, HOST_DEMAND_SENDER},
        {"in clear",                        true,  CLEAR,          HOST_LEVEL_NONE,   false, 0,              NO_POLICY,     HOST_IN_CLEAR,    HOST_DEMAND_SENDER},
        {"no certificate",                  true,  NO_CERTIFICATE, HOST_LEVEL_NONE,   false, 0,              NO_POLICY,     HOST_NOT_SHOWN,   HOST_DEMAND_SENDER},
        {"an invalid one",                  true,  INVALID,        HOST_LEVEL_NONE,   false, 0,              NO_POLICY,     HOST_NOT_VALID,   HOST_DEMAND_SENDER},
        {"another's",                       true,  ELSEWHERE,      HOST_LEVEL_NONE,   false, 0,              NO_POLICY,     HOST_OTHER,       HOST_DEMAND_SENDER},
        {"an invalid one that DANE knows",  true,  INVALID,        HOST_LEVEL_NONE,   true,  DANE_MATCH,     NO_POLICY,     HOST_MAY_RECEIVE, HOST_DEMAND_SENDER},
        {"DANE vouches for no host",        false, INVALID,        HOST_LEVEL_NONE,   true,  DANE_MATCH,     NO_POLICY,     HOST_NOT_VOUCHED, HOST_DEMAND_SENDER},
        {"DANE of no use proves nobody",    true,  INVALID,        HOST_LEVEL_NONE,   true,  DANE_NO_USABLE, NO_POLICY,     HOST_NOT_VALID,   HOST_DEMAND_SENDER},
        {"DANE comes before the sender",    true,  GOOD,           HOST_LEVEL_NONE,   true,  DANE_NO_MATCH,  NO_POLICY,     HOST_NOT_DANE,    HOST_DEMAND_DANE},
        {"so does a policy",                true,  GOOD,           HOST_LEVEL_NONE,   false, 0,              ENFORCE_OTHER, HOST_NOT_NAMED,   HOST_DEMAND_STS},
        {"the administrator knows better",  false, ELSEWHERE,      HOST_LEVEL_DOMAIN, false, 0,              NO_POLICY,     HOST_MAY_RECEIVE, HOST_DEMAND_SENDER},
    };
    /* clang-format on */
    for (size_t i = 0; i < COUNT_OF(demanded); i++) {
        const char *name = demanded[i].name;
        struct host_demands demands = {.level = demanded[i].level,
                                       .domain = SLICE("mx.y.example"),
                                       .dane = demanded[i].dane,
                                       .sts = policy_of(demanded[i].policy),
                                       .sender = true};
        struct host_shown shown = shown_of(demanded[i].certificate, demanded[i].dane_outcome);
        shown.vouched = demanded[i].vouched;
        struct host_answer answer = host_judge(&demands, &shown);
        row_expect(name, "verdict", answer.verdict, demanded[i].verdict);
        row_expect(name, "demander", answer.demander, demanded[i].demander);
        row_expect(name, "needs TLS", host_needs_tls(&demands), true);
    }
}

static void a_reply_says_who_demands(void **state)
{
    struct host_demands demands = {.level = HOST_LEVEL_DOMAIN, .domain = SLICE("*.y.example")};
    struct host_shown shown = shown_of(GOOD, DANE_MATCH);
    struct host_answer answer = host_judge(&demands, &shown);
    char storage[512];
    struct text line = text_over(storage, sizeof storage);
    (void)state;
    assert_true(host_answer_explain(&answer, &demands, &shown, &line));
    row_expect_slice("domain", text_slice(&line),
                     SLICE("454 4.7.5 the certificate is of another name than demanded: "
                           "mx.x.example (the connector demands *.y.example)"));
    text_clear(&line);
    demands = (struct host_demands){.sts = policy_of(ENFORCE)};
    shown = shown_of(CLEAR, DANE_MATCH);
    answer = host_judge(&demands, &shown);
    assert_true(host_answer_explain(&answer, &demands, &shown, &line));
    row_expect_slice("policy", text_slice(&line),
                     SLICE("451 5.7.3 STARTTLS is required to send mail, and there is none with "
                           "mx.x.example (demanded by MTA-STS, RFC 8461)"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(demands_are_weighed),
        cmocka_unit_test(a_sender_may_demand),
        cmocka_unit_test(a_reply_says_who_demands),
    };
    return cmocka_run_group_tests_name("model/host_trust", tests, NULL, NULL);
}
