/* SPDX-License-Identifier: Apache-2.0 */
/* One connection, seen from the hub: what it is told, and what it says. */
#include "hub/hop.h"

#include "hub/envelope.h"
#include "hub/hop_protection.h"
#include "hub/settlement.h"
#include "hub/sounding.h"
#include "hub/vault_link.h"
#include "os/clock.h"
#include "smtp/send_session.h"

#include <stdlib.h>

enum {
    COURIER_LANES_MAX = 500,
    TOGETHER_MAX = 100, /* recipients of one message that travel together */
    LOOKED_AT_MAX = 1000,
};

/* --- what it is told --- */

struct peer *lane_courier(struct hub *hub)
{
    struct peer *best = NULL;
    for (size_t i = 0; i < HUB_PEERS_MAX; i++) {
        struct peer *courier = &hub->couriers[i];
        if (channel_alive(&courier->channel) && courier->lanes < COURIER_LANES_MAX &&
            (!best || courier->lanes < best->lanes))
            best = courier;
    }
    return best;
}

static void join(struct text *text, const struct slice_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        text_append_c(text, i ? "," : "");
        text_append(text, list->at[i]);
    }
}

bool lane_order(struct hub *hub, const struct lane *lane, const struct send_connector *connector,
                struct slice password)
{
    struct text hosts = text_with_ceiling(WIRE_SMART_HOSTS_MAX);
    if (!connector->dns_routing_enabled)
        join(&hosts, &connector->smart_hosts);
    struct wire_relay order = {
        .relay = lane->relay,
        .connector = connector->name,
        .hello_name = send_connector_fqdn(connector, model_server(hub->model)),
        .domain = lane->hop->domain,
        .smart_hosts = text_slice(&hosts),
        .port = (uint64_t)connector->port,
        .force_helo = connector->force_helo,
        .inactivity_ms = (uint64_t)connector->connection_inactivity_timeout_ms,
        .messages_max = (uint64_t)connector->max_messages_per_connection,
        .login_needs_tls =
            connector->smart_host_auth_mechanism == SMART_HOST_AUTH_BASIC_REQUIRE_TLS,
        .user = password.len ? connector->credential_user : SLICE(""),
        .password = password,
        .inspects = lane->inspects,
        .cloud_services_mail = connector->cloud_services_mail_enabled,
    };
    struct text certificate = hop_protect(hub, lane->hop, connector, &order);
    (void)ip_parse(connector->source_ip_address, &order.source);
    bool sent = channel_send(&lane->courier->channel, WIRE_RELAY, &order, -1);
    text_deinit(&certificate);
    text_deinit(&hosts);
    return sent;
}

/* The first message that waits, with all its recipients that are near. */
static void choose(struct lane *lane)
{
    struct work_list *waiting = &lane->hop->waiting;
    struct work **link = &waiting->first;
    lane->message = waiting->first->what.message;
    for (size_t seen = 0; *link && seen < LOOKED_AT_MAX && lane->out.count < TOGETHER_MAX; seen++) {
        struct work *work = *link;
        if (work->what.message != lane->message) {
            link = &work->next;
            continue;
        }
        work_list_unlink(waiting, link);
        work_list_append(&lane->out, work);
    }
}

static void send_recipients(const struct lane *lane)
{
    for (const struct work *work = lane->out.first; work; work = work->next) {
        struct wire_relay_recipient recipient = {.relay = lane->relay,
                                                 .number = work->what.recipient,
                                                 .address = work->what.address,
                                                 .notify = work->what.wish,
                                                 .orcpt = work->what.orcpt};
        channel_send(&lane->courier->channel, WIRE_RELAY_RECIPIENT, &recipient, -1);
    }
}

static bool send_body(struct hub *hub, const struct lane *lane)
{
    const struct scheduled *what = &lane->out.first->what;
    struct body_loan loan;
    if (body_lend(hub->store, lane->message, &loan) != STORE_OK)
        return false;
    struct wire_relay_message message = {.relay = lane->relay,
                                         .message = lane->message,
                                         .offset = loan.offset,
                                         .length = loan.length,
                                         .sender = what->sender,
                                         .envid = what->envid,
                                         .ret = (uint64_t)(unsigned char)what->ret,
                                         .body_kind = what->body_kind,
                                         .smtp_utf8 = what->smtp_utf8};
    bool sent = channel_send(&lane->courier->channel, WIRE_RELAY_MESSAGE, &message, loan.fd);
    /* the segment under the duplicate stays what it is: the message is ours until it is finished */
    body_loan_return(hub->store, &loan);
    return sent;
}

static void put_off_all(struct hub *hub, struct lane *lane, struct slice reply)
{
    struct said said = {.reply = reply};
    struct work *work;
    while ((work = work_list_take(&lane->out))) {
        settle_later(hub, &work->what, &said);
        free(work);
    }
    lane->message = 0;
}

/* False: there was nothing to give. */
static bool give_next(struct hub *hub, struct lane *lane)
{
    while (lane->hop->waiting.count) {
        choose(lane);
        send_recipients(lane);
        if (send_body(hub, lane))
            return true;
        put_off_all(hub, lane, SLICE("451 4.3.0 the body cannot be read"));
    }
    return false;
}

static void finish(const struct lane *lane)
{
    struct wire_relay_number finish = {.relay = lane->relay};
    channel_send(&lane->courier->channel, WIRE_RELAY_FINISH, &finish, -1);
}

static void begin(struct hub *hub, struct lane *lane, const struct send_connector *connector,
                  struct slice password)
{
    lane->opened = true;
    lane->revision = hub->model->revision;
    if (lane_order(hub, lane, connector, password) && !give_next(hub, lane))
        finish(lane);
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
    struct lane *lane = hub->hops->lanes;
    while (lane && lane->relay != question->relay)
        lane = lane->next;
    free(question);
    const struct send_connector *connector = lane ? hop_connector(hub, lane->hop) : NULL;
    if (available && connector && password.len) {
        begin(hub, lane, connector, password);
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
    *question = (struct password_question){hub, lane->relay};
    vault_open_credential(hub, connector, on_password, question);
}

bool lane_open(struct hub *hub, struct hop *hop, const struct send_connector *connector)
{
    struct peer *courier = lane_courier(hub);
    struct lane *lane = courier ? calloc(1, sizeof *lane) : NULL;
    if (!lane)
        return false;
    *lane = (struct lane){
        .next = hub->hops->lanes, .hop = hop, .courier = courier, .relay = ++hub->hops->last_relay};
    work_list_init(&lane->out);
    hub->hops->lanes = lane;
    hub->hops->lane_count++;
    hop->lanes++;
    courier->lanes++;
    lane->unprotected = hop_unprotected(hub, hop, connector);
    if (lane->unprotected)
        lane->locked = hub->hops->locked = true;
    else if (lane_logs_in(connector))
        ask_password(hub, lane, connector->id);
    else
        begin(hub, lane, connector, SLICE(""));
    return true;
}

/* --- what it says --- */

static struct lane **find(struct hub *hub, const struct peer *courier, uint64_t relay)
{
    struct lane **link = &hub->hops->lanes;
    while (*link && ((*link)->relay != relay || (*link)->courier != courier))
        link = &(*link)->next;
    return link;
}

static void lane_free(struct hub *hub, struct lane **link)
{
    struct lane *lane = *link;
    *link = lane->next;
    hub->hops->lane_count--;
    lane->hop->lanes--;
    lane->courier->lanes--;
    work_list_free(&lane->out);
    free(lane);
}

/* What is under way waits again, in front. */
static void take_back(struct hub *hub, struct lane *lane, bool repeat)
{
    struct work *work;
    while ((work = work_list_take(&lane->out))) {
        work->what.repeat |= repeat;
        hop_put(hub, lane->hop, work);
    }
    lane->message = 0;
}

static void wants(struct hub *hub, struct lane *lane)
{
    lane->message = 0;
    bool current = lane->revision == hub->model->revision; /* else another one is opened */
    bool may = current && hop_connector(hub, lane->hop) && !hop_is_held(hub, lane->hop);
    if (!may || lane->out.count || !give_next(hub, lane))
        finish(lane);
}

static void settle(struct hub *hub, struct lane *lane, struct work *work_take,
                   const struct wire_relay_outcome *outcome)
{
    struct said said = {.reply = outcome->text,
                        .remote_name = outcome->remote_name,
                        .remote_address = outcome->remote_address};
    const struct scheduled *what = &work_take->what;
    switch ((enum wire_relay_fate)outcome->fate) {
    case WIRE_RELAY_DELIVERED:
        settle_relayed(hub, what, &said, outcome->dsn_not_passed);
        hop_succeeded(lane->hop);
        lane->delivered = true;
        break;
    case WIRE_RELAY_FAILED:
        settle_failed(hub, what, &said);
        lane->delivered = true;
        break;
    case WIRE_RELAY_NOT_TRIED:
        hop_put(hub, lane->hop, work_take);
        return;
    case WIRE_RELAY_DEFERRED:
        lane->delivered = true;
        settle_later(hub, what, &said);
        break;
    case WIRE_RELAY_UNCERTAIN:
    case WIRE_RELAY_FATES:
        settle_later(hub, what, &said);
        break;
    }
    free(work_take);
}

static bool outcome(struct hub *hub, struct lane *lane, const struct wire_relay_outcome *outcome)
{
    struct work **link = &lane->out.first;
    while (*link &&
           ((*link)->what.recipient != outcome->number || lane->message != outcome->message))
        link = &(*link)->next;
    struct work *work = *link;
    if (!work)
        return false;
    work_list_unlink(&lane->out, link);
    settle(hub, lane, work, outcome);
    return true;
}

/* What DNS says for good is taken for a failure that passes. */
static bool downgrades(const struct hub *hub, const struct hop *hop)
{
    const struct send_connector *connector = hop_connector(hub, hop);
    return connector && (connector->error_policies & ERROR_POLICY_DOWNGRADE_DNS_FAILURES);
}

/* A connection that brought nothing to an end counts as a failure of its hop, so that nobody dials
 * in circles; but while others carry mail there, it was one too many. */
static void ended(struct hub *hub, struct lane **link, const struct wire_relay_ended *ended)
{
    struct lane *lane = *link;
    struct hop *hop = lane->hop;
    struct said said = {.reply = ended->text,
                        .remote_name = ended->remote_name,
                        .remote_address = ended->remote_address};
    bool failed = !lane->delivered && ended->text.len, carried = lane->delivered;
    take_back(hub, lane, false);
    lane_free(hub, link);
    if (failed && ended->permanent && !downgrades(hub, hop))
        hop_refused(hub, hop, &said);
    else if (failed && hop->proven && hop->lanes)
        hop->lanes_most = hop->lanes;
    else if (failed)
        hop_failed(hub, hop, &said);
    else if (carried && hop->lanes_most < HOP_LANES_MAX)
        hop->lanes_most++;
}

static const struct slice no_password = SLICE_INIT(
    "454 4.7.0 Temporary authentication failure: the password of AuthenticationCredential cannot "
    "be opened");

void lanes_run(struct hub *hub)
{
    struct lane **link = &hub->hops->lanes;
    if (!hub->hops->locked)
        return;
    hub->hops->locked = false;
    while (*link) {
        const struct slice *why = (*link)->unprotected ? (*link)->unprotected : &no_password;
        struct wire_relay_ended unopened = {.text = *why};
        if ((*link)->locked)
            ended(hub, link, &unopened);
        else
            link = &(*link)->next;
    }
}

bool hops_frame(struct hub *hub, struct peer *courier, const struct frame *frame)
{
    const union wire_any *message = &frame->message;
    /* the number is the first member of each */
    struct lane **link = find(hub, courier, message->relay_number.relay);
    if (!*link)
        return sounding_frame(hub, courier, frame);
    bool good = true;
    if (frame->type == WIRE_RELAY_WANTS)
        wants(hub, *link);
    else if (frame->type == WIRE_RELAY_OUTCOME)
        good = outcome(hub, *link, &message->relay_outcome);
    else
        ended(hub, link, &message->relay_ended);
    return good;
}

void hops_courier_lost(struct hub *hub, struct peer *courier)
{
    struct lane **link = &hub->hops->lanes;
    soundings_courier_lost(hub, courier);
    while (*link) {
        if ((*link)->courier != courier) {
            link = &(*link)->next;
            continue;
        }
        take_back(hub, *link, true);
        lane_free(hub, link);
    }
}

void lanes_end(struct hub *hub)
{
    while (hub->hops->lanes)
        lane_free(hub, &hub->hops->lanes);
}
