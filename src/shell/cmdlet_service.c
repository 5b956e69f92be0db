/* SPDX-License-Identifier: Apache-2.0 */
/* Restart-Service MSExchangeTransport and its like, which recipes end with. Here every change is in
 * force at once, so there is nothing to restart; and the shell does not stop mail: who wants that
 * has to know that it goes on. */
#include "shell/cmdlets.h"
#include "shell/convert.h"
#include "shell/pattern.h"

enum { SERVICE_NAME, SERVICE_FORCE };

static bool is_transport(struct slice name)
{
    static const char *const names[] = {"MSExchangeTransport", "MSExchangeFrontEndTransport",
                                        "MSExchangeDelivery", "MSExchangeSubmission"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (wildcard_match(name, slice_of(names[i]), false))
            return true;
    return false;
}

static enum flow refuse(struct stage *stage, struct slice name)
{
    return machine_fail(stage->machine, stage->node, OPERATION_NOT_FOUND,
                        "NoServiceFoundForGivenName",
                        "there is no service \"%.*s\" here; of Exchange's there are "
                        "MSExchangeTransport and MSExchangeFrontEndTransport by name",
                        SLICE_ARG(slice_first(name, 80)));
}

static enum flow restart(struct stage *stage, struct slice name)
{
    if (!is_transport(name))
        return refuse(stage, name);
    machine_warn(stage->machine,
                 SLICE("nothing was restarted, and nothing needs to be: every change "
                       "is in force at once, for new sessions"));
    return FLOW_ON;
}

static enum flow start(struct stage *stage, struct slice name)
{
    if (!is_transport(name))
        return refuse(stage, name);
    machine_warn(stage->machine,
                 SLICE("nothing was started: the server runs, and did all the time"));
    return FLOW_ON;
}

static enum flow stop(struct stage *stage, struct slice name)
{
    if (!is_transport(name))
        return refuse(stage, name);
    return machine_fail(stage->machine, stage->node, OPERATION_FAILED, "ServiceNotStopped",
                        "the server goes on: a shell does not stop it. To take it out of service: "
                        "Set-ServerComponentState * -Component ServerWideOffline -State "
                        "Inactive -Requester Maintenance; to make a change take effect: nothing");
}

static enum flow each_name(struct stage *stage,
                           enum flow (*act)(struct stage *stage, struct slice name))
{
    struct datum names = stage->arguments[SERVICE_NAME];
    size_t count = names.kind == DATUM_LIST ? names.list->count : 1;
    enum flow flow = FLOW_ON;
    for (size_t i = 0; flow == FLOW_ON && i < count; i++) {
        struct datum name =
            datum_to_text(stage->machine, names.kind == DATUM_LIST ? names.list->at[i] : names);
        if (name.kind == DATUM_TEXT)
            flow = act(stage, datum_slice(name));
    }
    return flow;
}

static enum flow restart_end(struct stage *stage)
{
    return each_name(stage, restart);
}

static enum flow start_end(struct stage *stage)
{
    return each_name(stage, start);
}

static enum flow stop_end(struct stage *stage)
{
    return each_name(stage, stop);
}

static enum flow show(struct stage *stage, struct slice name)
{
    struct heap *heap = &stage->machine->heap;
    if (!is_transport(name))
        return refuse(stage, name);
    struct datum object = heap_map(heap, DATUM_OBJECT, SLICE(""));
    if (object.kind != DATUM_OBJECT)
        return machine_memory(stage->machine);
    map_set(heap, object.map, SLICE("Status"), heap_text(heap, SLICE("Running")));
    map_set(heap, object.map, SLICE("Name"), heap_text(heap, name));
    map_set(heap, object.map, SLICE("DisplayName"), heap_text(heap, SLICE("postern")));
    return stage_give(stage, object);
}

static enum flow show_end(struct stage *stage)
{
    struct machine *m = stage->machine;
    enum operation_error outcome = OPERATION_OK;
    struct text error = text_with_ceiling(MACHINE_MESSAGE_MAX);
    json_t *parameters = json_object();
    json_t *reply = m->world->call(m->world->context, &operations[OPERATION_GET_TRANSPORT_SERVICE],
                                   parameters, &outcome, &error);
    enum flow flow = reply ? each_name(stage, show)
                           : machine_fail(m, stage->node, outcome, "ServerNotReached", "%.*s",
                                          SLICE_ARG(text_slice(&error)));
    json_decref(reply);
    json_decref(parameters);
    text_deinit(&error);
    return flow;
}

/* clang-format off */
const struct cmdlet service_cmdlets[] = {
    {"Restart-Service", "", NULL, NULL, restart_end,
     {{.name = "Name", .positional = true, .required = true}, {.name = "Force", .kind = ARGUMENT_SWITCH}},
     "For scripts: says that nothing needs a restart.", "Restart-Service MSExchangeTransport"},
    {"Stop-Service", "", NULL, NULL, stop_end,
     {{.name = "Name", .positional = true, .required = true}, {.name = "Force", .kind = ARGUMENT_SWITCH}},
     "For scripts: refuses, and says how the server is taken out of service.", "Stop-Service MSExchangeTransport"},
    {"Start-Service", "", NULL, NULL, start_end, {{.name = "Name", .positional = true, .required = true}},
     "For scripts: says that the server runs.", "Start-Service MSExchangeTransport"},
    {"Get-Service", "", NULL, NULL, show_end, {{.name = "Name", .positional = true, .required = true}},
     "For scripts: whether the server answers.", "Get-Service MSExchangeTransport"},
    {0},
};
/* clang-format on */
