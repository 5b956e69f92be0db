/* SPDX-License-Identifier: Apache-2.0 */
/* hub/configuration/publish: what the supervisor is told to listen on, and the ceiling of it. */
#include "hub/configuration/publish.h"

#include "hub/configuration/change.h"
#include "os/clock.h"
#include "os/socket.h"
#include "unit/model/fixture.h"

#include <stdlib.h>

struct stage {
    struct hub *hub;
    struct channel far; /* the supervisor's end */
    size_t endpoints;
    uint64_t event;
    char text[256];
};

static void on_message(void *context, struct channel *channel, const struct frame *frame, int fd)
{
    (void)channel, (void)fd;
    struct stage *stage = context;
    assert_int_equal(frame->type, WIRE_BINDINGS);
    stage->endpoints = frame->message.bindings.endpoints.len / 18;
    loop_stop(stage->hub->role.loop);
}

static void on_closed(void *context, struct channel *channel, bool broken)
{
    (void)context, (void)channel, (void)broken;
    fail_msg("the wire broke");
}

static void on_event(void *context, const struct wire_event *event)
{
    struct stage *stage = context;
    stage->event = event->id;
    snprintf(stage->text, sizeof stage->text, "%.*s", SLICE_ARG(event->text));
}

static struct channel_owner owner = {.message = on_message, .closed = on_closed};

static void stage_set(struct stage *stage)
{
    int ends[2];
    *stage = (struct stage){.hub = calloc(1, sizeof *stage->hub)};
    struct hub *hub = stage->hub;
    owner.context = stage;
    assert_non_null(hub);
    assert_int_equal(loop_new(&hub->role.loop), 0);
    assert_int_equal(socket_pair(false, ends), 0);
    assert_int_equal(
        channel_open(&hub->role.supervisor, hub->role.loop, ends[0], ROLE_SUPERVISOR, 0, &owner),
        0);
    assert_int_equal(channel_open(&stage->far, hub->role.loop, ends[1], ROLE_HUB, 0, &owner), 0);
    assert_int_equal(changes_begin(hub), 0);
    publish_begin(hub);
    hub->certificates_looked_ms = clock_wall_ms(); /* there are none to look at */
    role_event_also(on_event, stage);
}

static void stage_strike(struct stage *stage)
{
    struct hub *hub = stage->hub;
    role_event_also(NULL, NULL);
    publish_end(hub);
    changes_end(hub);
    timer_stop(&hub->certificates_due);
    channel_close(&hub->role.supervisor);
    channel_close(&stage->far);
    loop_free(hub->role.loop);
    model_free(hub->model);
    free(hub);
}

/* One connector for each endpoint of 127.x.y.z:25, and one more that has the first of them, too. */
static struct model *model_with(size_t endpoints)
{
    struct model *model = fixture_model();
    struct receive_connector first = *model_receive_connector(model, 0);
    while (model_count(model, MODEL_RECEIVE_CONNECTOR))
        model_remove(model, MODEL_RECEIVE_CONNECTOR, model_receive_connector(model, 0));
    for (size_t i = 0; i <= endpoints; i++) {
        size_t number = i % endpoints;
        struct receive_connector *connector = model_object_new(model, MODEL_RECEIVE_CONNECTOR);
        struct ip_endpoint *endpoint = arena_take(model->arena, sizeof *endpoint);
        assert_true(connector && endpoint);
        uint8_t v4[4] = {127, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};
        *endpoint = (struct ip_endpoint){.address = ip_from_v4(v4), .port = 25};
        *connector = first;
        connector->bindings = (struct ip_endpoint_list){endpoint, 1};
        assert_true(model_add(model, MODEL_RECEIVE_CONNECTOR, connector));
    }
    return model;
}

static void more_bindings_than_can_be_listened_on_are_said(void **context)
{
    (void)context;
    static const struct {
        const char *name;
        size_t wanted, told;
        unsigned event;
    } rows[] = {
        {"few, one of them twice", 3, 3, 0},
        {"as many as there may be", WIRE_ENDPOINTS_MAX, WIRE_ENDPOINTS_MAX, 0},
        {"one too many", WIRE_ENDPOINTS_MAX + 1, WIRE_ENDPOINTS_MAX, 1020},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct stage stage;
        stage_set(&stage);
        stage.hub->model = model_with(rows[i].wanted);
        assert_int_equal(publish_model(stage.hub), 0);
        assert_int_equal(loop_run(stage.hub->role.loop), 0);
        row_expect(rows[i].name, "endpoints", (long long)stage.endpoints, (long long)rows[i].told);
        row_expect(rows[i].name, "event", (long long)stage.event, rows[i].event);
        if (rows[i].event)
            row_expect_slice(rows[i].name, slice_first(slice_of(stage.text), 41),
                             SLICE("event=1020 hub: 10001 different bindings,"));
        stage_strike(&stage);
    }
}

/* Two keys wait to be dropped; the certificate of one has come back. */
static void a_key_that_is_needed_again_is_not_dropped(void **context)
{
    (void)context;
    struct stage stage;
    stage_set(&stage);
    struct hub *hub = stage.hub;
    hub->model = model_with(1);
    struct certificate *certificate = model_object_new(hub->model, MODEL_CERTIFICATE);
    assert_non_null(certificate);
    certificate->key_handle = 7;
    assert_true(model_add(hub->model, MODEL_CERTIFICATE, certificate));
    hub->stale_keys = calloc(2, sizeof *hub->stale_keys);
    assert_non_null(hub->stale_keys);
    hub->stale_keys[0] = 7;
    hub->stale_keys[1] = 8;
    hub->stale_key_count = 2;
    assert_int_equal(publish_model(hub), 0);
    assert_int_equal(hub->stale_key_count, 1);
    assert_int_equal(hub->stale_keys[0], 8);
    stage_strike(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_bindings_than_can_be_listened_on_are_said),
        cmocka_unit_test(a_key_that_is_needed_again_is_not_dropped),
    };
    return cmocka_run_group_tests_name("hub/configuration/publish", tests, NULL, NULL);
}
