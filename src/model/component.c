/* SPDX-License-Identifier: Apache-2.0 */
#include "model/component.h"

#include "base/calendar.h"

enum { WISH_BYTES = 128 };

static const char *const components[COMPONENTS] = {
    [COMPONENT_SERVER_WIDE_OFFLINE] = "ServerWideOffline",
    [COMPONENT_FRONTEND_TRANSPORT] = "FrontendTransport",
    [COMPONENT_HUB_TRANSPORT] = "HubTransport",
};
static const char *const states[COMPONENT_STATES] = {
    [COMPONENT_ACTIVE] = "Active",
    [COMPONENT_DRAINING] = "Draining",
    [COMPONENT_INACTIVE] = "Inactive",
};
static const char *const requesters[COMPONENT_REQUESTERS] = {
    [REQUESTER_HEALTH_API] = "HealthAPI",  [REQUESTER_MAINTENANCE] = "Maintenance",
    [REQUESTER_SIDELINED] = "Sidelined",   [REQUESTER_FUNCTIONAL] = "Functional",
    [REQUESTER_DEPLOYMENT] = "Deployment",
};

const char *component_name(enum component component)
{
    return components[component];
}

const char *component_state_name(enum component_state state)
{
    return states[state];
}

const char *component_requester_name(enum component_requester requester)
{
    return requesters[requester];
}

/* `count` when none of them is meant. */
static size_t index_of(struct slice written, const char *const *names, size_t count)
{
    size_t i = 0;
    while (i < count && !slice_equal_nocase(written, slice_of(names[i])))
        i++;
    return i;
}

bool component_parse(struct slice written, enum component *out)
{
    *out = (enum component)index_of(written, components, COMPONENTS);
    return *out < COMPONENTS;
}

bool component_state_parse(struct slice written, enum component_state *out)
{
    *out = (enum component_state)index_of(written, states, COMPONENT_STATES);
    return *out < COMPONENT_STATES;
}

bool component_requester_parse(struct slice written, enum component_requester *out)
{
    *out = (enum component_requester)index_of(written, requesters, COMPONENT_REQUESTERS);
    return *out < COMPONENT_REQUESTERS;
}

bool component_wish_append(struct text *text, const struct component_wish *wish)
{
    return text_append_format(text, "%s %s %s ", components[wish->component], states[wish->state],
                              requesters[wish->requester]) &&
           calendar_append_rfc3339(text, wish->at_ms);
}

bool component_wish_parse(struct slice written, struct component_wish *out)
{
    struct slice component, state, requester;
    return slice_take_field(&written, ' ', &component) && slice_take_field(&written, ' ', &state) &&
           slice_take_field(&written, ' ', &requester) &&
           component_parse(component, &out->component) &&
           component_state_parse(state, &out->state) &&
           component_requester_parse(requester, &out->requester) &&
           calendar_parse_rfc3339(written, &out->at_ms);
}

bool check_component_wish(const struct setting *row, struct slice written, struct text *error)
{
    struct component_wish unused;
    if (component_wish_parse(written, &unused))
        return true;
    if (error)
        text_append_format(error, "%s: a component, its state, who asks for it, and since when.",
                           row->name);
    return false;
}

enum component_state component_state_of(struct slice_list wishes, enum component component,
                                        struct component_wish *out_wish)
{
    enum component_state worst = COMPONENT_ACTIVE;
    for (size_t i = 0; i < wishes.count; i++) {
        struct component_wish wish;
        bool counts =
            component_wish_parse(wishes.at[i], &wish) &&
            (wish.component == component || wish.component == COMPONENT_SERVER_WIDE_OFFLINE);
        if (!counts || wish.state <= worst)
            continue;
        worst = wish.state;
        if (out_wish)
            *out_wish = wish;
    }
    return worst;
}

static bool is_former(struct slice written, const struct component_wish *wish)
{
    struct component_wish former;
    return !component_wish_parse(written, &former) ||
           (former.component == wish->component && former.requester == wish->requester);
}

bool component_wish_put(struct slice_list *wishes, const struct component_wish *wish,
                        struct arena *arena)
{
    char storage[WISH_BYTES];
    struct text text = text_over(storage, sizeof storage);
    struct slice *kept = arena_take_array(arena, wishes->count + 1, sizeof *kept);
    size_t count = 0;
    if (!kept || !component_wish_append(&text, wish))
        return false;
    for (size_t i = 0; i < wishes->count; i++)
        if (!is_former(wishes->at[i], wish))
            kept[count++] = wishes->at[i];
    if (wish->state != COMPONENT_ACTIVE && !arena_copy(arena, text_slice(&text), &kept[count++]))
        return false;
    *wishes = (struct slice_list){kept, count};
    return true;
}
