/* SPDX-License-Identifier: Apache-2.0 */
/* probe_plan: what is looked at after a change, and what counts as a difference. */
#include "hub/certificates/probe_plan.h"
#include "support/rows.h"

#include <stdio.h>
#include <string.h>

static char one[20] = "one thumbprint 20 b.", other[20] = "other thumbprint 20.";

/* --- the verdict --- */

static const struct verdict_row {
    const char *name;
    bool expected, implicit_tls;
    enum wire_probe_outcome outcome;
    const char *seen;
    enum probe_verdict verdict;
} verdicts[] = {
    {"the certificate", true, false, WIRE_PROBE_SHOWN, one, PROBE_AS_EXPECTED},
    {"another certificate", true, false, WIRE_PROBE_SHOWN, other, PROBE_DIFFERS},
    {"one where none is wanted", false, false, WIRE_PROBE_SHOWN, one, PROBE_DIFFERS},
    {"no STARTTLS", true, false, WIRE_PROBE_NOT_OFFERED, NULL, PROBE_DIFFERS},
    {"no STARTTLS, as wanted", false, false, WIRE_PROBE_NOT_OFFERED, NULL, PROBE_AS_EXPECTED},
    {"no handshake", true, false, WIRE_PROBE_TLS_FAILED, NULL, PROBE_DIFFERS},
    {"no handshake where none is offered", false, false, WIRE_PROBE_TLS_FAILED, NULL,
     PROBE_DIFFERS},
    {"implicit TLS without a certificate", false, true, WIRE_PROBE_TLS_FAILED, NULL,
     PROBE_AS_EXPECTED},
    {"refused", true, false, WIRE_PROBE_REFUSED, NULL, PROBE_NOT_SEEN},
    {"unreachable", true, false, WIRE_PROBE_UNREACHABLE, NULL, PROBE_NOT_SEEN},
};

static void verdicts_follow_from_what_is_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(verdicts); i++) {
        struct probe_plan *plan = probe_plan_new();
        struct probe_row row = {.implicit_tls = verdicts[i].implicit_tls};
        if (verdicts[i].expected)
            row.expected = slice_bytes(one, sizeof one);
        struct wire_probed probed = {.outcome = verdicts[i].outcome};
        if (verdicts[i].seen)
            probed.thumbprint = slice_bytes(verdicts[i].seen, sizeof one);
        probe_row_answered(plan, &row, &probed);
        row_expect(verdicts[i].name, "verdict", row.verdict, verdicts[i].verdict);
        probe_plan_free(plan);
    }
}

/* --- what a change concerns --- */

static void put(struct model *model, void *object, const char *setting, const char *written)
{
    char storage[512];
    struct text error = text_over(storage, sizeof storage);
    struct slice value = slice_of(written);
    const struct setting *row = setting_exact(receive_connector_settings, slice_of(setting));
    assert_non_null(row);
    if (!setting_parse(row, object, model->arena, &value, 1, &error))
        fail_msg("%.*s", SLICE_ARG(text_slice(&error)));
}

static struct receive_connector *add_connector(struct model *model, const char *name,
                                               const char *binding)
{
    struct receive_connector *connector = model_object_new(model, MODEL_RECEIVE_CONNECTOR);
    assert_non_null(connector);
    assert_true(model_add(model, MODEL_RECEIVE_CONNECTOR, connector));
    assert_true(settings_reset(receive_connector_settings, connector, model->arena));
    memset(connector->id.bytes, name[0], sizeof connector->id.bytes);
    connector->name = connector->identity = slice_of(name);
    put(model, connector, "Bindings", binding);
    put(model, connector, "RemoteIPRanges", "0.0.0.0-255.255.255.255");
    return connector;
}

static const struct change_row {
    const char *setting, *written;
    size_t listeners;
} changes[] = {
    {"Banner", "220 hello", 0},
    {"Comment", "x", 0},
    {"MaxMessageSize", "1MB", 0},
    {"Fqdn", "mail.contoso.com", 1},
    {"TlsSni", "$true", 1},
    {"AuthMechanism", "None", 1},
    {"TlsMinimumVersion", "TLS13", 1},
    {"RemoteIPRanges", "10.0.0.0/8", 1},
    {"Bindings", "127.0.0.1:2526", 2},
    {"Enabled", "$false", 1},
};

static void only_what_a_client_can_see_is_looked_at(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        struct model *before = model_new(), *after = model_new();
        struct receive_connector *old = add_connector(before, "A", "127.0.0.1:2525");
        struct receive_connector *new = add_connector(after, "A", "127.0.0.1:2525");
        put(after, new, changes[i].setting, changes[i].written);
        struct probe_plan *plan = probe_plan_new();
        probe_plan_add_change(plan, before, after, MODEL_RECEIVE_CONNECTOR, old->id, 0);
        row_expect(changes[i].setting, "listeners", (long long)plan->listener_count,
                   (long long)changes[i].listeners);
        probe_plan_free(plan);
        model_free(before);
        model_free(after);
    }
}

/* Where a connector was, another one may answer now. */
static void a_removal_is_looked_at(void **state)
{
    (void)state;
    struct model *before = model_new(), *after = model_new();
    struct receive_connector *old = add_connector(before, "A", "127.0.0.1:2525");
    add_connector(after, "B", "0.0.0.0:2525");
    struct probe_plan *plan = probe_plan_new();
    probe_plan_add_change(plan, before, after, MODEL_RECEIVE_CONNECTOR, old->id, 0);
    assert_int_equal(plan->listener_count, 1);
    assert_true(probe_plan_expand(plan, after, 0));
    assert_int_equal(plan->count, 1);
    assert_true(slice_equal(plan->rows[0].connector, SLICE("B")));
    assert_int_equal(plan->rows[0].expected.len, 0); /* there is no certificate at all */
    probe_plan_free(plan);
    model_free(before);
    model_free(after);
}

/* Nobody listens there any more: there is nothing to see, and nothing to say. */
static void the_last_one_leaves_nothing(void **state)
{
    (void)state;
    struct model *before = model_new(), *after = model_new();
    struct receive_connector *old = add_connector(before, "A", "127.0.0.1:2525");
    struct probe_plan *plan = probe_plan_new();
    probe_plan_add_change(plan, before, after, MODEL_RECEIVE_CONNECTOR, old->id, 0);
    assert_true(probe_plan_expand(plan, after, 0));
    assert_int_equal(plan->count, 0);
    assert_false(plan->out_of_it);
    probe_plan_free(plan);
    model_free(before);
    model_free(after);
}

static const struct dialed_row {
    const char *binding, *ranges, *dialed; /* dialed "": cannot be seen from here */
} dialed[] = {
    {"0.0.0.0:25", "0.0.0.0-255.255.255.255", "127.0.0.1:25"},
    {"[::]:25", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "[::1]:25"},
    {"192.0.2.1:587", "0.0.0.0-255.255.255.255", "192.0.2.1:587"},
    {"0.0.0.0:25", "192.0.2.0/24", ""},
    {"192.0.2.1:25", "192.0.2.0/24", "192.0.2.1:25"},
};

static void listeners_are_dialed_from_this_machine(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(dialed); i++) {
        char storage[64];
        struct text seen = text_over(storage, sizeof storage);
        struct model *model = model_new();
        struct receive_connector *connector = add_connector(model, "A", dialed[i].binding);
        put(model, connector, "RemoteIPRanges", dialed[i].ranges);
        struct probe_plan *plan = probe_plan_new();
        probe_plan_add_connector(plan, connector);
        assert_true(probe_plan_expand(plan, model, 0));
        if (plan->count)
            ip_endpoint_append(&seen, plan->rows[0].dialed);
        row_expect_slice(dialed[i].binding, text_slice(&seen), slice_of(dialed[i].dialed));
        row_expect(dialed[i].binding, "out of it", plan->out_of_it, !dialed[i].dialed[0]);
        probe_plan_free(plan);
        model_free(model);
    }
}

static void there_is_a_ceiling(void **state)
{
    (void)state;
    struct model *model = model_new();
    struct probe_plan *plan = probe_plan_new();
    for (unsigned i = 0; i < PROBE_LISTENERS_MAX + 1u; i++) {
        char binding[32];
        snprintf(binding, sizeof binding, "127.0.0.1:%u", 1000 + i);
        probe_plan_add_connector(plan, add_connector(model, "A", binding));
    }
    assert_int_equal(plan->listener_count, PROBE_LISTENERS_MAX);
    assert_true(plan->more);
    probe_plan_free(plan);
    model_free(model);
}

/* One row for each binding, also where nobody on this machine would be taken. */
static void connecting_takes_every_binding(void **state)
{
    (void)state;
    struct model *model = model_new();
    struct probe_plan *plan = probe_plan_new();
    struct receive_connector *both = add_connector(model, "A", "0.0.0.0:25,127.0.0.1:26");
    put(model, both, "RemoteIPRanges", "192.0.2.7");
    add_connector(model, "B", "0.0.0.0:25");
    add_connector(model, "C", "127.0.0.1:27")->enabled = false;
    assert_true(probe_plan_connect(plan, model));
    assert_int_equal(plan->count, 3);
    static const struct {
        const char *connector;
        unsigned port;
    } rows[] = {{"A", 25}, {"A", 26}, {"B", 25}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        row_expect_slice(rows[i].connector, plan->rows[i].connector, slice_of(rows[i].connector));
        row_expect(rows[i].connector, "port", plan->rows[i].binding.port, rows[i].port);
        row_expect(rows[i].connector, "dialed to any", ip_is_any(plan->rows[i].dialed.address),
                   false);
    }
    probe_plan_free(plan);
    model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_follow_from_what_is_seen),
        cmocka_unit_test(only_what_a_client_can_see_is_looked_at),
        cmocka_unit_test(a_removal_is_looked_at),
        cmocka_unit_test(the_last_one_leaves_nothing),
        cmocka_unit_test(listeners_are_dialed_from_this_machine),
        cmocka_unit_test(there_is_a_ceiling),
        cmocka_unit_test(connecting_takes_every_binding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
