/* SPDX-License-Identifier: Apache-2.0 */
/* Get- and Set-ServerComponentState: which parts of the server are in service, and who wants that.
 */
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "hub/handlers/transport_service.h"
#include "hub/transport/components.h"
#include "os/clock.h"

enum { LINE_BYTES = 512 };

/* --- Get --- */

static json_t *wish_json(const struct component_wish *wish)
{
    json_t *json = json_object();
    json_object_set_new(json, "Component", json_string(component_name(wish->component)));
    json_object_set_new(json, "Requester", json_string(component_requester_name(wish->requester)));
    json_object_set_new(json, "State", json_string(component_state_name(wish->state)));
    json_object_set_new(json, "Timestamp", json_of_time(wish->at_ms));
    return json;
}

/* What is wished of the component itself. */
static json_t *wishes_json(const struct model *model, enum component component)
{
    const struct transport_service *service = model_transport_service(model);
    json_t *list = json_array();
    for (size_t i = 0; service && i < service->component_wishes.count; i++) {
        struct component_wish wish;
        if (component_wish_parse(service->component_wishes.at[i], &wish) &&
            wish.component == component)
            json_array_append_new(list, wish_json(&wish));
    }
    return list;
}

static json_t *component_json(const struct model *model, enum component component)
{
    const struct server *server = model_server(model);
    json_t *json = json_object();
    if (server) {
        json_object_set_new(json, "Identity", json_of_slice(server->name));
        json_object_set_new(json, "Server", json_of_slice(server->fqdn));
        json_object_set_new(json, "ServerFqdn", json_of_slice(server->fqdn));
    }
    enum component_state state = transport_service_state(model, component, NULL);
    json_object_set_new(json, "Component", json_string(component_name(component)));
    json_object_set_new(json, "State", json_string(component_state_name(state)));
    json_object_set_new(json, "LocalStates", wishes_json(model, component));
    return json;
}

/* False: the call has failed. */
static bool read_component(struct call *call, enum component *out)
{
    struct slice written = call_text(call, "Component");
    if (component_parse(written, out))
        return true;
    call_fail(call, OPERATION_USAGE,
              "-Component is ServerWideOffline, FrontendTransport or HubTransport, not \"%.*s\"",
              SLICE_ARG(slice_first(written, 60)));
    return false;
}

void component_state_get(struct call *call)
{
    enum component only = COMPONENTS;
    if (!operation_server_is_this(call, "Identity") ||
        (call_has(call, "Component") && !read_component(call, &only)))
        return;
    for (size_t i = 0; i < COMPONENTS; i++)
        if (only == COMPONENTS || only == (enum component)i)
            call_emit(call, component_json(call->hub->model, (enum component)i));
    call_done(call);
}

/* --- Set --- */

/* False: the call has failed. */
static bool read_wish(struct call *call, struct component_wish *out)
{
    out->at_ms = clock_wall_ms();
    if (!read_component(call, &out->component))
        return false;
    if (!component_state_parse(call_text(call, "State"), &out->state))
        call_fail(call, OPERATION_USAGE, "-State is Active, Draining or Inactive");
    else if (!component_requester_parse(call_text(call, "Requester"), &out->requester))
        call_fail(call, OPERATION_USAGE,
                  "-Requester is HealthAPI, Maintenance, Sidelined, Functional or Deployment");
    else
        return true;
    return false;
}

/* What each state comes to. */
static void inform_effect(struct call *call, enum component component, enum component_state state)
{
    static const char *const effects[COMPONENTS][COMPONENT_STATES] = {
        [COMPONENT_FRONTEND_TRANSPORT] =
            {
                [COMPONENT_DRAINING] = "connectors of FrontendTransport answer new sessions 421 "
                                       "4.3.2; those that live go on",
                [COMPONENT_INACTIVE] = "connectors of FrontendTransport answer new sessions 421 "
                                       "4.3.2; those that live are ended, between two messages",
            },
        [COMPONENT_HUB_TRANSPORT] =
            {
                [COMPONENT_DRAINING] = "no connector takes new sessions (421 4.3.2); those that "
                                       "live go on, and what waits is delivered",
                [COMPONENT_INACTIVE] = "no connector takes sessions (421 4.3.2), and nothing is "
                                       "delivered: what waits stays in its queue",
            },
    };
    const char *effect = effects[component][state];
    call_inform(call, "%s is %s%s%s", component_name(component), component_state_name(state),
                effect ? ": " : "", effect ? effect : "");
}

/* Somebody else wants worse than what was just asked for. */
static void warn_of_others(struct call *call, const struct model *model,
                           const struct component_wish *asked)
{
    struct component_wish other;
    char storage[LINE_BYTES];
    struct text line = text_over(storage, sizeof storage);
    enum component_state state = transport_service_state(model, asked->component, &other);
    if (state <= asked->state)
        return;
    component_append_reason(&line, model, asked->component, &other);
    call_warn(call, "%s asks for it, too: %.*s", component_requester_name(other.requester),
              SLICE_ARG(text_slice(&line)));
}

static void say_outcome(struct call *call, const struct model *model)
{
    struct component_wish asked;
    if (!read_wish(call, &asked))
        return;
    for (size_t i = 0; i < COMPONENTS; i++) {
        enum component component = (enum component)i;
        bool concerned =
            asked.component == component || asked.component == COMPONENT_SERVER_WIDE_OFFLINE;
        if (concerned)
            inform_effect(call, component, transport_service_state(model, component, NULL));
    }
    warn_of_others(call, model, &asked);
}

static void set_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    struct component_wish wish;
    if (!read_wish(call, &wish)) {
        operation_refuse(change);
        return;
    }
    struct transport_service *service = transport_service_draft(draft);
    if (!service || !component_wish_put(&service->component_wishes, &wish, draft->arena)) {
        call_fail(call, OPERATION_FAILED, "there is no memory for the change");
        operation_refuse(change);
        return;
    }
    say_outcome(call, draft);
    change_put(change, MODEL_TRANSPORT_SERVICE, service);
    operation_commit(call, change);
}

void component_state_set(struct call *call)
{
    if (operation_server_is_this(call, "Identity"))
        operation_change(call, set_edit, NULL);
}
