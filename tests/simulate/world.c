/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/world.h"

#include "os/clock.h"
#include "os/descriptor.h"
#include "os/socket.h"

#include <stdlib.h>
#include <sys/socket.h>

uint64_t world_random(struct world *world)
{
    world->seed ^= world->seed << 13;
    world->seed ^= world->seed >> 7;
    world->seed ^= world->seed << 17;
    return world->seed;
}

bool world_chance(struct world *world, unsigned in_thousand)
{
    bool is = world_random(world) % 1000 < in_thousand;
    return is && !world->calm;
}

/* --- wires --- */

int world_wire(struct world *world, enum wire_role role, unsigned index)
{
    int pair[2];
    struct wire_peer peer = {.role = role, .index = index};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
        abort();
    channel_send(&world->supervisor, WIRE_PEER, &peer, pair[1]);
    close_fd(&pair[1]);
    return pair[0];
}

static void open_channel(struct world *world, struct channel *channel, int fd,
                         const struct channel_owner *owner)
{
    if (channel_open(channel, world->loop, fd, ROLE_HUB, 0, owner) < 0)
        abort();
}

/* --- the supervisor, and those that have nothing to say --- */

static void on_nothing(void *context, struct channel *channel, const struct frame *frame, int fd)
{
    (void)context, (void)channel, (void)frame;
    close_fd(&fd);
}

static void on_quiet_closed(void *context, struct channel *channel, bool broken)
{
    (void)context, (void)channel, (void)broken;
}

static void on_hub_word(void *context, struct channel *channel, const struct frame *frame, int fd)
{
    (void)channel;
    struct world *world = context;
    close_fd(&fd);
    if (frame->type == WIRE_START_PEER && frame->message.peer.role == ROLE_COURIER)
        courier_start(world, (unsigned)frame->message.peer.index);
}

static void on_hub_gone(void *context, struct channel *channel, bool broken)
{
    (void)channel, (void)broken;
    struct world *world = context;
    world->hub_gone = true;
}

/* --- the edge --- */

static void on_edge_frame(void *context, struct channel *channel, const struct frame *frame, int fd)
{
    (void)channel;
    struct world *world = context;
    close_fd(&fd);
    world->serves |= frame->type == WIRE_SNAPSHOT;
    if (frame->type != WIRE_MESSAGE_ANSWER)
        return;
    const struct wire_message_answer *answer = &frame->message.message_answer;
    if (answer->outcome != WIRE_MESSAGE_STORED || answer->session >= world->ledger.count)
        return;
    world->ledger.messages[answer->session].acknowledged = true;
    world->ledger.messages[answer->session].id = answer->message;
}

static void send_body(struct world *world, uint64_t session)
{
    struct text body = text_with_ceiling(1 << 20);
    ledger_body(&body, (size_t)session);
    struct slice rest = text_slice(&body);
    while (rest.len) {
        struct slice piece = slice_first(rest, 1 + (size_t)(world_random(world) % 6000));
        struct wire_message_body message = {.session = session, .bytes = piece};
        channel_send(&world->edge, WIRE_MESSAGE_BODY, &message, -1);
        rest = slice_after(rest, piece.len);
    }
    text_deinit(&body);
}

void world_send_message(struct world *world)
{
    struct ledger *ledger = &world->ledger;
    if (ledger->count == LEDGER_MESSAGES_MAX || !channel_alive(&world->edge))
        return;
    uint64_t session = ledger->count++;
    struct ledger_message *kept = &ledger->messages[session];
    *kept = (struct ledger_message){.recipients = 1 + world_random(world) % LEDGER_RECIPIENTS,
                                    .sent_at_ms = clock_monotonic_ms()};
    struct wire_message_begin begin = {.session = session,
                                       .session_id = session + 1,
                                       .client_domain = SLICE("client.example"),
                                       .connector = SLICE("Default Frontend MX1"),
                                       .sender = SLICE("alice@contoso.com")};
    channel_send(&world->edge, WIRE_MESSAGE_BEGIN, &begin, -1);
    for (size_t i = 0; i < kept->recipients; i++) {
        struct wire_message_recipient recipient = {.session = session,
                                                   .address = slice_of(ledger_addresses[i])};
        channel_send(&world->edge, WIRE_MESSAGE_RECIPIENT, &recipient, -1);
    }
    send_body(world, session);
    struct wire_message_end end = {.session = session};
    if (world_chance(world, 30)) {
        struct wire_session abandon = {.session = session};
        channel_send(&world->edge, WIRE_MESSAGE_ABANDON, &abandon, -1);
    } else {
        channel_send(&world->edge, WIRE_MESSAGE_END, &end, -1);
    }
}

static void edge_connect(struct world *world)
{
    open_channel(world, &world->edge, world_wire(world, ROLE_EDGE, 0), &world->edge_owner);
}

void world_edge_dies(struct world *world)
{
    channel_close(&world->edge);
    edge_connect(world);
}

/* --- life --- */

void world_begin(struct world *world, uint64_t seed)
{
    *world = (struct world){.seed = seed * UINT64_C(0x9e3779b97f4a7c15) + 1};
    world->supervisor_owner =
        (struct channel_owner){.message = on_hub_word, .closed = on_hub_gone, .context = world};
    world->edge_owner = (struct channel_owner){
        .message = on_edge_frame, .closed = on_quiet_closed, .context = world};
    world->quiet_owner =
        (struct channel_owner){.message = on_nothing, .closed = on_quiet_closed, .context = world};
    world->courier_owner = (struct channel_owner){
        .message = courier_frame, .closed = courier_closed, .context = world};
    for (size_t i = 0; i < COURIERS; i++)
        world->couriers[i].world = world;
    if (loop_new(&world->loop) < 0)
        abort();
}

void world_attach(struct world *world, int wire_take)
{
    world->hub_gone = world->serves = false;
    open_channel(world, &world->supervisor, wire_take, &world->supervisor_owner);
    open_channel(world, &world->checker, world_wire(world, ROLE_CHECKER, 0), &world->quiet_owner);
    edge_connect(world);
    for (size_t i = 0; i < COURIERS_ALWAYS; i++)
        courier_connect(&world->couriers[i]);
}

void world_detach(struct world *world)
{
    channel_close(&world->edge);
    channel_close(&world->checker);
    for (size_t i = 0; i < COURIERS; i++)
        channel_close(&world->couriers[i].channel);
    channel_close(&world->supervisor);
}

void world_end(struct world *world)
{
    world_detach(world);
    loop_free(world->loop);
}
