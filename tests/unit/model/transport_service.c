/* SPDX-License-Identifier: Apache-2.0 */
/* What a server keeps of its logs, and which connectors take sessions. */
#include "fixture.h"
#include "model/snapshot.h"

static struct transport_service *add_service(struct model *model)
{
    struct transport_service *service = model_object_new(model, MODEL_TRANSPORT_SERVICE);
    assert_non_null(service);
    assert_true(model_add(model, MODEL_TRANSPORT_SERVICE, service));
    return service;
}

static void set(struct model *model, const char *setting, const char *written)
{
    fixture_set(model, MODEL_TRANSPORT_SERVICE, model_transport_service(model), setting, written);
}

static void expect_bounds(const char *name, struct log_bounds seen, struct log_bounds expected)
{
    row_expect(name, "file", (long long)seen.file_max_bytes, (long long)expected.file_max_bytes);
    row_expect(name, "folder", (long long)seen.folder_max_bytes,
               (long long)expected.folder_max_bytes);
    row_expect(name, "age", seen.age_max_ms, expected.age_max_ms);
}

/* The fallbacks are written twice: in the tables of logs and of settings. */
static void nothing_set_is_what_the_logs_say(void **state)
{
    (void)state;
    struct model *without = model_new(), *with = model_new();
    add_service(with);
    for (size_t i = 0; i < LOG_KINDS; i++) {
        enum log_kind kind = (enum log_kind)i;
        expect_bounds(log_facts(kind)->prefix, transport_service_log_bounds(with, kind),
                      transport_service_log_bounds(without, kind));
    }
    assert_true(transport_service_tracks(without));
    assert_true(transport_service_tracks(with));
    assert_true(transport_service_tracks_subjects(with));
    assert_true(transport_service_logs_connectivity(with));
    assert_true(transport_service_logs_connectivity(without));
    model_free(without);
    model_free(with);
}

static void each_log_has_bounds_of_its_own(void **state)
{
    (void)state;
    struct model *model = model_new();
    add_service(model);
    set(model, "ReceiveProtocolLogMaxAge", "2d");
    set(model, "ReceiveProtocolLogMaxFileSize", "1MB");
    set(model, "ReceiveProtocolLogMaxDirectorySize", "3MB");
    set(model, "MessageTrackingLogMaxAge", "0s");
    set(model, "SendProtocolLogMaxAge", "3d");
    set(model, "SendProtocolLogMaxFileSize", "2MB");
    set(model, "SendProtocolLogMaxDirectorySize", "4MB");
    set(model, "ConnectivityLogMaxAge", "4d");
    set(model, "ConnectivityLogMaxFileSize", "3MB");
    set(model, "ConnectivityLogMaxDirectorySize", "5MB");
    set(model, "ConnectivityLogEnabled", "$false");
    struct log_bounds tracking = transport_service_log_bounds(NULL, LOG_MESSAGE_TRACKING);
    tracking.age_max_ms = INT64_MAX;
    expect_bounds("RECV", transport_service_log_bounds(model, LOG_PROTOCOL_RECEIVE),
                  (struct log_bounds){1 << 20, 3 << 20, 2 * INT64_C(86400000)});
    expect_bounds("SEND", transport_service_log_bounds(model, LOG_PROTOCOL_SEND),
                  (struct log_bounds){2 << 20, 4 << 20, 3 * INT64_C(86400000)});
    expect_bounds("CONNECTLOG", transport_service_log_bounds(model, LOG_CONNECTIVITY),
                  (struct log_bounds){3 << 20, 5 << 20, 4 * INT64_C(86400000)});
    assert_false(transport_service_logs_connectivity(model));
    expect_bounds("MSGTRK", transport_service_log_bounds(model, LOG_MESSAGE_TRACKING), tracking);
    expect_bounds("EVENT", transport_service_log_bounds(model, LOG_EVENTS),
                  transport_service_log_bounds(NULL, LOG_EVENTS));
    model_free(model);
}

static void a_folder_holds_at_least_one_file(void **state)
{
    (void)state;
    static const struct {
        const char *setting, *written;
        bool good;
    } rows[] = {
        {"ReceiveProtocolLogMaxDirectorySize", "10MB", true},
        {"ReceiveProtocolLogMaxDirectorySize", "9MB", false},
        {"MessageTrackingLogMaxFileSize", "1GB", false},
        {"MessageTrackingLogMaxDirectorySize", "1MB", false},
        {"SendProtocolLogMaxFileSize", "250MB", true},
        {"SendProtocolLogMaxFileSize", "251MB", false},
        {"ConnectivityLogMaxDirectorySize", "9MB", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct model *model = model_new();
        struct transport_service *service = add_service(model);
        set(model, rows[i].setting, rows[i].written);
        row_expect(rows[i].setting, rows[i].written,
                   model_validate(model, MODEL_TRANSPORT_SERVICE, service, NULL), rows[i].good);
        model_free(model);
    }
}

static const struct admission_row {
    const char *name, *wish;
    enum component_state front, hub; /* what connectors of the two roles say */
} admissions[] = {
    {"nothing", NULL, COMPONENT_ACTIVE, COMPONENT_ACTIVE},
    {"front", "FrontendTransport Inactive Maintenance 2026-03-03T12:00:00.000Z", COMPONENT_INACTIVE,
     COMPONENT_ACTIVE},
    {"hub", "HubTransport Draining Maintenance 2026-03-03T12:00:00.000Z", COMPONENT_DRAINING,
     COMPONENT_DRAINING},
    {"front is worse",
     "HubTransport Draining Maintenance 2026-03-03T12:00:00.000Z,"
     "FrontendTransport Inactive Functional 2026-03-03T12:00:00.000Z",
     COMPONENT_INACTIVE, COMPONENT_DRAINING},
    {"all", "ServerWideOffline Inactive Maintenance 2026-03-03T12:00:00.000Z", COMPONENT_INACTIVE,
     COMPONENT_INACTIVE},
};

/* Also by a snapshot, which is what those know who ask. */
static void connectors_follow_their_component(void **state)
{
    (void)state;
    static const struct receive_connector front = {.transport_role = TRANSPORT_ROLE_FRONTEND},
                                          hub = {.transport_role = TRANSPORT_ROLE_HUB};
    for (size_t i = 0; i < COUNT_OF(admissions); i++) {
        const struct admission_row *row = &admissions[i];
        struct model *model = fixture_model(), *seen = NULL;
        struct text bytes = text_with_ceiling(1 << 20);
        add_service(model);
        if (row->wish)
            set(model, "ComponentWishes", row->wish);
        assert_true(snapshot_encode(model, 1, &bytes));
        assert_int_equal(snapshot_decode(text_slice(&bytes), &seen), SNAPSHOT_OK);
        row_expect(row->name, "front", transport_service_admits(seen, &front, NULL), row->front);
        row_expect(row->name, "hub", transport_service_admits(seen, &hub, NULL), row->hub);
        model_free(seen);
        model_free(model);
        text_deinit(&bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_set_is_what_the_logs_say),
        cmocka_unit_test(each_log_has_bounds_of_its_own),
        cmocka_unit_test(a_folder_holds_at_least_one_file),
        cmocka_unit_test(connectors_follow_their_component),
    };
    return cmocka_run_group_tests_name("model/transport_service", tests, NULL, NULL);
}
