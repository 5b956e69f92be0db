/* SPDX-License-Identifier: Apache-2.0 */
/* Get-TransportService: the server at a glance. */
#include "hub/logs.h"
#include "hub/operation_handlers.h"
#include "hub/operation_object.h"
#include "os/clock.h"

#include <string.h>

static size_t alive(const struct peer *peers)
{
    size_t count = 0;
    for (size_t i = 0; i < HUB_PEERS_MAX; i++)
        count += channel_alive(&peers[i].channel) ? 1 : 0;
    return count;
}

static void add_edges(json_t *json, const struct hub *hub)
{
    size_t in_force = 0;
    uint64_t older = 0;
    for (size_t i = 0; i < HUB_PEERS_MAX; i++) {
        if (!channel_alive(&hub->edges[i].channel))
            continue;
        in_force += hub->edges[i].revision == hub->model->revision ? 1 : 0;
        older += hub->edges[i].sessions_older;
    }
    json_object_set_new(json, "Edges", json_integer((json_int_t)alive(hub->edges)));
    json_object_set_new(json, "EdgesInForce", json_integer((json_int_t)in_force));
    json_object_set_new(json, "SessionsOnOlderRevision", json_integer((json_int_t)older));
    json_object_set_new(json, "Signers", json_integer((json_int_t)alive(hub->signers)));
    json_object_set_new(json, "Couriers", json_integer((json_int_t)alive(hub->couriers)));
    json_object_set_new(json, "VaultAvailable", json_boolean(channel_alive(&hub->checker.channel)));
}

static json_t *bindings(const struct hub *hub, bool failed)
{
    json_t *list = json_array();
    for (size_t i = 0; i < hub->binding_count; i++) {
        const struct binding *binding = &hub->bindings[i];
        if ((binding->error != 0) != failed)
            continue;
        char storage[160];
        struct text line = text_over(storage, sizeof(storage));
        ip_endpoint_append(&line, binding->endpoint);
        if (failed)
            text_append_format(&line, ": %s", strerror(binding->error));
        json_array_append_new(list, json_of_slice(text_slice(&line)));
    }
    return list;
}

static void add_store(json_t *json, struct hub *hub)
{
    static const char *const levels[] = {
        [STORE_PRESSURE_NONE] = "None",
        [STORE_PRESSURE_MEDIUM] = "Medium",
        [STORE_PRESSURE_HIGH] = "High",
    };
    struct store_pressure pressure;
    json_object_set_new(json, "Accepting", json_boolean(store_accepting(hub->store)));
    if (store_pressure(hub->store, clock_wall_ms(), &pressure) != STORE_OK)
        return;
    json_object_set_new(json, "BackPressure", json_string(levels[pressure.level]));
    json_object_set_new(json, "BackPressureCause",
                        json_string(pressure.cause ? pressure.cause : ""));
    json_object_set_new(json, "QueuedRecipients",
                        json_integer((json_int_t)pressure.queued_recipients));
    json_object_set_new(json, "CommitP99Milliseconds", json_integer(pressure.commit_p99_ms));
    json_object_set_new(json, "FreeBytes", json_integer((json_int_t)pressure.free_bytes));
}

void transport_service_get(struct call *call)
{
    struct hub *hub = call->hub;
    const struct server *server = model_server(hub->model);
    json_t *json = json_object();
    if (server) {
        json_object_set_new(json, "Name", json_of_slice(server->name));
        json_object_set_new(json, "Fqdn", json_of_slice(server->fqdn));
    }
    json_object_set_new(json, "Version", json_string(POSTERN_VERSION));
    json_object_set_new(json, "Revision", json_integer((json_int_t)hub->model->revision));
    json_object_set_new(json, "InForceSince", json_of_time(hub->in_force_since_ms));
    add_edges(json, hub);
    json_object_set_new(json, "Bindings", bindings(hub, false));
    json_object_set_new(json, "BindingErrors", bindings(hub, true));
    add_store(json, hub);
    json_object_set_new(json, "LogRowsLost", json_integer((json_int_t)logs_rows_lost(hub)));
    call_emit(call, json);
    call_done(call);
}
