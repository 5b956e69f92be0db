/* SPDX-License-Identifier: Apache-2.0 */
#include "model/limit.h"

static struct limit_answer stands(enum limit_verdict verdict, int64_t most, const char *setting)
{
    return (struct limit_answer){verdict, most, setting};
}

/* The vendor's rule: a part of what is free, so that a source finds less the busier the server. */
static int64_t share_of(const struct receive_connector *connector, int64_t open)
{
    int64_t unused = connector->max_inbound_connection - open;
    int64_t share = unused / 100 * connector->max_inbound_connection_percentage_per_source +
                    unused % 100 * connector->max_inbound_connection_percentage_per_source / 100;
    return share > 0 ? share : 1;
}

struct limit_answer limit_check_connection(const struct receive_connector *connector, int64_t open,
                                           int64_t of_source)
{
    if (open >= connector->max_inbound_connection)
        return stands(LIMIT_CONNECTIONS, connector->max_inbound_connection, "MaxInboundConnection");
    if (of_source >= connector->max_inbound_connection_per_source)
        return stands(LIMIT_SOURCE, connector->max_inbound_connection_per_source,
                      "MaxInboundConnectionPerSource");
    if (connector->max_inbound_connection != INT64_MAX && of_source >= share_of(connector, open))
        return stands(LIMIT_SHARE, share_of(connector, open),
                      "MaxInboundConnectionPercentagePerSource");
    return (struct limit_answer){0};
}

bool limit_rate_exceeded(const struct receive_connector *connector, int64_t recent)
{
    return recent >= connector->message_rate_limit;
}
