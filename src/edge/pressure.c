/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/pressure.h"

#include <string.h>

void pressure_take(struct edge *edge, const struct wire_pressure *pressure)
{
    struct edge_pressure *here = &edge->pressure;
    here->level = (enum wire_pressure_level)pressure->level;
    here->cause_len = slice_first(pressure->cause, sizeof here->cause).len;
    if (here->cause_len)
        memcpy(here->cause, pressure->cause.at, here->cause_len);
}

bool pressure_refuses(const struct connection *connection, struct slice *out_cause)
{
    const struct edge_pressure *pressure = &connection->edge->pressure;
    *out_cause = (struct slice){pressure->cause, pressure->cause_len};
    return pressure->level == WIRE_PRESSURE_HIGH ||
           (pressure->level == WIRE_PRESSURE_MEDIUM && connection->who == RIGHTS_ANONYMOUS);
}
