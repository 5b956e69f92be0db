/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/handlers/queue_state.h"

#include "hub/handlers/queue_identity.h"
#include "hub/transport/components.h"
#include "hub/transport/hops.h"
#include "model/routing.h"

bool queue_is_held(const struct hub *hub, struct slice destination)
{
    return !components_deliver(hub) && !queue_is_unreachable(destination) &&
           !queue_is_poison(destination);
}

const char *queue_status(struct hub *hub, const struct queue_statistic *statistic, int64_t now_ms)
{
    struct hop_state hop;
    if (statistic->suspended || queue_is_held(hub, statistic->destination))
        return "Suspended";
    if (hops_state(hub, statistic->destination, &hop) && hop.status)
        return hop.status;
    if (statistic->owned > 0 && !queue_is_unreachable(statistic->destination))
        return "Active";
    return statistic->deferred > 0 && statistic->next_at_ms > now_ms ? "Retry" : "Ready";
}

const char *message_status(struct hub *hub, const struct queue_item *item, int64_t now_ms)
{
    if (item->message_suspended || item->destination_suspended ||
        queue_is_held(hub, item->destination))
        return "Suspended";
    if (item->owned && !queue_is_unreachable(item->destination))
        return "Active";
    return item->attempts > 0 && item->next_at_ms > now_ms ? "Retry" : "Ready";
}

/* False: it is in service. */
static bool append_component(struct text *text, const struct hub *hub)
{
    struct component_wish wish;
    return transport_service_state(hub->model, COMPONENT_HUB_TRANSPORT, &wish) !=
               COMPONENT_ACTIVE &&
           component_append_reason(text, hub->model, COMPONENT_HUB_TRANSPORT, &wish);
}

void queue_append_last_error(struct text *text, struct hub *hub, struct slice destination,
                             struct slice error)
{
    struct hop_state hop;
    if (queue_is_held(hub, destination) && append_component(text, hub))
        return;
    if (queue_is_poison(destination))
        error = SLICE("couriers died while they had it in hand; Resume-Message tries it again, "
                      "Remove-Message removes it");
    if (!error.len && hops_state(hub, destination, &hop))
        error = hop.last_error;
    if (!error.len && queue_is_unreachable(destination))
        error = SLICE("no route: its domain is not an accepted one, and no send connector is for "
                      "it (Test-MailRoute)");
    text_append(text, error);
}
