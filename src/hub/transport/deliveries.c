/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/deliveries.h"

#include "hub/transport/address_book.h"
#include "hub/transport/components.h"
#include "hub/transport/envelope.h"
#include "hub/transport/isolators.h"
#include "hub/transport/mailbox_transport.h"
#include "hub/transport/poison.h"
#include "hub/transport/settlement.h"
#include "os/clock.h"

#include <errno.h>
#include <stdlib.h>

struct deliveries {
    struct parcel_list waiting[ISOLATIONS]; /* in our hand, no courier has it */
    struct parcel_list out;                 /* with a courier */
    uint64_t last_delivery;
    bool held; /* the queue is suspended */
};

bool deliveries_have_room(const struct hub *hub)
{
    return !hub->deliveries->held &&
           hub->deliveries->waiting[ISOLATION_NONE].count < DELIVERIES_WAITING_MAX;
}

size_t deliveries_waiting(const struct hub *hub)
{
    size_t count = 0;
    for (size_t i = 0; i < ISOLATIONS; i++)
        count += hub->deliveries->waiting[i].count;
    return count;
}

void deliveries_add(struct hub *hub, struct parcel *parcel_take)
{
    parcel_list_append(&hub->deliveries->waiting[isolation_of(parcel_take->what.deaths)],
                       parcel_take);
}

/* --- handing out --- */

static bool may_have(struct peer *courier)
{
    return courier->load.deliveries < COURIER_WINDOW && channel_lends(&courier->channel) &&
           courier_load_takes(&courier->load, clock_wall_ms());
}

/* NULL: none may have one more now. */
static struct peer *courier_for(struct hub *hub, enum isolation isolation)
{
    struct peer *best = isolation ? isolators_get(hub, isolation) : NULL;
    if (isolation)
        return best && may_have(best) ? best : NULL;
    for (size_t i = 0; i < HUB_PEERS_MAX; i++) {
        struct peer *courier = &hub->couriers[i];
        if (may_have(courier) && (!best || courier->load.messages < best->load.messages))
            best = courier;
    }
    return best;
}

static bool lend_and_send(struct hub *hub, struct peer *courier, struct parcel *parcel,
                          const struct mailbox *mailbox)
{
    struct body_loan *loan = &parcel->loan;
    if (body_lend(hub->store, parcel->what.message, loan) != STORE_OK)
        return false;
    struct wire_deliver message = {.delivery = parcel->delivery,
                                   .message = parcel->what.message,
                                   .number = parcel->what.recipient,
                                   .repeat = parcel->what.repeat,
                                   .offset = loan->offset,
                                   .length = loan->length,
                                   .received_at_ms = (uint64_t)parcel->what.received_at_ms,
                                   .mailbox = mailbox->maildir_name,
                                   .sender = parcel->what.sender,
                                   .recipient = parcel->what.address};
    bool sent = channel_send(&courier->channel, WIRE_DELIVER, &message, loan->fd);
    if (sent)
        body_loan_close(
            loan); /* what is under the duplicate stays; the message may be removed meanwhile */
    else
        body_loan_return(hub->store, loan);
    return sent;
}

static void hand_out(struct hub *hub, struct parcel *parcel, struct peer *courier)
{
    struct deliveries *deliveries = hub->deliveries;
    const struct mailbox *mailbox = address_book_mailbox(hub, parcel->what.address);
    if (!mailbox) {
        struct said said = {.reply = SLICE("550 5.1.1 User unknown: the mailbox has gone")};
        settle_failed(hub, &parcel->what, &said);
        free(parcel);
        return;
    }
    parcel->delivery = ++deliveries->last_delivery;
    parcel->courier = courier;
    if (!lend_and_send(hub, courier, parcel, mailbox)) {
        struct said said = {.reply = SLICE("451 4.3.0 the body cannot be read")};
        settle_later(hub, &parcel->what, &said);
        free(parcel);
        return;
    }
    courier->load.deliveries++;
    courier_load_add(&courier->load, clock_wall_ms());
    parcel_list_append(&deliveries->out, parcel);
}

static void hand_out_all(struct hub *hub, enum isolation isolation)
{
    struct parcel_list *waiting = &hub->deliveries->waiting[isolation];
    struct peer *courier;
    while (waiting->first && (courier = courier_for(hub, isolation)))
        hand_out(hub, parcel_list_take(waiting), courier);
}

static void release_all(struct hub *hub, struct parcel_list *list)
{
    struct parcel *parcel;
    while ((parcel = parcel_list_take(list))) {
        settle_released(hub, &parcel->what, clock_wall_ms());
        free(parcel);
    }
}

static void give_back_all(struct hub *hub)
{
    for (size_t i = 0; i < ISOLATIONS; i++)
        release_all(hub, &hub->deliveries->waiting[i]);
}

void deliveries_run(struct hub *hub)
{
    if (mailbox_transport(hub)) { /* since a moment */
        give_back_all(hub);
        return;
    }
    if (!components_deliver(hub) || hub->deliveries->held)
        return;
    for (int i = 0; i < ISOLATIONS; i++)
        hand_out_all(hub, (enum isolation)i);
}

/* --- coming back --- */

static void settle(struct hub *hub, const struct scheduled *what,
                   const struct wire_delivered *delivered)
{
    struct said said = {.reply = delivered->text};
    if (delivered->outcome == WIRE_DELIVERY_LATER)
        settle_later(hub, what, &said);
    else if (delivered->outcome == WIRE_DELIVERY_FAILED)
        settle_failed(hub, what, &said);
    else
        settle_delivered(hub, what);
}

void deliveries_done(struct hub *hub, struct peer *courier, const struct wire_delivered *delivered)
{
    struct parcel_list *out = &hub->deliveries->out;
    struct parcel **link = &out->first;
    while (*link && ((*link)->delivery != delivered->delivery || (*link)->courier != courier))
        link = &(*link)->next;
    struct parcel *parcel = *link;
    if (!parcel)
        return;
    parcel_list_unlink(out, link);
    courier->load.deliveries--;
    courier_load_done(&courier->load);
    body_loan_return(hub->store, &parcel->loan);
    settle(hub, &parcel->what, delivered);
    free(parcel);
    deliveries_run(hub);
}

/* Each may have been delivered just before the end. */
void deliveries_courier_lost(struct hub *hub, struct peer *courier)
{
    struct parcel_list *out = &hub->deliveries->out;
    struct parcel **link = &out->first;
    while (*link) {
        struct parcel *parcel = *link;
        if (parcel->courier != courier) {
            link = &parcel->next;
            continue;
        }
        parcel_list_unlink(out, link);
        body_loan_return(hub->store, &parcel->loan);
        parcel->courier = NULL;
        parcel->what.repeat = parcel->what.uncertain = true;
        poison_suspect(hub, parcel);
    }
}

/* --- orders --- */

void deliveries_hold(struct hub *hub, bool held)
{
    hub->deliveries->held = held;
    if (held)
        give_back_all(hub);
}

void deliveries_give_back(struct hub *hub, uint64_t message, bool removed)
{
    for (size_t i = 0; i < ISOLATIONS; i++)
        settle_given_back(hub, &hub->deliveries->waiting[i], message, removed);
}

/* --- life --- */

int deliveries_begin(struct hub *hub)
{
    struct deliveries *deliveries = calloc(1, sizeof *deliveries);
    hub->deliveries = deliveries;
    if (!deliveries)
        return -ENOMEM;
    for (size_t i = 0; i < ISOLATIONS; i++)
        parcel_list_init(&deliveries->waiting[i]);
    parcel_list_init(&deliveries->out);
    int result = destination_is_suspended(hub->store, mailbox_key, &deliveries->held);
    return result > 0 ? -EIO : result;
}

void deliveries_end(struct hub *hub)
{
    if (!hub->deliveries)
        return;
    for (size_t i = 0; i < ISOLATIONS; i++)
        parcel_list_free(&hub->deliveries->waiting[i]);
    parcel_list_free(&hub->deliveries->out);
    free(hub->deliveries);
    hub->deliveries = NULL;
}
