/* SPDX-License-Identifier: Apache-2.0 */
/* Handing requests to the writer, and settling them when they come back. All in the caller's
 * thread.
 */
#include "store/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int store_submit(struct store *store, struct request *request)
{
    int result = STORE_OK;
    bool wake = false;
    pthread_mutex_lock(&store->lock);
    if (store->stopped) {
        result = STORE_STOPPED;
    } else if (request->kind == REQUEST_ACCEPT && (store->pending_count >= PENDING_MESSAGES_MAX ||
                                                   store->pending_bytes >= PENDING_BYTES_MAX)) {
        result = STORE_BUSY;
    } else {
        wake = !request->lazy || !store->pending.first;
        store->pending_count++;
        store->pending_messages += request->kind == REQUEST_ACCEPT;
        store->pending_bytes += request->weight;
        store->pending_urgent += !request->lazy;
        request_list_add(&store->pending, request);
    }
    pthread_mutex_unlock(&store->lock);
    if (wake) /* not before: the writer would wake up to find the door still locked */
        pthread_cond_signal(&store->work);
    if (result != STORE_OK)
        request_free(request);
    return result;
}

static int submit_with(struct store *store, struct request *request, store_done_fn *done,
                       void *context)
{
    if (!request)
        return -ENOMEM;
    request->done = done;
    request->context = context;
    return store_submit(store, request);
}

/* --- the calls that write -------------------------------------------------------------------- */

static bool is_acceptable(const struct envelope *envelope)
{
    size_t total = envelope->sender.len + envelope->envelope.len;
    for (size_t i = 0; i < envelope->recipient_count; i++) {
        const struct envelope_recipient *recipient = &envelope->recipients[i];
        total += recipient->address.len + recipient->destination.len + recipient->data.len;
    }
    return envelope->message != 0 && envelope->message <= INT64_MAX &&
           envelope->recipient_count > 0 && total < UINT32_MAX;
}

int queue_accept(struct store *store, struct body *body_take, const struct envelope *envelope,
                 store_done_fn *done, void *context)
{
    struct request *request = NULL;
    int result = body_take->failed || !is_acceptable(envelope) ? -EINVAL : STORE_OK;
    if (result == STORE_OK)
        request = request_new_accept(envelope);
    if (request) {
        request->accept.body = body_take;
        request->weight += body_take->capacity;
    }
    if (result == STORE_OK)
        result = submit_with(store, request, done, context);
    if (result != STORE_OK)
        body_abandon(body_take);
    return result;
}

int queue_finish(struct store *store, const struct delivery_outcome *outcomes, size_t count,
                 store_done_fn *done, void *context)
{
    return submit_with(store, request_new_finish(outcomes, count), done, context);
}

int queue_move(struct store *store, const struct recipient_move *moves, size_t count,
               store_done_fn *done, void *context)
{
    return submit_with(store, request_new_move(moves, count), done, context);
}

int queue_exchange(struct store *store, const struct recipient_exchange *exchange,
                   store_done_fn *done, void *context)
{
    if (exchange->recipient_count == 0)
        return -EINVAL;
    return submit_with(store, request_new_exchange(exchange), done, context);
}

int destination_set(struct store *store, struct slice destination, enum queue_order order,
                    int64_t at_ms, store_done_fn *done, void *context)
{
    struct set_request set = {.order = order, .destination = destination, .at_ms = at_ms};
    return submit_with(store, request_new_set(REQUEST_DESTINATION, &set), done, context);
}

int message_set(struct store *store, uint64_t message, enum queue_order order, int64_t at_ms,
                store_done_fn *done, void *context)
{
    struct set_request set = {.order = order, .message = message, .at_ms = at_ms};
    return submit_with(store, request_new_set(REQUEST_MESSAGE, &set), done, context);
}

int message_set_aside(struct store *store, uint64_t message, struct slice destination,
                      store_done_fn *done, void *context)
{
    struct set_request set = {.message = message, .destination = destination};
    return submit_with(store, request_new_set(REQUEST_ASIDE, &set), done, context);
}

int config_apply(struct store *store, const struct config_batch *batch, store_done_fn *done,
                 void *context)
{
    return submit_with(store, request_new_config(batch), done, context);
}

/* --- coming back ----------------------------------------------------------------------------- */

static void settle_removal(struct store *store, const struct removal *removal)
{
    if (!removal->removed)
        return;
    recent_remove(&store->recent, removal->message);
    if (removal->segment)
        segment_row_removed(&store->segments, removal->segment);
}

static void settle_accept(struct store *store, struct request *request)
{
    struct accept_request *accept = &request->accept;
    struct body *body = accept->body;
    if (request->outcome != STORE_OK || !accept->inserted) {
        body_abandon(body);
        return;
    }
    store->queued_recipients += accept->envelope.recipient_count;
    store->body_memory_bytes -= body->capacity;
    struct recent_body recent = {
        .message = accept->envelope.message,
        .memory = body->memory ? realloc(body->memory, (size_t)body->size) : NULL,
        .size = body->size,
        .checksum = body->checksum,
        .segment = accept->in_row ? 0 : accept->segment,
        .offset = accept->offset,
    };
    if (body->memory && !recent.memory)
        recent.memory = body->memory; /* it did not shrink */
    body->memory = NULL;
    body->capacity = 0;
    recent_add(&store->recent, &recent);
    body_abandon(body); /* what is left of it: the segment it held */
}

static void settle_finish(struct store *store, struct request *request)
{
    const struct finish_request *finish = &request->finish;
    if (request->outcome != STORE_OK && request->outcome != STORE_LOST)
        return;
    store->queued_recipients -= finish->recipients_gone;
    for (size_t i = 0; i < finish->count; i++)
        settle_removal(store, &finish->removals[i]);
}

static void settle_exchange(struct store *store, struct request *request)
{
    const struct exchange_request *exchange = &request->exchange;
    if (request->outcome == STORE_OK)
        store->queued_recipients += exchange->exchange.recipient_count - exchange->gone;
}

static void forget_claim(struct store *store, const struct own_row *row)
{
    for (size_t i = 0; i < store->claim_count; i++) {
        if (store->claims[i].message != row->message ||
            store->claims[i].recipient != row->recipient)
            continue;
        store->claims[i] = store->claims[--store->claim_count];
        return;
    }
}

/* A claim that could not be written stays in memory, so that it is not handed out twice, and is
 * tried again. */
static void settle_own(struct store *store, struct request *request)
{
    if (request->outcome == STORE_STOPPED)
        return;
    for (size_t i = 0; request->outcome == STORE_OK && i < request->own->count; i++)
        forget_claim(store, &request->own->rows[i]);
    if (request->outcome == STORE_OK)
        return;
    struct request *again = request_new_own(request->own->count);
    if (!again)
        return;
    memcpy(again->own, request->own,
           sizeof *again->own + request->own->count * sizeof(struct own_row));
    if (store_submit(store, again) != STORE_OK)
        return; /* it has stopped: ownership ends anyway */
}

static void settle_message(struct store *store, struct request *request)
{
    if (request->outcome != STORE_OK || request->set.order != QUEUE_REMOVE)
        return;
    store->queued_recipients -= request->number;
    settle_removal(store, &request->set.removal);
}

static void settle_config(struct store *store, struct request *request)
{
    if (request->outcome == STORE_OK && store->hint)
        store->hint(store->hint_context, request->number);
}

static void settle_nothing(struct store *store, struct request *request)
{
    (void)store;
    (void)request;
}

typedef void settle_fn(struct store *store, struct request *request);

static settle_fn *const settles[] = {
    [REQUEST_ACCEPT] = settle_accept,
    [REQUEST_FINISH] = settle_finish,
    [REQUEST_OWN] = settle_own,
    [REQUEST_DESTINATION] = settle_nothing,
    [REQUEST_MESSAGE] = settle_message,
    [REQUEST_DAMAGED] = settle_nothing,
    [REQUEST_ASIDE] = settle_nothing,
    [REQUEST_MOVE] = settle_nothing,
    [REQUEST_CONFIG] = settle_config,
    [REQUEST_EXCHANGE] = settle_exchange,
    [REQUEST_COMPACT] = compaction_settle,
};

void store_dispatch(struct store *store)
{
    uint64_t count;
    struct request_list finished = {0};
    ssize_t drained = read(store->event_fd, &count, sizeof count);
    (void)drained; /* nothing there is fine: the list says what is to be done */
    pthread_mutex_lock(&store->lock);
    request_list_append(&finished, &store->finished);
    pthread_mutex_unlock(&store->lock);
    struct request *request;
    while ((request = request_list_take(&finished))) {
        settles[request->kind](store, request);
        if (request->done)
            request->done(request->context, request->outcome, request->number);
        request_free(request);
    }
}

/* --- message ids ----------------------------------------------------------------------------- */

/* 41 bits of milliseconds since 2020 | 6 shard | 10 node | 6 counter */
uint64_t store_message_id(struct store *store, int64_t now_ms)
{
    enum { COUNTER_BITS = 6, NODE_BITS = 10, TIME_SHIFT = 22 };
    int64_t const year_2020_ms = INT64_C(1577836800000);
    uint64_t now = now_ms > year_2020_ms ? (uint64_t)(now_ms - year_2020_ms) : 1;
    uint64_t last = store->last_message_id;
    uint64_t counter = 0;
    if (now <= last >> TIME_SHIFT) {
        now = last >> TIME_SHIFT;
        counter = (last & ((1u << COUNTER_BITS) - 1)) + 1;
    }
    if (counter >> COUNTER_BITS) {
        now++;
        counter = 0;
    }
    now &= (UINT64_C(1) << 41) - 1;
    uint64_t node = store->options.node & ((1u << NODE_BITS) - 1);
    store->last_message_id = now << TIME_SHIFT | node << COUNTER_BITS | counter;
    return store->last_message_id;
}
