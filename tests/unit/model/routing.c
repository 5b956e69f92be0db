/* SPDX-License-Identifier: Apache-2.0 */
/* Where mail goes next: the order of connectors, the reasons of the others, the keys of queues. */
#include "model/routing.h"
#include "fixture.h"

enum { MEGABYTE = 1 << 20 };

/* clang-format off */
static const struct {
    const char *name, *assignments;
} connectors[] = {
    {"World", "AddressSpaces=*;10"},
    {"Cheap", "AddressSpaces=*;5|MaxMessageSize=1MB"},
    {"Fabrikam", "AddressSpaces=fabrikam.com|DNSRoutingEnabled=0|SmartHosts=relay.fabrikam.com,192.0.2.1"},
    {"Under", "AddressSpaces=*.fabrikam.com|MaxMessageSize=2MB"},
    {"Off", "AddressSpaces=a.b.fabrikam.com|Enabled=0"},
    {"Books B", "AddressSpaces=bücher.example;7"},
    {"Books A", "AddressSpaces=xn--bcher-kva.example;7,*.example"},
    {"Relay", "AddressSpaces=--;3|MaxMessageSize=Unlimited"},
    {"Exact", "AddressSpaces=relay.contoso.org;3"},
};

/* NULL: through no connector. Accepted: contoso.com (ours), relay.contoso.org and *.branch.org (passed on). */
static const struct {
    const char *domain;
    int size_mb;
    enum route_kind kind;
    const char *connector;
} routes[] = {
    {"elsewhere.net", 0, ROUTE_DNS, "Cheap"},
    {"elsewhere.net", 1, ROUTE_DNS, "Cheap"},
    {"elsewhere.net", 2, ROUTE_DNS, "World"},
    {"elsewhere.net", 36, ROUTE_TOO_LARGE, NULL},
    {"FABRIKAM.com", 2, ROUTE_SMART_HOSTS, "Fabrikam"},
    {"fabrikam.com.", 3, ROUTE_SMART_HOSTS, "Fabrikam"},
    {"mail.fabrikam.com", 2, ROUTE_DNS, "Under"},
    {"a.b.fabrikam.com", 0, ROUTE_DNS, "Under"},
    {"a.b.fabrikam.com", 3, ROUTE_DNS, "World"},
    {"notfabrikam.com", 0, ROUTE_DNS, "Cheap"},
    {"b\xc3\xbc" "cher.example", 0, ROUTE_DNS, "Books A"},
    {"XN--BCHER-KVA.example", 0, ROUTE_DNS, "Books A"},
    {"x.b\xc3\xbc" "cher.example", 0, ROUTE_DNS, "Books A"},
    {"example", 0, ROUTE_DNS, "Books A"},
    {"relay.contoso.org", 0, ROUTE_DNS, "Exact"},
    {"relay.contoso.org", 100, ROUTE_DNS, "Relay"},
    {"x.branch.org", 0, ROUTE_DNS, "Relay"},
    {"branch.org", 0, ROUTE_DNS, "Cheap"},
    {"contoso.com", 0, ROUTE_NOBODY, NULL},
    {"sub.contoso.com", 0, ROUTE_DNS, "Cheap"},
    {"[192.0.2.7]", 0, ROUTE_DNS, "Cheap"},
    {"", 0, ROUTE_DNS, "Cheap"},
};
/* clang-format on */

static struct model *world(void)
{
    struct model *model = fixture_model();
    fixture_domain(model, "relay.contoso.org", "InternalRelay");
    fixture_domain(model, "*.branch.org", "ExternalRelay");
    for (size_t i = 0; i < COUNT_OF(connectors); i++)
        fixture_send_connector(model, connectors[i].name, connectors[i].assignments);
    return model;
}

static void routes_are_what_the_order_says(void **state)
{
    (void)state;
    struct model *model = world();
    for (size_t i = 0; i < COUNT_OF(routes); i++) {
        struct route_question question = {.domain = slice_of(routes[i].domain),
                                          .size_bytes = (int64_t)routes[i].size_mb * MEGABYTE};
        struct route route = route_choose(model, &question);
        row_expect(routes[i].domain, "kind", route.kind, routes[i].kind);
        row_expect_slice(routes[i].domain,
                         route.connector ? route.connector->name : (struct slice){0},
                         slice_of(routes[i].connector));
        question.is_mailbox = true;
        row_expect(routes[i].domain, "with a mailbox", route_choose(model, &question).kind,
                   ROUTE_MAILBOX);
    }
    model_free(model);
}

static void without_connectors_mail_is_unreachable(void **state)
{
    (void)state;
    struct model *model = fixture_model();
    struct route_question question = {.domain = SLICE("elsewhere.net"), .size_bytes = 1};
    assert_int_equal(route_choose(model, &question).kind, ROUTE_UNREACHABLE);
    fixture_send_connector(model, "Off", "AddressSpaces=*|Enabled=0");
    fixture_send_connector(model, "Other", "AddressSpaces=fabrikam.com");
    assert_int_equal(route_choose(model, &question).kind, ROUTE_UNREACHABLE);
    model_free(model);
}

static void the_others_have_reasons(void **state)
{
    (void)state;
    static const char *const expected[] = {"LESS_SPECIFIC", "TOO_SMALL",     "SPACE_DIFFERS",
                                           "CHOSEN",        "DISABLED",      "SPACE_DIFFERS",
                                           "SPACE_DIFFERS", "SPACE_DIFFERS", "SPACE_DIFFERS"};
    struct model *model = world();
    struct route_candidate rows[16];
    struct route route;
    struct route_question question = {.domain = SLICE("a.b.fabrikam.com"),
                                      .size_bytes = 2 * MEGABYTE};
    assert_int_equal(route_explain(model, &question, rows, COUNT_OF(rows), &route),
                     COUNT_OF(expected));
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        row_expect_slice(connectors[i].name, slice_of(route_reason_code(rows[i].reason)),
                         slice_of(expected[i]));
    char storage[256];
    struct text text = text_over(storage, sizeof storage);
    assert_true(route_reason_text(&rows[0], &text));
    assert_true(slice_contains(text_slice(&text), SLICE("more specific (*;10)")));

    question.domain = SLICE("xn--bcher-kva.example");
    route_explain(model, &question, rows, COUNT_OF(rows), &route);
    assert_int_equal(rows[5].reason, ROUTE_NAME_LATER);
    assert_int_equal(rows[6].reason, ROUTE_CHOSEN);
    question = (struct route_question){.domain = SLICE("elsewhere.net")};
    route_explain(model, &question, rows, COUNT_OF(rows), &route);
    assert_int_equal(rows[0].reason, ROUTE_COSTS_MORE);
    question.domain = SLICE("contoso.com");
    assert_int_equal(route_explain(model, &question, rows, COUNT_OF(rows), &route), 0);
    model_free(model);
}

/* --- keys --- */

static struct slice key_of(const struct model *model, const char *domain, bool is_mailbox,
                           struct text *key)
{
    struct route_question question = {.domain = slice_of(domain), .is_mailbox = is_mailbox};
    struct route route = route_choose(model, &question);
    text_clear(key);
    assert_true(route_append_key(key, &route, question.domain, SENDER_TLS_UNSAID));
    return text_slice(key);
}

static void keys_say_where_mail_goes(void **state)
{
    (void)state;
    char a_storage[512], b_storage[512];
    struct text a = text_over(a_storage, sizeof a_storage),
                b = text_over(b_storage, sizeof b_storage);
    struct model *model = world();
    row_expect_slice("mailbox", key_of(model, "contoso.com", true, &a), SLICE("mailbox"));
    row_expect_slice("nobody", key_of(model, "contoso.com", false, &a), SLICE("unreachable"));

    key_of(model,
           "B\xc3\xbc"
           "CHER.example",
           false, &a);
    row_expect_slice("both spellings", text_slice(&a),
                     key_of(model, "xn--bcher-kva.EXAMPLE", false, &b));
    struct next_hop hop = next_hop_of_key(text_slice(&a));
    assert_int_equal(hop.kind, ROUTE_DNS);
    row_expect_slice("domain", hop.domain, SLICE("xn--bcher-kva.example"));
    assert_true(object_id_equal(hop.connector, model_send_connector(model, 6)->id));

    key_of(model, "fabrikam.com", false, &a);
    hop = next_hop_of_key(text_slice(&a));
    assert_int_equal(hop.kind, ROUTE_SMART_HOSTS);
    text_clear(&b);
    assert_true(next_hop_append_domain(&b, &hop, model));
    row_expect_slice("hosts", text_slice(&b), SLICE("relay.fabrikam.com,[192.0.2.1]"));
    model_remove(model, MODEL_SEND_CONNECTOR, model_send_connector(model, 2));
    text_clear(&b);
    assert_true(next_hop_append_domain(&b, &hop, model));
    assert_int_equal(b.len, 0);
    model_free(model);
}

static void what_senders_ask_of_tls_has_its_own_queue(void **state)
{
    (void)state;
    static const char *const domains[] = {"elsewhere.net", "fabrikam.com"};
    char storage[512];
    struct text key = text_over(storage, sizeof storage);
    struct model *model = world();
    for (size_t i = 0; i < COUNT_OF(domains) * SENDER_TLS_KINDS; i++) {
        enum sender_tls tls = (enum sender_tls)(i % SENDER_TLS_KINDS);
        struct route_question question = {.domain = slice_of(domains[i / SENDER_TLS_KINDS])};
        struct route route = route_choose(model, &question);
        text_clear(&key);
        assert_true(route_append_key(&key, &route, question.domain, tls));
        struct next_hop hop = next_hop_of_key(text_slice(&key));
        row_expect(text_c_string(&key), "kind", hop.kind, route.kind);
        row_expect(text_c_string(&key), "tls", hop.tls, tls);
        assert_true(object_id_equal(hop.connector, route.connector->id));
    }
    model_free(model);
    row_expect("notice", "way", sender_tls_of_way(SENDER_TLS_REQUIRED, SLICE("")),
               SENDER_TLS_UNSAID);
    row_expect("mail", "way", sender_tls_of_way(SENDER_TLS_REQUIRED, SLICE("a@b")),
               SENDER_TLS_REQUIRED);
    row_expect("notice", "way", sender_tls_of_way(SENDER_TLS_OPTIONAL, SLICE("")),
               SENDER_TLS_OPTIONAL);
}

static void other_keys_say_nothing(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "",
        "unreachable",
        "mailbox ",
        "dns:",
        "dns:x:y",
        "dns+tls-required:x:y",
        "dns+tls-elsewhere:0f8fad5b-d9cb-469f-a165-70867728950e:a.example",
        "hosts:",
        "hosts:x",
        "dns:0f8fad5b-d9cb-469f-a165-70867728950e",
        "dns:0f8fad5b-d9cb-469f-a165-70867728950e:"};
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        row_expect(keys[i], "kind", next_hop_of_key(slice_of(keys[i])).kind, ROUTE_UNREACHABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(routes_are_what_the_order_says),
        cmocka_unit_test(without_connectors_mail_is_unreachable),
        cmocka_unit_test(the_others_have_reasons),
        cmocka_unit_test(keys_say_where_mail_goes),
        cmocka_unit_test(what_senders_ask_of_tls_has_its_own_queue),
        cmocka_unit_test(other_keys_say_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
