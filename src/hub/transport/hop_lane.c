/* SPDX-License-Identifier: Apache-2.0 */
/* One connection, seen from the hub: opened, given one message after the other, kept for a moment
 * when nothing waits, so that the next message need not wait for another one, and ended. */
#include "hub/transport/hop.h"
#include "hub/transport/hop_protection.h"
#include "hub/transport/isolators.h"
#include "hub/transport/settlement.h"
#include "hub/vault_link.h"
#include "os/clock.h"

#include <stdlib.h>

enum {
    LANES_MAX = 1000,   /* MaxOutboundConnections */
    TOGETHER_MAX = 100, /* recipients of one message that travel together */
    LOOKED_AT_MAX = 1000,
    IDLE_MS = 2000, /* long for us, short for the server, which has better use for its places */
};

/* --- idle --- */

static void become_idle(struct hub *hub, struct lane *lane)
{
    const struct send_connector *connector = hop_connector(hub, lane->hop);
    int64_t most_ms = connector ? connector->connection_inactivity_timeout_ms : 0;
    lane->idle_until_ms = clock_wall_ms() + (most_ms && most_ms < IDLE_MS ? most_ms : IDLE_MS);
    lane->next_idle = lane->hop->idle;
    lane->hop->idle = lane;
    lane->hop->idle_count++;
}

static void end_idleness(struct lane *lane)
{
    struct lane **link = &lane->hop->idle;
    if (!lane->idle_until_ms)
        return;
    while (*link != lane)
        link = &(*link)->next_idle;
    *link = lane->next_idle;
    lane->hop->idle_count--;
    lane->idle_until_ms = 0;
}

static void finish(struct lane *lane)
{
    end_idleness(lane);
    lane->finishing = true;
    lane_send_finish(lane);
}

/* Its connector is still what it was when the connection was made. */
static bool may_carry(const struct hub *hub, const struct lane *lane)
{
    return lane->generation == hub->hops->generation && hop_connector(hub, lane->hop) &&
           !hop_is_held(hub, lane->hop);
}

/* --- work for it --- */

/* The first message that waits, with all its recipients that are near. False: there is none, or its
 * courier may not have one more. */
static bool choose(struct lane *lane)
{
    struct parcel_list *waiting = &lane->hop->waiting;
    struct parcel **link = &waiting->first;
    int64_t now_ms = clock_wall_ms();
    if (!waiting->first || !courier_load_takes(&lane->courier->load, now_ms))
        return false;
    lane->message = waiting->first->what.message;
    for (size_t seen = 0; *link && seen < LOOKED_AT_MAX && lane->out.count < TOGETHER_MAX; seen++) {
        struct parcel *parcel = *link;
        if (parcel->what.message != lane->message) {
            link = &parcel->next;
            continue;
        }
        parcel_list_unlink(waiting, link);
        parcel_list_append(&lane->out, parcel);
    }
    courier_load_add(&lane->courier->load, now_ms);
    return true;
}

void lane_put_down(struct hub *hub, struct lane *lane)
{
    body_loan_return(hub->store, &lane->loan);
    if (lane->message)
        courier_load_done(&lane->courier->load);
    lane->message = 0;
}

static void put_off_all(struct hub *hub, struct lane *lane, struct slice reply)
{
    struct said said = {.reply = reply};
    struct parcel *parcel;
    while ((parcel = parcel_list_take(&lane->out))) {
        settle_later(hub, &parcel->what, &said);
        free(parcel);
    }
    lane_put_down(hub, lane);
}

/* False: there was nothing to give. */
static bool give_next(struct hub *hub, struct lane *lane)
{
    while (channel_lends(&lane->courier->channel) && choose(lane)) {
        lane->given = true;
        if (lane_send_message(hub, lane))
            return true;
        put_off_all(hub, lane, SLICE("451 4.3.0 the body cannot be read"));
    }
    return false;
}

void lane_go_on(struct hub *hub, struct lane *lane)
{
    if (!may_carry(hub, lane))
        finish(lane);
    else if (give_next(hub, lane))
        return;
    else if (lane->hop->isolation && !lane->hop->waiting.count)
        finish(lane); /* other suspects need its place */
    else
        become_idle(hub, lane);
}

void lanes_give(struct hub *hub, struct hop *hop)
{
    for (struct lane *next = hop->idle; next && hop->waiting.count;) {
        struct lane *lane = next;
        next = lane->next_idle;
        end_idleness(lane);
        lane_go_on(hub, lane);
    }
}

void lane_is_ready(struct lane *lane)
{
    lane->hop->dialling -= !lane->ready;
    lane->ready = true;
}

void lane_carried(struct hub *hub, struct lane *lane)
{
    struct lane_share *shares[] = {&hub->hops->share, &lane->courier->load.lanes};
    for (size_t i = 0; lane->hop->proven && lane->trust != LANE_PROVEN && i < COUNT_OF(shares);
         i++) {
        shares[i]->held[lane->trust]--;
        shares[i]->held[LANE_PROVEN]++;
    }
    if (lane->hop->proven)
        lane->trust = LANE_PROVEN;
    lane->hop->fresh -= !lane->carried;
    lane->carried = true;
}

/* --- the password --- */

struct password_question {
    struct hub *hub;
    uint64_t relay;
};

/* The end of the hub may be near: what cannot go on is looked at in the next turn (lanes_run). */
static void on_password(void *context, bool available, struct slice password)
{
    struct password_question *question = context;
    struct hub *hub = question->hub;
    struct lane *lane = lane_index_find(&hub->hops->index, question->relay);
    free(question);
    const struct send_connector *connector = lane ? hop_connector(hub, lane->hop) : NULL;
    if (available && connector && password.len) {
        (void)!lane_send_order(hub, lane, connector, password);
    } else if (lane) {
        lane->locked = true;
        hub->hops->locked = true;
    }
}

bool lane_logs_in(const struct send_connector *connector)
{
    bool basic = connector->smart_host_auth_mechanism == SMART_HOST_AUTH_BASIC ||
                 connector->smart_host_auth_mechanism == SMART_HOST_AUTH_BASIC_REQUIRE_TLS;
    return basic && !connector->dns_routing_enabled && connector->credential_user.len;
}

static void ask_password(struct hub *hub, struct lane *lane, struct object_id connector)
{
    struct password_question *question = calloc(1, sizeof *question);
    if (!question) {
        lane->locked = hub->hops->locked = true;
        return;
    }
    *question = (struct password_question){hub, lane->node.relay};
    vault_open_credential(hub, connector, on_password, question);
}

/* --- life --- */

static enum lane_trust trust_of(const struct hop *hop)
{
    return hop->proven ? LANE_PROVEN : hop->failures ? LANE_FAILED : LANE_NEW;
}

static struct peer *isolator_for(struct hub *hub, enum isolation isolation, enum lane_trust trust)
{
    struct peer *courier = isolators_get(hub, isolation);
    return courier && courier_load_opens(&courier->load, trust, clock_wall_ms()) ? courier : NULL;
}

/* NULL: there is no room for so doubtful a hop. */
static struct peer *courier_for(struct hub *hub, enum isolation isolation, enum lane_trust trust)
{
    int64_t now_ms = clock_wall_ms();
    struct peer *best = NULL;
    if (!lane_share_has_room(&hub->hops->share, LANES_MAX, trust))
        return NULL;
    if (isolation)
        return isolator_for(hub, isolation, trust);
    for (size_t i = 0; i < HUB_PEERS_MAX; i++) {
        struct peer *courier = &hub->couriers[i];
        if (channel_alive(&courier->channel) && courier_load_opens(&courier->load, trust, now_ms) &&
            (!best || lane_share_count(&courier->load.lanes) < lane_share_count(&best->load.lanes)))
            best = courier;
    }
    return best;
}

struct peer *lane_courier(struct hub *hub)
{
    return courier_for(hub, ISOLATION_NONE, LANE_PROVEN);
}

static struct lane *lane_new(struct hub *hub, struct hop *hop, struct peer *courier)
{
    struct lane *lane = calloc(1, sizeof *lane);
    if (!lane)
        return NULL;
    *lane = (struct lane){.node = {.relay = hub->hops->last_relay += RELAY_STEP},
                          .hop = hop,
                          .courier = courier,
                          .trust = trust_of(hop),
                          .generation = hub->hops->generation};
    parcel_list_init(&lane->out);
    lane->loan.fd = -1;
    lane_index_add(&hub->hops->index, lane);
    hub->hops->share.held[lane->trust]++;
    courier->load.lanes.held[lane->trust]++;
    hop->lanes++;
    hop->fresh++;
    hop->dialling++;
    return lane;
}

void lane_free(struct hub *hub, struct lane *lane)
{
    end_idleness(lane);
    lane_put_down(hub, lane);
    lane_index_remove(&hub->hops->index, lane);
    hub->hops->share.held[lane->trust]--;
    lane->courier->load.lanes.held[lane->trust]--;
    lane->hop->lanes--;
    lane->hop->fresh -= !lane->carried;
    lane_is_ready(lane);
    parcel_list_free(&lane->out);
    free(lane);
}

bool lane_open(struct hub *hub, struct hop *hop, const struct send_connector *connector)
{
    struct peer *courier = courier_for(hub, hop->isolation, trust_of(hop));
    struct lane *lane = courier ? lane_new(hub, hop, courier) : NULL;
    hub->hops->crowded |= !courier && !hop->isolation && !lane_courier(hub);
    if (!lane)
        return false;
    lane->unprotected = hop_unprotected(hub, hop, connector);
    if (lane->unprotected)
        lane->locked = hub->hops->locked = true;
    else if (lane_logs_in(connector))
        ask_password(hub, lane, connector->id);
    else
        (void)!lane_send_order(hub, lane, connector, SLICE(""));
    return true;
}

static const struct slice no_password = SLICE_INIT(
    "454 4.7.0 Temporary authentication failure: the password of AuthenticationCredential cannot "
    "be opened");

void lanes_run(struct hub *hub)
{
    struct lane *next = hub->hops->locked ? hub->hops->index.all : NULL;
    hub->hops->locked = false;
    while (next) {
        struct lane *lane = next;
        next = lane->node.next;
        if (lane->locked)
            lane_unopened(hub, lane, lane->unprotected ? *lane->unprotected : no_password);
    }
}

void lanes_tick(struct hub *hub)
{
    int64_t now_ms = clock_wall_ms();
    for (struct lane *lane = hub->hops->index.all; lane; lane = lane->node.next)
        if (lane->idle_until_ms &&
            ((lane->idle_until_ms <= now_ms && !lane->hop->waiting.count) || !may_carry(hub, lane)))
            finish(lane);
}

void lanes_make_room(struct hub *hub)
{
    for (struct lane *lane = hub->hops->index.all; lane; lane = lane->node.next)
        if (lane->idle_until_ms)
            finish(lane);
}

void lanes_end(struct hub *hub)
{
    while (hub->hops->index.all)
        lane_free(hub, hub->hops->index.all);
}
