/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/sounding.h"

#include "hub/transport/hop.h"
#include "hub/transport/hop_protection.h"
#include "hub/vault_link.h"

#include <stdlib.h>

struct sounding {
    struct sounding *next;
    struct hub *hub;
    struct sounding_events events;
    struct peer *courier;
    uint64_t relay;
    struct object_id connector;
    struct arena arena;
    struct slice domain, recipient;
    struct watch timer; /* the first step, then the limit */
    size_t seen;        /* hosts */
    bool started;
};

/* --- the end --- */

/* Its connection counts as one that is used. */
static void hold(struct sounding *sounding, int by)
{
    sounding->hub->hops->share.held[LANE_PROVEN] += (size_t)by;
    sounding->courier->load.lanes.held[LANE_PROVEN] += (size_t)by;
}

static void sounding_free(struct sounding *sounding)
{
    struct sounding **link = &sounding->hub->soundings;
    while (*link != sounding)
        link = &(*link)->next;
    *link = sounding->next;
    timer_stop(&sounding->timer);
    if (sounding->courier)
        hold(sounding, -1);
    arena_deinit(&sounding->arena);
    free(sounding);
}

static void finish(struct sounding *sounding, bool reached, struct slice why)
{
    struct sounding_events events = sounding->events;
    events.done(events.context, reached, why);
    sounding_free(sounding);
}

/* --- the order --- */

static bool send_recipient(const struct sounding *sounding)
{
    struct wire_relay_recipient recipient = {.relay = sounding->relay,
                                             .address = sounding->recipient};
    return !sounding->recipient.len ||
           channel_send(&sounding->courier->channel, WIRE_RELAY_RECIPIENT, &recipient, -1);
}

/* The lane of a message, without one. */
static void send_order(struct sounding *sounding, const struct send_connector *connector,
                       struct slice password)
{
    struct hop hop = {.domain = sounding->domain, .connector = sounding->connector};
    struct lane lane = {.node = {.relay = sounding->relay},
                        .hop = &hop,
                        .courier = sounding->courier,
                        .inspects = true};
    if (!lane_send_order(sounding->hub, &lane, connector, password) || !send_recipient(sounding))
        finish(sounding, false, SLICE("451 4.3.0 The courier cannot be told"));
}

static struct sounding *find(struct hub *hub, uint64_t relay)
{
    struct sounding *sounding = hub->soundings;
    while (sounding && sounding->relay != relay)
        sounding = sounding->next;
    return sounding;
}

static const struct send_connector *connector_of(const struct sounding *sounding)
{
    struct hop hop = {.connector = sounding->connector};
    return hop_connector(sounding->hub, &hop);
}

struct question { /* to the vault, which may answer when the sounding is over */
    struct hub *hub;
    uint64_t relay;
};

static void on_password(void *context, bool available, struct slice password)
{
    struct question *question = context;
    struct sounding *sounding = find(question->hub, question->relay);
    free(question);
    const struct send_connector *connector = sounding ? connector_of(sounding) : NULL;
    if (!sounding)
        return;
    if (available && connector && password.len)
        send_order(sounding, connector, password);
    else
        finish(sounding, false,
               SLICE("454 4.7.0 Temporary authentication failure: the password of "
                     "AuthenticationCredential cannot be opened"));
}

static void ask_password(struct sounding *sounding)
{
    struct question *question = calloc(1, sizeof *question);
    if (!question) {
        finish(sounding, false, SLICE("451 4.3.0 There is no memory for the question"));
        return;
    }
    *question = (struct question){sounding->hub, sounding->relay};
    vault_open_credential(sounding->hub, sounding->connector, on_password, question);
}

static void begin(struct sounding *sounding)
{
    const struct send_connector *connector = connector_of(sounding);
    struct hop hop = {.domain = sounding->domain};
    sounding->started = true;
    timer_set(&sounding->timer, SOUNDING_LIMIT_MS);
    struct peer *courier = lane_courier(sounding->hub);
    const struct slice *unprotected =
        connector ? hop_unprotected(sounding->hub, &hop, connector) : NULL;
    if (!connector || !courier || unprotected) {
        finish(sounding, false,
               unprotected  ? *unprotected
               : !connector ? SLICE("450 4.3.2 The send connector is disabled, or gone")
                            : SLICE("450 4.3.2 No courier has room now"));
        return;
    }
    sounding->courier = courier;
    hold(sounding, 1);
    if (lane_logs_in(connector))
        ask_password(sounding);
    else
        send_order(sounding, connector, SLICE(""));
}

static void on_timer(void *context, unsigned events)
{
    (void)events;
    struct sounding *sounding = context;
    if (!sounding->started)
        begin(sounding);
    else
        finish(sounding, false, SLICE("421 4.4.2 There was no answer in time"));
}

bool sounding_start(struct hub *hub, const struct sounding_question *question,
                    const struct sounding_events *events)
{
    struct sounding *sounding = calloc(1, sizeof *sounding);
    if (!sounding)
        return false;
    *sounding = (struct sounding){.next = hub->soundings,
                                  .hub = hub,
                                  .events = *events,
                                  .relay = hub->hops->last_relay += RELAY_STEP,
                                  .connector = question->connector->id,
                                  .arena = arena_with_ceiling(1 << 16)};
    hub->soundings = sounding;
    timer_init(&sounding->timer, hub->role.loop, on_timer, sounding);
    if (!arena_copy(&sounding->arena, question->domain, &sounding->domain) ||
        !arena_copy(&sounding->arena, question->recipient, &sounding->recipient)) {
        sounding_free(sounding);
        return false;
    }
    timer_set(&sounding->timer, 0);
    return true;
}

/* --- what the courier says --- */

bool sounding_frame(struct hub *hub, struct peer *courier, const struct frame *frame)
{
    const union wire_any *message = &frame->message;
    /* the number is the first member of each */
    struct sounding *sounding = find(hub, message->relay_number.relay);
    if (!sounding) /* its time was over */
        return true;
    if (sounding->courier != courier)
        return false;
    struct sounding_events *events = &sounding->events;
    if (frame->type == WIRE_RELAY_SEEN && sounding->seen++ < SOUNDING_SEEN_MAX)
        events->seen(events->context, &message->relay_seen);
    else if (frame->type == WIRE_RELAY_OUTCOME)
        events->recipient(events->context, message->relay_outcome.text);
    else if (frame->type == WIRE_RELAY_ENDED)
        finish(sounding, message->relay_ended.reached, message->relay_ended.text);
    return true;
}

void soundings_courier_lost(struct hub *hub, struct peer *courier)
{
    struct sounding *next;
    for (struct sounding *sounding = hub->soundings; sounding; sounding = next) {
        next = sounding->next;
        if (sounding->courier == courier)
            finish(sounding, false, SLICE("421 4.4.2 The courier has gone"));
    }
}

void soundings_end(struct hub *hub)
{
    while (hub->soundings)
        sounding_free(hub->soundings);
}
