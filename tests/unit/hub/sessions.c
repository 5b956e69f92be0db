/* SPDX-License-Identifier: Apache-2.0 */
/* hub/sessions: what edges may answer, and what is a lie. */
#include "support/rows.h"

#include "hub/sessions.h"
#include "os/descriptor.h"
#include "os/socket.h"

#include <stdlib.h>
#include <string.h>

struct stage {
    struct hub *hub;
    int far[2]; /* the edges' ends of their wires */
    size_t states, done, silent;
    bool more;
};

static void ignore_message(void *context, struct channel *channel, const struct frame *frame,
                           int fd)
{
    (void)context, (void)channel, (void)frame, (void)fd;
}

static void ignore_closed(void *context, struct channel *channel, bool broken)
{
    (void)context, (void)channel, (void)broken;
}

static const struct channel_owner owner = {.message = ignore_message, .closed = ignore_closed};

static void on_state(void *context, const struct wire_session_state *state)
{
    (void)state;
    struct stage *stage = context;
    stage->states++;
}

static void on_done(void *context, bool more, size_t silent)
{
    struct stage *stage = context;
    stage->done++;
    stage->more = more;
    stage->silent = silent;
    loop_stop(stage->hub->role.loop);
}

static void stage_set(struct stage *stage)
{
    *stage = (struct stage){.hub = calloc(1, sizeof *stage->hub)};
    assert_non_null(stage->hub);
    assert_int_equal(loop_new(&stage->hub->role.loop), 0);
    for (unsigned i = 0; i < COUNT_OF(stage->far); i++) {
        int ends[2];
        assert_int_equal(socket_pair(false, ends), 0);
        assert_int_equal(channel_open(&stage->hub->edges[i].channel, stage->hub->role.loop, ends[0],
                                      ROLE_EDGE, i, &owner),
                         0);
        stage->far[i] = ends[1];
    }
}

static void stage_strike(struct stage *stage)
{
    sessions_end(stage->hub);
    for (size_t i = 0; i < COUNT_OF(stage->far); i++) {
        channel_close(&stage->hub->edges[i].channel);
        close_fd(&stage->far[i]);
    }
    loop_free(stage->hub->role.loop);
    free(stage->hub);
}

static void ask(struct stage *stage, uint64_t max)
{
    struct sessions_events events = {on_state, on_done, stage};
    struct wire_sessions_question question = {.max = max};
    assert_true(sessions_ask(stage->hub, question, &events));
}

static bool state(struct stage *stage, unsigned edge, uint64_t request)
{
    struct frame frame = {.type = WIRE_SESSION_STATE};
    memset(&frame.message, 0, sizeof frame.message);
    frame.message.session_state.request = request;
    return sessions_frame(stage->hub, &stage->hub->edges[edge], &frame);
}

static bool answered(struct stage *stage, unsigned edge, uint64_t request, bool more)
{
    struct frame frame = {.type = WIRE_SESSIONS_ANSWERED};
    memset(&frame.message, 0, sizeof frame.message);
    frame.message.sessions_answered = (struct wire_sessions_answered){request, more};
    return sessions_frame(stage->hub, &stage->hub->edges[edge], &frame);
}

static void every_edge_is_heard(void **context)
{
    (void)context;
    struct stage stage;
    stage_set(&stage);
    ask(&stage, 2);
    assert_true(state(&stage, 0, 1) && state(&stage, 1, 1) && state(&stage, 0, 1));
    assert_true(answered(&stage, 0, 1, true));
    assert_int_equal(stage.done, 0);
    assert_true(answered(&stage, 1, 1, false));
    assert_int_equal(stage.done, 1);
    assert_int_equal(stage.states, 3);
    assert_int_equal(stage.silent, 0);
    assert_true(stage.more);
    stage_strike(&stage);
}

static void lies_are_refused(void **context)
{
    (void)context;
    struct stage stage;
    stage_set(&stage);
    assert_false(state(&stage, 0, 0));
    assert_false(state(&stage, 0, 1)); /* nobody has asked yet */
    ask(&stage, 1);
    assert_false(answered(&stage, 0, 2, false));
    assert_true(state(&stage, 0, 1));
    assert_false(state(&stage, 0, 1)); /* more than were asked for */
    assert_true(answered(&stage, 0, 1, false));
    assert_false(state(&stage, 0, 1)); /* behind its last word */
    assert_false(answered(&stage, 0, 1, false));
    assert_int_equal(stage.states, 1);
    assert_true(answered(&stage, 1, 1, false));
    assert_true(state(&stage, 0, 1)); /* too late is no lie */
    assert_int_equal(stage.states, 1);
    assert_int_equal(stage.done, 1);
    stage_strike(&stage);
}

static void a_lost_edge_is_not_waited_for(void **context)
{
    (void)context;
    struct stage stage;
    stage_set(&stage);
    ask(&stage, 1);
    assert_true(answered(&stage, 1, 1, false));
    sessions_edge_lost(stage.hub, &stage.hub->edges[1]);
    assert_int_equal(stage.done, 0);
    sessions_edge_lost(stage.hub, &stage.hub->edges[0]);
    assert_int_equal(stage.done, 1);
    stage_strike(&stage);
}

static void a_silent_edge_is_waited_for_a_second(void **context)
{
    (void)context;
    struct stage stage;
    stage_set(&stage);
    ask(&stage, 1);
    assert_true(answered(&stage, 1, 1, false));
    assert_int_equal(loop_run(stage.hub->role.loop), 0);
    assert_int_equal(stage.done, 1);
    assert_int_equal(stage.silent, 1);
    stage_strike(&stage);
}

static void without_edges_the_answer_is_there_at_once(void **context)
{
    (void)context;
    struct stage stage;
    stage_set(&stage);
    channel_close(&stage.hub->edges[0].channel);
    channel_close(&stage.hub->edges[1].channel);
    ask(&stage, 1);
    assert_int_equal(stage.done, 1);
    stage_strike(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_edge_is_heard),
        cmocka_unit_test(lies_are_refused),
        cmocka_unit_test(a_lost_edge_is_not_waited_for),
        cmocka_unit_test(a_silent_edge_is_waited_for_a_second),
        cmocka_unit_test(without_edges_the_answer_is_there_at_once),
    };
    return cmocka_run_group_tests_name("hub/sessions", tests, NULL, NULL);
}
