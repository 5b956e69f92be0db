/* SPDX-License-Identifier: Apache-2.0 */
/* Get-SmtpSession and Stop-SmtpSession: the sessions of all edges, as they are at this moment. */
#include "base/number.h"
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "hub/sessions.h"
#include "model/certificate_choice.h"
#include "os/clock.h"
#include "tls/verify.h"

enum { RESULT_SIZE_DEFAULT = 1000, IDENTITY_DIGITS = 16 };

static const char *const phases[WIRE_SESSION_PHASES] = {
    [WIRE_SESSION_HANDSHAKE] = "TlsHandshake",
    [WIRE_SESSION_CONNECTED] = "Connected",
    [WIRE_SESSION_GREETED] = "Greeted",
    [WIRE_SESSION_AUTHENTICATING] = "Authenticating",
    [WIRE_SESSION_MAIL] = "Mail",
    [WIRE_SESSION_RECIPIENTS] = "Recipients",
    [WIRE_SESSION_DATA] = "Data",
    [WIRE_SESSION_STORING] = "Storing",
    [WIRE_SESSION_CLOSING] = "Closing",
};

static json_t *json_of_endpoint(struct ip_address address, uint64_t port)
{
    char storage[64];
    struct text text = text_over(storage, sizeof storage);
    ip_endpoint_append(&text, (struct ip_endpoint){address, (uint16_t)port});
    return json_of_slice(text_slice(&text));
}

static json_t *json_of_identity(uint64_t session_id)
{
    char storage[IDENTITY_DIGITS + 1];
    struct text text = text_over(storage, sizeof storage);
    text_append_format(&text, "%016llX", (unsigned long long)session_id);
    return json_of_slice(text_slice(&text));
}

/* The number is an edge's word: one that no rule has is shown as none. */
static const char *rule_of(const struct wire_session_state *state)
{
    bool shown = state->thumbprint.len && state->rule <= CERTIFICATE_RULE_SERVER_NAME;
    return shown ? certificate_rule_code((enum certificate_rule)state->rule) : "";
}

/* Bits that no finding has are an edge's word for nothing. */
static json_t *json_of_status(const struct wire_session_state *state)
{
    char storage[256];
    struct text text = text_over(storage, sizeof storage);
    struct verdict verdict = {.mask = (unsigned)state->client_verdict};
    if (state->client_thumbprint.len && verdict_ok(&verdict))
        text_append_c(&text, "Valid");
    else if (state->client_thumbprint.len)
        verdict_print(&verdict, &text);
    return json_of_slice(text_slice(&text));
}

static void emit(void *context, const struct wire_session_state *state)
{
    struct call *call = context;
    int64_t since_ms = clock_wall_ms() - (int64_t)state->age_ms;
    json_t *json = json_object();
    json_object_set_new(json, "Identity", json_of_identity(state->session_id));
    json_object_set_new(json, "ReceiveConnector", json_of_slice(state->connector));
    json_object_set_new(json, "RemoteEndpoint",
                        json_of_endpoint(state->remote_address, state->remote_port));
    json_object_set_new(json, "LocalEndpoint",
                        json_of_endpoint(state->local_address, state->local_port));
    json_object_set_new(json, "ClientName", json_of_slice(state->client_domain));
    json_object_set_new(json, "User", json_of_slice(state->account));
    json_object_set_new(json, "State", json_string(phases[state->state]));
    json_object_set_new(json, "MessageCount", json_integer((json_int_t)state->messages));
    json_object_set_new(json, "ConnectedSince", json_of_time(since_ms > 0 ? since_ms : 1));
    json_object_set_new(json, "TlsVersion", json_of_slice(state->tls_version));
    json_object_set_new(json, "TlsCipher", json_of_slice(state->tls_cipher));
    json_object_set_new(json, "CertificateThumbprint", json_of_hex(state->thumbprint));
    json_object_set_new(json, "CertificateRule", json_string(rule_of(state)));
    json_object_set_new(json, "ClientCertificateSubject", json_of_slice(state->client_subject));
    json_object_set_new(json, "ClientCertificateThumbprint", json_of_hex(state->client_thumbprint));
    json_object_set_new(json, "ClientCertificateStatus", json_of_status(state));
    json_object_set_new(json, "Revision", json_integer((json_int_t)state->revision));
    json_object_set_new(json, "RevisionInForce",
                        json_boolean(state->revision == call->hub->model->revision));
    call_emit(call, json);
}

static void on_answered(void *context, bool more, size_t silent)
{
    struct call *call = context;
    bool named = call_has(call, "Identity");
    if (silent)
        call_warn(call, "Edges without an answer within a second: %zu. Their sessions are missing.",
                  silent);
    if (more)
        call_warn(call, "There are more sessions than these; use -ReceiveConnector, "
                        "-RemoteIPAddress or -ResultSize.");
    if (named && json_array_size(call->objects) == 0)
        call_fail_fix(call, OPERATION_NOT_FOUND, "Get-SmtpSession",
                      "there is no such session; it may have ended");
    else
        call_done(call);
}

/* --- what is asked --- */

static bool read_identity(struct call *call, struct wire_sessions_question *question)
{
    struct slice written = call_text(call, "Identity");
    if (!call_has(call, "Identity") ||
        (written.len == IDENTITY_DIGITS &&
         number_parse_hex(written, UINT64_MAX, &question->session_id) && question->session_id))
        return true;
    call_fail_fix(
        call, OPERATION_USAGE, "Get-SmtpSession",
        "-Identity of a session is 16 hexadecimal digits, as the protocol log shows them");
    return false;
}

static bool read_connector(struct call *call, struct wire_sessions_question *question)
{
    if (!call_has(call, "ReceiveConnector"))
        return true;
    const struct receive_connector *connector =
        call_find(call, call->hub->model, MODEL_RECEIVE_CONNECTOR, "ReceiveConnector");
    if (connector)
        question->connector = connector->identity;
    return connector != NULL;
}

static bool read_address(struct call *call, struct wire_sessions_question *question)
{
    if (!call_has(call, "RemoteIPAddress") ||
        ip_parse(call_text(call, "RemoteIPAddress"), &question->address))
        return true;
    call_fail(call, OPERATION_USAGE,
              "-RemoteIPAddress is one address without a port: 192.0.2.1 or 2001:db8::1");
    return false;
}

static void ask(struct call *call, const struct wire_sessions_question *question)
{
    struct sessions_events events = {emit, on_answered, call};
    if (!sessions_ask(call->hub, *question, &events))
        call_fail(call, OPERATION_FAILED, "there is no memory for the question");
}

void smtp_session_get(struct call *call)
{
    int64_t most;
    struct wire_sessions_question question = {0};
    if (!call_result_size(call, WIRE_SESSIONS_MAX, RESULT_SIZE_DEFAULT, &most) ||
        !read_identity(call, &question) || !read_connector(call, &question) ||
        !read_address(call, &question))
        return;
    question.max = (uint64_t)most;
    ask(call, &question);
}

void smtp_session_stop(struct call *call)
{
    struct wire_sessions_question question = {.max = 1, .stop = !operation_is_dry(call)};
    if (!read_identity(call, &question))
        return;
    if (operation_is_dry(call))
        call_inform(call, "What if: this session would be ended with 421 4.3.2.");
    ask(call, &question);
}
