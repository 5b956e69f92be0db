/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/txt_lookup.h"

#include "hub/transport/any_courier.h"

#include <stdlib.h>

enum { ANSWER_WITHIN_MS = 12000 };

struct txt_lookup {
    struct txt_lookup *next;
    struct hub *hub;
    uint64_t request;
    struct watch limit; /* timer */
    txt_lookup_fn *done;
    void *context;
};

static void end(struct txt_lookup *lookup, const struct wire_txt_answer *answer)
{
    struct txt_lookup **link = &lookup->hub->txt_lookups;
    while (*link != lookup)
        link = &(*link)->next;
    *link = lookup->next;
    timer_stop(&lookup->limit);
    txt_lookup_fn *done = lookup->done;
    void *context = lookup->context;
    free(lookup);
    done(context, answer);
}

static void on_limit(void *context, unsigned events)
{
    (void)events;
    end(context, NULL);
}

void txt_lookup_ask(struct hub *hub, struct slice name, txt_lookup_fn *done, void *context)
{
    struct peer *courier = any_courier(hub);
    struct txt_lookup *lookup = courier ? calloc(1, sizeof *lookup) : NULL;
    if (!lookup) {
        done(context, NULL);
        return;
    }
    *lookup = (struct txt_lookup){.next = hub->txt_lookups,
                                  .hub = hub,
                                  .request = ++hub->next_request,
                                  .done = done,
                                  .context = context};
    hub->txt_lookups = lookup;
    timer_init(&lookup->limit, hub->role.loop, on_limit, lookup);
    timer_set(&lookup->limit, ANSWER_WITHIN_MS);
    struct wire_txt_question question = {.request = lookup->request, .name = name};
    if (!channel_send(&courier->channel, WIRE_TXT_QUESTION, &question, -1))
        end(lookup, NULL);
}

void txt_lookup_answered(struct hub *hub, const struct wire_txt_answer *answer)
{
    struct txt_lookup *lookup = hub->txt_lookups;
    while (lookup && lookup->request != answer->request)
        lookup = lookup->next;
    if (lookup)
        end(lookup, answer);
}

void txt_lookups_end(struct hub *hub)
{
    while (hub->txt_lookups)
        end(hub->txt_lookups, NULL);
}
