/* SPDX-License-Identifier: Apache-2.0 */
/* Get-Queue: what waits in the store, by next hop (model/routing: keys). */
#include "hub/handlers/handlers.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"
#include "hub/handlers/queue_class.h"
#include "hub/handlers/queue_identity.h"
#include "hub/handlers/queue_state.h"
#include "hub/transport/hops.h"
#include "model/routing.h"
#include "operations/filter.h"
#include "os/clock.h"

#include <stdlib.h>

enum {
    RESULT_SIZE_DEFAULT = 1000,
    RESULT_SIZE_MAX = 1000000,
    REASON_BYTES = 1024,
    NEXT_HOP_MAX = 1 << 16,
    TURN_MS = 10, /* then mail has its turn */
};

/* A listing under way; freed when it is done. */
struct listing {
    struct call *call;
    struct filter filter;
    struct queue_classes classes;
    size_t left;
    bool failed; /* the call has */
    bool paused; /* there may be more, behind `after` */
    struct text after;
    uint64_t turn_ends_ms;
    struct watch next;
    void (*done)(struct call *call);
};

/* False: the call has failed. */
static bool begin_listing(struct listing *listing, struct call *call)
{
    char storage[512];
    struct text error = text_over(storage, sizeof storage);
    int64_t most;
    listing->call = call;
    if (!operation_server_is_this(call, "Server") || !queue_classes_read(call, &listing->classes) ||
        !call_result_size(call, RESULT_SIZE_MAX, RESULT_SIZE_DEFAULT, &most))
        return false;
    listing->left = (size_t)most;
    if (filter_parse(call_text(call, "Filter"), &listing->filter, &error))
        return true;
    call_fail(call, OPERATION_USAGE, "%.*s", SLICE_ARG(text_slice(&error)));
    return false;
}

/* Emits what fits the filter. False: that is enough, or the call has failed. */
static bool take_object(struct listing *listing, json_t *object_taken)
{
    struct slice unknown = filter_unknown_property(&listing->filter, object_taken);
    bool fits = filter_takes(&listing->filter, object_taken) &&
                queue_classes_take(&listing->classes, object_taken);
    if (unknown.len) {
        call_fail(listing->call, OPERATION_USAGE, "-Filter: a %s has no property \"%.*s\"",
                  listing->call->noun, SLICE_ARG(slice_first(unknown, 60)));
        listing->failed = true;
    } else if (fits) {
        call_emit(listing->call, json_incref(object_taken));
        listing->left--;
    }
    json_decref(object_taken);
    return !listing->failed && listing->left > 0;
}

/* What a hop fails with now counts more than what was said of a message some time ago. */
static json_t *last_error(struct hub *hub, const struct queue_statistic *statistic)
{
    char storage[REASON_BYTES];
    struct text error = text_over(storage, sizeof storage);
    struct hop_state hop;
    bool fails = hops_state(hub, statistic->destination, &hop) && hop.failures;
    queue_append_last_error(&error, hub, statistic->destination,
                            fails ? SLICE("") : statistic->last_error);
    return json_of_slice(text_slice(&error));
}

/* The connector's name too: an id says nothing to people. */
static void set_next_hop(json_t *json, const struct model *model, struct slice destination)
{
    struct next_hop hop = next_hop_of_key(destination);
    struct text domain = text_with_ceiling(NEXT_HOP_MAX);
    const struct send_connector *connector =
        model_by_id(model, MODEL_SEND_CONNECTOR, hop.connector);
    next_hop_append_domain(&domain, &hop, model);
    bool poison = queue_is_poison(destination);
    json_object_set_new(json, "DeliveryType",
                        json_string(poison ? "Undefined" : route_kind_code(hop.kind)));
    json_object_set_new(json, "NextHopDomain",
                        poison                          ? json_string("Poison Message")
                        : hop.kind == ROUTE_UNREACHABLE ? json_string("Unreachable")
                                                        : json_of_slice(text_slice(&domain)));
    json_object_set_new(json, "NextHopConnector",
                        json_of_slice(connector ? connector->name : SLICE("")));
    json_object_set_new(json, "NextHopCategory",
                        json_string(hop.kind == ROUTE_MAILBOX ? "Internal" : "External"));
    text_deinit(&domain);
}

/* Of another server: those of the hop, which mail has in common. */
static void set_retries(json_t *json, struct hub *hub, const struct queue_statistic *statistic)
{
    struct hop_state hop = {0};
    bool known = hops_state(hub, statistic->destination, &hop);
    bool due = statistic->deferred > 0 && statistic->next_at_ms != INT64_MAX;
    int64_t next_ms = hop.retry_at_ms ? hop.retry_at_ms : due ? statistic->next_at_ms : 0;
    uint32_t failures = known && hop.failures ? hop.failures : statistic->failures;
    json_object_set_new(json, "RetryCount", json_integer(failures));
    json_object_set_new(json, "NextRetryTime", json_of_time(next_ms));
    json_object_set_new(json, "LastRetryTime", json_of_time(hop.last_retry_ms));
    json_object_set_new(json, "FirstRetryTime", json_of_time(hop.first_retry_ms));
}

/* False: that is enough, or the call has failed. */
static bool show_queue(struct listing *listing, const struct queue_statistic *statistic)
{
    struct call *call = listing->call;
    if (!queue_is_meant(call_text(call, "Identity"), statistic->destination))
        return true;
    json_t *json = json_object();
    json_object_set_new(json, "Identity", queue_identity(call, statistic->destination));
    set_next_hop(json, call->hub->model, statistic->destination);
    json_object_set_new(json, "Status",
                        json_string(queue_status(call->hub, statistic, clock_wall_ms())));
    json_object_set_new(json, "MessageCount", json_integer((json_int_t)statistic->recipients));
    json_object_set_new(json, "DeferredMessageCount",
                        json_integer((json_int_t)statistic->deferred));
    json_object_set_new(json, "LastError", last_error(call->hub, statistic));
    set_retries(json, call->hub, statistic);
    json_object_set_new(json, "OldestMessageTime", json_of_time(statistic->oldest_ms));
    return take_object(listing, json);
}

/* --- turn by turn --- */

static bool on_queue(void *context, const struct queue_statistic *statistic)
{
    struct listing *listing = context;
    if (!show_queue(listing, statistic))
        return false;
    if (clock_monotonic_ms() < listing->turn_ends_ms)
        return true;
    text_clear(&listing->after);
    listing->paused = text_append(&listing->after, statistic->destination);
    return !listing->paused;
}

static void end_listing(struct listing *listing, int result)
{
    struct call *call = listing->call;
    if (result != STORE_OK && !listing->failed)
        call_fail(call, OPERATION_FAILED, "the queue cannot be read: %s",
                  result > 0 ? store_outcome_name((enum store_outcome)result) : "the store failed");
    else if (!listing->failed)
        listing->done(call);
    text_deinit(&listing->after);
    free(listing);
}

static void on_turn(void *context, unsigned events)
{
    (void)events;
    struct listing *listing = context;
    struct slice after = {0}; /* "" is one, too */
    if (listing->paused)
        after = slice_bytes(listing->after.len ? listing->after.at : "", listing->after.len);
    listing->paused = false;
    listing->turn_ends_ms = clock_monotonic_ms() + TURN_MS;
    int result = queue_statistics(listing->call->hub->store, after, on_queue, listing);
    if (result == STORE_OK && listing->paused)
        timer_set(&listing->next, 0);
    else
        end_listing(listing, result);
}

/* `most` 0: as many as the call asks for. */
static void list_queues(struct call *call, size_t most, void (*done)(struct call *call))
{
    struct listing *listing = calloc(1, sizeof *listing);
    if (!listing) {
        call_fail(call, OPERATION_FAILED, "there is no memory to show queues");
        return;
    }
    if (!begin_listing(listing, call)) {
        free(listing);
        return;
    }
    listing->left = most ? most : listing->left;
    listing->done = done;
    listing->after = text_with_ceiling(NEXT_HOP_MAX);
    timer_init(&listing->next, call->hub->role.loop, on_turn, listing);
    on_turn(listing, 0);
}

static void end_get(struct call *call)
{
    int64_t most;
    size_t shown = json_array_size(call->objects);
    if (call_result_size(call, RESULT_SIZE_MAX, RESULT_SIZE_DEFAULT, &most) &&
        shown == (size_t)most)
        call_warn(call, "there may be more than these %zu; -ResultSize Unlimited shows all", shown);
    call_done(call);
}

void queue_get(struct call *call)
{
    list_queues(call, 0, end_get);
}

void queue_emit_all(struct call *call, void (*done)(struct call *call))
{
    list_queues(call, RESULT_SIZE_MAX, done);
}
