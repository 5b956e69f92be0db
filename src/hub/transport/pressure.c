/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/pressure.h"

#include "os/clock.h"

#include <string.h>

const char *pressure_level_name(enum store_pressure_level level)
{
    static const char *const names[] = {
        [STORE_PRESSURE_NONE] = "Low",
        [STORE_PRESSURE_MEDIUM] = "Medium",
        [STORE_PRESSURE_HIGH] = "High",
    };
    return names[level];
}

/* A store that does not answer, or has died too often, takes nothing. */
static struct store_pressure measure(struct hub *hub)
{
    struct store_pressure pressure;
    if (store_pressure(hub->store, clock_wall_ms(), &pressure) != STORE_OK)
        return (struct store_pressure){STORE_PRESSURE_HIGH, .cause = "the store does not answer"};
    if (store_accepting(hub->store))
        return pressure;
    pressure.level = STORE_PRESSURE_HIGH;
    pressure.cause = "disk errors";
    return pressure;
}

/* What the cause at the high level is an event of by itself; 0: nothing. */
static unsigned event_of(const char *cause)
{
    static const struct {
        const char *cause;
        unsigned event;
    } events[] = {{"free space", 15006}, {"body memory", 15007}};
    for (size_t i = 0; i < COUNT_OF(events); i++)
        if (strcmp(events[i].cause, cause) == 0)
            return events[i].event;
    return 0;
}

static void write_events(enum store_pressure_level before, const struct store_pressure *now)
{
    static const char *const effects[] = {
        [STORE_PRESSURE_NONE] = "mail is taken in from everybody",
        [STORE_PRESSURE_MEDIUM] = "mail of clients that have not logged in is refused",
        [STORE_PRESSURE_HIGH] = "all mail is refused",
    };
    bool more = now->level > before;
    bool high = now->level == STORE_PRESSURE_HIGH;
    const char *cause = now->cause && *now->cause ? now->cause : "all reserves are back";
    role_event(
        NULL,
        !more  ? WIRE_LEVEL_INFORMATION
        : high ? WIRE_LEVEL_ERROR
               : WIRE_LEVEL_WARNING,
        more ? 15004 : 15005, "event=back-pressure hub: back pressure goes from %s to %s (%s): %s",
        pressure_level_name(before), pressure_level_name(now->level), cause, effects[now->level]);
    if (more && high && event_of(cause))
        role_event(NULL, WIRE_LEVEL_ERROR, event_of(cause),
                   "event=back-pressure hub: all mail is refused because of %s; "
                   "Get-TransportService shows how much is "
                   "left",
                   cause);
}

_Static_assert((int)WIRE_PRESSURE_HIGH == (int)STORE_PRESSURE_HIGH,
               "the edges know the same levels");

void pressure_tell(struct hub *hub, struct peer *edge)
{
    struct wire_pressure message = {.level = (uint64_t)hub->pressure.level,
                                    .cause = slice_of(hub->pressure.cause)};
    if (channel_alive(&edge->channel))
        channel_send(&edge->channel, WIRE_PRESSURE, &message, -1);
}

void pressure_watch(struct hub *hub)
{
    struct store_pressure now = measure(hub);
    struct hub_pressure *before = &hub->pressure;
    const char *cause = now.cause ? now.cause : "";
    bool same = before->cause && strcmp(before->cause, cause) == 0;
    if (before->level == now.level && same)
        return;
    if (before->level != now.level)
        write_events(before->level, &now);
    *before = (struct hub_pressure){now.level, cause};
    for (size_t i = 0; i < HUB_PEERS_MAX; i++)
        pressure_tell(hub, &hub->edges[i]);
}

bool pressure_accepts(const struct hub *hub)
{
    return hub->pressure.level < STORE_PRESSURE_HIGH;
}
