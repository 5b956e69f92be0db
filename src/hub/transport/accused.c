/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/accused.h"

#include "hub/transport/poison.h"
#include "hub/transport/scheduler.h"
#include "hub/transport/settlement.h"

#include <errno.h>
#include <stdlib.h>

enum { REMEMBERED_MAX = 16 };

/* How often a message's courier was killed from outside. */
struct ends {
    uint64_t message;
    unsigned count;
};

struct accused {
    struct parcel_list waiting; /* the recipients of one message */
    struct watch patience;      /* timer */
    enum courier_end end;       /* as far as it is known */
    struct ends remembered[REMEMBERED_MAX];
    size_t oldest; /* the place that is used next */
};

static struct ends *ends_of(struct accused *accused, uint64_t message)
{
    for (size_t i = 0; i < REMEMBERED_MAX; i++)
        if (accused->remembered[i].message == message)
            return &accused->remembered[i];
    struct ends *ends = &accused->remembered[accused->oldest];
    accused->oldest = (accused->oldest + 1) % REMEMBERED_MAX;
    *ends = (struct ends){.message = message};
    return ends;
}

static bool is_convicted(struct accused *accused, uint64_t message, enum courier_end end)
{
    struct ends *ends = ends_of(accused, message);
    if (end == COURIER_END_OUTSIDE && ++ends->count < ACCUSED_ENDS_MAX) {
        role_event(NULL, WIRE_LEVEL_WARNING, 0,
                   "hub: message %llu was alone in a courier that was killed from outside (%u of "
                   "%u times): it is tried again. Was it the kernel, for want of memory? "
                   "journalctl -k",
                   (unsigned long long)message, ends->count, ACCUSED_ENDS_MAX);
        return false;
    }
    *ends = (struct ends){0};
    return true;
}

void accused_judge(struct hub *hub, enum courier_end end)
{
    struct accused *accused = hub->accused;
    struct parcel *parcel = parcel_list_take(&accused->waiting);
    if (!parcel)
        return;
    timer_stop(&accused->patience);
    bool convicted = is_convicted(accused, parcel->what.message, end);
    for (; parcel; parcel = parcel_list_take(&accused->waiting)) {
        if (convicted)
            poison_convict(hub, parcel);
        scheduler_put(hub, parcel);
    }
}

static void on_patience_over(void *context, unsigned events)
{
    (void)events;
    struct hub *hub = context;
    accused_judge(hub, hub->accused->end);
}

void accused_add(struct hub *hub, struct parcel *parcel_take, enum courier_end end)
{
    struct accused *accused = hub->accused;
    parcel_list_append(&accused->waiting, parcel_take);
    accused->end = end; /* known already: judged at once, but with the message's other recipients */
    timer_set(&accused->patience, end == COURIER_END_UNKNOWN ? ACCUSED_WAIT_MS : 0);
}

void accused_give_back(struct hub *hub, uint64_t message, bool removed)
{
    settle_given_back(hub, &hub->accused->waiting, message, removed);
}

/* --- life --- */

int accused_begin(struct hub *hub)
{
    hub->accused = calloc(1, sizeof *hub->accused);
    if (!hub->accused)
        return -ENOMEM;
    parcel_list_init(&hub->accused->waiting);
    timer_init(&hub->accused->patience, hub->role.loop, on_patience_over, hub);
    return 0;
}

void accused_end(struct hub *hub)
{
    if (!hub->accused)
        return;
    timer_stop(&hub->accused->patience);
    parcel_list_free(&hub->accused->waiting);
    free(hub->accused);
    hub->accused = NULL;
}
