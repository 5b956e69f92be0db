/* SPDX-License-Identifier: Apache-2.0 */
/* Get-Queue and Get-Message: what waits in the store, by next hop (model/routing: keys). */
#include "hub/components.h"
#include "hub/envelope.h"
#include "hub/hops.h"
#include "hub/operation_handlers.h"
#include "hub/operation_object.h"
#include "hub/operation_parameters.h"
#include "hub/queue_identity.h"
#include "hub/said.h"
#include "model/routing.h"
#include "operations/filter.h"
#include "os/clock.h"

#include <stdlib.h>

enum {
    RESULT_SIZE_DEFAULT = 1000,
    RESULT_SIZE_MAX = 1000000,
    REASON_BYTES = 512,
    NEXT_HOP_MAX = 1 << 16,
};

/* HubTransport is out of service. */
static bool is_held(const struct hub *hub, struct slice destination)
{
    bool moves = !queue_is_unreachable(destination) && !queue_is_poison(destination);
    return moves && !components_deliver(hub);
}

/* Why it waits: said by the last attempt, or by that of its next hop, or because there was none. */
static json_t *last_error(const struct call *call, struct slice destination, struct slice error)
{
    const struct model *model = call->hub->model;
    struct component_wish wish;
    char storage[REASON_BYTES];
    struct text reason = text_over(storage, sizeof storage);
    if (is_held(call->hub, destination) &&
        transport_service_state(model, COMPONENT_HUB_TRANSPORT, &wish) != COMPONENT_ACTIVE) {
        component_append_reason(&reason, model, COMPONENT_HUB_TRANSPORT, &wish);
        return json_of_slice(text_slice(&reason));
    }
    if (queue_is_poison(destination))
        return json_of_slice(
            SLICE("couriers died while they had it in hand; Resume-Message tries it "
                  "again, Remove-Message removes it"));
    struct hop_state hop;
    if (!error.len && hops_state(call->hub, destination, &hop))
        return json_of_slice(hop.last_error);
    if (error.len > 0 || !queue_is_unreachable(destination))
        return json_of_slice(error);
    return json_of_slice(SLICE("no route: its domain is not an accepted one, and no send connector "
                               "is for it (Test-MailRoute)"));
}

static const char *queue_status(struct hub *hub, const struct queue_statistic *statistic,
                                int64_t now_ms)
{
    struct hop_state hop;
    if (statistic->suspended || is_held(hub, statistic->destination))
        return "Suspended";
    if (hops_state(hub, statistic->destination, &hop) && hop.status)
        return hop.status;
    if (statistic->owned > 0 && !queue_is_unreachable(statistic->destination))
        return "Active";
    return statistic->deferred > 0 && statistic->next_at_ms > now_ms ? "Retry" : "Ready";
}

/* A listing under way, of queues or of messages. */
struct listing {
    struct call *call;
    struct filter filter;
    json_t *current; /* the message whose recipients are being added */
    uint64_t message;
    size_t left;
    bool failed;   /* the call has */
    bool collects; /* the numbers of messages, and emits nothing */
    uint64_t *numbers;
    size_t number_count;
};

/* False: the call has failed. */
static bool begin_listing(struct listing *listing, struct call *call)
{
    char storage[512];
    struct text error = text_over(storage, sizeof storage);
    int64_t most;
    *listing = (struct listing){.call = call};
    if (!operation_server_is_this(call, "Server") ||
        !call_result_size(call, RESULT_SIZE_MAX, RESULT_SIZE_DEFAULT, &most))
        return false;
    listing->left = (size_t)most;
    if (filter_parse(call_text(call, "Filter"), &listing->filter, &error))
        return true;
    call_fail(call, OPERATION_USAGE, "%.*s", SLICE_ARG(text_slice(&error)));
    return false;
}

/* False: the call has failed. */
static bool collect_number(struct listing *listing, const json_t *message)
{
    size_t count = listing->number_count;
    bool full = count == 0 || (count & (count - 1)) == 0; /* grows by doubling */
    uint64_t *grown = full ? realloc(listing->numbers, (count ? 2 * count : 1) * sizeof *grown)
                           : listing->numbers;
    if (!grown) {
        call_fail(listing->call, OPERATION_FAILED, "there is no memory for so many messages");
        return false;
    }
    listing->numbers = grown;
    grown[listing->number_count++] =
        (uint64_t)json_integer_value(json_object_get(message, "InternalId"));
    return true;
}

/* Emits what fits the filter. False: that is enough, or the call has failed. */
static bool take_object(struct listing *listing, json_t *object_taken)
{
    struct slice unknown = filter_unknown_property(&listing->filter, object_taken);
    bool fits = filter_takes(&listing->filter, object_taken);
    if (unknown.len) {
        call_fail(listing->call, OPERATION_USAGE, "-Filter: a %s has no property \"%.*s\"",
                  listing->call->noun, SLICE_ARG(slice_first(unknown, 60)));
        listing->failed = true;
    } else if (fits && listing->collects) {
        listing->failed = !collect_number(listing, object_taken);
        listing->left--;
    } else if (fits) {
        call_emit(listing->call, json_incref(object_taken));
        listing->left--;
    }
    json_decref(object_taken);
    return !listing->failed && listing->left > 0;
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
    json_object_set_new(json, "LastError",
                        last_error(call, statistic->destination, statistic->last_error));
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

/* --- messages --- */

static const char *message_status(const struct hub *hub, const struct queue_item *item,
                                  int64_t now_ms)
{
    if (item->message_suspended || item->destination_suspended || is_held(hub, item->destination))
        return "Suspended";
    if (item->owned && !queue_is_unreachable(item->destination))
        return "Active";
    return item->attempts > 0 && item->next_at_ms > now_ms ? "Retry" : "Ready";
}

static json_t *message_identity(const struct call *call, const struct queue_item *item)
{
    json_t *queue = queue_identity(call, item->destination);
    char storage[480];
    struct text text = text_over(storage, sizeof(storage));
    text_append(&text, slice_of(json_string_value(queue)));
    text_append_format(&text, "\\%llu", (unsigned long long)item->message);
    json_decref(queue);
    return json_of_slice(text_slice(&text));
}

static json_t *envelope_json(const struct queue_item *item, const char *name)
{
    return json_of_slice(envelope_word(item->envelope, slice_of(name)));
}

/* SMTP:MX1\Default Frontend MX1 */
static json_t *source_name(const struct queue_item *item)
{
    char storage[600];
    struct text text = text_over(storage, sizeof(storage));
    text_append_c(&text, "SMTP:");
    envelope_append_word(&text, item->envelope, SLICE("connector"));
    return json_of_slice(text_slice(&text));
}

static json_t *message_json(const struct call *call, const struct queue_item *item)
{
    json_t *json = json_object();
    bool waits = !item->owned && item->attempts > 0 && item->next_at_ms != INT64_MAX;
    json_object_set_new(json, "Identity", message_identity(call, item));
    json_object_set_new(json, "Subject", envelope_json(item, "subject"));
    json_object_set_new(json, "InternetMessageId", envelope_json(item, "message-id"));
    json_object_set_new(json, "FromAddress",
                        json_of_slice(item->sender.len ? item->sender : SLICE("<>")));
    json_object_set_new(json, "Status",
                        json_string(message_status(call->hub, item, clock_wall_ms())));
    json_object_set_new(json, "Size", json_integer((json_int_t)item->size_bytes));
    json_object_set_new(json, "MessageSourceName", source_name(item));
    json_object_set_new(json, "SourceIP", envelope_json(item, "client"));
    json_object_set_new(json, "DateReceived", json_of_time(item->received_at_ms));
    json_object_set_new(json, "ExpirationTime", json_of_time(item->expires_at_ms));
    json_object_set_new(json, "Queue", queue_identity(call, item->destination));
    json_object_set_new(json, "Recipients", json_array());
    json_object_set_new(json, "LastError", last_error(call, item->destination, item->last_error));
    json_object_set_new(json, "RetryCount", json_integer(item->attempts));
    json_object_set_new(json, "LastRetryTime", json_of_time(said_moment_ms(item->last_error)));
    json_object_set_new(json, "NextRetryTime", json_of_time(waits ? item->next_at_ms : 0));
    json_object_set_new(json, "InternalId", json_integer((json_int_t)item->message));
    json_object_set_new(json, "Damaged", json_boolean(item->damaged));
    return json;
}

/* The one whose recipients are all there. False: enough. */
static bool take_message(struct listing *listing)
{
    json_t *message = listing->current;
    listing->current = NULL;
    return !message || take_object(listing, message);
}

static bool add_recipient(void *context, const struct queue_item *item)
{
    struct listing *listing = context;
    if (!queue_is_meant(call_text(listing->call, "Queue"), item->destination))
        return true;
    if (!listing->current || listing->message != item->message) {
        if (!take_message(listing))
            return false;
        listing->message = item->message;
        listing->current = message_json(listing->call, item);
    }
    json_array_append_new(json_object_get(listing->current, "Recipients"),
                          json_of_slice(item->address));
    return true;
}

void message_get(struct call *call)
{
    struct queue_filter filter = {0};
    struct listing listing;
    if (!begin_listing(&listing, call))
        return;
    const bool exact = call_has(call, "Identity");
    if (exact && !queue_message_number(call_text(call, "Identity"), &filter.message)) {
        call_fail(call, OPERATION_USAGE,
                  "-Identity of a message is SERVER\\queue\\number, or the number");
        return;
    }
    int result = queue_list(call->hub->store, &filter, add_recipient, &listing);
    bool found = listing.message != 0;
    (void)!take_message(&listing);
    if (result == STORE_OK && exact && !found)
        call_fail(call, OPERATION_NOT_FOUND, "no message %llu waits; it may be delivered",
                  (unsigned long long)filter.message);
    else
        end_listing(&listing, result);
}

bool queue_messages_filtered(struct call *call, uint64_t **out_numbers, size_t *out_count)
{
    const struct queue_filter all = {0};
    struct listing listing;
    if (!begin_listing(&listing, call))
        return false;
    listing.collects = true;
    listing.left = RESULT_SIZE_MAX;
    int result = queue_list(call->hub->store, &all, add_recipient, &listing);
    (void)!take_message(&listing);
    if (result == STORE_OK && !listing.failed) {
        *out_numbers = listing.numbers;
        *out_count = listing.number_count;
        return true;
    }
    free(listing.numbers);
    if (!listing.failed)
        end_listing(&listing, result);
    return false;
}
