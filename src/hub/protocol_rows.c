/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/protocol_rows.h"

#include "hub/logs.h"
#include "os/clock.h"

static enum log_kind kind_of(const struct peer *peer)
{
    return peer->channel.peer == ROLE_COURIER ? LOG_PROTOCOL_SEND : LOG_PROTOCOL_RECEIVE;
}

/* Where rows are missing, the file says so. */
static void append_lost(struct text *words, const struct peer *peer, uint64_t lost)
{
    text_append_format(words, "%llu rows of %s %u are missing: too many at once",
                       (unsigned long long)lost, wire_role_names[peer->channel.peer],
                       peer->channel.index);
}

static void say_lost(struct hub *hub, const struct peer *peer, struct log_protocol row,
                     uint64_t lost)
{
    char storage[96];
    struct text words = text_over(storage, sizeof storage);
    append_lost(&words, peer, lost);
    row.event = SLICE("*");
    row.data = (struct slice){0};
    row.context = text_slice(&words);
    logs_append(hub, kind_of(peer), &row);
}

bool protocol_rows_take(struct hub *hub, const struct peer *peer,
                        const struct wire_protocol_row *message)
{
    const char event = (char)message->event;
    struct log_protocol row = {.at_ms = clock_wall_ms(),
                               .connector = message->connector,
                               .session = message->session_id,
                               .sequence = message->sequence,
                               .local = {message->local_address, (uint16_t)message->local_port},
                               .remote = {message->remote_address, (uint16_t)message->remote_port},
                               .event = {&event, 1},
                               .data = message->data,
                               .context = message->context};
    size_t index;
    if (!slice_find(SLICE("+-><*"), event, &index))
        return false;
    if (message->lost)
        say_lost(hub, peer, row, message->lost);
    logs_append(hub, kind_of(peer), &row);
    return true;
}

bool connectivity_rows_take(struct hub *hub, const struct peer *peer,
                            const struct wire_connectivity_row *message)
{
    const char direction = (char)message->direction;
    char storage[96];
    struct text words = text_over(storage, sizeof storage);
    struct log_connectivity row = {.at_ms = clock_wall_ms(),
                                   .session = message->session_id,
                                   .source = SLICE("SMTP"),
                                   .destination = message->destination,
                                   .direction = {&direction, 1},
                                   .description = message->description};
    size_t index;
    if (!slice_find(SLICE("+->"), direction, &index))
        return false;
    if (!transport_service_logs_connectivity(hub->model))
        return true;
    if (message->lost) {
        struct log_connectivity missing = row;
        append_lost(&words, peer, message->lost);
        missing.direction = SLICE(">");
        missing.description = text_slice(&words);
        logs_append(hub, LOG_CONNECTIVITY, &missing);
    }
    logs_append(hub, LOG_CONNECTIVITY, &row);
    return true;
}
