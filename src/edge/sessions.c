/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/sessions.h"

#include "edge/account.h"
#include "edge/connection.h"

/* Before its PROXY header a connection is nobody's. */
static bool is_meant(const struct connection *connection,
                     const struct wire_sessions_question *question)
{
    static const struct ip_address any = {{0}};
    return connection->connector &&
           (!question->session_id || question->session_id == connection->session_id) &&
           (!question->connector.len ||
            slice_equal_nocase(question->connector, connection->connector->identity)) &&
           (ip_equal(question->address, any) ||
            ip_equal(question->address, connection->client.address));
}

static enum wire_session_phase phase_of(const struct connection *connection)
{
    static const enum wire_session_phase phases[] = {
        [SESSION_NEW] = WIRE_SESSION_CONNECTED, [SESSION_IDLE] = WIRE_SESSION_GREETED,
        [SESSION_MAIL] = WIRE_SESSION_MAIL,     [SESSION_RCPT] = WIRE_SESSION_RECIPIENTS,
        [SESSION_BDAT] = WIRE_SESSION_DATA,
    };
    if (connection->handshake_deadline_ms)
        return WIRE_SESSION_HANDSHAKE;
    if (connection->closing)
        return WIRE_SESSION_CLOSING;
    if (connection->want == SESSION_WANT_BODY || connection->want == SESSION_WANT_CHUNK)
        return WIRE_SESSION_DATA;
    if (connection->want == SESSION_WANT_STORE)
        return WIRE_SESSION_STORING;
    return connection->session.auth_open ? WIRE_SESSION_AUTHENTICATING
                                         : phases[connection->session.state];
}

static void send_state(struct edge *edge, const struct connection *connection, uint64_t request)
{
    const struct certificate *certificate = connection->choice.certificate;
    struct wire_session_state state = {
        .request = request,
        .session_id = connection->session_id,
        .connector = connection->connector->identity,
        .local_address = connection->local.address,
        .local_port = connection->local.port,
        .remote_address = connection->client.address,
        .remote_port = connection->client.port,
        .client_domain = session_domain(&connection->session),
        .account = connection->account ? connection->account->mailbox.name : (struct slice){0},
        .state = phase_of(connection),
        .messages = connection->messages,
        .age_ms = loop_now_ms(edge->role.loop) - connection->opened_ms,
        .revision = connection->configuration->revision};
    if (connection->engine && !connection->handshake_deadline_ms) {
        state.tls_version = tls_engine_version(connection->engine);
        state.tls_cipher = tls_engine_cipher(connection->engine);
    }
    if (connection->engine && certificate) {
        state.thumbprint = certificate->thumbprint;
        state.rule = connection->choice.rule;
    }
    if (connection->shown) {
        state.client_thumbprint = slice_bytes(connection->shown->thumbprint, 20);
        state.client_subject = connection->shown->subject;
        state.client_verdict = connection->shown->verdict.mask;
    }
    channel_send(&edge->hub, WIRE_SESSION_STATE, &state, -1);
}

void sessions_answer(struct edge *edge, const struct wire_sessions_question *question)
{
    struct wire_sessions_answered answered = {.request = question->request};
    uint64_t left = question->max;
    for (struct connection *connection = edge->connections, *next; connection; connection = next) {
        next = connection->next;
        if (!is_meant(connection, question))
            continue;
        answered.more = left == 0;
        if (left-- == 0)
            break;
        send_state(edge, connection, question->request);
        if (question->stop)
            connection_stop(connection);
    }
    channel_send(&edge->hub, WIRE_SESSIONS_ANSWERED, &answered, -1);
}
