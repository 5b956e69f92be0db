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

enum {
    RESULT_SIZE_DEFAULT = 1000,
    RESULT_SIZE_MAX = 1000000,
    REASON_BYTES = 1024,
    NEXT_HOP_MAX = 1 << 16,
};

/* A listing under way. */
struct listing {
    struct call *call;
    struct filter filter;
    struct queue_classes classes;
    size_t left;
    bool failed; /* the call has */
};

/* False: the call has failed. */
static bool begin_listing(struct listing *listing, struct call *call)
{
    char storage[512];
    struct text error = text_over(storage, sizeof storage);
    int64_t most;
    *listing = (struct listing){.call = call};
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

static json_t *last_error(struct hub *hub, const struct queue_statistic *statistic)
{
    char storage[REASON_BYTES];
    struct text error = text_over(storage, sizeof storage);
    queue_append_last_error(&error, hub, statistic->destination, statistic->last_error);
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

static bool emit_queue(void *context, const struct queue_statistic *statistic)
{
    struct listing *listing = context;
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

static void end_listing(const struct listing *listing, int result)
{
    struct call *call = listing->call;
    if (listing->failed)
        return;
    if (listing->left == 0)
        call_warn(call, "there may be more than these %zu; -ResultSize Unlimited shows all",
                  json_array_size(call->objects));
    if (result == STORE_OK)
        call_done(call);
    else
        call_fail(call, OPERATION_FAILED, "the queue cannot be read: %s",
                  result > 0 ? store_outcome_name((enum store_outcome)result) : "the store failed");
}

void queue_get(struct call *call)
{
    struct listing listing;
    if (begin_listing(&listing, call))
        end_listing(&listing, queue_statistics(call->hub->store, emit_queue, &listing));
}

bool queue_emit_all(struct call *call)
{
    struct listing listing;
    if (!begin_listing(&listing, call))
        return false;
    listing.left = RESULT_SIZE_MAX;
    int result = queue_statistics(call->hub->store, emit_queue, &listing);
    if (result == STORE_OK && !listing.failed)
        return true;
    end_listing(&listing, result);
    return false;
}
