/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/incoming.h"

#include <stdlib.h>

struct incoming **incoming_bucket(struct hub *hub, const struct peer *edge, uint64_t session)
{
    uint64_t mixed = (session ^ (uint64_t)(uintptr_t)edge) * 0x9e3779b97f4a7c15u;
    return &hub->intake->buckets[mixed >> 52];
}

struct incoming *incoming_find(struct hub *hub, const struct peer *edge, uint64_t session)
{
    struct incoming *incoming = *incoming_bucket(hub, edge, session);
    while (incoming && (incoming->session != session || incoming->edge != edge || incoming->ended))
        incoming = incoming->next;
    return incoming;
}

void incoming_release(struct incoming *incoming)
{
    body_abandon(incoming->body);
    incoming_forget_changes(incoming);
    text_deinit(&incoming->envelope);
    arena_deinit(&incoming->arena);
    free(incoming->recipients);
    expand_free(&incoming->expanded);
    free(incoming);
}

void incoming_over(struct incoming *incoming)
{
    struct incoming **link = incoming_bucket(incoming->hub, incoming->edge, incoming->session);
    while (*link && *link != incoming)
        link = &(*link)->next;
    if (*link)
        *link = incoming->next;
    incoming_release(incoming);
}

void incoming_answer(struct incoming *incoming, enum wire_message_outcome outcome)
{
    struct wire_message_answer message = {
        .session = incoming->session, .outcome = outcome, .message = incoming->message};
    if (incoming->edge)
        channel_send(&incoming->edge->channel, WIRE_MESSAGE_ANSWER, &message, -1);
}

enum wire_message_outcome incoming_outcome(int result)
{
    return result == STORE_OK                             ? WIRE_MESSAGE_STORED
           : result == STORE_FULL || result == STORE_BUSY ? WIRE_MESSAGE_FULL
                                                          : WIRE_MESSAGE_FAILED;
}

void incoming_fail(struct incoming *incoming, int result)
{
    if (incoming->failed)
        return;
    incoming->failed = true;
    body_abandon(incoming->body);
    incoming->body = NULL;
    incoming_answer(incoming, result == STORE_OK ? WIRE_MESSAGE_FAILED : incoming_outcome(result));
}
