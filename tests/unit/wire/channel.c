/* SPDX-License-Identifier: Apache-2.0 */
/* channels: every frame arrives whole, in order, with its own descriptor, however full the socket
 * is. */
#include "wire/channel.h"
#include "base/number.h"
#include "os/descriptor.h"
#include "os/socket.h"
#include "support/rows.h"
#include "wire/role.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FRAMES = 3000 };

struct ends {
    struct loop *loop;
    struct channel hub, courier;
    struct channel_owner hub_owner, courier_owner;
    uint64_t sent, received, closed;
    bool broken;
};

static char filler[2000];

static void send_some(struct ends *ends)
{
    while (ends->sent < FRAMES && ends->sent - ends->received < 60) {
        char content[32];
        int len = snprintf(content, sizeof content, "%llu", (unsigned long long)ends->sent);
        int fd = -1;
        assert_int_equal(memory_file_sealed("body", (struct slice){content, (size_t)len}, &fd), 0);
        struct wire_deliver message = {.delivery = ends->sent,
                                       .mailbox = SLICE("demo"),
                                       .sender = {filler, (ends->sent * 37) % sizeof filler}};
        assert_true(channel_send(&ends->hub, WIRE_DELIVER, &message, fd));
        close_fd(&fd);
        ends->sent++;
    }
}

static void on_courier_message(void *context, struct channel *channel, const struct frame *frame,
                               int fd)
{
    (void)channel;
    struct ends *ends = context;
    char expected[32], content[32];
    assert_int_equal(frame->type, WIRE_DELIVER);
    assert_int_equal(frame->message.deliver.delivery, ends->received);
    int len = snprintf(expected, sizeof expected, "%llu", (unsigned long long)ends->received);
    assert_int_equal(pread(fd, content, sizeof content, 0), len);
    assert_memory_equal(content, expected, (size_t)len);
    close_fd(&fd);
    if (++ends->received == FRAMES)
        loop_stop(ends->loop);
    send_some(ends);
}

static void on_closed(void *context, struct channel *channel, bool broken)
{
    (void)channel;
    struct ends *ends = context;
    ends->closed++;
    ends->broken = broken;
    loop_stop(ends->loop);
}

static void nothing(void *context, struct channel *channel, const struct frame *frame, int fd)
{
    (void)context, (void)channel, (void)frame, (void)fd;
}

static void open_ends(struct ends *ends)
{
    int fds[2];
    *ends = (struct ends){0};
    ends->courier_owner = (struct channel_owner){on_courier_message, on_closed, NULL, ends};
    ends->hub_owner = (struct channel_owner){nothing, on_closed, NULL, ends};
    assert_int_equal(loop_new(&ends->loop), 0);
    assert_int_equal(socket_pair(false, fds), 0);
    assert_int_equal(
        channel_open(&ends->hub, ends->loop, fds[0], ROLE_COURIER, 0, &ends->hub_owner), 0);
    assert_int_equal(
        channel_open(&ends->courier, ends->loop, fds[1], ROLE_HUB, 0, &ends->courier_owner), 0);
}

static void close_ends(struct ends *ends)
{
    channel_close(&ends->hub);
    channel_close(&ends->courier);
    loop_free(ends->loop);
}

static void each_frame_has_its_own_descriptor(void **state)
{
    (void)state;
    struct ends ends;
    open_ends(&ends);
    memset(filler, 'x', sizeof filler);
    send_some(&ends);
    assert_int_equal(loop_run(ends.loop), 0);
    assert_int_equal(ends.received, FRAMES);
    assert_int_equal(ends.closed, 0);
    close_ends(&ends);
}

/* The peer does not read: whoever asks first keeps the wire. */
static void descriptors_that_find_no_room_are_not_lent(void **state)
{
    (void)state;
    struct ends ends;
    open_ends(&ends);
    int fd = -1;
    unsigned lent = 0;
    assert_int_equal(memory_file_sealed("body", SLICE("x"), &fd), 0);
    struct wire_deliver message = {.mailbox = SLICE("demo"), .sender = {filler, sizeof filler}};
    for (; lent < FRAMES && channel_lends(&ends.hub); lent++)
        assert_true(channel_send(&ends.hub, WIRE_DELIVER, &message, fd));
    assert_in_range(lent, CHANNEL_FDS_MAX, FRAMES - 1);
    assert_true(channel_alive(&ends.hub));
    assert_false(channel_send(&ends.hub, WIRE_DELIVER, &message, fd));
    assert_false(channel_alive(&ends.hub));
    assert_false(channel_lends(&ends.hub));
    close_fd(&fd);
    close_ends(&ends);
}

static void a_frame_the_peer_may_not_send_ends_it_once(void **state)
{
    (void)state;
    struct ends ends;
    open_ends(&ends);
    struct wire_message_body body = {.session = 1, .bytes = SLICE("x")};
    assert_true(channel_send(&ends.hub, WIRE_MESSAGE_BODY, &body, -1)); /* a hub sends no bodies */
    assert_int_equal(loop_run(ends.loop), 0);
    assert_true(ends.broken);
    assert_false(channel_alive(&ends.courier));
    assert_int_equal(ends.closed, 1);
    close_ends(&ends);
}

/* It lives, and would wait for ever for a new wire. */
static void a_peer_that_does_not_read_is_ended(void **state)
{
    (void)state;
    struct ends ends;
    struct wire_message_answer message = {.session = 1};
    size_t sent = 0;
    open_ends(&ends);
    watch_stop(&ends.courier.watch);
    while (channel_send(&ends.hub, WIRE_MESSAGE_ANSWER, &message, -1))
        sent++;
    assert_true(sent > 1000);
    assert_int_equal(loop_run(ends.loop), 0);
    assert_int_equal(ends.closed, 1);
    assert_true(ends.broken);
    close_ends(&ends);
}

/* Counts the events that came, and those that are said to have been left out. */
static void on_event(void *context, struct channel *channel, const struct frame *frame, int fd)
{
    (void)channel, (void)fd;
    struct ends *ends = context;
    struct slice text = frame->message.event.text, number;
    uint64_t left_out = 0;
    if (slice_equal(text, SLICE("the end")))
        loop_stop(ends->loop);
    else if (slice_starts(text, SLICE("xxx")))
        ends->received++;
    else if (slice_take_until(&text, ' ', &number) &&
             number_parse_u64(number, UINT64_MAX, &left_out))
        ends->sent += left_out;
}

static void on_drained(void *context, struct channel *channel)
{
    (void)context;
    role_event(channel, WIRE_LEVEL_WARNING, 0, "the end");
}

/* Strangers choose how many events there are: they leave room for what must not fail. */
static void events_do_not_end_a_hub_that_is_behind(void **state)
{
    (void)state;
    enum { EVENTS = 40000 };
    struct ends ends;
    open_ends(&ends);
    ends.hub_owner.message = on_event;
    ends.courier_owner.drained = on_drained;
    watch_stop(&ends.hub.watch);
    memset(filler, 'x', sizeof filler);
    for (int i = 0; i < EVENTS; i++)
        role_event(&ends.courier, WIRE_LEVEL_WARNING, 0, "%.900s", filler);
    assert_true(channel_alive(&ends.courier));
    assert_in_range(channel_waiting(&ends.courier), CHANNEL_BEHIND, CHANNEL_BEHIND + 1024);
    watch_set(&ends.hub.watch, LOOP_READ);
    assert_int_equal(loop_run(ends.loop), 0);
    assert_in_range(ends.sent, 1, EVENTS);
    assert_int_equal(ends.received + ends.sent, EVENTS);
    assert_int_equal(ends.closed, 0);
    close_ends(&ends);
}

static void a_dead_channel_takes_words_and_does_nothing(void **state)
{
    (void)state;
    struct ends ends;
    open_ends(&ends);
    channel_close(&ends.courier);
    struct wire_message_answer answer = {.session = 1};
    for (int i = 0; i < 3; i++)
        (void)channel_send(&ends.hub, WIRE_MESSAGE_ANSWER, &answer, -1);
    assert_int_equal(loop_run(ends.loop), 0);
    assert_int_equal(ends.closed, 1);
    assert_false(channel_send(&ends.hub, WIRE_MESSAGE_ANSWER, &answer, -1));
    close_ends(&ends);
}

/* The end of the old wire and the descriptor of the new one may come in the same turn. */
static void a_reopened_channel_ends_once_and_lives(void **state)
{
    (void)state;
    struct ends ends;
    int fds[2];
    open_ends(&ends);
    channel_close(&ends.courier);
    assert_true(channel_send(&ends.hub, WIRE_DELIVER, &(struct wire_deliver){0}, STDIN_FILENO));
    channel_flush(&ends.hub);
    assert_false(channel_alive(&ends.hub));
    assert_int_equal(ends.closed, 0); /* the owner hears of it at the end of the turn, or now: */
    assert_int_equal(socket_pair(false, fds), 0);
    assert_int_equal(channel_open(&ends.hub, ends.loop, fds[0], ROLE_COURIER, 0, &ends.hub_owner),
                     0);
    assert_int_equal(ends.closed, 1);
    assert_int_equal(
        channel_open(&ends.courier, ends.loop, fds[1], ROLE_HUB, 0, &ends.courier_owner), 0);
    assert_int_equal(loop_run(ends.loop), 0); /* on_closed has asked for a stop */
    send_some(&ends);
    assert_int_equal(loop_run(ends.loop), 0);
    assert_int_equal(ends.received, FRAMES);
    assert_int_equal(ends.closed, 1);
    close_ends(&ends);
}

static void a_closed_channel_is_silent(void **state)
{
    (void)state;
    struct ends ends;
    open_ends(&ends);
    channel_close(&ends.courier);
    assert_true(channel_send(&ends.hub, WIRE_DELIVER, &(struct wire_deliver){0}, STDIN_FILENO));
    channel_flush(&ends.hub);
    channel_close(&ends.hub); /* fails, and is given up before its owner heard of it */
    struct deferred stop = {.run = (void (*)(void *))loop_stop, .context = ends.loop};
    loop_defer(ends.loop, &stop);
    assert_int_equal(loop_run(ends.loop), 0);
    assert_int_equal(ends.closed, 0);
    close_ends(&ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_frame_has_its_own_descriptor),
        cmocka_unit_test(descriptors_that_find_no_room_are_not_lent),
        cmocka_unit_test(a_frame_the_peer_may_not_send_ends_it_once),
        cmocka_unit_test(a_peer_that_does_not_read_is_ended),
        cmocka_unit_test(events_do_not_end_a_hub_that_is_behind),
        cmocka_unit_test(a_dead_channel_takes_words_and_does_nothing),
        cmocka_unit_test(a_reopened_channel_ends_once_and_lives),
        cmocka_unit_test(a_closed_channel_is_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
