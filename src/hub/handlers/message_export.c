/* SPDX-License-Identifier: Apache-2.0 */
/* Export-Message: the bytes of a suspended message, as they came; it stays in the queue. */
#include "base/base64.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "hub/handlers/queue_identity.h"

enum { FIX_MAX = 64 };

struct sought {
    bool found, suspended;
};

static bool on_item(void *context, const struct queue_item *item)
{
    struct sought *sought = context;
    *sought = (struct sought){true, item->message_suspended};
    return false;
}

static bool fail_active(struct call *call, uint64_t message)
{
    char storage[FIX_MAX];
    struct text fix = text_over(storage, sizeof storage);
    text_append_format(&fix, "Suspend-Message %llu", (unsigned long long)message);
    call_fail_fix(call, OPERATION_CONFLICT, text_c_string(&fix),
                  "message %llu may be delivered at any moment: suspend it first",
                  (unsigned long long)message);
    return false;
}

/* False: the call has failed. */
static bool may_leave(struct call *call, uint64_t *out_message)
{
    struct sought sought = {0};
    bool active;
    if (!call_bool(call, "IncludeActive", false, &active))
        return false;
    if (!queue_message_number(call_text(call, "Identity"), out_message)) {
        call_fail(call, OPERATION_USAGE,
                  "-Identity of a message is SERVER\\queue\\number, or the number");
        return false;
    }
    struct queue_filter filter = {.message = *out_message};
    if (queue_list(call->hub->store, &filter, on_item, &sought) != STORE_OK)
        call_fail(call, OPERATION_FAILED, "the queue cannot be read");
    else if (!sought.found)
        call_fail_fix(call, OPERATION_NOT_FOUND, "Get-Message",
                      "no message %llu waits; it may be delivered",
                      (unsigned long long)*out_message);
    else
        return sought.suspended || active || fail_active(call, *out_message);
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
