/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/reroute.h"

#include "hub/transport/envelope.h"
#include "hub/transport/hops.h"
#include "hub/transport/mailbox_transport.h"
#include "hub/transport/poison.h"
#include "hub/transport/routes.h"
#include "os/clock.h"

#include <errno.h>
#include <stdlib.h>

enum {
    PAGE_RECIPIENTS = 256, /* a message is not cut: one page may hold more */
    PAGE_BYTES_MAX = 64 << 20,
    PAUSE_MS = 20,
    AGAIN_MS = 1000,
};

struct reroute {
    struct watch next; /* timer: the next page */
    bool running;
    uint64_t after_message;
    uint64_t moved;
    bool again; /* some could not be moved, because they were in hand */
};

/* What one page found. */
struct page {
    struct hub *hub;
    struct arena arena;
    struct recipient_move *moves;
    size_t count, capacity;
    size_t seen;
    uint64_t last_message;
    bool more, failed, in_hand;
};

static bool reserve(struct page *page)
{
    if (page->count < page->capacity)
        return true;
    size_t capacity = page->capacity ? 2 * page->capacity : 64;
    struct recipient_move *grown = realloc(page->moves, capacity * sizeof *grown);
    if (!grown)
        return false;
    page->moves = grown;
    page->capacity = capacity;
    return true;
}

static bool look_at(void *context, const struct queue_item *item)
{
    struct page *page = context;
    char storage[ROUTE_KEY_MAX];
    struct text key = text_over(storage, sizeof storage);
    page->more = page->seen >= PAGE_RECIPIENTS && item->message != page->last_message;
    if (page->more)
        return false;
    page->seen++;
    page->last_message = item->message;
    if (item->message_suspended && slice_equal(item->destination, poison_key))
        return true;
    routes_choose(page->hub, item->address, item->size_bytes,
                  sender_tls_of_way(envelope_tls(item->envelope), item->sender), &key);
    page->failed = !page->hub->routes; /* no memory: what it says then is no route */
    if (page->failed)
        return false;
    if (slice_equal(text_slice(&key), item->destination))
        return true;
    if (item->owned) {
        page->in_hand = true;
        return true;
    }
    struct recipient_move move = {item->message, item->recipient, {0}, clock_wall_ms()};
    page->failed = !reserve(page) || !arena_copy(&page->arena, text_slice(&key), &move.destination);
    if (!page->failed)
        page->moves[page->count++] = move;
    return !page->failed;
}

/* What was in hand comes back to the queue it came from, and is looked at once more. */
static void end_run(struct reroute *reroute)
{
    if (reroute->again) {
        reroute->again = false;
        reroute->after_message = 0;
        timer_set(&reroute->next, AGAIN_MS);
        return;
    }
    reroute->running = false;
    if (reroute->moved)
        role_event(NULL, WIRE_LEVEL_INFORMATION, 0,
                   "hub: %llu recipients that waited go another way now",
                   (unsigned long long)reroute->moved);
}

/* False: the store cannot say or take it now; the page is looked at again. */
static bool turn_page(struct hub *hub, struct page *page)
{
    struct queue_filter filter = {.after_message = hub->reroute->after_message};
    int result = queue_list(hub->store, &filter, look_at, page);
    if (result != STORE_OK || page->failed)
        return false;
    return page->count == 0 ||
           queue_move(hub->store, page->moves, page->count, NULL, NULL) == STORE_OK;
}

static void on_next(void *context, unsigned events)
{
    (void)events;
    struct hub *hub = context;
    struct reroute *reroute = hub->reroute;
    struct page page = {.hub = hub, .arena = arena_with_ceiling(PAGE_BYTES_MAX)};
    bool good = turn_page(hub, &page);
    if (good) {
        reroute->after_message = page.last_message;
        reroute->moved += page.count;
        reroute->again |= page.in_hand;
    }
    if (good && !page.more)
        end_run(reroute);
    else
        timer_set(&reroute->next, good ? PAUSE_MS : AGAIN_MS);
    free(page.moves);
    arena_deinit(&page.arena);
}

void reroute_look(struct hub *hub)
{
    struct reroute *reroute = hub->reroute;
    if (!reroute->running)
        reroute->moved = 0;
    reroute->running = true;
    reroute->after_message = 0;
    timer_set(&reroute->next, 0);
}

/* What a connection was told when it was opened comes from these. */
static bool lanes_are_stale(const struct hub *hub, const struct model *before)
{
    static const enum model_kind kinds[] = {MODEL_SEND_CONNECTOR, MODEL_TRANSPORT_CONFIG,
                                            MODEL_CERTIFICATE, MODEL_SERVER};
    for (size_t i = 0; before && i < COUNT_OF(kinds); i++)
        if (!model_kind_equal(before, hub->model, kinds[i]))
            return true;
    return false;
}

void reroute_model_changed(struct hub *hub, const struct model *before)
{
    static const enum model_kind kinds[] = {MODEL_SEND_CONNECTOR, MODEL_ACCEPTED_DOMAIN,
                                            MODEL_MAILBOX, MODEL_DISTRIBUTION_GROUP};
    mailbox_transport_model_changed(hub, before);
    if (lanes_are_stale(hub, before))
        hops_configuration_changed(hub);
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (!before || !model_kind_equal(before, hub->model, kinds[i])) {
            reroute_look(hub);
            return;
        }
}

int reroute_begin(struct hub *hub)
{
    hub->reroute = calloc(1, sizeof *hub->reroute);
    if (!hub->reroute)
        return -ENOMEM;
    timer_init(&hub->reroute->next, hub->role.loop, on_next, hub);
    return 0;
}

void reroute_end(struct hub *hub)
{
    if (!hub->reroute)
        return;
    timer_stop(&hub->reroute->next);
    free(hub->reroute);
    hub->reroute = NULL;
}
