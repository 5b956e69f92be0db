/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/our_names.h"

static bool holds(const struct our_names *names, struct slice name)
{
    for (size_t i = 0; i < names->count; i++)
        if (slice_equal_nocase(names->at[i], name))
            return true;
    return false;
}

static bool is_full(const struct our_names *names)
{
    return names->count == RECEIVED_BY_NAMES_MAX;
}

static void add(struct our_names *names, struct slice name)
{
    if (name.len && !is_full(names) && !holds(names, name))
        names->at[names->count++] = name;
}

void our_names_collect(struct our_names *names, const struct model *model)
{
    const struct server *server = model_server(model);
    *names = (struct our_names){0};
    if (server) {
        add(names, server->fqdn);
        add(names, server->name);
    }
    for (size_t i = 0; i < model_count(model, MODEL_RECEIVE_CONNECTOR) && !is_full(names); i++)
        if (model_receive_connector(model, i)->enabled)
            add(names, model_receive_connector(model, i)->fqdn);
}

void our_names_hold(struct our_names *names, struct slice name)
{
    if (is_full(names) && !holds(names, name))
        names->count--;
    add(names, name);
}
