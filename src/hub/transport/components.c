/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/components.h"

enum { LINE_BYTES = 512 };

bool component_append_reason(struct text *text, const struct model *model, enum component component,
                             const struct component_wish *wish)
{
    const struct server *server = model_server(model);
    return text_append_format(
        text,
        "%s is %s; this puts it back: Set-ServerComponentState -Identity %.*s -Component %s "
        "-State Active -Requester %s",
        component_name(component), component_state_name(wish->state),
        SLICE_ARG(server ? server->name : SLICE("SERVER")), component_name(wish->component),
        component_requester_name(wish->requester));
}

static void say(const struct hub *hub, enum component component, enum component_state state,
                const struct component_wish *wish)
{
    char storage[LINE_BYTES];
    struct text line = text_over(storage, sizeof storage);
    if (state == COMPONENT_ACTIVE)
        text_append_format(&line, "%s is Active again", component_name(component));
    else
        component_append_reason(&line, hub->model, component, wish);
    role_event(NULL, state == COMPONENT_ACTIVE ? WIRE_LEVEL_INFORMATION : WIRE_LEVEL_WARNING, 0,
               "event=component hub: %.*s", SLICE_ARG(text_slice(&line)));
}

void components_look(struct hub *hub)
{
    for (size_t i = 0; i < COMPONENTS; i++) {
        enum component component = (enum component)i;
        struct component_wish wish;
        enum component_state state = transport_service_state(hub->model, component, &wish);
        if (state == hub->components[i])
            continue;
        hub->components[i] = state;
        say(hub, component, state, &wish);
    }
}
