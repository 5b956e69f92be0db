/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/tidings.h"

#include <errno.h>
#include <stdlib.h>

enum { GATHERED_MS = 200, TOGETHER_MAX = 1000 };

struct tiding {
    struct tiding *next;
    uint64_t message;
    struct outcome_told outcome;
    notices_done_fn *done;
    void *context;
    char texts[]; /* of the outcome */
};

struct tidings {
    struct tiding *first, **end;
    struct watch timer; /* set while there are some */
};

/* --- together --- */

/* Of one message, while its notice is stored. */
struct bundle {
    struct tiding *first;
    struct outcome_told outcomes[];
};

static void end_all(struct tiding *first, bool told)
{
    while (first) {
        struct tiding *tiding = first;
        first = tiding->next;
        tiding->done(tiding->context, told);
        free(tiding);
    }
}

static void on_told(void *context, bool told)
{
    struct bundle *bundle = context;
    end_all(bundle->first, told);
    free(bundle);
}

/* All of the first one's message leave the list. */
static struct tiding *take_message(struct tidings *tidings, size_t *out_count)
{
    uint64_t message = tidings->first->message;
    struct tiding *taken = NULL, **end = &taken, **link = &tidings->first;
    *out_count = 0;
    while (*link) {
        struct tiding *tiding = *link;
        if (tiding->message != message || *out_count == TOGETHER_MAX) {
            link = &tiding->next;
            continue;
        }
        *link = tiding->next;
        tiding->next = NULL;
        *end = tiding;
        end = &tiding->next;
        ++*out_count;
    }
    tidings->end = link;
    return taken;
}

static void tell(struct hub *hub)
{
    size_t count, i = 0;
    struct tiding *first = take_message(hub->tidings, &count);
    struct bundle *bundle = calloc(1, sizeof *bundle + count * sizeof bundle->outcomes[0]);
    if (!bundle) {
        end_all(first, false);
        return;
    }
    bundle->first = first;
    for (const struct tiding *tiding = first; tiding; tiding = tiding->next)
        bundle->outcomes[i++] = tiding->outcome;
    notices_send(hub, first->message, bundle->outcomes, count, on_told, bundle);
}

static void on_time(void *context, unsigned events)
{
    (void)events;
    struct hub *hub = context;
    while (hub->tidings->first)
        tell(hub);
}

/* --- one --- */

static struct tiding *tiding_new(uint64_t message, const struct outcome_told *outcome)
{
    struct tiding *tiding =
        calloc(1, sizeof *tiding + outcome->reply.len + outcome->remote_server.len);
    if (!tiding)
        return NULL;
    char *at = tiding->texts;
    tiding->message = message;
    tiding->outcome =
        (struct outcome_told){.recipient = outcome->recipient,
                              .action = outcome->action,
                              .reply = slice_pack(&at, outcome->reply),
                              .remote_server = slice_pack(&at, outcome->remote_server)};
    return tiding;
}

void tidings_add(struct hub *hub, uint64_t message, const struct outcome_told *outcome,
                 notices_done_fn *done, void *context)
{
    struct tidings *tidings = hub->tidings;
    struct tiding *tiding = tiding_new(message, outcome);
    if (!tiding) {
        done(context, false);
        return;
    }
    tiding->done = done;
    tiding->context = context;
    if (!tidings->first)
        timer_set(&tidings->timer, GATHERED_MS);
    *tidings->end = tiding;
    tidings->end = &tiding->next;
}

/* --- life --- */

int tidings_begin(struct hub *hub)
{
    hub->tidings = calloc(1, sizeof *hub->tidings);
    if (!hub->tidings)
        return -ENOMEM;
    hub->tidings->end = &hub->tidings->first;
    timer_init(&hub->tidings->timer, hub->role.loop, on_time, hub);
    return 0;
}

void tidings_end(struct hub *hub)
{
    if (!hub->tidings)
        return;
    timer_stop(&hub->tidings->timer);
    while (hub->tidings->first) {
        struct tiding *tiding = hub->tidings->first;
        hub->tidings->first = tiding->next;
        free(tiding->context);
        free(tiding);
    }
    free(hub->tidings);
    hub->tidings = NULL;
}
