/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the logs of sending on their way to the hub: they never fill the wire, and what is left
 * out is counted. */
#include "courier/relay_state.h"
#include "os/socket.h"
#include "support/rows.h"

enum { MANY = 5000 };

struct stage {
    struct loop *loop;
    struct channel hub, courier; /* the ends: who has the hub at the other one, and the hub */
    struct channel_owner owner;
    struct relays all;
    struct relay relay;
    uint64_t protocol, protocol_lost, connectivity, connectivity_lost, next;
    uint64_t seen, stop_at; /* rows of both */
    bool in_order;
};

static void on_message(void *context, struct channel *channel, const struct frame *frame, int fd)
{
    (void)channel, (void)fd;
    struct stage *stage = context;
    if (++stage->seen == stage->stop_at)
        loop_stop(stage->loop);
    if (frame->type == WIRE_CONNECTIVITY_ROW) {
        stage->connectivity++;
        stage->connectivity_lost += frame->message.connectivity_row.lost;
        return;
    }
    const struct wire_protocol_row *row = &frame->message.protocol_row;
    stage->in_order &= row->sequence == stage->next + row->lost;
    stage->next = row->sequence + 1;
    stage->protocol++;
    stage->protocol_lost += row->lost;
}

static void on_closed(void *context, struct channel *channel, bool broken)
{
    (void)channel, (void)broken;
    struct stage *stage = context;
    loop_stop(stage->loop);
}

static void begin(struct stage *stage, bool verbose)
{
    int fds[2];
    *stage = (struct stage){.in_order = true};
    stage->owner = (struct channel_owner){on_message, on_closed, NULL, stage};
    assert_int_equal(loop_new(&stage->loop), 0);
    assert_int_equal(socket_pair(false, fds), 0);
    assert_int_equal(channel_open(&stage->hub, stage->loop, fds[0], ROLE_HUB, 0, &stage->owner), 0);
    assert_int_equal(
        channel_open(&stage->courier, stage->loop, fds[1], ROLE_COURIER, 0, &stage->owner), 0);
    stage->all = (struct relays){.loop = stage->loop, .hub = &stage->hub};
    stage->relay.all = &stage->all;
    stage->relay.order = (struct wire_relay){
        .relay = 1, .connector = SLICE("Out"), .domain = SLICE("b.example"), .verbose = verbose};
    stage->relay.why = text_with_ceiling(WIRE_REPLY_MAX);
    text_append_c(&stage->relay.why, "450 4.4.317 Cannot connect to remote server");
    relay_log_begin(&stage->relay);
}

static void end(struct stage *stage)
{
    text_deinit(&stage->relay.why);
    channel_close(&stage->hub);
    channel_close(&stage->courier);
    loop_free(stage->loop);
}

/* The hub reads so many rows. */
static void run_until(struct stage *stage, uint64_t rows)
{
    stage->stop_at = rows;
    assert_int_equal(loop_run(stage->loop), 0);
    assert_int_equal(stage->seen, rows);
}

static void what_is_too_much_is_left_out_and_counted(void **state)
{
    (void)state;
    struct stage stage;
    begin(&stage, true);
    for (size_t i = 0; i < MANY; i++)
        relay_log_note(&stage.relay);
    assert_true(channel_waiting(&stage.hub) < CHANNEL_FULL);
    assert_true(stage.all.rows.protocol_lost > 0 && stage.all.rows.connectivity_lost > 0);
    run_until(&stage,
              1 + 2 * MANY - stage.all.rows.protocol_lost - stage.all.rows.connectivity_lost);
    relay_log_note(&stage.relay);
    relay_log_end(&stage.relay);
    run_until(&stage, stage.seen + 3);
    assert_int_equal(stage.protocol + stage.protocol_lost, MANY + 1);
    assert_int_equal(stage.connectivity + stage.connectivity_lost, MANY + 3);
    assert_true(stage.protocol_lost > 0 && stage.connectivity_lost > 0);
    assert_true(stage.in_order);
    end(&stage);
}

static void a_conversation_that_is_not_wanted_is_not_told(void **state)
{
    (void)state;
    struct stage stage;
    begin(&stage, false);
    assert_null(stage.relay.policy.witness);
    relay_log_note(&stage.relay);
    relay_log_closed(&stage.relay);
    relay_log_end(&stage.relay);
    run_until(&stage, 3);
    assert_int_equal(stage.protocol, 0);
    assert_int_equal(stage.connectivity, 3);
    end(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_too_much_is_left_out_and_counted),
        cmocka_unit_test(a_conversation_that_is_not_wanted_is_not_told),
    };
    return cmocka_run_group_tests_name("courier/relay_log", tests, NULL, NULL);
}
