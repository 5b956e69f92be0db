/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/events.h"

#include "base/log_row.h"
#include "hub/logs.h"

enum { EVENTS_PER_SECOND = 50, SECOND_MS = 1000, EVENT_SHOWN_MAX = 8192 };

static void report(struct hub *hub, const struct peer *peer, const struct wire_event *event)
{
    char storage[32], shown[EVENT_SHOWN_MAX];
    struct text source = text_over(storage, sizeof storage), line = text_over(shown, sizeof shown);
    text_append_format(&source, "%s %u", wire_role_names[peer->channel.peer], peer->channel.index);
    log_value_append(&line, event->text, event->text.len);
    role_print_event(&(struct wire_event){.level = event->level, .text = text_slice(&line)});
    logs_event(hub, event, text_slice(&source));
}

static void report_left_out(struct hub *hub, struct peer *peer)
{
    char storage[96];
    struct text words = text_over(storage, sizeof storage);
    if (peer->events_left_out == 0)
        return;
    text_append_format(&words, "%s: %llu events were left out: too many at once",
                       wire_role_names[peer->channel.peer],
                       (unsigned long long)peer->events_left_out);
    peer->events_left_out = 0;
    report(hub, peer,
           &(struct wire_event){.level = WIRE_LEVEL_WARNING, .text = text_slice(&words)});
}

static void on_over(void *context, unsigned events)
{
    (void)events;
    struct hub *hub = context;
    for (size_t i = 0; i < HUB_PEERS_MAX; i++) {
        report_left_out(hub, &hub->edges[i]);
        report_left_out(hub, &hub->signers[i]);
        report_left_out(hub, &hub->couriers[i]);
    }
    for (size_t i = 0; i < WIRE_ISOLATORS; i++)
        report_left_out(hub, &hub->isolators[i]);
    report_left_out(hub, &hub->checker);
}

void events_begin(struct hub *hub)
{
    timer_init(&hub->events_over, hub->role.loop, on_over, hub);
}

void events_end(struct hub *hub)
{
    timer_stop(&hub->events_over);
    on_over(hub, 0);
}

void events_relay(struct hub *hub, struct peer *peer, const struct wire_event *event)
{
    uint64_t second = loop_now_ms(hub->role.loop) / SECOND_MS;
    if (peer->events_second != second) {
        peer->events_second = second;
        peer->events = 0;
    }
    if (peer->events++ < EVENTS_PER_SECOND) {
        report(hub, peer, event);
        return;
    }
    peer->events_left_out++;
    if (!timer_is_set(&hub->events_over))
        timer_set(&hub->events_over, SECOND_MS);
}
