/* SPDX-License-Identifier: Apache-2.0 */
/* Couriers and what lies behind them: mailboxes, and servers that take, refuse, put off, fall
 * silent, or take and are not heard. */
#include "simulate/world.h"

#include "os/descriptor.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is still on its way to it is not looked at; the supervisor starts the next one later. */
static void die(struct courier *courier)
{
    ledger_excuse(&courier->world->ledger);
    courier->world->deaths_of_couriers++;
    courier->dead = true;
}

void couriers_restart(struct world *world)
{
    for (size_t i = 0; i < COURIERS; i++)
        if (world->couriers[i].dead)
            courier_connect(&world->couriers[i]);
}

void courier_connect(struct courier *courier)
{
    struct world *world = courier->world;
    memset(courier->relays, 0, sizeof courier->relays);
    courier->dead = false;
    channel_close(&courier->channel);
    unsigned place = (unsigned)(courier - world->couriers);
    bool always = place < COURIERS_ALWAYS;
    int fd = world_wire(world, ROLE_COURIER,
                        always ? place : WIRE_ISOLATOR_FIRST + place - COURIERS_ALWAYS);
    if (channel_open(&courier->channel, world->loop, fd, ROLE_HUB, 0, &world->courier_owner) < 0)
        abort();
}

void courier_start(struct world *world, unsigned index)
{
    struct courier *courier = &world->couriers[COURIERS_ALWAYS + index - WIRE_ISOLATOR_FIRST];
    if (!channel_alive(&courier->channel) || courier->dead)
        courier_connect(courier);
}

void courier_closed(void *context, struct channel *channel, bool broken)
{
    (void)context, (void)channel, (void)broken; /* the hub has gone; it is started again */
}

static bool read_body(int fd, uint64_t offset, uint64_t length, struct text *out)
{
    char piece[16384];
    while (out->len < length) {
        size_t wanted = length - out->len < sizeof piece ? length - out->len : sizeof piece;
        ssize_t got = pread(fd, piece, wanted, (off_t)(offset + out->len));
        if (got <= 0 || !text_append(out, (struct slice){piece, (size_t)got}))
            return false;
    }
    return true;
}

/* --- mailboxes --- */

static void take_in(struct ledger *ledger, const struct wire_deliver *work, struct slice body)
{
    if (work->sender.len)
        ledger_delivered(ledger, work->message, body, work->recipient, (int)work->repeat);
    else
        ledger_notice(ledger, body);
}

static void deliver(struct courier *courier, const struct wire_deliver *work, int fd)
{
    struct world *world = courier->world;
    struct text body = text_with_ceiling(1 << 20);
    struct wire_delivered answer = {.delivery = work->delivery, .outcome = WIRE_DELIVERY_DONE};
    bool whole = read_body(fd, work->offset, work->length, &body);
    bool dies_before = world_chance(world, 20), dies_behind = world_chance(world, 20);
    if (!whole || world_chance(world, 150)) {
        answer.outcome = WIRE_DELIVERY_LATER;
        answer.text = SLICE("451 4.3.0 not now");
    } else if (work->sender.len && world_chance(world, 30)) {
        answer.outcome = WIRE_DELIVERY_FAILED;
        answer.text = SLICE("550 5.1.1 no such mailbox");
    } else if (!dies_before) {
        take_in(&world->ledger, work, text_slice(&body));
    }
    text_deinit(&body);
    if (dies_before || dies_behind)
        die(courier);
    else
        channel_send(&courier->channel, WIRE_DELIVERED, &answer, -1);
}

/* --- other servers --- */

static struct carried *relay_of(struct courier *courier, uint64_t number)
{
    for (size_t i = 0; i < RELAYS_AT_ONCE; i++)
        if (courier->relays[i].open && courier->relays[i].number == number)
            return &courier->relays[i];
    return NULL;
}

static void end_relay(struct courier *courier, struct carried *relay, const char *why)
{
    struct wire_relay_ended ended = {.relay = relay->number, .text = slice_of(why)};
    channel_send(&courier->channel, WIRE_RELAY_ENDED, &ended, -1);
    relay->open = false;
}

static void want_more(struct courier *courier, const struct carried *relay)
{
    struct wire_relay_number wants = {.relay = relay->number};
    channel_send(&courier->channel, WIRE_RELAY_WANTS, &wants, -1);
}

/* The server is reached, or it is not. */
static void open_relay(struct courier *courier, const struct wire_relay *order)
{
    struct carried *relay = courier->relays;
    while (relay->open)
        relay++;
    if (relay == &courier->relays[RELAYS_AT_ONCE])
        abort(); /* more than the hub may open for two hops */
    *relay = (struct carried){.number = order->relay, .open = true};
    if (world_chance(courier->world, 40))
        end_relay(courier, relay, "450 4.4.317 Cannot connect to remote server");
    else
        want_more(courier, relay);
}

static void add_recipient(struct carried *relay, const struct wire_relay_recipient *recipient)
{
    if (relay->count == RELAY_RECIPIENTS || recipient->address.len >= sizeof relay->addresses[0])
        abort();
    memcpy(relay->addresses[relay->count], recipient->address.at, recipient->address.len);
    relay->addresses[relay->count][recipient->address.len] = '\0';
    relay->numbers[relay->count++] = recipient->number;
}

/* What the server says to one recipient; what it does is in the ledger. */
static struct wire_relay_outcome judge(struct world *world, uint64_t id, struct slice body,
                                       struct slice address)
{
    static const struct {
        unsigned in_thousand;
        enum wire_relay_fate fate;
        const char *text;
    } refusals[] = {{150, WIRE_RELAY_DEFERRED, "451 4.2.0 later"},
                    {30, WIRE_RELAY_FAILED, "550 5.1.1 unknown"},
                    {30, WIRE_RELAY_NOT_TRIED, ""},
                    {60, WIRE_RELAY_UNCERTAIN, "451 4.4.2 no answer"}};
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        if (!world_chance(world, refusals[i].in_thousand))
            continue;
        if (refusals[i].fate == WIRE_RELAY_UNCERTAIN && world_random(world) % 2) {
            ledger_delivered(&world->ledger, id, body, address, -1);
            ledger_excuse_one(&world->ledger, body, address);
        }
        return (struct wire_relay_outcome){.fate = refusals[i].fate,
                                           .text = slice_of(refusals[i].text)};
    }
    ledger_delivered(&world->ledger, id, body, address, -1);
    return (struct wire_relay_outcome){.fate = WIRE_RELAY_DELIVERED,
                                       .text = SLICE("250 2.0.0 taken")};
}

static void take_message(struct courier *courier, struct carried *relay,
                         const struct wire_relay_message *given, int fd)
{
    struct world *world = courier->world;
    struct text body = text_with_ceiling(1 << 20);
    if (!read_body(fd, given->offset, given->length, &body))
        abort();
    bool breaks = world_chance(world, 40);
    for (size_t i = 0; i < relay->count; i++) {
        if (world_chance(world, 15)) {
            text_deinit(&body);
            die(courier);
            return;
        }
        struct wire_relay_outcome outcome = {.fate = WIRE_RELAY_NOT_TRIED};
        if (!breaks)
            outcome =
                judge(world, given->message, text_slice(&body), slice_of(relay->addresses[i]));
        outcome.relay = relay->number;
        outcome.message = given->message;
        outcome.number = relay->numbers[i];
        channel_send(&courier->channel, WIRE_RELAY_OUTCOME, &outcome, -1);
    }
    text_deinit(&body);
    relay->count = 0;
    if (breaks)
        end_relay(courier, relay, "421 4.4.2 Connection dropped");
    else
        want_more(courier, relay);
}

void courier_frame(void *context, struct channel *channel, const struct frame *frame, int fd_take)
{
    struct world *world = context;
    struct courier *courier = world->couriers;
    while (&courier->channel != channel)
        courier++;
    const union wire_any *message = &frame->message;
    struct carried *relay = relay_of(courier, message->relay_number.relay);
    if (courier->dead)
        ;
    else if (frame->type == WIRE_DELIVER)
        deliver(courier, &message->deliver, fd_take);
    else if (frame->type == WIRE_RELAY)
        open_relay(courier, &message->relay);
    else if (frame->type == WIRE_RELAY_RECIPIENT && relay)
        add_recipient(relay, &message->relay_recipient);
    else if (frame->type == WIRE_RELAY_MESSAGE && relay)
        take_message(courier, relay, &message->relay_message, fd_take);
    else if (frame->type == WIRE_RELAY_FINISH && relay)
        end_relay(courier, relay, "");
    close_fd(&fd_take);
}
