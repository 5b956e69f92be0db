/* SPDX-License-Identifier: Apache-2.0 */
/* Suspend-, Resume- and Retry-Queue. */
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/order.h"
#include "hub/handlers/parameters.h"
#include "hub/handlers/queue_identity.h"
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

/* An order under way; freed when it is answered. */
struct queue_command {
    struct call *call;
    enum queue_order order;
    struct text destination;
};

static void command_free(struct queue_command *command)
{
    text_deinit(&command->destination);
    free(command);
}

static void on_queue_set(void *context, enum store_outcome outcome, uint64_t number)
{
    struct queue_command *command = context;
    struct call *call = command->call;
    bool nothing = outcome == STORE_NOT_FOUND; /* it never held anything */
    struct slice destination = text_slice(&command->destination), name = queue_name(destination);
    if (outcome != STORE_OK && !nothing) {
        order_fail(call, (int)outcome);
    } else {
        if (command->order == QUEUE_RETRY)
            scheduler_retry(call->hub, destination);
        else
            scheduler_hold(call->hub, destination, command->order == QUEUE_SUSPEND);
        order_write_event(call);
        call_inform(call, "queue %.*s %s; it holds mail for %llu recipient%s", SLICE_ARG(name),
                    order_outcome(command->order, false),
                    (unsigned long long)(nothing ? 0 : number), !nothing && number == 1 ? "" : "s");
        call_done(call);
    }
    command_free(command);
}

static void order_queue(struct call *call, enum queue_order what)
{
    struct queue_command *command = calloc(1, sizeof *command);
    if (!command) {
        call_fail(call, OPERATION_FAILED, "there is no memory for the order");
        return;
    }
    *command = (struct queue_command){call, what, text_with_ceiling(QUEUE_KEY_MAX)};
    if (!find_queue(call, &command->destination)) {
        command_free(command);
        return;
    }
    if (operation_is_dry(call)) {
        call_inform(call, "WhatIf: nothing was changed");
        call_done(call);
        command_free(command);
        return;
    }
    int result = destination_set(call->hub->store, text_slice(&command->destination), what,
                                 clock_wall_ms(), on_queue_set, command);
    if (result == STORE_OK)
        return;
    order_fail(call, result);
    command_free(command);
}

void queue_suspend(struct call *call)
{
    order_queue(call, QUEUE_SUSPEND);
}

void queue_resume(struct call *call)
{
    order_queue(call, QUEUE_RESUME);
}

void queue_retry(struct call *call)
{
    order_queue(call, QUEUE_RETRY);
}
