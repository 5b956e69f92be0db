/* SPDX-License-Identifier: Apache-2.0 */
/* Suspend-, Resume-, Retry- and Remove-Message. */
#include "hub/handlers/handlers.h"
#include "hub/handlers/message_search.h"
#include "hub/handlers/object.h"
#include "hub/handlers/order.h"
#include "hub/handlers/parameters.h"
#include "hub/handlers/queue_identity.h"
#include "hub/transport/envelope.h"
#include "hub/transport/notices.h"
#include "hub/transport/reroute.h"
#include "hub/transport/scheduler.h"
#include "hub/transport/tracking.h"
#include "os/clock.h"

#include <stdlib.h>

enum {
    WHY_BYTES = 256,
    TEXTS_MAX = 256 << 10,
    TOLD_MAX = 1000 /* recipients in one notice */
};

/* An order under way; freed when it is answered. */
struct order {
    struct call *call;
    enum queue_order order;
    struct message_search *search; /* under way */
    uint64_t *numbers;             /* of messages, one after the other */
    size_t count, at, done;
    struct deferred next;   /* a callback of the store may not read it */
    struct scheduled what;  /* the message at hand: as of its first recipient */
    struct text recipients; /* with ';' between */
    size_t recipient_count;
    bool poison; /* the message at hand was set aside */
    bool tells;  /* the sender of what is removed */
    struct outcome_told told[TOLD_MAX];
    struct arena texts;
};

static void order_free(struct order *order)
{
    message_search_free(order->search);
    text_deinit(&order->recipients);
    arena_deinit(&order->texts);
    free(order->numbers);
    free(order);
}

/* NULL: the call has failed. */
static struct order *order_new(struct call *call, enum queue_order what)
{
    struct order *order = calloc(1, sizeof *order);
    if (!order) {
        call_fail(call, OPERATION_FAILED, "there is no memory for the order");
        return NULL;
    }
    *order = (struct order){.call = call, .order = what};
    order->recipients = text_with_ceiling(LOG_RECIPIENTS_MAX);
    order->texts = arena_with_ceiling(TEXTS_MAX);
    return order;
}

static bool note_recipient(void *context, const struct queue_item *item)
{
    struct order *order = context;
    struct scheduled *what = &order->what;
    if (order->recipient_count++ == 0) {
        what->message = item->message;
        what->size_bytes = item->size_bytes;
        if (!arena_copy(&order->texts, item->sender, &what->sender) ||
            !arena_copy(&order->texts, envelope_word(item->envelope, SLICE("message-id")),
                        &what->message_id) ||
            !arena_copy(&order->texts, envelope_word(item->envelope, SLICE("subject")),
                        &what->subject))
            return false;
    }
    order->poison |= queue_is_poison(item->destination);
    if (order->order == QUEUE_RETRY && !operation_is_dry(order->call))
        scheduler_retry(order->call->hub, item->destination);
    if (order->recipient_count <= TOLD_MAX)
        order->told[order->recipient_count - 1] = (struct outcome_told){
            .recipient = item->recipient,
            .action = NOTICE_FAILED,
            .reply = SLICE("550 4.3.2 QUEUE.Admin; message deleted by an administrator")};
    if (order->recipients.len + 1 + item->address.len <= LOG_RECIPIENTS_MAX) {
        text_append_c(&order->recipients, order->recipients.len ? ";" : "");
        text_append(&order->recipients, item->address);
    }
    return true;
}

static void track_removal(const struct order *order)
{
    char storage[WHY_BYTES];
    struct text why = text_over(storage, sizeof storage);
    text_append_format(&why, "removed by %.*s", SLICE_ARG(order->call->actor));
    tracking_removed(order->call->hub, &order->what, text_slice(&order->recipients),
                     order->recipient_count, text_slice(&why));
}

static void on_message_set(void *context, enum store_outcome outcome, uint64_t number)
{
    (void)number;
    struct order *order = context;
    struct hub *hub = order->call->hub;
    if (outcome != STORE_OK && outcome != STORE_NOT_FOUND) {
        order_fail(order->call, (int)outcome);
        order_free(order);
        return;
    }
    if (outcome == STORE_OK) {
        if (order->order != QUEUE_RESUME)
            scheduler_give_back(hub, order->what.message, order->order == QUEUE_REMOVE);
        if (order->order == QUEUE_REMOVE)
            track_removal(order);
        if (order->order == QUEUE_RETRY || (order->order == QUEUE_RESUME && order->poison))
            reroute_look(hub);
        order->done++;
    }
    order->at++;
    loop_defer(hub->role.loop, &order->next);
}

static void finish(struct order *order)
{
    struct call *call = order->call;
    bool one = order->done == 1;
    if (order->done == 0 && !call_has(call, "Filter")) {
        call_fail_fix(call, OPERATION_NOT_FOUND, "Get-Message",
                      "no message %llu waits; it may be delivered",
                      (unsigned long long)order->numbers[0]);
    } else if (operation_is_dry(call)) {
        call_inform(call, "WhatIf: nothing was changed; %zu message%s would be concerned",
                    order->done, one ? "" : "s");
        call_done(call);
    } else {
        order_write_event(call);
        call_inform(call, "%zu message%s %s", order->done, one ? "" : "s",
                    order_outcome(order->order, !one));
        call_done(call);
    }
    order_free(order);
}

/* False: the order has failed, and is gone. */
static bool give(struct order *order)
{
    int result = message_set(order->call->hub->store, order->what.message, order->order,
                             clock_wall_ms(), on_message_set, order);
    if (result == STORE_OK)
        return true;
    order_fail(order->call, result);
    order_free(order);
    return false;
}

static void on_told(void *context, bool told)
{
    struct order *order = context;
    if (told) {
        (void)give(order);
        return;
    }
    call_fail(
        order->call, OPERATION_FAILED,
        "the notice to the sender cannot be stored: message %llu and those behind it are left",
        (unsigned long long)order->what.message);
    order_free(order);
}

/* The sender is told first: a notice too many is better than none. */
static void tell_and_give(struct order *order)
{
    size_t count = order->recipient_count < TOLD_MAX ? order->recipient_count : TOLD_MAX;
    if (order->tells)
        notices_send(order->call->hub, order->what.message, order->told, count, on_told, order);
    else
        (void)give(order);
}

/* Looks the next message up and, unless it is only asked what would be, gives the order. */
static void next_message(void *context)
{
    struct order *order = context;
    struct store *store = order->call->hub->store;
    for (; order->at < order->count; order->at++) {
        struct queue_filter filter = {.message = order->numbers[order->at]};
        arena_deinit(&order->texts);
        order->texts = arena_with_ceiling(TEXTS_MAX);
        order->recipient_count = 0;
        order->poison = false;
        text_clear(&order->recipients);
        int result = queue_list(store, &filter, note_recipient, order);
        bool there = result == STORE_OK && order->recipient_count > 0;
        if (result != STORE_OK) {
            order_fail(order->call, result);
            order_free(order);
            return;
        }
        if (there && !operation_is_dry(order->call)) {
            tell_and_give(order);
            return;
        }
        order->done += there;
    }
    finish(order);
}

static void on_found(void *context, bool good)
{
    struct order *order = context;
    const struct message_search *search = order->search;
    order->numbers = good ? calloc(search->count + 1, sizeof *order->numbers) : NULL;
    if (good && !order->numbers)
        call_fail(order->call, OPERATION_FAILED, "there is no memory for so many messages");
    if (!order->numbers) {
        order_free(order);
        return;
    }
    for (size_t i = 0; i < search->count; i++)
        order->numbers[i] = search->found[i].message;
    order->count = search->count;
    message_search_free(order->search);
    order->search = NULL;
    next_message(order);
}

static void find_filtered(struct call *call, struct order *order)
{
    order->search = message_search_new(call);
    if (!order->search) {
        order_free(order);
        return;
    }
    message_search_all(order->search);
    message_search_start(order->search, on_found, order);
}

/* False: the call has failed. */
static bool find_one(struct call *call, struct order *order)
{
    uint64_t number;
    if (!queue_message_number(call_text(call, "Identity"), &number)) {
        call_fail(call, OPERATION_USAGE,
                  "-Identity of a message is SERVER\\queue\\number, or the number");
        return false;
    }
    order->numbers = calloc(1, sizeof *order->numbers);
    if (!order->numbers) {
        call_fail(call, OPERATION_FAILED, "there is no memory for the order");
        return false;
    }
    order->numbers[0] = number;
    order->count = 1;
    return true;
}

/* What -Identity or -Filter means, and then the order. */
static void find_messages(struct call *call, struct order *order)
{
    if (call_has(call, "Identity") == call_has(call, "Filter")) {
        call_fail(call, OPERATION_USAGE, "give -Identity or -Filter");
        order_free(order);
    } else if (call_has(call, "Filter")) {
        find_filtered(call, order);
    } else if (find_one(call, order)) {
        next_message(order);
    } else {
        order_free(order);
    }
}

static void order_message(struct call *call, enum queue_order what, bool tells)
{
    struct order *order = order_new(call, what);
    if (!order)
        return;
    order->tells = tells;
    order->next = (struct deferred){.run = next_message, .context = order};
    find_messages(call, order);
}

void message_suspend(struct call *call)
{
    order_message(call, QUEUE_SUSPEND, false);
}

void message_resume(struct call *call)
{
    order_message(call, QUEUE_RESUME, false);
}

void message_retry(struct call *call)
{
    order_message(call, QUEUE_RETRY, false);
}

void message_remove(struct call *call)
{
    bool with_notice;
    if (call_bool(call, "WithNDR", true, &with_notice))
        order_message(call, QUEUE_REMOVE, with_notice);
}
