/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/scheduler.h"

#include "hub/address_book.h"
#include "hub/components.h"
#include "hub/envelope.h"
#include "hub/hops.h"
#include "hub/pressure.h"
#include "hub/routes.h"
#include "hub/settlement.h"
#include "hub/work.h"
#include "os/clock.h"

#include <errno.h>
#include <stdlib.h>

enum {
    COURIER_WINDOW = 32,
    WAITING_MAX = 20000, /* more than this is left to the store until there is room */
    CLAIM_LIMIT = 256,
    TICK_MS = 100,
    TICKS_PER_SECOND = 10,
};

static const struct slice to_mailbox = SLICE_INIT("mailbox");

struct scheduler {
    struct work_list waiting;   /* in our hand, no courier has it */
    struct work_list out;       /* with a courier */
    struct work_list elsewhere; /* until the end of the turn: not for a mailbox of ours */
    uint64_t last_delivery;
    struct watch tick;
    struct deferred hand_out; /* at the end of the turn: see on_claimed */
    bool held;                /* the queue of mailboxes is suspended */
    uint64_t ticks;
};

bool scheduler_accepts(struct hub *hub)
{
    return pressure_accepts(hub) && !hub->draining;
}

/* --- outcomes --- */

void scheduler_delivered(struct hub *hub, struct peer *courier,
                         const struct wire_delivered *delivered)
{
    struct work_list *out = &hub->scheduler->out;
    struct work **link = &out->first;
    while (*link && ((*link)->delivery != delivered->delivery || (*link)->courier != courier))
        link = &(*link)->next;
    struct work *work = *link;
    if (!work)
        return;
    work_list_unlink(out, link);
    courier->deliveries--;
    struct said said = {.reply = delivered->text};
    if (delivered->outcome == WIRE_DELIVERY_LATER)
        settle_later(hub, &work->what, &said);
    else if (delivered->outcome == WIRE_DELIVERY_FAILED)
        settle_failed(hub, &work->what, &said);
    else
        settle_delivered(hub, &work->what);
    free(work);
    scheduler_courier_ready(hub);
}

/* --- handing out --- */

static struct peer *free_courier(struct hub *hub)
{
    struct peer *best = NULL;
    for (size_t i = 0; i < HUB_PEERS_MAX; i++) {
        struct peer *courier = &hub->couriers[i];
        if (channel_alive(&courier->channel) && courier->deliveries < COURIER_WINDOW &&
            (!best || courier->deliveries < best->deliveries))
            best = courier;
    }
    return best;
}

static bool lend_and_send(struct hub *hub, struct peer *courier, const struct work *work,
                          const struct mailbox *mailbox)
{
    struct body_loan loan;
    if (body_lend(hub->store, work->what.message, &loan) != STORE_OK)
        return false;
    struct wire_deliver message = {.delivery = work->delivery,
                                   .message = work->what.message,
                                   .number = work->what.recipient,
                                   .repeat = work->what.repeat,
                                   .offset = loan.offset,
                                   .length = loan.length,
                                   .received_at_ms = (uint64_t)work->what.received_at_ms,
                                   .mailbox = mailbox->maildir_name,
                                   .sender = work->what.sender,
                                   .recipient = work->what.address};
    bool sent = channel_send(&courier->channel, WIRE_DELIVER, &message, loan.fd);
    /* the segment under the duplicate stays what it is: the message is ours until it is finished */
    body_loan_return(hub->store, &loan);
    return sent;
}

static void hand_out(struct hub *hub, struct work *work, struct peer *courier)
{
    struct scheduler *scheduler = hub->scheduler;
    const struct mailbox *mailbox = address_book_mailbox(hub, work->what.address);
    if (!mailbox) {
        struct said said = {.reply = SLICE("550 5.1.1 User unknown: the mailbox has gone")};
        settle_failed(hub, &work->what, &said);
        free(work);
        return;
    }
    work->delivery = ++scheduler->last_delivery;
    work->courier = courier;
    if (!lend_and_send(hub, courier, work, mailbox)) {
        struct said said = {.reply = SLICE("451 4.3.0 the body cannot be read")};
        settle_later(hub, &work->what, &said);
        free(work);
        return;
    }
    courier->deliveries++;
    work_list_append(&scheduler->out, work);
}

static bool may_hand_out(const struct hub *hub)
{
    return components_deliver(hub) && !hub->scheduler->held;
}

void scheduler_courier_ready(struct hub *hub)
{
    struct work_list *waiting = &hub->scheduler->waiting;
    struct peer *courier;
    while (may_hand_out(hub) && waiting->first && (courier = free_courier(hub))) {
        struct work *work = waiting->first;
        work_list_unlink(waiting, &waiting->first);
        hand_out(hub, work, courier);
    }
}

static void fail(struct hub *hub, struct work *work_take, struct slice reply)
{
    struct said said = {.reply = reply};
    settle_failed(hub, &work_take->what, &said);
    free(work_take);
}

static void route(struct hub *hub, struct work *work_take)
{
    char storage[ROUTE_KEY_MAX];
    struct text key = text_over(storage, sizeof storage);
    const struct scheduled *what = &work_take->what;
    switch (routes_choose(hub, what->address, what->size_bytes, &key).kind) {
    case ROUTE_MAILBOX: /* made a moment ago */
        work_list_append(&hub->scheduler->waiting, work_take);
        break;
    case ROUTE_DNS:
    case ROUTE_SMART_HOSTS:
        hops_add(hub, text_slice(&key), work_take);
        break;
    case ROUTE_NOBODY:
        fail(hub, work_take, SLICE("550 5.1.1 User unknown: the mailbox has gone"));
        break;
    case ROUTE_TOO_LARGE:
        fail(hub, work_take,
             SLICE("550 5.3.4 ROUTING.SizeLimit; message size exceeds the limit of every route"));
        break;
    case ROUTE_UNREACHABLE:
        settle_no_way(hub, what);
        free(work_take);
        break;
    }
}

static void route_all(struct hub *hub)
{
    struct work *work;
    while ((work = work_list_take(&hub->scheduler->elsewhere)))
        route(hub, work);
    hops_run(hub);
}

static void on_hand_out(void *context)
{
    route_all(context);
    scheduler_courier_ready(context);
}

static bool keep(struct hub *hub, struct work_list *list, const struct scheduled *what)
{
    struct work *work = work_new(what);
    if (!work)
        return false;
    work_list_append(list, work);
    loop_defer(hub->role.loop, &hub->scheduler->hand_out);
    return true;
}

static struct work_list *list_for(struct hub *hub, struct slice address)
{
    struct scheduler *scheduler = hub->scheduler;
    return address_book_mailbox(hub, address) ? &scheduler->waiting : &scheduler->elsewhere;
}

void scheduler_add(struct hub *hub, const struct scheduled *what)
{
    struct work_list *list = list_for(hub, what->address);
    bool held = list == &hub->scheduler->waiting && hub->scheduler->held;
    if (held || list->count >= WAITING_MAX || !keep(hub, list, what))
        settle_released(hub, what, clock_wall_ms());
}

/* What it held is handed out again, in front; each may have been delivered just before the end. */
void scheduler_courier_lost(struct hub *hub, struct peer *courier)
{
    struct scheduler *scheduler = hub->scheduler;
    struct work **link = &scheduler->out.first;
    while (*link) {
        struct work *work = *link;
        if (work->courier != courier) {
            link = &work->next;
            continue;
        }
        work_list_unlink(&scheduler->out, link);
        work->courier = NULL;
        work->what.repeat = true;
        work_list_append(&scheduler->waiting, work);
    }
    courier->deliveries = 0;
    hops_courier_lost(hub, courier);
    loop_defer(hub->role.loop, &scheduler->hand_out);
}

void scheduler_relayed(struct hub *hub, struct peer *courier, const struct frame *frame)
{
    (void)hops_frame(hub, courier, frame);
    loop_defer(hub->role.loop, &hub->scheduler->hand_out); /* there may be room for more */
}

/* --- orders --- */

void scheduler_hold(struct hub *hub, struct slice destination, bool held)
{
    struct work_list *waiting = &hub->scheduler->waiting;
    struct work *work;
    if (!slice_equal(destination, to_mailbox)) {
        hops_hold(hub, destination, held);
        return;
    }
    hub->scheduler->held = held;
    while (held && (work = work_list_take(waiting))) {
        settle_released(hub, &work->what, clock_wall_ms());
        free(work);
    }
}

void scheduler_retry(struct hub *hub, struct slice destination)
{
    hops_retry(hub, destination);
}

static void give_back(struct hub *hub, struct work_list *list, uint64_t message, bool removed)
{
    struct work *work;
    while ((work = work_list_take_message(list, message))) {
        if (!removed)
            settle_released(hub, &work->what, clock_wall_ms());
        free(work);
    }
}

void scheduler_give_back(struct hub *hub, uint64_t message, bool removed)
{
    give_back(hub, &hub->scheduler->waiting, message, removed);
    give_back(hub, &hub->scheduler->elsewhere, message, removed);
    hops_give_back(hub, message, removed);
}

/* --- the clock --- */

/* It becomes ours when the claim returns: nothing may be settled before. */
static bool on_claimed(void *context, const struct queue_item *item)
{
    struct hub *hub = context;
    struct scheduled what = {.message = item->message,
                             .recipient = item->recipient,
                             .attempts = item->attempts,
                             .repeat = true,
                             .received_at_ms = item->received_at_ms,
                             .expires_at_ms = item->expires_at_ms,
                             .due_at_ms = item->next_at_ms,
                             .size_bytes = item->size_bytes,
                             .sender = item->sender,
                             .address = item->address};
    envelope_read(item->envelope, item->data, &what);
    if (!keep(hub, list_for(hub, item->address), &what))
        role_event(NULL, WIRE_LEVEL_ERROR, 0,
                   "hub: no memory for message %016llx: it waits for the next start",
                   (unsigned long long)item->message);
    return true;
}

/* Little at a time while much is in hand, so that what was deferred does not crowd out what has
 * just come. */
static void claim_due(struct hub *hub)
{
    if (hub->scheduler->waiting.count > CLAIM_LIMIT || !components_deliver(hub))
        return;
    struct queue_claim claim = {.now_ms = clock_wall_ms(), .limit = CLAIM_LIMIT};
    (void)!queue_claim(hub->store, &claim, on_claimed, hub);
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
        pressure_watch(hub);
    claim_due(hub);
    scheduler_courier_ready(hub); /* HubTransport may be back in service, the queue resumed */
    hops_tick(hub);
    timer_set(&hub->scheduler->tick, TICK_MS);
}

int scheduler_begin(struct hub *hub)
{
    hub->scheduler = calloc(1, sizeof *hub->scheduler);
    if (!hub->scheduler)
        return -ENOMEM;
    work_list_init(&hub->scheduler->waiting);
    work_list_init(&hub->scheduler->out);
    work_list_init(&hub->scheduler->elsewhere);
    hub->scheduler->hand_out = (struct deferred){.run = on_hand_out, .context = hub};
    pressure_watch(hub);
    int result = destination_is_suspended(hub->store, to_mailbox, &hub->scheduler->held);
    if (result != STORE_OK)
        return result < 0 ? result : -EIO;
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
    work_list_free(&hub->scheduler->waiting);
    work_list_free(&hub->scheduler->out);
    work_list_free(&hub->scheduler->elsewhere);
    free(hub->scheduler);
    hub->scheduler = NULL;
}
