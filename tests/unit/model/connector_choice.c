/* SPDX-License-Identifier: Apache-2.0 */
/* connector_choice: which connector a client gets, and what is said of the others. */
#include "model/connector_choice.h"
#include "fixture.h"

static const struct {
    const char *name, *assignments;
} connectors[] = {
    {"Everybody", "Bindings=0.0.0.0:25,[::]:25"},
    {"Net", "Bindings=0.0.0.0:25|RemoteIPRanges=192.168.1.0/24"},
    {"One", "Bindings=0.0.0.0:25|RemoteIPRanges=192.168.1.75"},
    {"Off", "Bindings=0.0.0.0:25|RemoteIPRanges=192.168.1.80|Enabled=$false"},
    {"Several", "Bindings=0.0.0.0:25|RemoteIPRanges=10.0.0.0/8,10.1.0.0/16,172.16.0.5-172.16.0.9"},
    {"Middle", "Bindings=0.0.0.0:25|RemoteIPRanges=10.1.0.0-10.1.255.254"},
    {"Six", "Bindings=[::]:25|RemoteIPRanges=2001:db8::/32"},
    {"SixOne", "Bindings=[2001:db8:9::25]:25|RemoteIPRanges=2001:db8::/32"},
    {"Private", "Bindings=10.9.9.9:26|RemoteIPRanges=10.0.0.0/8"},
    {"AnyTwin", "Bindings=0.0.0.0:27|RemoteIPRanges=10.0.0.0/8"},
    {"ExactTwin", "Bindings=10.9.9.9:27|RemoteIPRanges=10.0.0.0/8"},
    {"b second", "Bindings=0.0.0.0:28|RemoteIPRanges=10.0.0.0/8"},
    {"A first", "Bindings=0.0.0.0:28|RemoteIPRanges=10.0.0.0/8"},
};

static struct model *build(void)
{
    struct model *model = model_new();
    for (size_t i = 0; i < COUNT_OF(connectors); i++)
        fixture_connector(model, connectors[i].name, connectors[i].assignments);
    return model;
}

static const struct {
    const char *local, *client, *chosen;
} choices[] = {
    {"192.168.1.1:25", "192.168.1.75", "One"},
    {"192.168.1.1:25", "192.168.1.100", "Net"},
    {"192.168.1.1:25", "192.168.2.1", "Everybody"},
    {"192.168.1.1:25", "192.168.1.80", "Net"},
    {"192.168.1.1:25", "10.1.2.3", "Middle"},
    {"192.168.1.1:25", "10.1.255.255", "Several"},
    {"192.168.1.1:25", "10.2.0.1", "Several"},
    {"192.168.1.1:25", "172.16.0.7", "Several"},
    {"192.168.1.1:25", "172.16.0.10", "Everybody"},
    {"127.0.0.1:25", "127.0.0.1", "Everybody"},
    {"[::1]:25", "::1", "Everybody"},
    {"[2001:db8:9::1]:25", "2001:db8::1", "Six"},
    {"[2001:db8:9::25]:25", "2001:db8::1", "SixOne"},
    {"[2001:db8:9::25]:25", "2001:db9::1", "Everybody"},
    {"10.9.9.9:26", "10.0.0.1", "Private"},
    {"10.9.9.9:26", "11.0.0.1", NULL},
    {"10.9.9.8:26", "10.0.0.1", NULL},
    {"10.9.9.9:27", "10.0.0.1", "ExactTwin"},
    {"10.9.9.8:27", "10.0.0.1", "AnyTwin"},
    {"10.9.9.8:28", "10.0.0.1", "A first"},
    {"[::1]:28", "::1", NULL},
    {"10.9.9.8:29", "10.0.0.1", NULL},
    {"[::ffff:192.168.1.1]:25", "::ffff:192.168.1.75", "One"},
};

static struct ip_endpoint endpoint_of(const char *written)
{
    struct ip_endpoint endpoint;
    assert_true(ip_endpoint_parse(slice_of(written), &endpoint));
    return endpoint;
}

static struct ip_address address_of(const char *written)
{
    struct ip_address address;
    assert_true(ip_parse(slice_of(written), &address));
    return address;
}

static void each_client_gets_its_connector(void **state)
{
    (void)state;
    struct model *model = build();
    for (size_t i = 0; i < COUNT_OF(choices); i++) {
        struct ip_endpoint local = endpoint_of(choices[i].local);
        struct ip_address client = address_of(choices[i].client);
        const struct receive_connector *chosen = connector_choose(model, local, client), *explained;
        row_expect_slice(choices[i].client, chosen ? chosen->name : SLICE("none"),
                         choices[i].chosen ? slice_of(choices[i].chosen) : SLICE("none"));
        struct connector_candidate candidates[16];
        size_t count = connector_explain(model, local, client, candidates, 16, &explained);
        row_expect(choices[i].client, "candidates", (long long)count, COUNT_OF(connectors));
        assert_ptr_equal(chosen, explained);
        for (size_t k = 0; k < count; k++)
            row_expect(choices[i].client, "chosen row is marked, no other",
                       candidates[k].reason == CONNECTOR_CHOSEN, candidates[k].connector == chosen);
    }
    model_free(model);
}

static void the_order_of_the_model_does_not_matter(void **state)
{
    (void)state;
    struct model *model = build();
    void **at = model->lists[MODEL_RECEIVE_CONNECTOR].at;
    for (size_t turn = 0; turn < COUNT_OF(connectors); turn++) {
        void *first = at[0];
        memmove(at, at + 1, (COUNT_OF(connectors) - 1) * sizeof *at);
        at[COUNT_OF(connectors) - 1] = first;
        for (size_t i = 0; i < COUNT_OF(choices); i++) {
            const struct receive_connector *chosen = connector_choose(
                model, endpoint_of(choices[i].local), address_of(choices[i].client));
            row_expect_slice(choices[i].client, chosen ? chosen->name : SLICE("none"),
                             choices[i].chosen ? slice_of(choices[i].chosen) : SLICE("none"));
        }
    }
    model_free(model);
}

static void reasons_are_given(void **state)
{
    (void)state;
    static const struct {
        const char *name, *code, *text;
    } rows[] = {
        {"Everybody", "LESS_SPECIFIC", "(0.0.0.0-255.255.255.255)"},
        {"Net", "CHOSEN", "(192.168.1.0/24)"},
        {"One", "RANGE_EXCLUDES", "no range"},
        {"Off", "DISABLED", "(192.168.1.80)"},
        {"Several", "RANGE_EXCLUDES", "no range"},
        {"Six", "BINDING_DIFFERS", "does not listen"},
        {"Private", "BINDING_DIFFERS", "does not listen"},
    };
    struct model *model = build();
    struct connector_candidate candidates[COUNT_OF(connectors)];
    const struct receive_connector *chosen;
    connector_explain(model, endpoint_of("192.168.1.1:25"), address_of("192.168.1.80"), candidates,
                      COUNT_OF(connectors), &chosen);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t k = 0; k < COUNT_OF(connectors); k++) {
            if (!slice_equal(candidates[k].connector->name, slice_of(rows[i].name)))
                continue;
            char storage[256];
            struct text text = text_over(storage, sizeof storage);
            row_expect_slice(rows[i].name, slice_of(connector_reason_code(candidates[k].reason)),
                             slice_of(rows[i].code));
            assert_true(connector_reason_text(&candidates[k], &text));
            if (!slice_contains(text_slice(&text), slice_of(rows[i].text)))
                fail_msg("%s: \"%.*s\"", rows[i].name, SLICE_ARG(text_slice(&text)));
        }
    model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_client_gets_its_connector),
        cmocka_unit_test(the_order_of_the_model_does_not_matter),
        cmocka_unit_test(reasons_are_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
