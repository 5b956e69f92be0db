/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/session_logging.h"

#include "os/clock.h"

static void tell(struct peer *edge, const struct raised *raised)
{
    int64_t left_ms = raised->until_ms - clock_wall_ms();
    struct wire_session_logging message = {.address = raised->address,
                                           .for_ms = left_ms > 0 ? (uint64_t)left_ms : 0};
    channel_send(&edge->channel, WIRE_SESSION_LOGGING, &message, -1);
}

static bool is_over(const struct raised *raised)
{
    return raised->until_ms <= clock_wall_ms();
}

/* Its own place, or one whose time is over. */
static struct raised *place_for(struct hub *hub, struct ip_address address)
{
    struct raised *place = NULL;
    for (size_t i = 0; i < COUNT_OF(hub->raised); i++) {
        struct raised *raised = &hub->raised[i];
        if (!is_over(raised) && ip_equal(raised->address, address))
            return raised;
        if (is_over(raised))
            place = raised;
    }
    return place;
}

bool session_logging_raise(struct hub *hub, struct ip_address address, int64_t for_ms)
{
    struct raised *place = place_for(hub, address);
    if (!place)
        return false;
    *place = (struct raised){address, clock_wall_ms() + for_ms};
    for (size_t i = 0; i < HUB_PEERS_MAX; i++)
        tell(&hub->edges[i], place);
    return true;
}

void session_logging_tell(struct hub *hub, struct peer *edge)
{
    for (size_t i = 0; i < COUNT_OF(hub->raised); i++)
        if (!is_over(&hub->raised[i]))
            tell(edge, &hub->raised[i]);
}

bool session_logging_at(const struct hub *hub, size_t index, struct raised *out)
{
    for (size_t i = 0; i < COUNT_OF(hub->raised); i++) {
        if (is_over(&hub->raised[i]) || index-- > 0)
            continue;
        *out = hub->raised[i];
        return true;
    }
    return false;
}
