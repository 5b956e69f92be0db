/* SPDX-License-Identifier: Apache-2.0 */
/* The model as a whole: defaults, finding, copying, snapshots. */
#include "model/model.h"
#include "fixture.h"
#include "model/certificate_choice.h"
#include "model/connector_choice.h"
#include "model/snapshot.h"

#include <time.h>

static void print(const void *connector, const char *setting, struct text *text)
{
    text_clear(text);
    setting_print(setting_exact(receive_connector_settings, slice_of(setting)), connector, text);
}

static void the_defaults_are_those_of_the_reference(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct {
        const char *name, *bindings, *role, *mechanisms, *groups, *mode, *rate, *logging;
    } rows[] = {
        {"MX1\\Default Frontend MX1", "0.0.0.0:25, [::]:25", "FrontendTransport", "Tls, Integrated, BasicAuth, BasicAuthRequireTLS, ExchangeServer", "AnonymousUsers, ExchangeServers, ExchangeLegacyServers", "Explicit", "Unlimited", "Verbose"},
        {"MX1\\Client Frontend MX1", "0.0.0.0:587, [::]:587", "FrontendTransport", "Tls, Integrated, BasicAuth, BasicAuthRequireTLS", "ExchangeUsers", "Explicit", "5", "None"},
        {"MX1\\Client Implicit MX1", "0.0.0.0:465, [::]:465", "FrontendTransport", "Tls, Integrated, BasicAuth, BasicAuthRequireTLS", "ExchangeUsers", "Implicit", "5", "None"},
        {"MX1\\Outbound Proxy Frontend MX1", "0.0.0.0:717, [::]:717", "FrontendTransport", "Tls, Integrated, BasicAuth, BasicAuthRequireTLS, ExchangeServer", "ExchangeServers", "Explicit", "Unlimited", "None"},
        {"MX1\\Default MX1", "0.0.0.0:2525, [::]:2525", "HubTransport", "Tls, Integrated, BasicAuth, ExchangeServer", "ExchangeUsers, ExchangeServers, ExchangeLegacyServers", "Explicit", "Unlimited", "None"},
        {"MX1\\Client Proxy MX1", "0.0.0.0:2465, [::]:2465", "HubTransport", "Tls, Integrated, BasicAuth, BasicAuthRequireTLS, ExchangeServer", "ExchangeUsers, ExchangeServers", "Explicit", "5", "None"},
    };
    /* clang-format on */
    struct model *model = fixture_model();
    char storage[512];
    struct text text = text_over(storage, sizeof storage);
    if (!model_validate_all(model, &text))
        fail_msg("%.*s", SLICE_ARG(text_slice(&text)));
    assert_int_equal(model_count(model, MODEL_RECEIVE_CONNECTOR), COUNT_OF(rows));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct receive_connector *c = model_receive_connector(model, i);
        const char *settings[] = {
            "Identity",         "Bindings", "TransportRole",    "AuthMechanism",
            "PermissionGroups", "TlsMode",  "MessageRateLimit", "ProtocolLoggingLevel"};
        const char *expected[] = {rows[i].name,       rows[i].bindings, rows[i].role,
                                  rows[i].mechanisms, rows[i].groups,   rows[i].mode,
                                  rows[i].rate,       rows[i].logging};
        for (size_t k = 0; k < COUNT_OF(settings); k++) {
            print(c, settings[k], &text);
            row_expect_slice(rows[i].name, text_slice(&text), slice_of(expected[k]));
        }
        assert_false(object_id_is_zero(c->id));
    }
    assert_int_equal(model_receive_connector(model, 4)->max_recipients_per_message, 5000);
    row_expect_slice("domain", accepted_domain_default(model)->domain_name, SLICE("contoso.com"));
    model_free(model);
}

static void bind_addresses_and_port_offset_shape_the_defaults(void **state)
{
    (void)state;
    unsigned seed = 0;
    struct ip_address addresses[2];
    assert_true(ip_parse(SLICE("127.0.0.1"), &addresses[0]) &&
                ip_parse(SLICE("::1"), &addresses[1]));
    struct model_defaults defaults = {.server_name = SLICE("box"),
                                      .fqdn = SLICE("box"),
                                      .bind_addresses = addresses,
                                      .bind_address_count = 2,
                                      .port_offset = 2500,
                                      .random = fixture_random,
                                      .random_context = &seed};
    struct model *model = model_new();
    char storage[512];
    struct text text = text_over(storage, sizeof storage);
    assert_true(model_create_defaults(model, &defaults, NULL));
    assert_true(model_validate_all(model, NULL));
    print(model_receive_connector(model, 0), "Bindings", &text);
    row_expect_slice("bindings", text_slice(&text), SLICE("127.0.0.1:2525, [::1]:2525"));
    row_expect_slice("domain", accepted_domain_default(model)->domain_name, SLICE("localhost"));
    assert_int_equal(model_server(model)->bind_addresses.count, 2);
    model_free(model);

    defaults.port_offset = 64000;
    model = model_new();
    text_clear(&text);
    assert_false(model_create_defaults(model, &defaults, &text));
    assert_true(slice_contains(text_slice(&text), SLICE("no port")));
    model_free(model);
    defaults.port_offset = 0;
    defaults.server_name = SLICE("not a name");
    model = model_new();
    assert_false(model_create_defaults(model, &defaults, NULL));
    model_free(model);
}

static void objects_are_found_by_what_people_call_them(void **state)
{
    (void)state;
    static const struct {
        enum model_kind kind;
        const char *identity;
        size_t count;
    } rows[] = {
        {MODEL_RECEIVE_CONNECTOR, "MX1\\Default MX1", 1},
        {MODEL_RECEIVE_CONNECTOR, "mx1\\default mx1", 1},
        {MODEL_RECEIVE_CONNECTOR, "Default MX1", 1},
        {MODEL_RECEIVE_CONNECTOR, "Default", 0},
        {MODEL_RECEIVE_CONNECTOR, "MX2\\Default MX1", 0},
        {MODEL_RECEIVE_CONNECTOR, "Client*", 3},
        {MODEL_RECEIVE_CONNECTOR, "*\\Client*", 3},
        {MODEL_RECEIVE_CONNECTOR, "*", 6},
        {MODEL_RECEIVE_CONNECTOR, "*front*", 3},
        {MODEL_RECEIVE_CONNECTOR, "Default?MX1", 1},
        {MODEL_RECEIVE_CONNECTOR, "", 0},
        {MODEL_RECEIVE_CONNECTOR, "*a*b*c*d*e*f", 0},
        {MODEL_CERTIFICATE, "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a", 1},
        {MODEL_CERTIFICATE, "MX1\\0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A", 1},
        {MODEL_CERTIFICATE, "MX2\\0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A", 0},
        {MODEL_CERTIFICATE, "0A*", 1},
        {MODEL_MAILBOX, "ANNA", 1},
        {MODEL_MAILBOX, "anna@contoso.com", 1},
        {MODEL_MAILBOX, "second@contoso.com", 1},
        {MODEL_MAILBOX, "first@contoso.com, second@contoso.com", 0},
        {MODEL_ACCEPTED_DOMAIN, "contoso.com", 1},
    };
    struct model *model = fixture_model();
    fixture_certificate(model, 10, "");
    struct mailbox *mailbox = model_object_new(model, MODEL_MAILBOX);
    fixture_set_all(model, MODEL_MAILBOX, mailbox,
                    "Name=anna|PrimarySmtpAddress=anna@contoso.com|EmailAddresses="
                    "first@contoso.com,second@contoso.com");
    assert_true(model_add(model, MODEL_MAILBOX, mailbox));
    void *found[2];
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        row_expect(rows[i].identity, "found",
                   (long long)model_find(model, rows[i].kind, slice_of(rows[i].identity), found, 2),
                   (long long)rows[i].count);
    char storage[64];
    struct text id = text_over(storage, sizeof storage);
    object_id_append(&id, model_receive_connector(model, 3)->id);
    assert_int_equal(model_find(model, MODEL_RECEIVE_CONNECTOR, text_slice(&id), found, 2), 1);
    assert_ptr_equal(found[0], model_receive_connector(model, 3));
    assert_ptr_equal(
        model_by_id(model, MODEL_RECEIVE_CONNECTOR, model_receive_connector(model, 3)->id),
        found[0]);
    enum model_kind kind;
    assert_true(model_kind_of_noun(SLICE("receiveconnector"), &kind) &&
                kind == MODEL_RECEIVE_CONNECTOR);
    model_free(model);
}

static void two_models_are_walked_side_by_side(void **state)
{
    (void)state;
    struct model *model = fixture_model(), *copy = model_copy(model);
    size_t near = 0, count = model_count(model, MODEL_RECEIVE_CONNECTOR);
    assert_non_null(copy);
    assert_true(model_kind_equal(model, copy, MODEL_RECEIVE_CONNECTOR));
    model_remove(copy, MODEL_RECEIVE_CONNECTOR, model_receive_connector(copy, 1));
    assert_false(model_kind_equal(model, copy, MODEL_RECEIVE_CONNECTOR));
    for (size_t round = 0; round < 2; round++) /* from wherever the last one was found */
        for (size_t i = 0; i < count; i++) {
            struct object_id id = model_receive_connector(model, i)->id;
            const struct object *object =
                model_by_id_near(copy, MODEL_RECEIVE_CONNECTOR, id, &near);
            row_expect("walk", "all but the one that went", object != NULL, i != 1);
            row_expect("walk", "its id", !object || object_id_equal(object->id, id), 1);
            row_expect("walk", "the same object as without a place to start",
                       model_by_id(copy, MODEL_RECEIVE_CONNECTOR, id) == object, 1);
        }
    model_free(copy);
    copy = model_copy(model);
    fixture_set(copy, MODEL_RECEIVE_CONNECTOR, model_receive_connector(copy, 0), "Comment", "x");
    assert_false(model_kind_equal(model, copy, MODEL_RECEIVE_CONNECTOR));
    model_free(copy);
    model_free(model);
}

static void a_copy_is_equal_and_independent(void **state)
{
    (void)state;
    struct model *model = fixture_model();
    fixture_certificate(model, 10, "CertificateDomains=a.b");
    model->revision = 42;
    struct model *copy = model_copy(model);
    assert_non_null(copy);
    assert_int_equal(copy->revision, 42);
    for (size_t kind = 0; kind < MODEL_KINDS; kind++) {
        assert_int_equal(model_count(copy, (enum model_kind)kind),
                         model_count(model, (enum model_kind)kind));
        for (size_t i = 0; i < model_count(model, (enum model_kind)kind); i++)
            assert_true(settings_equal(model_kind_facts((enum model_kind)kind)->settings,
                                       model_object(model, (enum model_kind)kind, i),
                                       model_object(copy, (enum model_kind)kind, i)));
    }
    model_free(model); /* nothing in the copy may lean on it */
    row_expect_slice("name", model_receive_connector(copy, 0)->name, SLICE("Default Frontend MX1"));
    assert_true(model_validate_all(copy, NULL));
    model_free(copy);
}

/* Each of a line of models leans on the texts of the one before, which is gone. */
static void copies_of_copies_let_go_of_what_they_replaced(void **state)
{
    (void)state;
    char comment[8192];
    memset(comment, 'c', sizeof comment);
    struct model *model = fixture_model();
    size_t largest = 0;
    for (size_t i = 0; i < 500; i++) {
        struct model *copy = model_copy(model);
        assert_non_null(copy);
        struct receive_connector *connector = model_receive_connector(copy, i % 2);
        comment[0] = (char)('a' + i % 26);
        assert_true(
            arena_copy(copy->arena, slice_bytes(comment, sizeof comment), &connector->comment));
        model_free(model);
        model = copy;
        largest = model->arena->used > largest ? model->arena->used : largest;
    }
    row_expect("500 texts of 8 KiB", "are not all kept", largest < 2 << 20, true);
    row_expect_slice("an old text", model_receive_connector(model, 0)->name,
                     SLICE("Default Frontend MX1"));
    comment[0] = (char)('a' + 499 % 26);
    row_expect_slice("the newest", model_receive_connector(model, 1)->comment,
                     slice_bytes(comment, sizeof comment));
    model_free(model);
}

static bool append(void *context, struct slice bytes)
{
    return text_append(context, bytes);
}

static void expect_same_snapshot(const char *row, const struct model *before,
                                 const struct model *after)
{
    struct text old = text_with_ceiling(1 << 20), whole = text_with_ceiling(1 << 20);
    struct text quick = text_with_ceiling(1 << 20);
    assert_true(snapshot_encode(before, 1, &old));
    assert_true(snapshot_encode(after, 2, &whole));
    struct snapshot known = {before, text_slice(&old)};
    row_expect(row, "encoded", snapshot_write(after, 2, &known, append, &quick), true);
    row_expect(row, "the same bytes", slice_equal(text_slice(&quick), text_slice(&whole)), true);
    text_deinit(&old);
    text_deinit(&whole);
    text_deinit(&quick);
}

static void a_snapshot_of_a_copy_takes_over_what_is_as_it_was(void **state)
{
    (void)state;
    struct model *model = fixture_model();
    fixture_certificate(model, 10, "CertificateDomains=a.b");
    fixture_certificate(model, 11, "CertificateDomains=c.d");
    struct model *copy = model_copy(model);
    expect_same_snapshot("nothing changed", model, copy);
    fixture_set(copy, MODEL_RECEIVE_CONNECTOR, model_receive_connector(copy, 1), "Fqdn", "x.y");
    expect_same_snapshot("a text", model, copy);
    model_receive_connector(copy, 2)->max_recipients_per_message = 7;
    expect_same_snapshot("a number", model, copy);
    model_remove(copy, MODEL_RECEIVE_CONNECTOR, model_receive_connector(copy, 0));
    model_remove(copy, MODEL_CERTIFICATE, model_certificate(copy, 1));
    expect_same_snapshot("the first and the last are gone", model, copy);
    fixture_certificate(copy, 12, "CertificateDomains=e.f");
    expect_same_snapshot("a new one at the end", model, copy);
    expect_same_snapshot("the other way round", copy, model);
    struct model *empty = model_new();
    expect_same_snapshot("from nothing", empty, copy);
    expect_same_snapshot("to nothing", copy, empty);
    model_free(empty);
    model_free(copy);
    model_free(model);
}

static void a_snapshot_holds_what_edges_need_and_no_more(void **state)
{
    (void)state;
    struct model *model = fixture_model(), *seen = NULL;
    struct certificate *certificate =
        fixture_certificate(model, 10,
                            "CertificateDomains=mx1.contoso.com|FriendlyName=secret name|"
                            "Chain=01,02|KeyHandle=77");
    certificate->key_sealed = SLICE("sealed secret");
    struct mailbox *mailbox = model_object_new(model, MODEL_MAILBOX);
    fixture_set_all(model, MODEL_MAILBOX, mailbox, "Name=anna|PrimarySmtpAddress=anna@contoso.com");
    assert_true(model_add(model, MODEL_MAILBOX, mailbox));
    fixture_send_connector(model, "Out", "AddressSpaces=secret.example");
    struct text bytes = text_with_ceiling(1 << 20);
    assert_true(snapshot_encode(model, 7, &bytes));
    assert_false(slice_contains(text_slice(&bytes), SLICE("secret")));
    assert_false(slice_contains(text_slice(&bytes), SLICE("anna")));
    assert_int_equal(snapshot_decode(text_slice(&bytes), &seen), SNAPSHOT_OK);
    assert_int_equal(seen->revision, 7);
    assert_int_equal(model_count(seen, MODEL_MAILBOX), 0);
    assert_int_equal(model_count(seen, MODEL_SEND_CONNECTOR), 0);
    for (size_t i = 0; i < model_count(seen, MODEL_RECEIVE_CONNECTOR); i++)
        assert_ptr_equal(model_receive_connector(seen, i), model_receive_connector(seen, 0) + i);
    assert_int_equal(model_certificate(seen, 0)->key_handle, 77);
    assert_int_equal(model_certificate(seen, 0)->chain.count, 2);
    struct certificate_question question = {
        .model = seen, .connector = model_receive_connector(seen, 0), .at_ms = 1};
    struct certificate_choice choice;
    certificate_choose(&question, &choice);
    assert_ptr_equal(choice.certificate, model_certificate(seen, 0));
    model_free(seen);

    for (size_t len = 0; len < bytes.len; len++) /* each cut is refused */
        assert_int_not_equal(snapshot_decode(slice_first(text_slice(&bytes), len), &seen),
                             SNAPSHOT_OK);
    text_append_byte(&bytes, 0);
    assert_int_equal(snapshot_decode(text_slice(&bytes), &seen), SNAPSHOT_MALFORMED);
    bytes.at[8] = 99;
    assert_int_equal(snapshot_decode(text_slice(&bytes), &seen), SNAPSHOT_OTHER_FORMAT);
    text_deinit(&bytes);
    model_free(model);
}

static double ms_since(const struct timespec *start)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - start->tv_sec) * 1e3 +
           (double)(now.tv_nsec - start->tv_nsec) / 1e6;
}

static void ten_thousand_connectors_are_no_burden(void **state)
{
    (void)state;
    struct model *model = fixture_model(), *seen = NULL;
    struct receive_connector *first = model_receive_connector(model, 0);
    for (uint32_t i = 0; i < 10000; i++) {
        struct receive_connector *c = arena_take(model->arena, sizeof *c);
        struct ip_range *range = arena_take(model->arena, sizeof *range);
        *c = *first;
        uint8_t v4[4] = {10, 0, (uint8_t)(i >> 8), (uint8_t)i};
        range->first = range->last = ip_from_v4(v4);
        c->remote_ip_ranges = (struct ip_range_list){range, 1};
        assert_true(model_add(model, MODEL_RECEIVE_CONNECTOR, c));
    }
    struct text bytes = text_with_ceiling(1 << 28);
    assert_true(snapshot_encode(model, 1, &bytes));
    struct timespec start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    assert_int_equal(snapshot_decode(text_slice(&bytes), &seen), SNAPSHOT_OK);
    double decode_ms = ms_since(&start);
    struct ip_endpoint local;
    struct ip_address client;
    assert_true(ip_endpoint_parse(SLICE("10.9.9.9:25"), &local) &&
                ip_parse(SLICE("10.0.20.5"), &client));
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (size_t i = 0; i < 100; i++)
        assert_ptr_equal(connector_choose(seen, local, client),
                         model_receive_connector(seen, 6 + 20 * 256 + 5));
    double choose_ms = ms_since(&start) / 100;
    print_message("# %zu bytes decoded in %.1f ms, one choice in %.3f ms\n", bytes.len, decode_ms,
                  choose_ms);
    assert_true(decode_ms < 2000 && choose_ms < 20); /* generous: sanitizers and a busy machine */
    text_deinit(&bytes);
    model_free(seen);
    model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_are_those_of_the_reference),
        cmocka_unit_test(bind_addresses_and_port_offset_shape_the_defaults),
        cmocka_unit_test(objects_are_found_by_what_people_call_them),
        cmocka_unit_test(two_models_are_walked_side_by_side),
        cmocka_unit_test(a_copy_is_equal_and_independent),
        cmocka_unit_test(copies_of_copies_let_go_of_what_they_replaced),
        cmocka_unit_test(a_snapshot_of_a_copy_takes_over_what_is_as_it_was),
        cmocka_unit_test(a_snapshot_holds_what_edges_need_and_no_more),
        cmocka_unit_test(ten_thousand_connectors_are_no_burden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
