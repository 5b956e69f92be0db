/* SPDX-License-Identifier: Apache-2.0 */
/* Export-Message: the bytes of a message, as they came; it stays in the queue. */
#include "base/base64.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "hub/handlers/queue_identity.h"

static bool on_item(void *context, const struct queue_item *item)
{
    bool *found = context;
    (void)item;
    *found = true;
    return false;
}

/* False: the call has failed. */
static bool may_leave(struct call *call, uint64_t *out_message)
{
    bool found = false;
    if (!queue_message_number(call_text(call, "Identity"), out_message)) {
        call_fail(call, OPERATION_USAGE,
                  "-Identity of a message is SERVER\\queue\\number, or the number");
        return false;
    }
    unsigned long long number = *out_message;
    struct queue_filter filter = {.message = *out_message};
    bool read = queue_list(call->hub->store, &filter, on_item, &found) == STORE_OK;
    if (!read)
        call_fail(call, OPERATION_FAILED, "the queue cannot be read");
    else if (!found)
        call_fail_fix(call, OPERATION_NOT_FOUND, "Get-Message",
                      "no message %llu waits; it may be delivered", number);
    else
        return true;
    return false;
}

/* The file itself follows the reply, in pieces. */
void message_export(struct call *call)
{
    uint64_t message;
    if (!may_leave(call, &message))
        return;
    if (body_lend(call->hub->store, message, &call->file) != STORE_OK) {
        call_fail(call, OPERATION_FAILED, "the message cannot be read");
        return;
    }
    json_t *json = json_object();
    json_object_set_new(json, "Identity", json_integer((json_int_t)message));
    call->noun = "MessageFile";
    call_emit(call, json);
    call_done(call);
}
