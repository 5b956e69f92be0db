/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/peers.h"

#include "hub/certificates/judgement.h"
#include "hub/certificates/probe.h"
#include "hub/certificates/responders.h"
#include "hub/certificates/start_look.h"
#include "hub/configuration/change.h"
#include "hub/configuration/publish.h"
#include "hub/events.h"
#include "hub/protocol_rows.h"
#include "hub/session_logging.h"
#include "hub/sessions.h"
#include "hub/start.h"
#include "hub/transport/accused.h"
#include "hub/transport/deliveries.h"
#include "hub/transport/filter_sockets.h"
#include "hub/transport/intake.h"
#include "hub/transport/pressure.h"
#include "hub/transport/scheduler.h"
#include "hub/transport/tls_reports.h"
#include "hub/transport/txt_lookup.h"
#include "hub/vault_wire.h"
#include "model/send_as.h"
#include "os/descriptor.h"

static struct peer *peer_of(struct channel *channel)
{
    return (struct peer *)(void *)((char *)channel - offsetof(struct peer, channel));
}

/* A process that does not keep to the table of messages is ended; the supervisor starts it anew. */
static void end_peer(struct hub *hub, const struct channel *channel, const char *why)
{
    struct wire_peer peer = {.role = channel->peer, .index = channel->index};
    role_event(NULL, WIRE_LEVEL_ERROR, 0, "hub: %s %u %s and is ended",
               wire_role_names[channel->peer], channel->index, why);
    channel_send(&hub->role.supervisor, WIRE_END_PEER, &peer, -1);
}

static void end_broken(struct hub *hub, const struct channel *channel, bool broken)
{
    if (broken)
        end_peer(hub, channel, "broke a frame, or does not read");
}

static void edge_lost(struct hub *hub, struct peer *edge)
{
    intake_edge_lost(hub, edge);
    sessions_edge_lost(hub, edge);
}

/* False: it makes no sense here. */
static bool take_edge_frame(struct hub *hub, struct peer *edge, const struct frame *frame)
{
    if (frame->type == WIRE_PROTOCOL_ROW)
        return protocol_rows_take(hub, edge, &frame->message.protocol_row);
    if (frame->type == WIRE_SESSION_STATE || frame->type == WIRE_SESSIONS_ANSWERED)
        return sessions_frame(hub, edge, frame);
    if (frame->type == WIRE_FILTER_QUESTION)
        return filter_sockets_question(hub, edge, &frame->message.filter_question);
    return intake_frame(hub, edge, frame);
}

static void on_edge_message(void *context, struct channel *channel, const struct frame *frame,
                            int fd)
{
    (void)fd;
    struct hub *hub = context;
    struct peer *edge = peer_of(channel);
    if (frame->type == WIRE_SNAPSHOT_IN_FORCE) {
        edge->revision = frame->message.snapshot_in_force.revision;
        edge->sessions_older = frame->message.snapshot_in_force.sessions_older;
        change_edge_reported(hub);
        publish_edge_reported(hub);
        start_look_whether_ready(hub);
    } else if (frame->type == WIRE_EVENT) {
        events_relay(hub, peer_of(channel), &frame->message.event);
    } else if (!take_edge_frame(hub, edge, frame)) {
        end_peer(hub, channel, "sent a frame out of order");
        channel_close(channel);
        edge_lost(hub, edge);
    }
}

static void on_edge_closed(void *context, struct channel *channel, bool broken)
{
    struct hub *hub = context;
    end_broken(hub, channel, broken);
    edge_lost(hub, peer_of(channel));
    change_edge_reported(hub);
}

_Static_assert((int)SEND_AS_ADDRESSES_MAX <= (int)WIRE_BODY_MAX,
               "the addresses of an account fit a frame");

static void answer_account(struct hub *hub, const struct wire_account_question *question)
{
    struct text sealed = text_with_ceiling(WIRE_SECRET_MAX), key_name = text_with_ceiling(256);
    struct text addresses = text_with_ceiling(SEND_AS_ADDRESSES_MAX);
    struct wire_account_answer answer = {.request = question->request};
    const struct mailbox *mailbox =
        hub->model ? mailbox_of_login(hub->model, question->name) : NULL;
    if (mailbox && mailbox->enabled &&
        config_secret_get(hub->store, SLICE("account"), mailbox->id, &sealed, &key_name) ==
            STORE_OK) {
        answer.found = 1;
        answer.id = slice_bytes(mailbox->id.bytes, 16);
        answer.name = mailbox->name;
        answer.sealed_verifier = text_slice(&sealed);
        if (!send_as_append_addresses(hub->model, mailbox, &addresses))
            role_event(NULL, WIRE_LEVEL_WARNING, 0,
                       "hub: %.*s may write as more addresses than a session can know (%d bytes); "
                       "what does not fit is refused. Give it "
                       "ms-Exch-SMTP-Accept-Any-Sender on its connector instead",
                       SLICE_ARG(mailbox->name), SEND_AS_ADDRESSES_MAX);
        answer.addresses = text_slice(&addresses);
    }
    channel_send(&hub->checker.channel, WIRE_ACCOUNT_ANSWER, &answer, -1);
    text_deinit(&sealed);
    text_deinit(&key_name);
    text_deinit(&addresses);
}

static void on_checker_message(void *context, struct channel *channel, const struct frame *frame,
                               int fd)
{
    (void)fd;
    struct hub *hub = context;
    if (frame->type == WIRE_ACCOUNT_QUESTION)
        answer_account(hub, &frame->message.account_question);
    else if (frame->type == WIRE_VERIFIER_MADE)
        vault_link_verifier_made(hub, &frame->message.verifier_made);
    else if (frame->type == WIRE_CREDENTIAL_OPENED)
        vault_link_credential_opened(hub, &frame->message.credential_opened);
    else if (frame->type == WIRE_CERTIFICATE_READ)
        vault_link_certificate_read(hub, &frame->message.certificate_read);
    else if (frame->type == WIRE_CERTIFICATE_EXPORTED)
        vault_link_certificate_exported(hub, &frame->message.certificate_exported);
    else if (frame->type == WIRE_DKIM_MADE)
        vault_link_mail_keys_made(hub, &frame->message.dkim_made);
    else if (frame->type == WIRE_DKIM_SIGNED)
        vault_link_mail_signed(hub, &frame->message.dkim_signed);
    else if (frame->type == WIRE_SECRET_CHECKED)
        vault_link_secret_checked(hub, &frame->message.secret_checked);
    else if (frame->type == WIRE_EVENT)
        events_relay(hub, peer_of(channel), &frame->message.event);
}

static void on_checker_closed(void *context, struct channel *channel, bool broken)
{
    end_broken(context, channel, broken);
    vault_link_lost(context);
}

static void on_signer_message(void *context, struct channel *channel, const struct frame *frame,
                              int fd)
{
    (void)fd;
    if (frame->type == WIRE_KEY_STATE) {
        publish_key_state(context, peer_of(channel), &frame->message.key_state);
        start_look_whether_ready(context);
    } else if (frame->type == WIRE_EVENT) {
        events_relay(context, peer_of(channel), &frame->message.event);
    }
}

static void on_signer_closed(void *context, struct channel *channel, bool broken)
{
    end_broken(context, channel, broken);
    peer_of(channel)->keys_awaited = 0;
    publish_peer_lost(context);
}

/* Of a connection to another server, or a row of its logs. False: it makes no sense here. */
static bool take_relay_frame(struct hub *hub, struct peer *courier, const struct frame *frame)
{
    if (frame->type == WIRE_PROTOCOL_ROW)
        return protocol_rows_take(hub, courier, &frame->message.protocol_row);
    if (frame->type == WIRE_CONNECTIVITY_ROW)
        return connectivity_rows_take(hub, courier, &frame->message.connectivity_row);
    return scheduler_relayed(hub, courier, frame);
}

static void on_relay_frame(struct hub *hub, struct channel *channel, const struct frame *frame)
{
    struct peer *courier = peer_of(channel);
    if (take_relay_frame(hub, courier, frame))
        return;
    end_peer(hub, channel, "sent a frame out of order");
    channel_close(channel);
    scheduler_courier_lost(hub, courier);
}

static void on_courier_message(void *context, struct channel *channel, const struct frame *frame,
                               int fd)
{
    if (frame->type == WIRE_FILTER_CONNECTED || frame->type == WIRE_FILTER_UNREACHABLE)
        filter_sockets_answer(context, frame, fd);
    else if (frame->type == WIRE_DELIVERED)
        deliveries_done(context, peer_of(channel), &frame->message.delivered);
    else if (frame->type == WIRE_TLS_RESULT)
        tls_reports_take(context, &frame->message.tls_result);
    else if (frame->type == WIRE_PROBED)
        probe_answered(context, &frame->message.probed);
    else if (frame->type == WIRE_OCSP_ANSWER)
        responders_answered(context, &frame->message.ocsp_answer);
    else if (frame->type == WIRE_TXT_ANSWER)
        txt_lookup_answered(context, &frame->message.txt_answer);
    else if (frame->type == WIRE_EVENT)
        events_relay(context, peer_of(channel), &frame->message.event);
    else
        on_relay_frame(context, channel, frame);
}

static void on_courier_closed(void *context, struct channel *channel, bool broken)
{
    end_broken(context, channel, broken);
    scheduler_courier_lost(context, peer_of(channel));
}

/* --- life --- */

static void attach(struct hub *hub, struct peer *peer, const struct channel_owner *owner,
                   enum wire_role role, unsigned index, int fd)
{
    peer->hub = hub;
    if (channel_open(&peer->channel, hub->role.loop, fd, role, index, owner) < 0)
        close_fd(&fd);
}

static void attach_courier(struct hub *hub, struct peer *courier, unsigned index, int fd)
{
    attach(hub, courier, &hub->courier_owner, ROLE_COURIER, index, fd); /* ends the one before */
    courier->load.end = COURIER_END_UNKNOWN;
    scheduler_courier_ready(hub);
}

void peers_attach(void *context, enum wire_role role, unsigned index, int fd)
{
    struct hub *hub = context;
    bool isolator = role == ROLE_COURIER && index >= WIRE_ISOLATOR_FIRST;
    if (index >= (isolator ? WIRE_COURIERS_MAX : HUB_PEERS_MAX)) {
        close_fd(&fd);
    } else if (role == ROLE_EDGE) {
        attach(hub, &hub->edges[index], &hub->edge_owner, role, index, fd);
        publish_to_edge(hub, &hub->edges[index]);
        session_logging_tell(hub, &hub->edges[index]);
        pressure_tell(hub, &hub->edges[index]);
    } else if (role == ROLE_SIGNER) {
        attach(hub, &hub->signers[index], &hub->signer_owner, role, index, fd);
        publish_to_signer(hub, &hub->signers[index]);
    } else if (role == ROLE_COURIER) {
        attach_courier(
            hub, isolator ? &hub->isolators[index - WIRE_ISOLATOR_FIRST] : &hub->couriers[index],
            index, fd);
        start_look(hub);
    } else if (role == ROLE_CHECKER) {
        attach(hub, &hub->checker, &hub->checker_owner, role, index, fd);
        start_serving(hub);
        if (hub->ready)
            certificate_judgement_begin(hub);
    } else {
        close_fd(&fd);
    }
}

void peers_ended(struct hub *hub, const struct wire_peer_ended *ended)
{
    struct peer *alone = &hub->isolators[ISOLATION_ALONE - 1];
    if (ended->role != ROLE_COURIER ||
        ended->index != WIRE_ISOLATOR_FIRST + (unsigned)ISOLATION_ALONE - 1)
        return;
    alone->load.end = ended->from_outside ? COURIER_END_OUTSIDE : COURIER_END_CRASH;
    accused_judge(hub, alone->load.end);
}

void peers_begin(struct hub *hub)
{
    hub->edge_owner = (struct channel_owner){on_edge_message, on_edge_closed, NULL, hub};
    hub->checker_owner = (struct channel_owner){on_checker_message, on_checker_closed, NULL, hub};
    hub->signer_owner = (struct channel_owner){on_signer_message, on_signer_closed, NULL, hub};
    hub->courier_owner = (struct channel_owner){on_courier_message, on_courier_closed, NULL, hub};
}
