/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/certificates/start_look.h"

#include "hub/certificates/probe.h"
#include "hub/transport/any_courier.h"
#include "os/clock.h"

static void on_seen(void *context, const struct probe_plan *plan)
{
    (void)context, (void)plan;
}

void start_look(struct hub *hub)
{
    if (!hub->ready || hub->looked_at_start || !any_courier(hub))
        return;
    hub->looked_at_start = true;
    struct probe_plan *plan = probe_plan_new();
    for (size_t i = 0; plan && i < model_count(hub->model, MODEL_RECEIVE_CONNECTOR); i++)
        probe_plan_add_connector(plan, model_receive_connector(hub->model, i));
    if (plan && probe_plan_expand(plan, hub->model, clock_wall_ms()))
        probe_run(hub, plan, on_seen, NULL);
    else
        probe_plan_free(plan);
}
