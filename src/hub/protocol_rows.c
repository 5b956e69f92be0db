/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/protocol_rows.h"

#include "hub/logs.h"
#include "os/clock.h"

/* Where rows are missing, the file says so. */
static void say_lost(struct hub *hub, const struct peer *edge, struct log_protocol row,
                     uint64_t lost)
{
    char storage[80];
    struct text words = text_over(storage, sizeof storage);
    text_append_format(&words, "%llu rows of edge %u are missing: too many at once",
                       (unsigned long long)lost, edge->channel.index);
    row.event = SLICE("*");
    row.data = (struct slice){0};
    row.context = text_slice(&words);
    logs_append(hub, LOG_PROTOCOL_RECEIVE, &row);
}

bool protocol_rows_take(struct hub *hub, const struct peer *edge,
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
        say_lost(hub, edge, row, message->lost);
    logs_append(hub, LOG_PROTOCOL_RECEIVE, &row);
    return true;
}
