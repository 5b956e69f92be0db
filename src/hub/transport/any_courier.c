/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/any_courier.h"

struct peer *any_courier(struct hub *hub)
{
    for (size_t i = 0; i < HUB_PEERS_MAX; i++)
        if (channel_alive(&hub->couriers[i].channel))
            return &hub->couriers[i];
    return NULL;
}
