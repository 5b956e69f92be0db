/* SPDX-License-Identifier: Apache-2.0 */
/* Test-ReceiveConnector and Test-SmtpConnectivity: the listeners of connectors, seen from outside.
 */
#include "hub/certificates/probe.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "os/clock.h"

#include <stdlib.h>

static json_t *json_of_thumbprint(struct slice thumbprint)
{
    return thumbprint.len ? json_of_hex(thumbprint) : json_null();
}

static json_t *json_of_endpoint(struct ip_endpoint endpoint)
{
    char storage[96];
    struct text text = text_over(storage, sizeof storage);
    ip_endpoint_append(&text, endpoint);
    return json_of_slice(text_slice(&text));
}

static json_t *json_of_row(const struct probe_row *row)
{
    json_t *json = json_object();
    json_object_set_new(json, "Identity", json_of_slice(row->connector));
    json_object_set_new(json, "Binding", json_of_endpoint(row->binding));
    json_object_set_new(json, "Endpoint", json_of_endpoint(row->dialed));
    json_object_set_new(json, "TlsVersion", json_string(probe_row_version(row)));
    json_object_set_new(json, "Keys", json_string(probe_row_keys(row)));
    json_object_set_new(json, "ServerName", json_of_slice(row->server_name));
    json_object_set_new(json, "Expected", json_of_thumbprint(row->expected));
    json_object_set_new(json, "Seen", json_of_thumbprint(row->seen));
    json_object_set_new(json, "Verdict", json_string(probe_verdict_name(row->verdict)));
    json_object_set_new(json, "Text", json_of_slice(row->words));
    return json;
}

static void on_seen(void *context, const struct probe_plan *plan)
{
    struct call *call = context;
    size_t differ = 0;
    for (size_t i = 0; i < plan->count; i++) {
        call_emit(call, json_of_row(&plan->rows[i]));
        differ += plan->rows[i].verdict == PROBE_DIFFERS;
    }
    if (plan->out_of_it)
        call_warn(call, "some listeners cannot be seen from here: no RemoteIPRanges hold an "
                        "address of this machine");
    if (plan->more)
        call_warn(call, "only the first %d handshakes were tried; name a connector",
                  PROBE_ROWS_MAX);
    if (differ)
        call_fail_fix(call, OPERATION_FAILED, "Get-TransportService -o list",
                      "%zu of %zu handshakes do not show what the rules say", differ, plan->count);
    else
        call_done(call);
}

/* False: the call has failed. */
static bool add_named(struct call *call, struct probe_plan *plan)
{
    const struct model *model = call->hub->model;
    size_t capacity = model_count(model, MODEL_RECEIVE_CONNECTOR);
    struct slice written = call_text(call, "Identity");
    void **objects = calloc(capacity + 1, sizeof *objects);
    size_t count = objects ? model_find(model, MODEL_RECEIVE_CONNECTOR,
                                        written.len ? written : SLICE("*"), objects, capacity)
                           : 0;
    for (size_t i = 0; i < count; i++)
        probe_plan_add_connector(plan, objects[i]);
    free(objects);
    if (!count && written.len)
        call_fail_fix(call, OPERATION_NOT_FOUND, "Get-ReceiveConnector",
                      "there is no ReceiveConnector \"%.*s\"",
                      SLICE_ARG(slice_first(written, 120)));
    return count || !written.len;
}

void receive_connector_test(struct call *call)
{
    struct probe_plan *plan = probe_plan_new();
    if (plan && !add_named(call, plan)) {
        probe_plan_free(plan);
        return;
    }
    call->noun = "ReceiveConnectorView";
    if (plan && probe_plan_expand(plan, call->hub->model, clock_wall_ms())) {
        probe_run(call->hub, plan, on_seen, call);
        return;
    }
    probe_plan_free(plan);
    call_fail(call, OPERATION_FAILED, "there is no memory for the operation");
}

/* --- Test-SmtpConnectivity --- */

/* The class of a refusal is the first digit of its reply. */
static const char *status_of(const struct probe_row *row)
{
    if (row->verdict == PROBE_NOT_TRIED)
        return "UnableToConnect";
    switch (row->outcome) {
    case WIRE_PROBE_SHOWN:
    case WIRE_PROBE_NOT_OFFERED:
        return "Success";
    case WIRE_PROBE_REFUSED:
        return slice_starts(row->words, SLICE("4"))   ? "TransientError"
               : slice_starts(row->words, SLICE("5")) ? "PermanentError"
                                                      : "ExternalError";
    case WIRE_PROBE_TLS_FAILED:
        return "ExternalError";
    case WIRE_PROBE_UNREACHABLE:
    case WIRE_PROBE_OUTCOMES:
        break;
    }
    return "UnableToConnect";
}

static json_t *details_of(const struct probe_row *row)
{
    if (row->verdict == PROBE_NOT_TRIED)
        return json_string("there was no time left to try it");
    if (row->outcome == WIRE_PROBE_SHOWN)
        return json_string(row->implicit_tls ? "TLS from the first byte" : "STARTTLS");
    return row->outcome == WIRE_PROBE_NOT_OFFERED ? json_string("no STARTTLS")
                                                  : json_of_slice(row->words);
}

static json_t *json_of_connection(const struct server *server, const struct probe_row *row)
{
    json_t *json = json_object();
    json_object_set_new(json, "Server", json_of_slice(server ? server->name : SLICE("")));
    json_object_set_new(json, "ReceiveConnector", json_of_slice(row->connector));
    json_object_set_new(json, "Binding", json_of_endpoint(row->binding));
    json_object_set_new(json, "EndPoint", json_of_endpoint(row->dialed));
    json_object_set_new(json, "StatusCode", json_string(status_of(row)));
    json_object_set_new(json, "Details", details_of(row));
    return json;
}

static void on_connected(void *context, const struct probe_plan *plan)
{
    struct call *call = context;
    const struct server *server = model_server(call->hub->model);
    size_t failed = 0;
    for (size_t i = 0; i < plan->count; i++) {
        call_emit(call, json_of_connection(server, &plan->rows[i]));
        failed += !slice_equal(slice_of(status_of(&plan->rows[i])), SLICE("Success"));
    }
    if (plan->more)
        call_warn(call, "only the first %d bindings were tried", PROBE_ROWS_MAX);
    if (failed)
        call_fail_fix(call, OPERATION_FAILED, "Get-ReceiveConnector -o wide",
                      "%zu of %zu bindings were not answered as they should be", failed,
                      plan->count);
    else
        call_done(call);
}

void smtp_connectivity_test(struct call *call)
{
    if (!operation_server_is_this(call, "Identity"))
        return;
    struct probe_plan *plan = probe_plan_new();
    if (plan && probe_plan_connect(plan, call->hub->model)) {
        probe_run(call->hub, plan, on_connected, call);
        return;
    }
    probe_plan_free(plan);
    call_fail(call, OPERATION_FAILED, "there is no memory for the operation");
}
