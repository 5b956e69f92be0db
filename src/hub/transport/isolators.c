/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/isolators.h"

void isolators_begin(struct hub *hub)
{
    for (unsigned i = 0; i < WIRE_ISOLATORS; i++)
        hub->isolators[i].load.isolation = (enum isolation)(i + 1);
}

struct peer *isolators_get(struct hub *hub, enum isolation isolation)
{
    unsigned place = (unsigned)isolation - 1;
    struct peer *courier = &hub->isolators[place];
    struct wire_peer order = {.role = ROLE_COURIER, .index = WIRE_ISOLATOR_FIRST + place};
    if (channel_alive(&courier->channel))
        return courier;
    if (!courier->load.asked_for)
        channel_send(&hub->role.supervisor, WIRE_START_PEER, &order, -1);
    courier->load.asked_for = true;
    return NULL;
}
