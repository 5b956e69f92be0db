/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/login.h"

#include "base/base64.h"
#include "edge/account.h"
#include "edge/protocol_log.h"
#include "edge/refusal.h"

#include <stdio.h>
#include <string.h>

static uint64_t now_of(const struct connection *connection)
{
    return loop_now_ms(connection->edge->role.loop);
}

/* The client has cancelled, or has gone. */
void login_abandon(struct connection *connection)
{
    if (connection->sasl_open)
        channel_send(&connection->edge->checker, WIRE_SASL_ABANDON,
                     &(struct wire_session){connection->id}, -1);
    connection->sasl_open = false;
}

/* What a login of this session is bound to; false when -PLUS is offered and there is nothing. */
static bool take_binding(const struct connection *connection,
                         unsigned char storage[TLS_EXPORTER_BINDING_BYTES],
                         struct slice *out_binding)
{
    *out_binding = (struct slice){0};
    if (!session_auth(&connection->session)->mechanism.len ||
        !session_offers_binding(&connection->session))
        return true;
    *out_binding = slice_bytes(storage, TLS_EXPORTER_BINDING_BYTES);
    return tls_engine_exporter_binding(connection->engine, storage);
}

bool login_meet(struct connection *connection, struct slice *rest)
{
    (void)rest;
    unsigned char bound[TLS_EXPORTER_BINDING_BYTES];
    const struct session_auth *auth = session_auth(&connection->session);
    struct edge *edge = connection->edge;
    char storage[SESSION_AUTH_MAX];
    struct text decoded = text_over(storage, sizeof storage);
    bool readable = base64_decode(auth->encoded, &decoded);
    if (auth->mechanism.len)
        snprintf(connection->mechanism, sizeof connection->mechanism, "%.*s",
                 SLICE_ARG(auth->mechanism));
    struct wire_sasl question = {.session = connection->id,
                                 .mechanism = auth->mechanism,
                                 .message = text_slice(&decoded),
                                 .has_message = auth->has_message};
    if (readable && take_binding(connection, bound, &question.binding) &&
        channel_send(&edge->checker, WIRE_SASL, &question, -1)) {
        connection->asked = true;
        connection->sasl_open = true;
    } else {
        connection->want = session_answer_auth(
            &connection->session, readable ? SESSION_AUTH_UNAVAILABLE : SESSION_AUTH_MALFORMED,
            (struct slice){0}, now_of(connection), &edge->reply);
    }
    explicit_bzero(storage, sizeof storage);
    return !connection->asked;
}

static bool is_bindable(const struct connection *connection)
{
    unsigned char unused[TLS_EXPORTER_BINDING_BYTES];
    return connection->policy->scram_plus && connection->engine &&
           tls_engine_exporter_binding(connection->engine, unused);
}

void login_take_rights(struct connection *connection)
{
    const struct mailbox *mailbox = connection->account ? &connection->account->mailbox : NULL;
    struct submission submission = submission_of(connection->configuration->model,
                                                 connection->connector, mailbox, &connection->peer);
    connection->who = submission.who;
    connection->rights = submission.rights;
    session_lift_size_limit(&connection->session,
                            (connection->rights & RIGHT_BYPASS_MESSAGE_SIZE_LIMIT) != 0);
    session_recognise(&connection->session,
                      connection->who == RIGHTS_PARTNER && (connection->rights & RIGHT_SUBMIT));
    session_bindable(&connection->session, is_bindable(connection));
}

static void become(struct connection *connection, struct account *account_take)
{
    account_free(connection->account);
    connection->account = account_take;
    login_take_rights(connection);
}

enum session_auth_answer login_accept(struct connection *connection,
                                      const struct wire_sasl_answer *answer)
{
    struct account *account = account_new(answer);
    if (!account)
        return SESSION_AUTH_UNAVAILABLE;
    become(connection, account);
    struct rights_answer submit = rights_check_submit(connection->rights);
    if (submit.verdict == RIGHTS_GRANTED)
        return SESSION_AUTH_ACCEPTED;
    refusal_report(connection, "AUTH", account->mailbox.name, submit);
    become(connection, NULL);
    return SESSION_AUTH_REFUSED;
}

void login_report_failure(struct connection *connection)
{
    char storage[64];
    struct text address = text_over(storage, sizeof storage);
    ip_append(&address, connection->client.address);
    role_event(&connection->edge->hub, WIRE_LEVEL_WARNING, 1035,
               "edge: inbound authentication failed with error LogonDenied for %.*s, source %.*s",
               SLICE_ARG(connection->connector->identity), SLICE_ARG(text_slice(&address)));
    protocol_log_note(connection, (struct slice){0},
                      "Inbound authentication failed because of LogonDenied");
}

void login_report_limit(struct connection *connection)
{
    char storage[64];
    struct text address = text_over(storage, sizeof storage);
    ip_append(&address, connection->client.address);
    role_event(&connection->edge->hub, WIRE_LEVEL_WARNING, 1012,
               "event=1012 edge: %.*s on %.*s has reached MaxLogonFailures (%lld) and is "
               "disconnected",
               SLICE_ARG(text_slice(&address)), SLICE_ARG(connection->connector->identity),
               (long long)connection->connector->max_logon_failures);
}
