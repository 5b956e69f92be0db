/* SPDX-License-Identifier: Apache-2.0 */
/* What couriers say of connections, and what becomes of the mail that was given to them. */
#include "hub/transport/hop.h"
#include "hub/transport/mailbox_transport.h"
#include "hub/transport/poison.h"
#include "hub/transport/settlement.h"
#include "hub/transport/sounding.h"
#include "os/clock.h"

#include <stdlib.h>

/* What is under way waits again, in front. */
static void take_back(struct hub *hub, struct lane *lane)
{
    struct parcel *parcel;
    while ((parcel = parcel_list_take(&lane->out)))
        hop_put(hub, lane->hop, parcel);
    lane_put_down(hub, lane);
}

static bool wants(struct hub *hub, struct lane *lane)
{
    if (lane->out.count)
        return false;
    if (lane->idle_until_ms || lane->finishing)
        return true;
    lane_put_down(hub, lane);
    lane_is_ready(lane);
    lane_go_on(hub, lane);
    return true;
}

static struct slice connector_name(const struct hub *hub, const struct hop *hop)
{
    if (hop->to_mailboxes)
        return mailbox_transport_name;
    const struct send_connector *connector =
        model_by_id(hub->model, MODEL_SEND_CONNECTOR, hop->connector);
    return connector ? connector->name : SLICE("(removed)");
}

static struct sent sent_by(const struct hub *hub, const struct lane *lane)
{
    return (struct sent){.connector = connector_name(hub, lane->hop),
                         .next_hop = lane->hop->domain,
                         .session = lane->node.relay,
                         .to_mailbox = lane->hop->to_mailboxes};
}

static void settle(struct hub *hub, struct lane *lane, struct parcel *parcel_take,
                   const struct wire_relay_outcome *outcome)
{
    struct said said = {.reply = outcome->text,
                        .remote_name = outcome->remote_name,
                        .remote_address = outcome->remote_address,
                        .ours = outcome->ours,
                        .sent = sent_by(hub, lane)};
    said.sent.local_address = outcome->local_address;
    said.sent.tls_version = outcome->tls_version;
    const struct scheduled *what = &parcel_take->what;
    switch ((enum wire_relay_fate)outcome->fate) {
    case WIRE_RELAY_DELIVERED:
        settle_relayed(hub, what, &said, outcome->dsn_not_passed);
        hop_succeeded(lane->hop);
        lane_carried(hub, lane);
        break;
    case WIRE_RELAY_FAILED:
        settle_failed(hub, what, &said);
        lane_carried(hub, lane);
        break;
    case WIRE_RELAY_NOT_TRIED:
        hop_put(hub, lane->hop, parcel_take);
        return;
    case WIRE_RELAY_DEFERRED:
        lane_carried(hub, lane);
        settle_later(hub, what, &said);
        break;
    case WIRE_RELAY_UNCERTAIN:
        parcel_take->what.uncertain = true;
        settle_later(hub, what, &said);
        break;
    case WIRE_RELAY_BROKEN:
    case WIRE_RELAY_FATES:
        settle_later(hub, what, &said);
        break;
    }
    free(parcel_take);
}

static bool outcome(struct hub *hub, struct lane *lane, const struct wire_relay_outcome *outcome)
{
    struct parcel **link = &lane->out.first;
    while (*link &&
           ((*link)->what.recipient != outcome->number || lane->message != outcome->message))
        link = &(*link)->next;
    struct parcel *parcel = *link;
    if (!parcel)
        return false;
    parcel_list_unlink(&lane->out, link);
    settle(hub, lane, parcel, outcome);
    if (!lane->out.count)
        lane_put_down(hub, lane);
    return true;
}

/* What DNS says for good is taken for a failure that passes. */
static bool downgrades(const struct hub *hub, struct hop *hop)
{
    const struct send_connector *connector = hop_connector(hub, hop);
    return connector && (connector->error_policies & ERROR_POLICY_DOWNGRADE_DNS_FAILURES);
}

/* A connection that brought nothing to an end counts as a failure of its hop, so that nobody dials
 * in circles; but while others carry mail there, it was one too many. (One that was there in case,
 * and is ended by a server that does not keep it, is none.) */
static void judge(struct hub *hub, struct hop *hop, const struct said *said,
                  const struct wire_relay_ended *ended)
{
    if (ended->unfit || (ended->permanent && !downgrades(hub, hop)))
        hop_refused(hub, hop, said);
    else if (hop->proven && hop->lanes)
        hop->lanes_most = hop->lanes;
    else
        hop_failed(hub, hop, said);
}

static void ended(struct hub *hub, struct lane *lane, const struct wire_relay_ended *ended)
{
    struct hop *hop = lane->hop;
    struct said said = {.reply = ended->text.len ? ended->text
                                                 : SLICE("451 4.4.0 The connection has ended"),
                        .remote_name = ended->remote_name,
                        .remote_address = ended->remote_address,
                        .ours = ended->ours || !ended->text.len,
                        .sent = sent_by(hub, lane)};
    bool carried = lane->carried, spare = lane->ready && !lane->given;
    bool failed = !carried && !spare && (ended->text.len || lane->given);
    bool stale = lane->generation != hub->hops->generation;
    if (ended->no_room)
        lane->courier->load.rests_until_ms = clock_wall_ms() + COURIER_REST_MS;
    take_back(hub, lane);
    lane_free(hub, lane);
    if (ended->no_room || (failed && stale)) /* nothing was learnt of the hop as it is now */
        return;
    if (failed)
        judge(hub, hop, &said, ended);
    else if (carried && hop->lanes_most < HOP_LANES_MAX)
        hop->lanes_most++;
}

void lane_unopened(struct hub *hub, struct lane *lane, struct slice why)
{
    ended(hub, lane, &(struct wire_relay_ended){.text = why});
}

bool hops_frame(struct hub *hub, struct peer *courier, const struct frame *frame)
{
    const union wire_any *message = &frame->message;
    /* the number is the first member of each */
    struct lane *lane = lane_index_find(&hub->hops->index, message->relay_number.relay);
    bool good = lane && lane->courier == courier;
    if (!lane)
        return sounding_frame(hub, courier, frame);
    if (!good)
        return false;
    if (frame->type == WIRE_RELAY_WANTS)
        good = wants(hub, lane);
    else if (frame->type == WIRE_RELAY_AUTHOR || frame->type == WIRE_RELAY_DIGESTS)
        good = lane_sign(hub, lane, frame);
    else if (frame->type == WIRE_RELAY_OUTCOME)
        good = outcome(hub, lane, &message->relay_outcome);
    else if (frame->type == WIRE_RELAY_ENDED)
        ended(hub, lane, &message->relay_ended);
    else
        good = false;
    return good;
}

/* What it had in hand may have been taken by the server just before. */
static void suspect_all(struct hub *hub, struct lane *lane)
{
    struct parcel *parcel;
    while ((parcel = parcel_list_take(&lane->out))) {
        parcel->what.repeat = parcel->what.uncertain = true;
        poison_suspect(hub, parcel);
    }
}

void hops_courier_lost(struct hub *hub, struct peer *courier)
{
    struct lane *next = hub->hops->index.all;
    soundings_courier_lost(hub, courier);
    while (next) {
        struct lane *lane = next;
        next = lane->node.next;
        if (lane->courier != courier)
            continue;
        suspect_all(hub, lane);
        lane_free(hub, lane);
    }
}
