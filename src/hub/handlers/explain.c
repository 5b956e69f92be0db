/* SPDX-License-Identifier: Apache-2.0 */
/* Test-ReceiveConnectorCertificate: the decisions of connector and certificate, run dry. */
#include "hub/certificates/explanation.h"
#include "hub/certificates/hypothesis.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/host_parameter.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "hub/transport/components.h"
#include "model/connector_choice.h"
#include "os/clock.h"

#include <stdlib.h>

enum { SENTENCE_MAX = 4096 };

static json_t *json_of_text(struct text *text_taken)
{
    json_t *json = json_of_slice(text_slice(text_taken));
    text_deinit(text_taken);
    return json;
}

/* --- the connector --- */

static json_t *connector_row(const struct connector_candidate *candidate)
{
    struct text reason = text_with_ceiling(SENTENCE_MAX);
    json_t *json = json_object();
    connector_reason_text(candidate, &reason);
    json_object_set_new(json, "Identity", json_of_slice(candidate->connector->identity));
    json_object_set_new(json, "Code", json_string(connector_reason_code(candidate->reason)));
    json_object_set_new(json, "Text", json_of_text(&reason));
    return json;
}

static const struct receive_connector *choose(const struct model *model, struct ip_endpoint local,
                                              struct ip_address client, json_t *rows)
{
    size_t capacity = model_count(model, MODEL_RECEIVE_CONNECTOR);
    struct connector_candidate *candidates = calloc(capacity + 1, sizeof(*candidates));
    const struct receive_connector *chosen = NULL;
    size_t count =
        connector_explain(model, local, client, candidates, candidates ? capacity : 0, &chosen);
    for (size_t i = 0; candidates && i < count && i < capacity; i++)
        json_array_append_new(rows, connector_row(&candidates[i]));
    free(candidates);
    return chosen;
}

/* --- the question --- */

struct asked {
    const struct model *model;                    /* in force, or with the file of -WithFile */
    const struct certificate_index *certificates; /* of it */
    int64_t at_ms;
    bool by_address;
    struct ip_endpoint local;
    struct ip_address client;
    struct slice server_name;
    uint32_t client_keys;
};

/* The kinds of keys that the client can verify; none named: all. */
static bool keys_of(struct call *call, uint32_t *out_keys)
{
    static const struct {
        const char *name;
        enum certificate_key_kind kind;
    } kinds[] = {{"RSA", CERTIFICATE_KEY_RSA},
                 {"RSA_PSS", CERTIFICATE_KEY_RSA_PSS},
                 {"ECDSA", CERTIFICATE_KEY_ECDSA},
                 {"Ed25519", CERTIFICATE_KEY_ED25519}};
    struct slice words[COUNT_OF(kinds)];
    size_t count = call_list(call, "ClientKeys", words, COUNT_OF(words));
    for (size_t i = 0; i < count && i < COUNT_OF(words); i++) {
        size_t k = 0;
        while (k < COUNT_OF(kinds) && !slice_equal_nocase(words[i], slice_of(kinds[k].name)))
            k++;
        if (k == COUNT_OF(kinds)) {
            call_fail(call, OPERATION_USAGE,
                      "-ClientKeys is a list of RSA, RSA_PSS, ECDSA and Ed25519, not \"%.*s\"",
                      SLICE_ARG(slice_first(words[i], 40)));
            return false;
        }
        *out_keys |= CERTIFICATE_KEY_BIT(kinds[k].kind);
    }
    return true;
}

/* The host lies in `storage`. */
static bool read_question(struct call *call, struct asked *out, struct text *storage)
{
    *out = (struct asked){.by_address = !call_has(call, "Identity")};
    if (!host_parameter(call, "ServerName", storage, &out->server_name))
        return false;
    if (!call_time(call, "At", clock_wall_ms(), &out->at_ms) || !keys_of(call, &out->client_keys))
        return false;
    if (!out->by_address)
        return true;
    if (!ip_parse(call_text(call, "RemoteIPAddress"), &out->client))
        call_fail(call, OPERATION_USAGE,
                  "-Identity names a connector; or -RemoteIPAddress and -LocalEndpoint find it");
    else if (!ip_endpoint_parse(call_text(call, "LocalEndpoint"), &out->local))
        call_fail(call, OPERATION_USAGE,
                  "-LocalEndpoint is address:port: 192.0.2.1:587 or [2001:db8::1]:587");
    else
        return true;
    return false;
}

/* What the connector presents without the file. */
static json_t *presented_now(struct call *call, const struct certificate_question *question)
{
    struct certificate_question now = *question;
    struct certificate_choice choice;
    now.model = call->hub->model;
    now.index = NULL;
    now.connector = model_by_id(now.model, MODEL_RECEIVE_CONNECTOR, question->connector->id);
    if (!now.connector)
        return json_null();
    certificate_choose(&now, &choice);
    return explanation_of_choice(&choice, now.at_ms);
}

static void warn_out_of_service(struct call *call, const struct receive_connector *connector)
{
    struct component_wish wish;
    char storage[SENTENCE_MAX];
    struct text reason = text_over(storage, sizeof storage);
    const struct model *model = call->hub->model;
    if (transport_service_admits(model, connector, &wish) == COMPONENT_ACTIVE)
        return;
    component_append_reason(&reason, model, wish.component, &wish);
    call_warn(call, "%.*s answers new sessions 421 4.3.2: %.*s", SLICE_ARG(connector->identity),
              SLICE_ARG(text_slice(&reason)));
}

static void add_connector(struct call *call, const struct asked *asked,
                          const struct receive_connector *connector, json_t *json)
{
    struct certificate_question question = {.model = asked->model,
                                            .index = asked->certificates,
                                            .connector = connector,
                                            .at_ms = asked->at_ms,
                                            .server_name = asked->server_name,
                                            .client_keys = asked->client_keys};
    if (asked->by_address && connector_trusts_proxy(connector, asked->client))
        call_warn(call,
                  "this address is in ProxyProtocolRanges of %.*s: it must begin with a PROXY "
                  "header, and the choice is made for the address in that header; ask with it",
                  SLICE_ARG(connector->identity));
    warn_out_of_service(call, connector);
    explanation_add(json, &question);
    if (asked->model == call->hub->model)
        return;
    json_object_set_new(json, "Hypothetical", json_true());
    json_object_set_new(json, "PresentsNow", presented_now(call, &question));
}

static void explain(struct call *call, const struct asked *asked,
                    const struct receive_connector *connector, json_t *rows)
{
    json_t *json = json_object();
    json_object_set_new(json, "At", json_of_time(asked->at_ms));
    if (asked->by_address) {
        json_object_set(json, "RemoteIPAddress",
                        json_object_get(call->parameters, "RemoteIPAddress"));
        json_object_set(json, "LocalEndpoint", json_object_get(call->parameters, "LocalEndpoint"));
        json_object_set(json, "Connectors", rows);
    }
    if (connector)
        add_connector(call, asked, connector, json);
    else
        call_warn(call, "no connector takes this client here: it is answered 421 4.3.2");
    call_emit(call, json);
}

/* With an identity every connector it means is explained, one after the other. */
static void explain_named(struct call *call, const struct asked *asked)
{
    const struct model *model = asked->model;
    size_t capacity = model_count(model, MODEL_RECEIVE_CONNECTOR);
    struct slice written = call_text(call, "Identity");
    void **objects = calloc(capacity + 1, sizeof(*objects));
    size_t count =
        objects ? model_find(model, MODEL_RECEIVE_CONNECTOR, written, objects, capacity) : 0;
    for (size_t i = 0; i < count; i++)
        explain(call, asked, objects[i], NULL);
    free(objects);
    if (count > 0)
        call_done(call);
    else if (written.len == 0)
        call_fail(call, OPERATION_USAGE, "-Identity is empty: is the variable in its place $null?");
    else
        call_fail_fix(call, OPERATION_NOT_FOUND, "Get-ReceiveConnector",
                      "there is no ReceiveConnector \"%.*s\"",
                      SLICE_ARG(slice_first(written, 120)));
}

static void explain_found(struct call *call, const struct asked *asked)
{
    json_t *rows = json_array();
    const struct receive_connector *connector =
        choose(asked->model, asked->local, asked->client, rows);
    explain(call, asked, connector, rows);
    json_decref(rows);
    call_done(call);
}

static void answer(struct call *call, struct asked *asked, const struct model *model)
{
    struct certificate_index *certificates = certificate_index_new(model);
    asked->model = model;
    asked->certificates = certificates;
    if (asked->by_address)
        explain_found(call, asked);
    else
        explain_named(call, asked);
    certificate_index_free(certificates);
}

static void explain_draft(struct call *call, struct change *change)
{
    struct asked asked;
    char storage[HOST_PARAMETER_MAX];
    struct text host = text_over(storage, sizeof storage);
    if (hypothesis_take(call, change) && read_question(call, &asked, &host))
        answer(call, &asked, change_draft(change));
    operation_refuse(change);
}

void receive_connector_explain(struct call *call)
{
    struct asked asked;
    char storage[HOST_PARAMETER_MAX];
    struct text host = text_over(storage, sizeof storage);
    if (!read_question(call, &asked, &host))
        return;
    if (call_has(call, "WithFile"))
        hypothesis_read(call, explain_draft);
    else
        answer(call, &asked, call->hub->model);
}
