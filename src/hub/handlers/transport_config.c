/* SPDX-License-Identifier: Apache-2.0 */
/* Get- and Set-TransportConfig: the one object of the organization. */
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "os/clock.h"

static json_t *config_json(struct call *call, const void *object)
{
    (void)call;
    return json_of_object(MODEL_TRANSPORT_CONFIG, object);
}

/* A store of an earlier release has none: what is shown then are the fallbacks. */
static void emit_fallbacks(struct call *call)
{
    struct model *model = model_new();
    void *config = model ? model_object_new(model, MODEL_TRANSPORT_CONFIG) : NULL;
    if (config)
        call_emit(call, config_json(call, config));
    model_free(model);
}

void transport_config_get(struct call *call)
{
    const struct transport_config *config = model_transport_config(call->hub->model);
    if (config)
        call_emit(call, config_json(call, config));
    else
        emit_fallbacks(call);
    call_done(call);
}

static struct transport_config *config_of(struct model *draft)
{
    struct transport_config *config = model_transport_config(draft);
    if (config)
        return config;
    config = model_object_new(draft, MODEL_TRANSPORT_CONFIG);
    if (!config || !model_add(draft, MODEL_TRANSPORT_CONFIG, config))
        return NULL;
    config->id = operation_new_id();
    config->created_ms = clock_wall_ms();
    return config;
}

static void set_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    struct transport_config *config = config_of(draft);
    if (!config)
        call_fail(call, OPERATION_FAILED, "there is no memory for the change");
    if (!config || !call_apply_settings(call, config, draft->arena)) {
        operation_refuse(change);
        return;
    }
    config->changed_ms = clock_wall_ms();
    const void *before = model_transport_config(call->hub->model);
    if (before)
        operation_inform_difference(call, MODEL_TRANSPORT_CONFIG, before, config);
    change_put(change, MODEL_TRANSPORT_CONFIG, config);
    operation_commit(call, change);
}

void transport_config_set(struct call *call)
{
    operation_change(call, set_edit, NULL);
}
