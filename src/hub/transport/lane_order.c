/* SPDX-License-Identifier: Apache-2.0 */
/* What a courier is told of one connection. */
#include "hub/transport/envelope.h"
#include "hub/transport/hop.h"
#include "hub/transport/hop_protection.h"
#include "hub/transport/mailbox_transport.h"

static void join(struct text *text, const struct slice_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        text_append_c(text, i ? "," : "");
        text_append(text, list->at[i]);
    }
}

/* Where we listen at the port that is connected to: whose MX points there, points at us. */
static struct slice own_addresses(const struct hub *hub, uint64_t port, struct text *out)
{
    for (size_t i = 0; i < hub->binding_count; i++) {
        const struct binding *binding = &hub->bindings[i];
        if (binding->endpoint.port == port && !binding->error)
            text_append(out, slice_bytes(binding->endpoint.address.bytes, 16));
    }
    return text_slice(out);
}

bool lane_send_order(struct hub *hub, const struct lane *lane,
                     const struct send_connector *connector, struct slice password)
{
    char storage[16 * WIRE_OWN_ADDRESSES_MAX];
    struct text own = text_over(storage, sizeof storage);
    struct text hosts = text_with_ceiling(WIRE_SMART_HOSTS_MAX);
    if (!connector->dns_routing_enabled)
        join(&hosts, &connector->smart_hosts);
    struct wire_relay order = {
        .relay = lane->node.relay,
        .connector = connector->name,
        .hello_name = send_connector_fqdn(connector, model_server(hub->model)),
        .domain = lane->hop->domain,
        .smart_hosts = text_slice(&hosts),
        .port = (uint64_t)connector->port,
        .force_helo = connector->force_helo,
        .verbose = connector->protocol_logging_level == PROTOCOL_LOGGING_VERBOSE,
        .inactivity_ms = (uint64_t)connector->connection_inactivity_timeout_ms,
        .messages_max = (uint64_t)connector->max_messages_per_connection,
        .login_needs_tls =
            connector->smart_host_auth_mechanism == SMART_HOST_AUTH_BASIC_REQUIRE_TLS,
        .user = password.len ? connector->credential_user : SLICE(""),
        .password = password,
        .own_addresses = own_addresses(hub, (uint64_t)connector->port, &own),
        .inspects = lane->inspects,
        .cloud_services_mail = connector->cloud_services_mail_enabled,
        .lmtp = lane->hop->to_mailboxes,
    };
    struct text certificate = hop_protect(hub, lane->hop, connector, &order);
    (void)ip_parse(connector->source_ip_address, &order.source);
    bool sent = channel_send(&lane->courier->channel, WIRE_RELAY, &order, -1);
    text_deinit(&certificate);
    text_deinit(&hosts);
    return sent;
}

static struct slice address_of(struct hub *hub, const struct lane *lane,
                               const struct scheduled *what)
{
    return lane->hop->to_mailboxes ? mailbox_transport_recipient(hub, what) : what->address;
}

static void send_recipients(struct hub *hub, const struct lane *lane)
{
    for (const struct parcel *parcel = lane->out.first; parcel; parcel = parcel->next) {
        struct wire_relay_recipient recipient = {.relay = lane->node.relay,
                                                 .number = parcel->what.recipient,
                                                 .address = address_of(hub, lane, &parcel->what),
                                                 .notify = parcel->what.wish,
                                                 .orcpt = parcel->what.orcpt};
        channel_send(&lane->courier->channel, WIRE_RELAY_RECIPIENT, &recipient, -1);
    }
}

bool lane_send_message(struct hub *hub, struct lane *lane)
{
    const struct scheduled *what = &lane->out.first->what;
    struct body_loan *loan = &lane->loan;
    if (body_lend(hub->store, lane->message, loan) != STORE_OK)
        return false; /* before a word of its recipients, who would be taken for the next one's */
    send_recipients(hub, lane);
    struct wire_relay_message message = {.relay = lane->node.relay,
                                         .message = lane->message,
                                         .offset = loan->offset,
                                         .length = loan->length,
                                         .sender = what->sender,
                                         .envid = what->envid,
                                         .ret = (uint64_t)(unsigned char)what->ret,
                                         .body_kind = what->body_kind,
                                         .smtp_utf8 = what->smtp_utf8,
                                         .require_tls = what->tls == SENDER_TLS_REQUIRED,
                                         .signs = lane_may_sign(hub, lane)};
    bool sent = channel_send(&lane->courier->channel, WIRE_RELAY_MESSAGE, &message, loan->fd);
    body_loan_close(loan);
    return sent;
}

void lane_send_finish(const struct lane *lane)
{
    struct wire_relay_number finish = {.relay = lane->node.relay};
    channel_send(&lane->courier->channel, WIRE_RELAY_FINISH, &finish, -1);
}
