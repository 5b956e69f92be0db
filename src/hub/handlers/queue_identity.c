/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/handlers/queue_identity.h"

#include "base/number.h"
#include "hub/handlers/object.h"
#include "hub/transport/mailbox_transport.h"
#include "hub/transport/poison.h"
#include "model/routing.h"

bool queue_is_mailbox(struct slice destination)
{
    return slice_equal(destination, mailbox_key);
}

bool queue_is_unreachable(struct slice destination)
{
    return !queue_is_poison(destination) && next_hop_of_key(destination).kind == ROUTE_UNREACHABLE;
}

bool queue_is_poison(struct slice destination)
{
    return slice_equal(destination, poison_key);
}

struct slice queue_name(struct slice destination)
{
    return queue_is_mailbox(destination)       ? SLICE("Mailbox")
           : queue_is_unreachable(destination) ? SLICE("Unreachable")
           : queue_is_poison(destination)      ? SLICE("Poison")
                                               : destination;
}

void queue_append_identity(struct text *text, const struct call *call, struct slice destination)
{
    const struct server *server = model_server(call->hub->model);
    if (server)
        text_append(text, server->name);
    text_append_c(text, "\\");
    append_clean(text, slice_first(queue_name(destination), 255));
}

json_t *queue_identity(const struct call *call, struct slice destination)
{
    char storage[400];
    struct text text = text_over(storage, sizeof(storage));
    queue_append_identity(&text, call, destination);
    return json_of_slice(text_slice(&text));
}

/* Those with a name of their own have it from their key. */
void queue_append_key(struct text *text, struct slice identity)
{
    static const char *const keys[] = {"mailbox", "unreachable", "poison"};
    struct slice name = identity, server;
    if (!slice_take_until(&name, '\\', &server))
        name = identity;
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (slice_equal_nocase(name, slice_of(keys[i])))
            name = slice_of(keys[i]);
    text_append(text, name);
}

bool queue_is_meant(struct slice written, struct slice destination)
{
    struct slice rest = written, server;
    if (slice_take_until(&rest, '\\', &server))
        written = rest;
    return written.len == 0 || slice_equal(written, SLICE("*")) ||
           slice_equal_nocase(written, queue_name(destination));
}

bool queue_message_number(struct slice written, uint64_t *out_number)
{
    struct slice rest = written, part;
    while (slice_take_until(&rest, '\\', &part))
        written = rest;
    return number_parse_u64(written, UINT64_MAX, out_number) && *out_number != 0;
}
