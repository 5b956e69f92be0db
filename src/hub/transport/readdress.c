/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/readdress.h"

#include "hub/transport/tracking.h"
#include "os/clock.h"
#include "os/random.h"

#include <errno.h>

enum { TEXTS_MAX = 16 << 20, DATA_MAX = 2100 };

/* Above those of a client's recipients, below what a courier takes, and hardly ever the same twice:
 * files are named by them. */
static uint32_t first_number(void)
{
    return (UINT32_C(1) << 20) + (uint32_t)(random_u64() >> 41);
}

static int exchange(struct hub *hub, struct recipient_exchange *exchange,
                    const struct expanded_list *list, store_done_fn *done, void *context)
{
    exchange->first_number = first_number();
    exchange->recipients = list->recipients;
    exchange->recipient_count = list->count;
    return queue_exchange(hub->store, exchange, done, context);
}

static bool prepare(struct hub *hub, struct arena *arena, uint64_t size_bytes, enum sender_tls way,
                    const struct envelope_recipient *given, size_t count, struct expanded_list *out)
{
    if (!expand_recipients(hub, arena, given, count, out))
        return false;
    int64_t now_ms = clock_wall_ms();
    for (size_t i = 0; i < out->count; i++)
        out->recipients[i].next_at_ms = now_ms;
    return expand_route(hub, arena, out->recipients, out->count, size_bytes, way);
}

bool readdress_expand(struct hub *hub, const struct scheduled *what)
{
    char storage[DATA_MAX];
    struct text data = text_over(storage, sizeof storage);
    struct expanded_list list = {0};
    struct arena arena = arena_with_ceiling(TEXTS_MAX);
    struct log_tracking arrival = {.message = what->message,
                                   .message_id = what->message_id,
                                   .subject = what->subject,
                                   .sender = what->sender,
                                   .total_bytes = what->size_bytes};
    if (what->wish)
        text_append_format(&data, "notify=%u\n", (unsigned)what->wish);
    if (what->orcpt.len)
        text_append_format(&data, "orcpt=%.*s", SLICE_ARG(what->orcpt));
    struct envelope_recipient group = {.address = what->address, .data = text_slice(&data)};
    struct recipient_exchange order = {
        .message = what->message, .owned = true, .recipient = what->recipient};
    bool good = prepare(hub, &arena, what->size_bytes, sender_tls_of_way(what->tls, what->sender),
                        &group, 1, &list) &&
                exchange(hub, &order, &list, NULL, NULL) == STORE_OK;
    if (good)
        tracking_expanded(hub, &arrival, "EXPAND", what->address, list.recipients, list.count);
    expand_free(&list);
    arena_deinit(&arena);
    return good;
}

int readdress_message(struct hub *hub, uint64_t message, uint64_t size_bytes, enum sender_tls way,
                      struct arena *arena, const struct envelope_recipient *given, size_t count,
                      struct expanded_list *out, store_done_fn *done, void *context)
{
    struct recipient_exchange order = {.message = message};
    if (!prepare(hub, arena, size_bytes, way, given, count, out))
        return -ENOMEM;
    return exchange(hub, &order, out, done, context);
}
