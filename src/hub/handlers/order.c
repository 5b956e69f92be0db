/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/handlers/order.h"

#include "base/log_row.h"
#include "hub/state.h"

enum { EVENT_MAX = 4096, ESCAPED_BYTES = 4 };

const char *order_outcome(enum queue_order order, bool many)
{
    static const char *const outcomes[][2] = {
        [QUEUE_SUSPEND] = {"is suspended", "are suspended"},
        [QUEUE_RESUME] = {"goes on", "go on"},
        [QUEUE_RETRY] = {"is tried at once", "are tried at once"},
        [QUEUE_REMOVE] = {"is removed", "are removed"},
    };
    return outcomes[order][many];
}

void order_write_event(const struct call *call)
{
    char storage[EVENT_MAX];
    struct text command = text_over(storage, sizeof storage);
    log_value_append(&command, text_slice(&call->command_text), EVENT_MAX / ESCAPED_BYTES);
    role_event(NULL, WIRE_LEVEL_INFORMATION, 0, "event=queue-order hub: %.*s: %.*s",
               SLICE_ARG(call->actor), SLICE_ARG(text_slice(&command)));
}

void order_fail(struct call *call, int result)
{
    call_fail(call, OPERATION_FAILED, "the queue did not take the order: %s",
              result > 0 ? store_outcome_name((enum store_outcome)result) : "the store failed");
}
