/* SPDX-License-Identifier: Apache-2.0 */
/* Export-Message: the bytes of a message, as they came; it stays in the queue. */
#include "base/base64.h"
#include "hub/operation_handlers.h"
#include "hub/operation_object.h"
#include "hub/operation_parameters.h"
#include "hub/queue_identity.h"

#include <unistd.h>

enum {
    EXPORT_MAX = 40 << 20, /* its base64 has room in a reply */
    PIECE_BYTES = 3 << 14, /* of base64 without padding in between */
};

struct sought {
    bool found;
    uint64_t size_bytes;
};

static bool on_item(void *context, const struct queue_item *item)
{
    struct sought *sought = context;
    *sought = (struct sought){true, item->size_bytes};
    return false;
}

/* False: the call has failed. */
static bool may_leave(struct call *call, uint64_t *out_message)
{
    struct sought sought = {0};
    if (!queue_message_number(call_text(call, "Identity"), out_message)) {
        call_fail(call, OPERATION_USAGE,
                  "-Identity of a message is SERVER\\queue\\number, or the number");
        return false;
    }
    unsigned long long number = *out_message;
    struct queue_filter filter = {.message = *out_message};
    bool read = queue_list(call->hub->store, &filter, on_item, &sought) == STORE_OK;
    if (!read)
        call_fail(call, OPERATION_FAILED, "the queue cannot be read");
    else if (!sought.found)
        call_fail_fix(call, OPERATION_NOT_FOUND, "Get-Message",
                      "no message %llu waits; it may be delivered", number);
    else if (sought.size_bytes > EXPORT_MAX)
        call_fail(call, OPERATION_FAILED, "message %llu has %llu bytes; at most %d can be exported",
                  number, (unsigned long long)sought.size_bytes, EXPORT_MAX);
    else
        return true;
    return false;
}

/* Piece by piece, so that only the base64 is whole in memory. */
static bool read_body(struct call *call, uint64_t message, struct text *out)
{
    static char piece[PIECE_BYTES];
    struct body_loan loan;
    uint64_t at = 0;
    if (body_lend(call->hub->store, message, &loan) != STORE_OK)
        return false;
    bool good = true;
    while (good && at < loan.length) {
        size_t wanted = loan.length - at < sizeof piece ? (size_t)(loan.length - at) : sizeof piece;
        ssize_t got = pread(loan.fd, piece, wanted, (off_t)(loan.offset + at));
        good = got == (ssize_t)wanted && base64_append(out, (struct slice){piece, wanted});
        at += wanted;
    }
    body_loan_return(call->hub->store, &loan);
    return good;
}

void message_export(struct call *call)
{
    uint64_t message;
    if (!may_leave(call, &message))
        return;
    struct text encoded = text_with_ceiling((size_t)EXPORT_MAX / 3 * 4 + 16);
    if (read_body(call, message, &encoded)) {
        json_t *json = json_object();
        json_object_set_new(json, "Identity", json_integer((json_int_t)message));
        json_object_set_new(json, "FileData", json_of_slice(text_slice(&encoded)));
        call->noun = "MessageFile";
        call_emit(call, json);
        call_done(call);
    } else {
        call_fail(call, OPERATION_FAILED, "the message cannot be read");
    }
    text_deinit(&encoded);
}
