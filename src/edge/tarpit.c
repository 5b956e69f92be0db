/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/tarpit.h"

#include "edge/protocol_log.h"

#include <stdlib.h>

struct tarpit {
    struct connection *connection;
    struct watch timer;
    struct text held;
};

static int64_t interval_of(const struct receive_connector *connector, enum session_penalty penalty)
{
    switch (penalty) {
    case SESSION_PENALTY_NONE:
        break;
    case SESSION_PENALTY_REFUSAL:
        return connector->tarpit_interval_ms;
    case SESSION_PENALTY_LOGON:
        return connector->auth_tarpit_interval_ms;
    }
    return 0;
}

static void on_over(void *context, unsigned events)
{
    (void)events;
    struct tarpit *tarpit = context;
    struct connection *connection = tarpit->connection;
    struct text *reply = &connection->edge->reply;
    text_clear(reply);
    text_append(reply, text_slice(&tarpit->held));
    protocol_log_held(connection);
    connection->tarpit = NULL;
    tarpit_free(tarpit);
    session_activity(&connection->session, loop_now_ms(connection->edge->role.loop));
    connection_go_on(connection);
}

bool tarpit_begin(struct connection *connection)
{
    struct text *reply = &connection->edge->reply;
    int64_t interval_ms = interval_of(connection->connector, session_penalty(&connection->session));
    struct tarpit *tarpit = interval_ms > 0 ? calloc(1, sizeof *tarpit) : NULL;
    if (!tarpit)
        return false;
    tarpit->connection = connection;
    tarpit->held = text_with_ceiling(EDGE_UNSENT_MAX);
    protocol_log_tarpit(connection, interval_ms);
    text_append(&tarpit->held, text_slice(reply));
    text_clear(reply);
    timer_init(&tarpit->timer, connection->edge->role.loop, on_over, tarpit);
    timer_set(&tarpit->timer, (uint64_t)interval_ms);
    connection->tarpit = tarpit;
    return true;
}

void tarpit_free(struct tarpit *tarpit)
{
    if (!tarpit)
        return;
    timer_stop(&tarpit->timer);
    text_deinit(&tarpit->held);
    free(tarpit);
}
