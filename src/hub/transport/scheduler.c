/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/scheduler.h"

#include "hub/transport/accused.h"
#include "hub/transport/address_book.h"
#include "hub/transport/components.h"
#include "hub/transport/deliveries.h"
#include "hub/transport/envelope.h"
#include "hub/transport/expand.h"
#include "hub/transport/hops.h"
#include "hub/transport/isolators.h"
#include "hub/transport/mailbox_transport.h"
#include "hub/transport/poison.h"
#include "hub/transport/pressure.h"
#include "hub/transport/queue_clock.h"
#include "hub/transport/readdress.h"
#include "hub/transport/routes.h"
#include "hub/transport/settlement.h"
#include "os/clock.h"

#include <errno.h>
#include <stdlib.h>

enum {
    CLAIM_LIMIT = 256,
    TICK_MS = 100,
    TICKS_PER_SECOND = 10,
};

struct scheduler {
    struct parcel_list elsewhere; /* until the end of the turn: not for a Maildir of ours */
    struct watch tick;
    struct deferred hand_out; /* at the end of the turn: see on_claimed */
    int64_t began_ms; /* what was due before may have been in hand at the end of the last life */
    uint64_t ticks;
};

bool scheduler_accepts(struct hub *hub)
{
    return pressure_accepts(hub) && !hub->draining;
}

/* --- handing out --- */

static void fail(struct hub *hub, struct parcel *parcel_take, struct slice reply)
{
    struct said said = {.reply = reply, .source = SLICE("ROUTING")};
    settle_failed(hub, &parcel_take->what, &said);
    free(parcel_take);
}

/* A group that could not be expanded when the message came in, or was none yet. */
static void end_group(struct hub *hub, struct parcel *parcel_take, const struct said *fault)
{
    bool good = slice_starts(fault->reply, SLICE("2"));
    bool failed = slice_starts(fault->reply, SLICE("5"));
    if (failed)
        settle_failed(hub, &parcel_take->what, fault);
    else if (!good || !readdress_expand(hub, &parcel_take->what))
        settle_later(hub, &parcel_take->what, fault);
    free(parcel_take);
}

static void route(struct hub *hub, struct parcel *parcel_take)
{
    char storage[ROUTE_KEY_MAX];
    struct text key = text_over(storage, sizeof storage);
    const struct scheduled *what = &parcel_take->what;
    if (what->deaths >= ISOLATION_DEATHS_MAX) {
        poison_set_aside(hub, parcel_take);
        return;
    }
    struct said fault = {.reply = expand_fault(hub, what->address)};
    if (fault.reply.len) {
        end_group(hub, parcel_take, &fault);
        return;
    }
    enum sender_tls way = sender_tls_of_way(what->tls, what->sender);
    switch (routes_choose(hub, what->address, what->size_bytes, way, &key).kind) {
    case ROUTE_MAILBOX:
        if (mailbox_transport(hub))
            hops_add(hub, mailbox_key, parcel_take);
        else /* a suspect, or made a moment ago */
            deliveries_add(hub, parcel_take);
        break;
    case ROUTE_DNS:
    case ROUTE_SMART_HOSTS:
        hops_add(hub, text_slice(&key), parcel_take);
        break;
    case ROUTE_NOBODY:
        fail(hub, parcel_take, SLICE("550 5.1.1 User unknown: the mailbox has gone"));
        break;
    case ROUTE_TOO_LARGE:
        fail(hub, parcel_take,
             SLICE("550 5.3.4 ROUTING.SizeLimit; message size exceeds the limit of every route"));
        break;
    case ROUTE_UNREACHABLE:
        settle_no_way(hub, what);
        free(parcel_take);
        break;
    }
}

static void route_all(struct hub *hub)
{
    struct parcel *parcel;
    while ((parcel = parcel_list_take(&hub->scheduler->elsewhere)))
        route(hub, parcel);
    hops_run(hub);
}

static void on_hand_out(void *context)
{
    struct hub *hub = context;
    route_all(hub);
    deliveries_run(hub);
}

void scheduler_put(struct hub *hub, struct parcel *parcel_take)
{
    parcel_list_append(&hub->scheduler->elsewhere, parcel_take);
    loop_defer(hub->role.loop, &hub->scheduler->hand_out);
}

static bool is_for_maildir(struct hub *hub, struct slice address)
{
    return !mailbox_transport(hub) && address_book_mailbox(hub, address);
}

/* To its list; suspects are looked at before they go on. */
static bool keep(struct hub *hub, const struct scheduled *what)
{
    struct parcel *parcel = parcel_new(what);
    if (!parcel)
        return false;
    if (!what->deaths && is_for_maildir(hub, what->address))
        deliveries_add(hub, parcel);
    else
        parcel_list_append(&hub->scheduler->elsewhere, parcel);
    loop_defer(hub->role.loop, &hub->scheduler->hand_out);
    return true;
}

static bool has_room(struct hub *hub, struct slice address)
{
    return is_for_maildir(hub, address) ? deliveries_have_room(hub)
                                        : hub->scheduler->elsewhere.count < DELIVERIES_WAITING_MAX;
}

void scheduler_add(struct hub *hub, const struct scheduled *what)
{
    if (!has_room(hub, what->address) || !keep(hub, what))
        settle_released(hub, what, clock_wall_ms());
}

void scheduler_courier_ready(struct hub *hub)
{
    loop_defer(hub->role.loop, &hub->scheduler->hand_out);
}

void scheduler_courier_lost(struct hub *hub, struct peer *courier)
{
    poison_death(hub, courier);
    deliveries_courier_lost(hub, courier);
    hops_courier_lost(hub, courier);
    courier->load = (struct courier_load){.isolation = courier->load.isolation};
    loop_defer(hub->role.loop, &hub->scheduler->hand_out);
}

bool scheduler_relayed(struct hub *hub, struct peer *courier, const struct frame *frame)
{
    loop_defer(hub->role.loop, &hub->scheduler->hand_out); /* there may be room for more */
    return hops_frame(hub, courier, frame);
}

/* --- orders --- */

void scheduler_hold(struct hub *hub, struct slice destination, bool held)
{
    if (slice_equal(destination, mailbox_key))
        deliveries_hold(hub, held);
    hops_hold(hub, destination, held);
}

void scheduler_retry(struct hub *hub, struct slice destination)
{
    hops_retry(hub, destination);
}

void scheduler_give_back(struct hub *hub, uint64_t message, bool removed)
{
    settle_given_back(hub, &hub->scheduler->elsewhere, message, removed);
    deliveries_give_back(hub, message, removed);
    hops_give_back(hub, message, removed);
    accused_give_back(hub, message, removed);
}

/* --- the clock --- */

/* It becomes ours when the claim returns: nothing may be settled before. */
static bool on_claimed(void *context, const struct queue_item *item)
{
    struct hub *hub = context;
    struct scheduled what = {.message = item->message,
                             .recipient = item->recipient,
                             .attempts = item->attempts,
                             .deaths = item->deaths,
                             .repeat = true,
                             .uncertain = item->next_at_ms <= hub->scheduler->began_ms,
                             .received_at_ms = item->received_at_ms,
                             .expires_at_ms = item->expires_at_ms,
                             .due_at_ms = item->next_at_ms,
                             .size_bytes = item->size_bytes,
                             .sender = item->sender,
                             .address = item->address};
    envelope_read(item->envelope, item->data, &what);
    if (!keep(hub, &what))
        role_event(NULL, WIRE_LEVEL_ERROR, 0,
                   "hub: no memory for message %016llx: it waits for the next start",
                   (unsigned long long)item->message);
    return true;
}

void scheduler_claim(struct hub *hub, struct slice destination, int64_t due_ms, size_t limit)
{
    struct queue_claim claim = {.destination = destination, .now_ms = due_ms, .limit = limit};
    (void)!queue_claim(hub->store, &claim, on_claimed, hub);
}

/* Little at a time while much is in hand, so that what was deferred does not crowd out what has
 * just come. */
static void claim_due(struct hub *hub)
{
    if (deliveries_waiting(hub) > CLAIM_LIMIT || !components_deliver(hub))
        return;
    struct queue_claim claim = {.now_ms = clock_wall_ms(), .limit = CLAIM_LIMIT};
    (void)!queue_claim(hub->store, &claim, on_claimed, hub);
}

static void each_second(struct hub *hub)
{
    pressure_watch(hub);
    queue_clock_look(hub);
    (void)store_compact(hub->store);
}

static void on_tick(void *context, unsigned events)
{
    (void)events;
    struct hub *hub = context;
    if (store_stopped(hub->store)) { /* the first EIO: start again from what is on disk */
        role_event(NULL, WIRE_LEVEL_ERROR, 0, "hub: the store has stopped after a disk error");
        loop_stop(hub->role.loop);
        return;
    }
    if (hub->scheduler->ticks++ % TICKS_PER_SECOND == 0)
        each_second(hub);
    claim_due(hub);
    deliveries_run(hub); /* HubTransport may be back in service, the queue resumed */
    hops_tick(hub);
    timer_set(&hub->scheduler->tick, TICK_MS);
}

int scheduler_begin(struct hub *hub)
{
    hub->scheduler = calloc(1, sizeof *hub->scheduler);
    if (!hub->scheduler)
        return -ENOMEM;
    parcel_list_init(&hub->scheduler->elsewhere);
    hub->scheduler->hand_out = (struct deferred){.run = on_hand_out, .context = hub};
    pressure_watch(hub);
    hub->scheduler->began_ms = clock_wall_ms();
    isolators_begin(hub);
    int result = deliveries_begin(hub);
    if (result == 0)
        result = poison_begin(hub);
    if (result == 0)
        result = accused_begin(hub);
    if (result < 0)
        return result;
    timer_init(&hub->scheduler->tick, hub->role.loop, on_tick, hub);
    timer_set(&hub->scheduler->tick, 0);
    return 0;
}

void scheduler_end(struct hub *hub)
{
    if (!hub->scheduler)
        return;
    timer_stop(&hub->scheduler->tick);
    loop_defer_cancel(hub->role.loop, &hub->scheduler->hand_out);
    parcel_list_free(&hub->scheduler->elsewhere);
    deliveries_end(hub);
    accused_end(hub);
    poison_end(hub);
    free(hub->scheduler);
    hub->scheduler = NULL;
}
