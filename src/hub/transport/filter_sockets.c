/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/filter_sockets.h"

#include "os/descriptor.h"

static bool is_a_filter(const struct model *model, struct slice endpoint)
{
    for (size_t i = 0; model && i < model->lists[MODEL_RECEIVE_CONNECTOR].count; i++) {
        const struct slice_list *milters = &model_receive_connector(model, i)->milters;
        for (size_t n = 0; n < milters->count; n++)
            if (slice_equal(milters->at[n], endpoint))
                return true;
    }
    return false;
}

/* One after the other, so that no courier has them all. */
static struct peer *a_courier(struct hub *hub)
{
    for (size_t i = 0; i < HUB_PEERS_MAX; i++) {
        struct peer *courier = &hub->couriers[hub->next_request++ % HUB_PEERS_MAX];
        if (channel_alive(&courier->channel))
            return courier;
    }
    return NULL;
}

static void refuse(struct peer *edge, const struct wire_filter_question *question, struct slice why)
{
    struct wire_filter_unreachable answer = {.edge = edge->channel.index,
                                             .session = question->session,
                                             .session_id = question->session_id,
                                             .number = question->number,
                                             .text = why};
    channel_send(&edge->channel, WIRE_FILTER_UNREACHABLE, &answer, -1);
}

bool filter_sockets_question(struct hub *hub, struct peer *edge,
                             const struct wire_filter_question *question)
{
    struct wire_filter_connect order = {.edge = edge->channel.index,
                                        .session = question->session,
                                        .session_id = question->session_id,
                                        .number = question->number,
                                        .endpoint = question->endpoint,
                                        .within_ms = question->within_ms};
    struct peer *courier = a_courier(hub);
    if (!is_a_filter(hub->model, question->endpoint))
        refuse(edge, question, SLICE("no connector has this filter any more"));
    else if (!courier || !channel_send(&courier->channel, WIRE_FILTER_CONNECT, &order, -1))
        refuse(edge, question, SLICE("no courier is there to connect"));
    return true;
}

void filter_sockets_answer(struct hub *hub, const struct frame *frame, int fd)
{
    bool connected = frame->type == WIRE_FILTER_CONNECTED;
    uint64_t edge =
        connected ? frame->message.filter_connected.edge : frame->message.filter_unreachable.edge;
    if (edge < HUB_PEERS_MAX)
        channel_send(&hub->edges[edge].channel, frame->type, &frame->message, fd);
    close_fd(&fd);
}
