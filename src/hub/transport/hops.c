/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/hop.h"

#include "hub/transport/components.h"
#include "hub/transport/mailbox_transport.h"
#include "hub/transport/scheduler.h"
#include "hub/transport/settlement.h"
#include "model/retry.h"
#include "os/clock.h"
#include "os/random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    ERROR_MAX = 2048,
    FULL_MS = 5000, /* what finds its hop full looks again then */
    FULL_EACH_MS = 2,
    REFILL_MS = 20, /* between two claims of one hop: what it has released is written by then */
    FRESH_MAX = 2,  /* connections to a proven hop that have still to show what they are worth */
    TICKS_TO_FORGET = 100,
    FORGOTTEN_MS = 3600 * 1000, /* so long its failures are remembered */
};

static struct hop **bucket_of(struct hops *hops, struct slice key)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < key.len; i++)
        hash = (hash ^ (unsigned char)key.at[i]) * 0x100000001b3u;
    return &hops->buckets[(hash ^ hash >> 32) % HOP_BUCKETS];
}

static struct hop *find(struct hub *hub, struct slice key, enum isolation isolation)
{
    struct hop *hop = *bucket_of(hub->hops, key);
    while (hop && (hop->isolation != isolation || !slice_equal(hop->key, key)))
        hop = hop->next;
    return hop;
}

static struct hop *hop_new(struct hub *hub, struct slice key, enum isolation isolation)
{
    struct hop *hop = calloc(1, sizeof *hop + key.len);
    if (!hop)
        return NULL;
    memcpy(hop->key_bytes, key.at, key.len);
    hop->key = (struct slice){hop->key_bytes, key.len};
    hop->isolation = isolation;
    struct next_hop parsed = next_hop_of_key(hop->key);
    hop->to_mailboxes = parsed.kind == ROUTE_MAILBOX;
    hop->connector = parsed.connector;
    hop->domain = parsed.domain;
    hop->tls = parsed.tls;
    hop->last_error = text_with_ceiling(ERROR_MAX);
    hop->last_reply = text_with_ceiling(ERROR_MAX);
    hop->last_server = text_with_ceiling(ERROR_MAX);
    hop->lanes_most = HOP_LANES_MAX;
    (void)!destination_is_suspended(hub->store, hop->key, &hop->held);
    parcel_list_init(&hop->waiting);
    struct hop **bucket = bucket_of(hub->hops, key);
    hop->next = *bucket;
    *bucket = hop;
    return hop;
}

static void hop_free(struct hop *hop)
{
    parcel_list_free(&hop->waiting);
    text_deinit(&hop->last_error);
    text_deinit(&hop->last_reply);
    text_deinit(&hop->last_server);
    free(hop);
}

const struct send_connector *hop_connector(const struct hub *hub, struct hop *hop)
{
    if (hop->to_mailboxes)
        return mailbox_transport(hub);
    size_t near = hop->connector_near;
    const struct send_connector *connector =
        hub->model ? model_by_id_near(hub->model, MODEL_SEND_CONNECTOR, hop->connector, &near)
                   : NULL;
    if (connector)
        hop->connector_near = near - 1;
    return connector && connector->enabled ? connector : NULL;
}

bool hop_is_held(const struct hub *hub, const struct hop *hop)
{
    return hop->held || !components_deliver(hub);
}

static void mark_busy(struct hub *hub, struct hop *hop)
{
    if (hop->busy)
        return;
    hop->busy = true;
    hop->next_busy = NULL;
    *hub->hops->busy_end = hop;
    hub->hops->busy_end = &hop->next_busy;
}

void hop_put(struct hub *hub, struct hop *hop, struct parcel *parcel)
{
    parcel_list_prepend(&hop->waiting, parcel);
    mark_busy(hub, hop);
}

/* --- outcomes of a whole hop --- */

void hop_succeeded(struct hop *hop)
{
    hop->proven = true;
    hop->failures = 0;
    hop->retry_at_ms = 0;
    text_clear(&hop->last_error);
}

static void note(struct hop *hop, const struct said *said, int64_t now_ms)
{
    text_clear(&hop->last_error);
    said_append(&hop->last_error, said, now_ms);
    text_clear(&hop->last_reply);
    text_append(&hop->last_reply, slice_first(said->reply, ERROR_MAX));
    text_clear(&hop->last_server);
    text_append(&hop->last_server, slice_first(said->remote_name, ERROR_MAX));
    hop->last_address = said->remote_address;
    hop->last_ours = said->ours;
}

/* Why it waits; after a restart only that it does. */
static struct said last_said(const struct hub *hub, struct hop *hop)
{
    const struct send_connector *connector = hop_connector(hub, hop);
    struct said said = {.reply = text_slice(&hop->last_reply),
                        .remote_name = text_slice(&hop->last_server),
                        .remote_address = hop->last_address,
                        .ours = hop->last_ours,
                        .sent = {.connector = connector ? connector->name : SLICE(""),
                                 .next_hop = hop->domain,
                                 .to_mailbox = hop->to_mailboxes}};
    if (!said.reply.len)
        said.reply = SLICE("450 4.4.316 The next hop could not be reached so far");
    return said;
}

void hop_failed(struct hub *hub, struct hop *hop, const struct said *said)
{
    int64_t now_ms = clock_wall_ms();
    hop->proven = false;
    hop->last_retry_ms = now_ms;
    if (!hop->failures)
        hop->first_retry_ms = now_ms;
    hop->retry_at_ms = retry_hop_ms(hop->failures++, now_ms, random_u64());
    note(hop, said, now_ms);
    struct parcel *parcel;
    while ((parcel = parcel_list_take(&hop->waiting))) {
        settle_with_hop(hub, &parcel->what, said, hop->retry_at_ms);
        free(parcel);
    }
}

void hop_refused(struct hub *hub, struct hop *hop, const struct said *said)
{
    struct parcel *parcel;
    note(hop, said, clock_wall_ms());
    while ((parcel = parcel_list_take(&hop->waiting))) {
        settle_failed(hub, &parcel->what, said);
        free(parcel);
    }
}

/* --- work --- */

/* It comes back when the hop is tried again; or never, when its time is over by then. */
static void put_off(struct hub *hub, struct hop *hop, struct parcel *parcel)
{
    struct said said = last_said(hub, hop);
    settle_put_off(hub, &parcel->what, &said, hop->retry_at_ms);
    free(parcel);
}

static void release(struct hub *hub, struct parcel *parcel, int64_t due_at_ms)
{
    settle_released(hub, &parcel->what, due_at_ms);
    free(parcel);
}

/* The later, the more it turns away: the store is not asked for all of it again and again. Once
 * there is room the hop asks for its own (refill). */
static int64_t room_at_ms(struct hop *hop, int64_t now_ms)
{
    int64_t at_ms = now_ms + FULL_MS + (int64_t)hop->turned_away++ * FULL_EACH_MS;
    if (at_ms > hop->full_until_ms)
        hop->full_until_ms = at_ms;
    return at_ms;
}

void hops_add(struct hub *hub, struct slice key, struct parcel *parcel)
{
    int64_t now_ms = clock_wall_ms();
    enum isolation isolation = isolation_of(parcel->what.deaths);
    struct hop *hop = find(hub, key, isolation);
    if (!hop)
        hop = hop_new(hub, key, isolation);
    if (!hop) {
        release(hub, parcel, now_ms + FULL_MS);
    } else if (hop->held) {
        release(hub, parcel, now_ms);
    } else if (hop->retry_at_ms > now_ms) {
        put_off(hub, hop, parcel);
    } else if (hop->waiting.count >= HOP_WAITING_MAX) {
        release(hub, parcel, room_at_ms(hop, now_ms));
    } else {
        hop->turned_away = 0;
        parcel_list_append(&hop->waiting, parcel);
        mark_busy(hub, hop);
    }
}

static void release_all(struct hub *hub, struct hop *hop)
{
    struct parcel *parcel;
    while ((parcel = parcel_list_take(&hop->waiting)))
        release(hub, parcel, clock_wall_ms());
}

/* The rest of what was in hand when it failed, from connections that ended later. */
static void put_off_all(struct hub *hub, struct hop *hop)
{
    struct parcel *parcel;
    while ((parcel = parcel_list_take(&hop->waiting)))
        put_off(hub, hop, parcel);
}

/* One tries alone until the hop is proven; then each that has carried something brings one more, so
 * that a host that has gone is not dialled twenty times at once. */
static bool may_open(const struct hop *hop)
{
    size_t carrying = hop->lanes - hop->fresh;
    size_t most_fresh = hop->proven ? carrying + FRESH_MAX : 1;
    size_t most = hop->proven ? hop->lanes_most : 1;
    return hop->waiting.count > hop->dialling && hop->lanes < most && hop->fresh < most_fresh;
}

/* What was turned away comes as soon as half of the room is free, not when its time is over. */
static void refill(struct hub *hub, struct hop *hop, int64_t now_ms)
{
    if (hop->waiting.count > HOP_WAITING_MAX / 2 || hop->refill_at_ms > now_ms)
        return;
    hop->refill_at_ms = now_ms + REFILL_MS;
    scheduler_claim(hub, hop->key, hop->full_until_ms, HOP_WAITING_MAX - hop->waiting.count);
}

static void run(struct hub *hub, struct hop *hop, int64_t now_ms)
{
    const struct send_connector *connector = hop_connector(hub, hop);
    if (!connector) { /* it has gone, or was disabled: another route is looked for */
        release_all(hub, hop);
        return;
    }
    if (hop->retry_at_ms > now_ms)
        put_off_all(hub, hop);
    if (hop_is_held(hub, hop))
        return;
    if (hop->full_until_ms > now_ms && hop->retry_at_ms <= now_ms)
        refill(hub, hop, now_ms);
    lanes_give(hub, hop);
    while (may_open(hop) && lane_open(hub, hop, connector))
        ;
}

void hops_run(struct hub *hub)
{
    struct hops *hops = hub->hops;
    int64_t now_ms = clock_wall_ms();
    lanes_run(hub);
    struct hop *busy = hops->busy;
    hops->busy = NULL;
    hops->busy_end = &hops->busy;
    hops->crowded = false;
    while (busy) {
        struct hop *hop = busy;
        busy = hop->next_busy;
        hop->busy = false;
        run(hub, hop, now_ms);
        if (hop->waiting.count || hop->full_until_ms > now_ms)
            mark_busy(hub, hop);
    }
    if (hops->crowded)
        lanes_make_room(hub);
}

static bool is_idle(const struct hop *hop, int64_t now_ms)
{
    return !hop->busy && !hop->waiting.count && !hop->lanes && !hop->held &&
           hop->retry_at_ms + FORGOTTEN_MS <= now_ms;
}

static void forget_idle(struct hub *hub)
{
    int64_t now_ms = clock_wall_ms();
    for (size_t i = 0; i < HOP_BUCKETS; i++) {
        struct hop **link = &hub->hops->buckets[i];
        while (*link) {
            struct hop *hop = *link;
            if (!is_idle(hop, now_ms)) {
                link = &hop->next;
                continue;
            }
            *link = hop->next;
            hop_free(hop);
        }
    }
}

void hops_tick(struct hub *hub)
{
    lanes_tick(hub);
    hops_run(hub);
    if (hub->hops->ticks++ % TICKS_TO_FORGET == 0)
        forget_idle(hub);
}

/* --- orders --- */

void hops_hold(struct hub *hub, struct slice key, bool held)
{
    for (int i = 0; i < ISOLATIONS; i++) {
        struct hop *hop = find(hub, key, (enum isolation)i);
        if (hop)
            hop->held = held;
        if (hop && held)
            release_all(hub, hop);
    }
}

void hops_configuration_changed(struct hub *hub)
{
    hub->hops->generation++;
}

void hops_retry(struct hub *hub, struct slice key)
{
    for (int i = 0; i < ISOLATIONS; i++) {
        struct hop *hop = find(hub, key, (enum isolation)i);
        if (hop)
            hop->retry_at_ms = 0;
    }
}

void hops_forget(struct hub *hub, struct slice key)
{
    for (int i = 0; i < ISOLATIONS; i++) {
        struct hop *hop = find(hub, key, (enum isolation)i);
        if (!hop)
            continue;
        hop_succeeded(hop);
        hop->proven = false;
        hop->lanes_most = HOP_LANES_MAX;
    }
}

void hops_give_back(struct hub *hub, uint64_t message, bool removed)
{
    for (struct hop *hop = hub->hops->busy; hop; hop = hop->next_busy)
        settle_given_back(hub, &hop->waiting, message, removed);
}

bool hops_state(struct hub *hub, struct slice key, struct hop_state *out)
{
    const struct hop *hop = NULL;
    for (int i = 0; !hop && i < ISOLATIONS; i++)
        hop = find(hub, key, (enum isolation)i);
    if (!hop)
        return false;
    bool retries = hop->retry_at_ms > clock_wall_ms();
    *out = (struct hop_state){.status = hop->lanes > hop->idle_count
                                            ? hop->proven ? "Active" : "Connecting"
                                        : retries ? "Retry"
                                                  : NULL,
                              .last_error = text_slice(&hop->last_error),
                              .failures = hop->failures,
                              .retry_at_ms = retries ? hop->retry_at_ms : 0,
                              .last_retry_ms = hop->last_retry_ms,
                              .first_retry_ms = hop->failures ? hop->first_retry_ms : 0,
                              .connections = hop->lanes};
    return true;
}

/* --- life --- */

/* What people see as the number of a connection, in the logs: as with sessions of edges, no number
 * comes twice, whoever counts them and however often the hub is started. */
static uint64_t first_relay(void)
{
    static const int64_t epoch_ms = 1577836800000; /* 2020-01-01 */
    enum { COUNT_BITS = 17, SENDER_BITS = 6, SENDER = (1 << SENDER_BITS) - 1 };
    _Static_assert(RELAY_STEP == 1 << SENDER_BITS, "the low bits stay");
    return (uint64_t)(clock_wall_ms() - epoch_ms) << (COUNT_BITS + SENDER_BITS) | SENDER;
}

int hops_begin(struct hub *hub)
{
    hub->hops = calloc(1, sizeof *hub->hops);
    if (!hub->hops)
        return -ENOMEM;
    hub->hops->busy_end = &hub->hops->busy;
    hub->hops->last_relay = first_relay();
    return 0;
}

void hops_end(struct hub *hub)
{
    if (!hub->hops)
        return;
    lanes_end(hub);
    for (size_t i = 0; i < HOP_BUCKETS; i++)
        while (hub->hops->buckets[i]) {
            struct hop *hop = hub->hops->buckets[i];
            hub->hops->buckets[i] = hop->next;
            hop_free(hop);
        }
    free(hub->hops);
    hub->hops = NULL;
}
