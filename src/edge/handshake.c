/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/handshake.h"

#include "edge/login.h"
#include "edge/opening.h"
#include "edge/protocol_log.h"
#include "os/clock.h"

static uint64_t now_of(const struct connection *connection)
{
    return loop_now_ms(connection->edge->role.loop);
}

/* The hello is there: what it says may ask for another certificate than the usual one. */
static struct tls_context *on_hello(void *context, const struct tls_hello *hello)
{
    struct connection *connection = context;
    struct tls_context *other =
        configuration_choose(connection->configuration, connection->connector, hello,
                             now_of(connection), &connection->choice);
    protocol_log_certificate(connection);
    return other;
}

void handshake_begin(struct connection *connection)
{
    connection->engine = tls_engine_new(connection->context, true);
    connection->handshake_deadline_ms = now_of(connection) + EDGE_HANDSHAKE_MS;
    if (connection->engine)
        tls_engine_set_chooser(connection->engine, on_hello, connection);
    else
        connection->broken = true;
}

static void report_failure(struct connection *connection)
{
    char storage[256];
    struct text reason = text_over(storage, sizeof storage);
    tls_engine_failure(connection->engine, &reason);
    protocol_log_note(connection, text_slice(&reason), "TLS negotiation failed");
    char address_storage[64];
    struct text address = text_over(address_storage, sizeof address_storage);
    ip_append(&address, connection->client.address);
    role_event(&connection->edge->hub, WIRE_LEVEL_INFORMATION, 0,
               "edge: TLS handshake with %.*s on %.*s failed: %.*s",
               SLICE_ARG(text_slice(&address)), SLICE_ARG(connection->connector->identity),
               SLICE_ARG(text_slice(&reason)));
    connection->closing = true;
}

bool handshake_done(struct connection *connection)
{
    if (!connection->handshake_deadline_ms)
        return true;
    enum tls_outcome outcome = tls_engine_handshake(connection->engine);
    if (outcome == TLS_WANT_INPUT || outcome == TLS_WANT_OUTPUT)
        return false;
    if (outcome != TLS_OK) {
        report_failure(connection);
        return false;
    }
    connection->handshake_deadline_ms = 0;
    connection->shown = client_certificate_new(connection->engine, clock_wall_ms());
    connection->peer = client_certificate_peer(connection->shown);
    protocol_log_handshake(connection);
    protocol_log_peer(connection);
    if (connection->want != SESSION_WANT_TLS) {
        opening_greet(connection);
        return true;
    }
    connection->want = session_answer_tls(&connection->session, true, now_of(connection));
    login_take_rights(connection);
    return true;
}
