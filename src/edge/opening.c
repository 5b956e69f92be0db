/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/opening.h"

#include "base/calendar.h"
#include "edge/admission.h"
#include "edge/handshake.h"
#include "edge/login.h"
#include "edge/protocol_log.h"
#include "os/clock.h"
#include "os/descriptor.h"
#include "smtp/proxy_header.h"

#include <sys/socket.h>

static uint64_t now_of(const struct connection *connection)
{
    return loop_now_ms(connection->edge->role.loop);
}

bool opening_lasts(const struct connection *connection)
{
    return connection->proxy_deadline_ms || connection->handshake_deadline_ms;
}

/* Never both at once: the other deadline is 0. */
bool opening_overdue(const struct connection *connection, uint64_t now_ms)
{
    return now_ms >= connection->proxy_deadline_ms + connection->handshake_deadline_ms;
}

void opening_greet(struct connection *connection)
{
    char storage[64];
    struct text date = text_over(storage, sizeof storage);
    int64_t wall_ms = clock_wall_ms();
    calendar_append_rfc5322(&date, wall_ms, clock_offset_minutes(wall_ms));
    session_begin(&connection->session, connection->policy, connection->client.address,
                  connection->engine != NULL, text_slice(&date), now_of(connection),
                  &connection->edge->reply);
    connection->want = SESSION_WANT_LINE;
    login_take_rights(connection);
}

/* Makes it a session of this connector, with what the connector presents now. */
static void assign(struct connection *connection, const struct receive_connector *connector)
{
    const struct presented *presented =
        configuration_presented(connection->configuration, connector, now_of(connection));
    connection->connector = connector;
    connection->policy = &presented->policy;
    connection->choice = presented->choice;
    connection->rights =
        submission_of(connection->configuration->model, connector, NULL, NULL).rights;
    connection->context = presented->context ? tls_context_ref(presented->context) : NULL;
}

/* The first word is the client's (implicit TLS) or ours. False: nothing can be said; it is to end.
 */
static bool begin(struct connection *connection)
{
    if (connection->connector->tls_mode != TLS_MODE_IMPLICIT) {
        opening_greet(connection);
    } else if (connection->context) {
        handshake_begin(connection);
    } else {
        role_event(&connection->edge->hub, WIRE_LEVEL_ERROR, 12014,
                   "edge: %.*s has no certificate to present, session refused",
                   SLICE_ARG(connection->connector->identity));
        return false;
    }
    return true;
}

/* One line, and no more work than that. */
static void turn_away(int fd, const char *reply)
{
    struct slice bytes = slice_of(reply);
    (void)!send(fd, bytes.at, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    close_fd(&fd);
}

static bool admit(struct connection *connection, const struct admission *admission)
{
    connection->counted = admission->counted;
    assign(connection, admission->connector);
    protocol_log_open(connection);
    return begin(connection);
}

void opening_take_socket(struct edge *edge, int fd, struct ip_endpoint client,
                         struct ip_endpoint local)
{
    struct admission admission = {0};
    bool proxied = admission_awaits_proxy(edge, client, local);
    if (!proxied)
        admission_decide(edge, client, local, &admission);
    if (admission.refusal) {
        turn_away(fd, admission.refusal);
        return;
    }
    struct connection *connection = connection_new(edge, fd, client, local);
    if (!connection) {
        limit_leave(&edge->limits, &admission.counted);
        admission_report(edge, client, local, "no room for another session");
        turn_away(fd, "421 4.3.2 Service not available\r\n");
        return;
    }
    text_clear(&edge->reply);
    if (proxied)
        connection->proxy_deadline_ms = now_of(connection) + EDGE_HANDSHAKE_MS;
    else if (!admit(connection, &admission))
        connection->closing = true;
    connection_settle(connection);
}

/* The header is there: from now on the client is who it says, and gets the connector that takes
 * that client here. */
static void take_proxied(struct connection *connection, const struct proxy_header *header)
{
    struct edge *edge = connection->edge;
    struct admission admission;
    connection->proxy_deadline_ms = 0;
    configuration_unref(connection->configuration); /* a newer one may be in force by now */
    connection->configuration = configuration_ref(edge->configuration);
    if (!header->local)
        connection->client = header->source;
    admission_decide(edge, connection->client, connection->local, &admission);
    if (admission.refusal)
        text_append_c(&edge->reply, admission.refusal);
    if (admission.refusal || !admit(connection, &admission))
        connection->closing = true;
}

/* Bytes behind the header are the client's first. */
void opening_take_proxy_header(struct connection *connection, struct slice bytes)
{
    if (!text_append(&connection->pending, bytes)) {
        connection->broken = true;
        return;
    }
    struct text kept = connection->pending;
    struct slice rest = text_slice(&kept);
    struct proxy_header header;
    enum proxy_outcome outcome = proxy_header_take(&rest, &header);
    if (outcome == PROXY_MORE)
        return;
    connection->pending = text_with_ceiling(EDGE_PENDING_MAX);
    if (outcome == PROXY_DONE) {
        take_proxied(connection, &header);
        if (rest.len && !connection->closing)
            connection_take_bytes(connection, rest);
    } else {
        admission_report(connection->edge, connection->client, connection->local,
                         "a balancer in ProxyProtocolRanges must begin with a PROXY header");
        connection->broken = true;
    }
    text_deinit(&kept);
}
