/* SPDX-License-Identifier: Apache-2.0 */
/* Suspend-, Resume- and Retry-Queue. */
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/order.h"
#include "hub/handlers/parameters.h"
#include "hub/handlers/queue_identity.h"
#include "hub/transport/reroute.h"
#include "hub/transport/scheduler.h"
#include "os/clock.h"

#include <stdlib.h>

enum { QUEUE_KEY_MAX = 512 };

struct queue_sought {
    struct slice written;
    struct text *key;
};

static bool is_sought(void *context, const struct queue_statistic *statistic)
{
    struct queue_sought *sought = context;
    if (!queue_is_meant(sought->written, statistic->destination))
        return true;
    text_append(sought->key, statistic->destination);
    return false;
}

/* Mailbox, Unreachable and Poison are there even when they hold nothing. False: the call has
 * failed. */
static bool find_queue(struct call *call, struct text *out_key)
{
    static const char *const destinations[] = {"mailbox", "unreachable", "poison"};
    struct queue_sought sought = {call_text(call, "Identity"), out_key};
    bool exact = !slice_equal(sought.written, SLICE("*"));
    for (size_t i = 0; exact && !out_key->len && i < COUNT_OF(destinations); i++)
        if (queue_is_meant(sought.written, slice_of(destinations[i])))
            text_append_c(out_key, destinations[i]);
    if (exact && !out_key->len &&
        queue_statistics(call->hub->store, (struct slice){0}, is_sought, &sought) == STORE_OK &&
        out_key->len)
        return true;
    if (out_key->len)
        return true;
    call_fail_fix(
        call, OPERATION_NOT_FOUND, "Get-Queue",
        "there is no queue \"%.*s\"; there are Mailbox, Unreachable, Poison and one for each "
        "next hop that mail waits for",
        SLICE_ARG(slice_first(sought.written, 120)));
    return false;
}

/* An order under way: the call's scratch. The names of its queues are what the call keeps. */
struct queue_command {
    struct call *call;
    enum queue_order order;
    bool resubmits;
    size_t at;
    uint64_t recipients;
    struct deferred next;
};

static struct slice queue_at(const struct queue_command *command, size_t at)
{
    return slice_of(json_string_value(json_array_get(command->call->kept, at)));
}

static void say_done(const struct queue_command *command)
{
    struct call *call = command->call;
    size_t count = json_array_size(call->kept);
    const char *more = command->recipients == 1 ? "" : "s";
    unsigned long long recipients = (unsigned long long)command->recipients;
    if (count == 1)
        call_inform(call, "queue %.*s %s; it holds mail for %llu recipient%s",
                    SLICE_ARG(queue_name(queue_at(command, 0))),
                    order_outcome(command->order, false), recipients, more);
    else
        call_inform(call, "%zu queues %s; they hold mail for %llu recipient%s", count,
                    order_outcome(command->order, true), recipients, more);
}

static void finish(struct queue_command *command)
{
    struct call *call = command->call;
    if (operation_is_dry(call)) {
        call_inform(call, "WhatIf: nothing was changed");
    } else {
        order_write_event(call);
        say_done(command);
        if (command->resubmits)
            reroute_look(call->hub);
    }
    call_done(call);
}

static void on_queue_set(void *context, enum store_outcome outcome, uint64_t number)
{
    struct queue_command *command = context;
    struct call *call = command->call;
    struct slice destination = queue_at(command, command->at);
    if (outcome != STORE_OK && outcome != STORE_NOT_FOUND) { /* else it never held anything */
        order_fail(call, (int)outcome);
        return;
    }
    if (command->order == QUEUE_RETRY)
        scheduler_retry(call->hub, destination);
    else
        scheduler_hold(call->hub, destination, command->order == QUEUE_SUSPEND);
    command->recipients += outcome == STORE_OK ? number : 0;
    command->at++;
    loop_defer(call->hub->role.loop, &command->next);
}

static void next_queue(void *context)
{
    struct queue_command *command = context;
    struct call *call = command->call;
    if (command->at == json_array_size(call->kept) || operation_is_dry(call)) {
        finish(command);
        return;
    }
    int result = destination_set(call->hub->store, queue_at(command, command->at), command->order,
                                 clock_wall_ms(), on_queue_set, command);
    if (result != STORE_OK)
        order_fail(call, result);
}

/* What the call has emitted are the queues of its filter. */
static void on_listed(struct call *call)
{
    for (size_t i = 0; i < json_array_size(call->objects); i++) {
        const json_t *key = json_object_get(json_array_get(call->objects, i), "Identity");
        char storage[QUEUE_KEY_MAX];
        struct text name = text_over(storage, sizeof storage);
        queue_append_key(&name, slice_of(json_string_value(key)));
        json_array_append_new(call->kept, json_of_slice(text_slice(&name)));
    }
    json_array_clear(call->objects);
    next_queue(call->scratch);
}

static void order_one(struct call *call)
{
    CLEANUP(text_deinit) struct text key = text_with_ceiling(QUEUE_KEY_MAX);
    if (!find_queue(call, &key))
        return;
    json_array_append_new(call->kept, json_of_slice(text_slice(&key)));
    next_queue(call->scratch);
}

static void order_queue(struct call *call, enum queue_order what, bool resubmits)
{
    struct queue_command *command = calloc(1, sizeof *command);
    call->scratch = command;
    call->kept = json_array();
    if (!command || !call->kept) {
        call_fail(call, OPERATION_FAILED, "there is no memory for the order");
        return;
    }
    *command = (struct queue_command){.call = call, .order = what, .resubmits = resubmits};
    command->next = (struct deferred){.run = next_queue, .context = command};
    if (call_has(call, "Identity") == call_has(call, "Filter"))
        call_fail(call, OPERATION_USAGE, "give -Identity or -Filter");
    else if (call_has(call, "Filter"))
        queue_emit_all(call, on_listed);
    else
        order_one(call);
}

void queue_suspend(struct call *call)
{
    order_queue(call, QUEUE_SUSPEND, false);
}

void queue_resume(struct call *call)
{
    order_queue(call, QUEUE_RESUME, false);
}

void queue_retry(struct call *call)
{
    bool resubmits;
    if (call_bool(call, "Resubmit", false, &resubmits))
        order_queue(call, QUEUE_RETRY, resubmits);
}
