/* SPDX-License-Identifier: Apache-2.0 */
/* Get- and Set-TransportService and -FrontendTransportService: the server at a glance, and what it
 * keeps of its logs. Both services are one here, and their receive connectors write one log. */
#include "hub/handlers/transport_service.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "hub/logs.h"
#include "hub/transport/pressure.h"
#include "model/certificate_choice.h"
#include "model/mailbox_transport.h"
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

/* "free space: Low (70123456 now, Medium below 2147483648, High below 1073741824)" */
static json_t *resources(const struct store_pressure *pressure)
{
    json_t *list = json_array();
    for (size_t i = 0; i < pressure->measure_count; i++) {
        const struct store_measure *measure = &pressure->measures[i];
        const char *side = measure->scarce ? "below" : "over";
        char storage[200];
        struct text line = text_over(storage, sizeof storage);
        text_append_format(&line, "%s: %s (%llu now, Medium %s %llu, High %s %llu)", measure->cause,
                           pressure_level_name(measure->level), (unsigned long long)measure->now,
                           side, (unsigned long long)measure->medium, side,
                           (unsigned long long)measure->high);
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
    json_object_set_new(json, "ResourcePressure", resources(&pressure));
    json_object_set_new(json, "QueuedRecipients",
                        json_integer((json_int_t)pressure.queued_recipients));
    json_object_set_new(json, "CommitP99Milliseconds", json_integer(pressure.commit_p99_ms));
    json_object_set_new(json, "FreeBytes", json_integer((json_int_t)pressure.free_bytes));
}

/* The certificate for the server's own name: what a connector presents that names nothing. */
static json_t *internal_thumbprint(const struct model *model)
{
    const struct receive_connector nameless = {.auth_mechanism = AUTH_TLS,
                                               .tls_mode = TLS_MODE_EXPLICIT};
    struct certificate_question question = {
        .model = model, .connector = &nameless, .at_ms = clock_wall_ms()};
    struct certificate_choice choice = {0};
    certificate_choose(&question, &choice);
    return json_of_hex(choice.certificate ? choice.certificate->thumbprint : SLICE(""));
}

static void add_log_path(json_t *json, const struct hub *hub, const char *name, enum log_kind kind)
{
    struct text path = text_with_ceiling(8192);
    text_append_format(&path, "%s/logs/%s", hub->role.start->data, log_facts(kind)->folder);
    json_object_set_new(json, name, json_of_slice(text_slice(&path)));
    text_deinit(&path);
}

/* The settings whose names begin with `prefix`; of a store without the object, the fallbacks. */
static void add_settings(json_t *json, const struct model *model, const char *prefix)
{
    const struct transport_service *service = model_transport_service(model);
    struct model *fallbacks = service ? NULL : model_new();
    const void *object =
        fallbacks ? model_object_new(fallbacks, MODEL_TRANSPORT_SERVICE) : (const void *)service;
    for (const struct setting *row = transport_service_settings; object && row->name; row++)
        if (!(row->flags & (SETTING_HIDDEN | SETTING_READ_ONLY)) &&
            slice_starts(slice_of(row->name), slice_of(prefix)))
            json_object_set_new(json, row->name, json_of_setting(row, object));
    model_free(fallbacks);
}

static void add_names(json_t *json, const struct server *server)
{
    json_object_set_new(json, "Identity", json_of_slice(server->name));
    json_object_set_new(json, "Name", json_of_slice(server->name));
    json_object_set_new(json, "Fqdn", json_of_slice(server->fqdn));
}

static void add_times(json_t *json, const struct server *server, const struct model *model)
{
    const struct transport_service *service = model_transport_service(model);
    bool later = service && service->changed_ms > server->changed_ms;
    struct text guid = text_with_ceiling(64);
    object_id_append(&guid, server->id);
    json_object_set_new(json, "Guid", json_of_slice(text_slice(&guid)));
    json_object_set_new(json, "WhenChanged",
                        json_of_time(later ? service->changed_ms : server->changed_ms));
    json_object_set_new(json, "WhenCreated", json_of_time(server->created_ms));
    text_deinit(&guid);
}

static void add_state(json_t *json, struct hub *hub)
{
    json_object_set_new(json, "Version", json_string(POSTERN_VERSION));
    json_object_set_new(json, "Revision", json_integer((json_int_t)hub->model->revision));
    json_object_set_new(json, "InForceSince", json_of_time(hub->in_force_since_ms));
    add_edges(json, hub);
    json_object_set_new(json, "Bindings", bindings(hub, false));
    json_object_set_new(json, "BindingErrors", bindings(hub, true));
    add_store(json, hub);
    json_object_set_new(json, "LogRowsLost", json_integer((json_int_t)logs_rows_lost(hub)));
}

void transport_service_get(struct call *call)
{
    struct hub *hub = call->hub;
    const struct server *server = model_server(hub->model);
    if (!operation_server_is_this(call, "Identity"))
        return;
    json_t *json = json_object();
    if (server)
        add_names(json, server);
    add_state(json, hub);
    json_object_set_new(json, "InternalTransportCertificateThumbprint",
                        internal_thumbprint(hub->model));
    add_log_path(json, hub, "MessageTrackingLogPath", LOG_MESSAGE_TRACKING);
    add_log_path(json, hub, "ReceiveProtocolLogPath", LOG_PROTOCOL_RECEIVE);
    add_log_path(json, hub, "SendProtocolLogPath", LOG_PROTOCOL_SEND);
    add_log_path(json, hub, "ConnectivityLogPath", LOG_CONNECTIVITY);
    add_settings(json, hub->model, "");
    if (server)
        add_times(json, server, hub->model);
    call_emit(call, json);
    call_done(call);
}

void frontend_transport_service_get(struct call *call)
{
    const struct model *model = call->hub->model;
    const struct server *server = model_server(model);
    if (!operation_server_is_this(call, "Identity"))
        return;
    json_t *json = json_object();
    if (server)
        add_names(json, server);
    json_object_set_new(json, "InternalTransportCertificateThumbprint", internal_thumbprint(model));
    add_log_path(json, call->hub, "ReceiveProtocolLogPath", LOG_PROTOCOL_RECEIVE);
    add_settings(json, model, "ReceiveProtocolLog");
    if (server)
        add_times(json, server, model);
    call_emit(call, json);
    call_done(call);
}

/* --- Set --- */

struct transport_service *transport_service_draft(struct model *draft)
{
    struct transport_service *service = model_transport_service(draft);
    if (service)
        return service;
    service = model_object_new(draft, MODEL_TRANSPORT_SERVICE);
    if (!service || !model_add(draft, MODEL_TRANSPORT_SERVICE, service))
        return NULL;
    service->id = operation_new_id();
    service->created_ms = clock_wall_ms();
    return service;
}

/* What it was, for -WhatIf: also when nothing was ever set. */
static void inform_difference(struct call *call, const struct transport_service *after)
{
    struct model *fallbacks = model_new();
    struct transport_service *before = model_transport_service(call->hub->model);
    struct transport_service *fallback =
        before || !fallbacks ? NULL : model_object_new(fallbacks, MODEL_TRANSPORT_SERVICE);
    if (fallback) {
        fallback->id = after->id;
        before = fallback;
    }
    if (before)
        operation_inform_difference(call, MODEL_TRANSPORT_SERVICE, before, after);
    model_free(fallbacks);
}

/* What the server of MailboxTransport does not offer cannot be brought there, and it is too late
 * then to tell the client. */
static void warn_of_extensions(struct call *call, const struct model *draft)
{
    size_t offering = 0;
    for (size_t i = 0; i < model_count(draft, MODEL_RECEIVE_CONNECTOR); i++) {
        const struct receive_connector *connector = model_receive_connector(draft, i);
        offering += connector->binary_mime_enabled || connector->smtp_utf8_enabled ? 1 : 0;
    }
    if (offering && call_has(call, "MailboxTransport") && mailbox_transport_of(draft).len)
        call_warn(call,
                  "%zu receive connector%s BINARYMIME or SMTPUTF8, and such mail comes back to its "
                  "sender from a mailbox server that does not (Dovecot 2.3 offers neither): "
                  "Get-ReceiveConnector | Set-ReceiveConnector -BinaryMimeEnabled $false "
                  "-SmtpUtf8Enabled $false",
                  offering, offering == 1 ? " offers" : "s offer");
}

static void set_edit(struct call *call, struct change *change)
{
    struct model *draft = change_draft(change);
    struct transport_service *service = transport_service_draft(draft);
    if (!service)
        call_fail(call, OPERATION_FAILED, "there is no memory for the change");
    if (!service || !call_apply_settings(call, service, draft->arena)) {
        operation_refuse(change);
        return;
    }
    service->changed_ms = clock_wall_ms();
    inform_difference(call, service);
    warn_of_extensions(call, draft);
    change_put(change, MODEL_TRANSPORT_SERVICE, service);
    operation_commit(call, change);
}

void transport_service_set(struct call *call)
{
    if (operation_server_is_this(call, "Identity"))
        operation_change(call, set_edit, NULL);
}
