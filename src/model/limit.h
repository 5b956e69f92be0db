/* SPDX-License-Identifier: Apache-2.0 */
/* limit - how many connections and messages a connector lets a client have, and which limit stands
 * in the way of one more.
 *
 * Counts come from the caller; nothing is counted here.
 */
#ifndef MODEL_LIMIT_H
#define MODEL_LIMIT_H

#include "model/receive_connector.h"

enum limit_verdict {
    LIMIT_NONE = 0,
    LIMIT_CONNECTIONS, /* MaxInboundConnection */
    LIMIT_SOURCE,      /* MaxInboundConnectionPerSource */
    LIMIT_SHARE,       /* MaxInboundConnectionPercentagePerSource: of the connections still free */
    LIMIT_NO_ROOM,     /* the caller could not count it */
};

struct limit_answer {
    enum limit_verdict verdict;
    int64_t most;        /* how many there may be */
    const char *setting; /* the parameter that says so; NULL for NONE and NO_ROOM */
};

/* May there be one more, where `open` are open on the connector and `of_source` of them come from
 * the same source? A share of less than one connection counts as one. */
struct limit_answer limit_check_connection(const struct receive_connector *connector, int64_t open,
                                           int64_t of_source);

/* True when one more message would be more than MessageRateLimit in a minute; `recent` is how many
 * came in the last one. */
bool limit_rate_exceeded(const struct receive_connector *connector, int64_t recent);

#endif
