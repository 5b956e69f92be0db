/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/relay_log.h"

#include "courier/relay_state.h"
#include "os/socket.h"

#include <string.h>

enum {
    BACKLOG_MAX = CHANNEL_FULL / 2, /* bytes waiting on the wire; outcomes are not held up by it */
    ROWS_PER_SECOND = 20000,        /* of one courier */
    SECOND_MS = 1000,
    NAME_SHOWN_MAX = WIRE_DOMAIN_MAX,
};

/* --- rows --- */

static bool may_send(struct relays *all)
{
    struct relay_rows *rows = &all->rows;
    uint64_t second = loop_now_ms(all->loop) / SECOND_MS;
    if (rows->second != second) {
        rows->second = second;
        rows->sent = 0;
    }
    if (rows->sent >= ROWS_PER_SECOND || channel_waiting(all->hub) >= BACKLOG_MAX)
        return false;
    rows->sent++;
    return true;
}

void relay_log_row(struct relay *relay, char event, struct slice data, struct slice context)
{
    if (!relay->log.verbose)
        return;
    struct relays *all = relay->all;
    const struct relay_host *here = relay_here(relay);
    const struct ip_endpoint nowhere = {{{0}}, 0};
    struct ip_endpoint local = relay->log.connected ? relay->log.local : nowhere;
    struct ip_endpoint remote = here ? here->endpoint : nowhere;
    struct wire_protocol_row row = {.session_id = relay->order.relay,
                                    .sequence = relay->log.sequence++,
                                    .lost = all->rows.protocol_lost,
                                    .connector = relay->order.connector,
                                    .local_address = local.address,
                                    .local_port = local.port,
                                    .remote_address = remote.address,
                                    .remote_port = remote.port,
                                    .event = (unsigned char)event,
                                    .data = slice_first(data, WIRE_LOG_DATA_MAX),
                                    .context = slice_first(context, WIRE_LOG_CONTEXT_MAX)};
    if (may_send(all) && channel_send(all->hub, WIRE_PROTOCOL_ROW, &row, -1))
        all->rows.protocol_lost = 0;
    else
        all->rows.protocol_lost++;
}

static void send_note(struct relay *relay, struct slice context)
{
    relay_log_row(relay, '*', (struct slice){0}, context);
}

static void send_connectivity(struct relay *relay, char direction, struct slice description)
{
    struct relays *all = relay->all;
    const struct wire_relay *order = &relay->order;
    struct slice destination = order->smart_hosts.len ? order->smart_hosts : order->domain;
    struct wire_connectivity_row row = {
        .session_id = order->relay,
        .lost = all->rows.connectivity_lost,
        .destination = slice_first(destination, WIRE_LOG_CONTEXT_MAX),
        .direction = (unsigned char)direction,
        .description = slice_first(description, WIRE_LOG_CONTEXT_MAX)};
    if (may_send(all) && channel_send(all->hub, WIRE_CONNECTIVITY_ROW, &row, -1))
        all->rows.connectivity_lost = 0;
    else
        all->rows.connectivity_lost++;
}

/* --- the conversation --- */

static void on_said(void *context, struct slice line)
{
    relay_log_row(context, '>', line, (struct slice){0});
}

static void on_heard(void *context, struct slice line)
{
    relay_log_row(context, '<', line, (struct slice){0});
}

/* --- hosts --- */

/* mx.example[192.0.2.1]:25, unix:/run/lmtp */
static void append_host(struct text *text, const struct relay_host *host)
{
    char storage[80];
    struct text literal = text_over(storage, sizeof storage);
    ip_append(&literal, host->endpoint.address);
    text_append_escaped(text, host->name, NAME_SHOWN_MAX);
    if (relay_host_is_local(host))
        return;
    if (host->name.len && host->name.at[0] != '[')
        text_append_format(text, "[%.*s]", SLICE_ARG(text_slice(&literal)));
    text_append_format(text, ":%u", host->endpoint.port);
}

void relay_log_begin(struct relay *relay)
{
    const struct wire_relay *order = &relay->order;
    char storage[WIRE_LOG_CONTEXT_MAX];
    struct text words = text_over(storage, sizeof storage);
    relay->log.verbose = order->verbose;
    relay->log.witness = (struct send_witness){on_said, on_heard, relay};
    relay->policy.witness = order->verbose ? &relay->log.witness : NULL;
    text_append_c(&words, order->lmtp              ? "SmtpDeliveryToMailbox "
                          : order->smart_hosts.len ? "SmartHostConnectorDelivery "
                                                   : "DnsConnectorDelivery ");
    text_append(&words, order->connector);
    send_connectivity(relay, '+', text_slice(&words));
}

void relay_log_found(struct relay *relay, const struct mail_hosts *walk)
{
    char storage[WIRE_LOG_DATA_MAX];
    struct text hosts = text_over(storage, sizeof storage);
    if (!walk->target_count)
        return; /* the reason is noted */
    for (size_t i = 0; i < walk->target_count; i++) {
        const struct mail_target *target = &walk->targets[i];
        text_append_c(&hosts, i ? "; " : "");
        if (!walk->implicit)
            text_append_format(&hosts, "%u ", target->host->preference);
        text_append_escaped(&hosts, target->host->name, NAME_SHOWN_MAX);
        text_append_byte(&hosts, '[');
        ip_append(&hosts, target->address);
        text_append_byte(&hosts, ']');
    }
    relay_log_row(relay, '*', text_slice(&hosts),
                  walk->implicit ? SLICE("the host's addresses, in the order of trying")
                                 : SLICE("the domain's mail hosts, in the order of trying"));
    send_connectivity(relay, '>', text_slice(&hosts));
}

void relay_log_dial(struct relay *relay)
{
    char storage[WIRE_LOG_CONTEXT_MAX];
    struct text words = text_over(storage, sizeof storage);
    relay->log.tls_version[0] = '\0';
    text_append_c(&words, "attempting to connect to ");
    append_host(&words, relay_here(relay));
    text_append_format(&words, ", %zu of %zu", relay->host + 1, relay->host_count);
    text_append_c(&words, relay->in_clear ? ", in clear: TLS has failed and is not demanded" : "");
    send_note(relay, text_slice(&words));
}

void relay_log_connected(struct relay *relay)
{
    char storage[WIRE_LOG_CONTEXT_MAX];
    struct text words = text_over(storage, sizeof storage);
    if (socket_local(relay->fd, &relay->log.local) < 0)
        relay->log.local = (struct ip_endpoint){{{0}}, 0};
    relay->log.connected = true;
    relay_log_row(relay, '+', (struct slice){0}, (struct slice){0});
    text_append_c(&words, "connected to ");
    append_host(&words, relay_here(relay));
    send_connectivity(relay, '>', text_slice(&words));
}

/* Where it went wrong, and how. */
static void send_failure(struct relay *relay, struct slice why)
{
    char storage[WIRE_LOG_CONTEXT_MAX];
    struct text words = text_over(storage, sizeof storage);
    if (relay_here(relay)) {
        append_host(&words, relay_here(relay));
        text_append_c(&words, ": ");
    }
    text_append(&words, slice_first(why, WIRE_LOG_CONTEXT_MAX - words.len));
    send_connectivity(relay, '>', text_slice(&words));
}

void relay_log_note(struct relay *relay)
{
    send_note(relay, text_slice(&relay->why));
    send_failure(relay, text_slice(&relay->why));
}

/* --- messages and ends --- */

void relay_log_message(struct relay *relay)
{
    const struct send_transaction *transaction = &relay->transaction;
    bool taken = false;
    for (size_t i = 0; i < relay->recipient_count; i++)
        taken |= relay->recipients[i].fate == SEND_DELIVERED;
    relay->log.messages += taken;
    relay->log.bytes +=
        taken && transaction->size_bytes > 0 ? (uint64_t)transaction->size_bytes : 0;
}

/* In the form of a reply, as a whole. */
static void append_answer(struct text *text, const struct send_answer *answer)
{
    text_append_format(text, "%u ", answer->code);
    for (size_t i = 0; i < answer->text.len && text->len < WIRE_LOG_CONTEXT_MAX; i++)
        text_append_byte(text, answer->text.at[i] == '\n' ? ' ' : answer->text.at[i]);
}

void relay_log_closed(struct relay *relay)
{
    const struct send_ending *ending = &relay->session.ending;
    char storage[WIRE_LOG_CONTEXT_MAX];
    struct text words = text_over(storage, sizeof storage);
    if (!relay->log.connected)
        return;
    if (ending->answer.code) {
        append_answer(&words, &ending->answer);
        if (ending->answer.ours)
            send_note(relay, text_slice(&words));
        send_failure(relay, text_slice(&words));
    }
    relay_log_row(relay, '-', (struct slice){0},
                  ending->end == SEND_END_LOST ? SLICE("Remote") : SLICE("Local"));
    relay->log.connected = false;
}

void relay_log_end(struct relay *relay)
{
    char storage[WIRE_LOG_CONTEXT_MAX];
    struct text words = text_over(storage, sizeof storage);
    text_append_format(&words, "Messages: %llu Bytes: %llu",
                       (unsigned long long)relay->log.messages,
                       (unsigned long long)relay->log.bytes);
    text_append_c(&words, relay->reached || !relay->why.len ? "" : " (no host has taken mail)");
    send_connectivity(relay, '-', text_slice(&words));
}
