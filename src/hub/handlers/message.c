/* SPDX-License-Identifier: Apache-2.0 */
/* Get-Message: what waits in the queue, message by message. */
#include "hub/handlers/handlers.h"
#include "hub/handlers/message_search.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "hub/handlers/queue_identity.h"
#include "os/clock.h"

#include <stdlib.h>

enum { TURN_MESSAGES = 500 }; /* so many are shown in one turn of the loop */

/* What was found, being shown. */
struct showing {
    struct call *call;
    struct message_search *search;
    size_t at;
    json_t *message; /* whose recipients are being added */
    struct watch next;
};

static bool add_recipient(void *context, const struct queue_item *item)
{
    struct showing *showing = context;
    char bytes[MESSAGE_SCRATCH_BYTES];
    struct text scratch = text_over(bytes, sizeof bytes);
    struct message_sight sight = {showing->call, item, clock_wall_ms(), &scratch};
    if (!queue_is_meant(showing->search->queue, item->destination))
        return true;
    if (!showing->message)
        showing->message = message_json(&sight);
    json_array_append_new(json_object_get(showing->message, "Recipients"),
                          json_of_slice(item->address));
    return true;
}

/* False: the store does not say. One that was delivered meanwhile is left out. */
static bool show_next(struct showing *showing)
{
    struct queue_filter filter = {.message = showing->search->found[showing->at++].message};
    int result = queue_list(showing->call->hub->store, &filter, add_recipient, showing);
    if (showing->message)
        call_emit(showing->call, showing->message);
    showing->message = NULL;
    return result == STORE_OK;
}

/* Of the whole result, when it was asked for; else whether this may not be all. */
static void say_place(struct call *call, const struct message_search *search)
{
    size_t shown = json_array_size(call->objects);
    if (search->counts)
        call_inform(call, "messages %zu to %zu of %zu", search->before + (shown > 0),
                    search->before + shown, search->matches);
    else if (search->count == search->result_size)
        call_warn(call, "there may be more than these %zu; -ResultSize Unlimited shows all", shown);
}

static void end(struct showing *showing, bool good)
{
    if (good) {
        say_place(showing->call, showing->search);
        call_done(showing->call);
    } else {
        call_fail(showing->call, OPERATION_FAILED, "the queue cannot be read");
    }
    message_search_free(showing->search);
    free(showing);
}

static void on_turn(void *context, unsigned events)
{
    (void)events;
    struct showing *showing = context;
    bool good = true;
    for (size_t i = 0; good && i < TURN_MESSAGES && showing->at < showing->search->count; i++)
        good = show_next(showing);
    if (good && showing->at < showing->search->count)
        timer_set(&showing->next, 0);
    else
        end(showing, good);
}

static void on_found(void *context, bool good)
{
    struct showing *showing = context;
    struct message_search *search = showing->search;
    if (good && (!search->range.message || search->seen)) {
        on_turn(showing, 0);
        return;
    }
    if (good)
        call_fail(showing->call, OPERATION_NOT_FOUND, "no message %llu waits; it may be delivered",
                  (unsigned long long)search->range.message);
    message_search_free(search);
    free(showing);
}

void message_get(struct call *call)
{
    uint64_t message = 0;
    if (call_has(call, "Identity") &&
        !queue_message_number(call_text(call, "Identity"), &message)) {
        call_fail(call, OPERATION_USAGE,
                  "-Identity of a message is SERVER\\queue\\number, or the number");
        return;
    }
    struct showing *showing = calloc(1, sizeof *showing);
    struct message_search *search = showing ? message_search_new(call) : NULL;
    if (!search) {
        if (!showing)
            call_fail(call, OPERATION_FAILED, "there is no memory to show messages");
        free(showing);
        return;
    }
    *showing = (struct showing){.call = call, .search = search};
    timer_init(&showing->next, call->hub->role.loop, on_turn, showing);
    message_search_narrow(search, message);
    message_search_start(search, on_found, showing);
}
