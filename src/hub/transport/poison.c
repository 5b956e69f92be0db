/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/poison.h"

#include "hub/transport/accused.h"
#include "hub/transport/scheduler.h"
#include "hub/transport/settlement.h"
#include "hub/transport/tracking.h"
#include "os/clock.h"

#include <errno.h>
#include <stdlib.h>

enum {
    SUSPECTS_MAX = COURIER_WINDOW + COURIER_LANES_MAX,
    WRITTEN_AFTER_MS = 300, /* by then we have ended ourselves if it was an orderly end */
    ASIDE_BY_MS = 60000,    /* so long it is not claimed again, whatever happens to the order */
};

const struct slice poison_key = SLICE_INIT("poison");

struct poison {
    struct watch write; /* timer */
    uint64_t suspects[SUSPECTS_MAX];
    size_t count;
    bool alone; /* the courier that died last had one message in hand */
    enum courier_end end;
    size_t earlier; /* of these, from deaths before the last one */
};

static void on_write(void *context, unsigned events)
{
    (void)events;
    struct hub *hub = context;
    struct poison *poison = hub->poison;
    for (size_t i = 0; i < poison->count; i++)
        (void)!message_set(hub->store, poison->suspects[i], QUEUE_SUSPECT, clock_wall_ms(), NULL,
                           NULL);
    poison->count = poison->earlier = 0;
}

/* One death is one, whatever number of recipients it had in hand. */
static bool is_noted(const struct poison *poison, uint64_t message)
{
    for (size_t i = poison->earlier; i < poison->count; i++)
        if (poison->suspects[i] == message)
            return true;
    return false;
}

void poison_death(struct hub *hub, const struct peer *courier)
{
    struct poison *poison = hub->poison;
    poison->alone = courier->load.messages == 1;
    poison->end = courier->load.end;
    poison->earlier = poison->count;
}

static void count_death(struct hub *hub, struct parcel *parcel, uint32_t deaths)
{
    struct poison *poison = hub->poison;
    parcel->what.deaths = deaths;
    if (is_noted(poison, parcel->what.message))
        return;
    if (poison->count == SUSPECTS_MAX)
        on_write(hub, 0);
    poison->suspects[poison->count++] = parcel->what.message;
    timer_set(&poison->write, WRITTEN_AFTER_MS);
}

void poison_suspect(struct hub *hub, struct parcel *parcel_take)
{
    uint32_t deaths = isolation_deaths(parcel_take->what.deaths, hub->poison->alone);
    if (deaths >= ISOLATION_DEATHS_MAX) {
        accused_add(hub, parcel_take, hub->poison->end);
        return;
    }
    if (deaths != parcel_take->what.deaths)
        count_death(hub, parcel_take, deaths);
    scheduler_put(hub, parcel_take);
}

void poison_convict(struct hub *hub, struct parcel *parcel)
{
    count_death(hub, parcel, ISOLATION_DEATHS_MAX);
}

/* --- aside --- */

struct convict {
    struct log_sequel sequel;
    struct hub *hub;
    struct parcel *parcel;
};

static void convict_free(struct convict *convict)
{
    free(convict->parcel);
    free(convict);
}

static void on_aside(void *context, enum store_outcome outcome, uint64_t number)
{
    struct convict *convict = context;
    const struct scheduled *what = &convict->parcel->what;
    if (outcome == STORE_OK && number > 0)
        role_event(NULL, WIRE_LEVEL_ERROR, 0,
                   "event=poison hub: message %llu was in hand when couriers died, %u times: it "
                   "waits in the queue Poison. Resume-Message tries it again, Remove-Message "
                   "removes it",
                   (unsigned long long)what->message, what->deaths);
    convict_free(convict);
}

/* What has been released before is with the store now (hub/transport/settlement). */
static void on_released(void *context)
{
    struct convict *convict = context;
    int result = message_set_aside(convict->hub->store, convict->parcel->what.message, poison_key,
                                   on_aside, convict);
    if (result != STORE_OK)
        convict_free(convict); /* it is looked at again when it is due */
}

void poison_set_aside(struct hub *hub, struct parcel *parcel_take)
{
    uint64_t message = parcel_take->what.message;
    struct convict *convict = calloc(1, sizeof *convict);
    settle_released(hub, &parcel_take->what, clock_wall_ms() + ASIDE_BY_MS);
    scheduler_give_back(hub, message, false);
    if (!convict) {
        free(parcel_take);
        return;
    }
    *convict = (struct convict){
        .sequel = {.run = on_released, .context = convict}, .hub = hub, .parcel = parcel_take};
    tracking_poison(hub, &parcel_take->what, &convict->sequel);
}

/* --- life --- */

int poison_begin(struct hub *hub)
{
    hub->poison = calloc(1, sizeof *hub->poison);
    if (!hub->poison)
        return -ENOMEM;
    timer_init(&hub->poison->write, hub->role.loop, on_write, hub);
    return 0;
}

void poison_end(struct hub *hub)
{
    if (!hub->poison)
        return;
    timer_stop(&hub->poison->write);
    free(hub->poison);
    hub->poison = NULL;
}
