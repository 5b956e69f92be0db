/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/start.h"

#include "hub/certificates/events.h"
#include "hub/certificates/judgement.h"
#include "hub/certificates/responders.h"
#include "hub/certificates/start_look.h"
#include "hub/configuration/first_start.h"
#include "hub/configuration/publish.h"
#include "hub/configuration/record.h"
#include "hub/transport/reroute.h"

#include <errno.h>

/* --- the model --- */

struct loading {
    struct model *model;
    struct text error;
    bool failed;
};

static bool on_record(void *context, const struct config_object *object)
{
    struct loading *loading = context;
    enum model_kind kind;
    if (!model_kind_of_noun(object->kind, &kind))
        return true; /* of a later release: left alone */
    loading->failed = !record_read(loading->model, kind, object->id, object->version, object->body,
                                   &loading->error);
    if (loading->failed)
        text_append_format(&loading->error, " (%.*s %.*s)", SLICE_ARG(object->kind),
                           SLICE_ARG(object->name));
    return !loading->failed;
}

int start_load_model(struct hub *hub)
{
    struct loading loading = {.model = model_new(), .error = text_with_ceiling(4096)};
    int result =
        loading.model ? config_list(hub->store, (struct slice){0}, on_record, &loading) : -ENOMEM;
    if (result == STORE_OK && loading.failed)
        result = -EINVAL;
    if (loading.failed)
        role_event(NULL, WIRE_LEVEL_ERROR, 1003, "hub: the configuration cannot be read: %.*s",
                   SLICE_ARG(text_slice(&loading.error)));
    text_deinit(&loading.error);
    if (result == STORE_OK && model_server(loading.model)) {
        hub->model = loading.model;
        record_sort(hub->model);
        reroute_model_changed(hub, NULL);
        return config_sequence(hub->store, &hub->model->revision);
    }
    model_free(loading.model);
    return result;
}

/* --- serving --- */

static bool signers_have_keys(const struct hub *hub)
{
    for (size_t i = 0; i < HUB_PEERS_MAX; i++)
        if (channel_alive(&hub->signers[i].channel) && hub->signers[i].keys_awaited)
            return false;
    return channel_alive(&hub->signers[0].channel);
}

void start_look_whether_ready(struct hub *hub)
{
    uint64_t sessions_older;
    if (hub->ready || hub->first_start || !hub->published || !hub->bindings_tried ||
        !channel_alive(&hub->edges[0].channel) || !signers_have_keys(hub) ||
        !publish_complete(hub, &sessions_older))
        return;
    hub->ready = true;
    role_ready(&hub->role);
    certificate_judgement_begin(hub);
    responders_soon(hub);
    start_look(hub);
}

void start_serving(struct hub *hub)
{
    if (!channel_alive(&hub->checker.channel) || hub->published)
        return;
    if (!hub->model) {
        if (!hub->first_start) {
            hub->first_start = true;
            first_start_run(hub);
        }
    } else if (publish_model(hub) < 0) {
        loop_stop(hub->role.loop);
    } else {
        certificate_events_look_soon(hub, NULL);
    }
}
