/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/protocol_log.h"

#include "base/calendar.h"
#include "base/hex.h"
#include "edge/account.h"
#include "model/rights.h"
#include "os/clock.h"
#include "smtp/loggable.h"

#include <stdlib.h>
#include <string.h>

enum {
    BACKLOG_MAX = CHANNEL_FULL / 2, /* bytes waiting on the wire; bodies go on until twice that */
    ROWS_PER_SECOND = 20000,        /* of one edge */
    SECOND_MS = 1000,
};

struct protocol_log {
    uint64_t sequence;
    struct loggable loggable;
    size_t replied; /* bytes of the edge's reply text that are written down */
    const char *ending;
};

/* --- rows --- */

static bool may_send(struct edge *edge)
{
    struct edge_rows *rows = &edge->rows;
    uint64_t second = loop_now_ms(edge->role.loop) / SECOND_MS;
    if (rows->second != second)
        *rows = (struct edge_rows){.second = second, .lost = rows->lost};
    if (rows->sent >= ROWS_PER_SECOND || channel_waiting(&edge->hub) >= BACKLOG_MAX)
        return false;
    rows->sent++;
    return true;
}

static void send_row(struct connection *connection, char event, struct slice data,
                     struct slice context)
{
    struct edge *edge = connection->edge;
    struct wire_protocol_row row = {.session_id = connection->session_id,
                                    .sequence = connection->log->sequence++,
                                    .lost = edge->rows.lost,
                                    .connector = connection->connector->identity,
                                    .local_address = connection->local.address,
                                    .local_port = connection->local.port,
                                    .remote_address = connection->client.address,
                                    .remote_port = connection->client.port,
                                    .event = (unsigned char)event,
                                    .data = slice_first(data, WIRE_LOG_DATA_MAX),
                                    .context = slice_first(context, WIRE_LOG_CONTEXT_MAX)};
    if (may_send(edge) && channel_send(&edge->hub, WIRE_PROTOCOL_ROW, &row, -1))
        edge->rows.lost = 0;
    else
        edge->rows.lost++;
}

/* --- the conversation --- */

void protocol_log_replies(struct connection *connection, bool sent)
{
    struct protocol_log *log = connection->log;
    if (!log)
        return;
    char storage[SESSION_REPLY_MAX];
    struct text shown = text_over(storage, sizeof storage);
    struct slice replies = slice_after(text_slice(&connection->edge->reply), log->replied);
    while (loggable_take_reply(&replies, &shown)) {
        send_row(connection, '>', text_slice(&shown), (struct slice){0});
        text_clear(&shown);
    }
    log->replied = sent ? 0 : connection->edge->reply.len;
}

void protocol_log_command(struct connection *connection, struct slice line)
{
    struct protocol_log *log = connection->log;
    if (!log)
        return;
    char storage[SESSION_LINE_MAX + 64];
    struct text shown = text_over(storage, sizeof storage);
    protocol_log_replies(connection, false);
    loggable_append_command(&log->loggable, &shown, line, connection->session.auth_open);
    send_row(connection, '<', text_slice(&shown), (struct slice){0});
}

void protocol_log_bad_line(struct connection *connection, bool too_long)
{
    if (!connection->log)
        return;
    protocol_log_replies(connection, false);
    send_row(connection, '<', (struct slice){0},
             too_long ? SLICE("a line that is too long")
                      : SLICE("a line with a bare CR, LF or NUL"));
}

/* --- information --- */

void protocol_log_note(struct connection *connection, struct slice data, const char *context)
{
    if (!connection->log)
        return;
    protocol_log_replies(connection, false);
    send_row(connection, '*', data, slice_of(context));
}

void protocol_log_tarpit(struct connection *connection, int64_t interval_ms)
{
    if (!connection->log)
        return;
    char storage[64];
    struct text context = text_over(storage, sizeof storage);
    text_append_format(&context, "Tarpit for %lld ms", (long long)interval_ms);
    protocol_log_note(connection, (struct slice){0}, text_c_string(&context));
    connection->log->replied = 0; /* the text moves away */
}

void protocol_log_held(struct connection *connection)
{
    if (connection->log)
        connection->log->replied = connection->edge->reply.len;
}

/* As in other servers' logs: "SMTPSubmit", without the prefix and the hyphens of the right. */
void protocol_log_rights(struct connection *connection)
{
    if (!connection->log)
        return;
    char storage[512];
    struct text words = text_over(storage, sizeof storage);
    for (const struct setting_word *word = right_words; word->word; word++) {
        struct slice name = slice_of(word->word), part;
        if (!(connection->rights & word->value))
            continue;
        text_append_c(&words, words.len ? " " : "");
        slice_take_prefix(&name, SLICE("ms-Exch-"));
        while (slice_take_field(&name, '-', &part))
            text_append(&words, part);
    }
    protocol_log_note(connection, text_slice(&words), "Set Session Permissions");
}

void protocol_log_logged_in(struct connection *connection)
{
    if (!connection->log)
        return;
    protocol_log_note(connection, connection->account->mailbox.name, "authenticated");
    protocol_log_rights(connection);
}

static void append_time(struct text *text, int64_t at_ms)
{
    text_append_byte(text, ' ');
    calendar_append_rfc3339(text, at_ms);
}

static void append_certificate(struct text *text, const struct certificate *certificate)
{
    text_append(text, certificate->subject);
    text_append_byte(text, ' ');
    text_append(text, certificate->issuer);
    text_append_byte(text, ' ');
    hex_append_upper(text, certificate->serial_number);
    text_append_byte(text, ' ');
    hex_append_upper(text, certificate->thumbprint);
    append_time(text, certificate->not_before_ms);
    append_time(text, certificate->not_after_ms);
    for (size_t i = 0; i < certificate->dns_names.count; i++) {
        text_append_byte(text, i ? ';' : ' ');
        text_append(text, certificate->dns_names.at[i]);
    }
}

void protocol_log_certificate(struct connection *connection)
{
    const struct certificate_choice *choice = &connection->choice;
    if (!connection->log || !choice->certificate)
        return;
    struct text facts = text_with_ceiling(64 << 10);
    char storage[WIRE_LOG_CONTEXT_MAX];
    struct text why = text_over(storage, sizeof storage);
    append_certificate(&facts, choice->certificate);
    text_append_c(&why,
                  "Sending certificate Subject Issuer name Serial number Thumbprint Not before "
                  "Not after Subject alternate names; chosen by ");
    certificate_rule_text(choice, &why);
    text_append_c(&why, choice->expired ? "; it has expired" : "");
    text_append_c(&why, choice->not_yet_valid ? "; it is not valid yet" : "");
    protocol_log_replies(connection, false);
    send_row(connection, '*', text_slice(&facts), text_slice(&why));
    text_deinit(&facts);
}

void protocol_log_handshake(struct connection *connection)
{
    if (!connection->log)
        return;
    char storage[WIRE_LOG_CONTEXT_MAX];
    struct text words = text_over(storage, sizeof storage);
    const struct tls_engine *engine = connection->engine;
    struct slice group = tls_engine_group(engine), asked = tls_engine_server_name(engine, NULL);
    text_append_format(&words,
                       "TLS protocol %.*s negotiation succeeded using cipher %.*s with strength %d "
                       "bits",
                       SLICE_ARG(tls_engine_version(engine)), SLICE_ARG(tls_engine_cipher(engine)),
                       tls_engine_cipher_bits(engine));
    if (group.len)
        text_append_format(&words, ", key exchange %.*s", SLICE_ARG(group));
    text_append_c(&words, tls_engine_resumed(engine) ? ", resumed" : "");
    if (asked.len)
        text_append_format(&words, "; the client asked for %.*s", SLICE_ARG(asked));
    protocol_log_note(connection, (struct slice){0}, text_c_string(&words));
}

static void append_shown(struct text *text, const struct client_certificate *shown)
{
    text_append(text, shown->subject);
    text_append_byte(text, ' ');
    hex_append_upper(text, slice_bytes(shown->thumbprint, sizeof shown->thumbprint));
    for (size_t i = 0; i < shown->names.count; i++) {
        text_append_byte(text, i ? ';' : ' ');
        text_append_escaped(text, shown->names.at[i], 255);
    }
}

static void log_capabilities(struct connection *connection)
{
    char storage[128];
    struct text words = text_over(storage, sizeof storage);
    const char *status;
    unsigned capabilities = peer_capabilities(connection->connector, &connection->peer, &status);
    text_append_format(&words, "TlsDomainCapabilities='%s'; Status='%s'",
                       capabilities & PEER_CLOUD_SERVICES_MAIL ? "AcceptCloudServicesMail" : "None",
                       status);
    protocol_log_note(connection, (struct slice){0}, text_c_string(&words));
}

void protocol_log_peer(struct connection *connection)
{
    if (!connection->log || !peer_is_asked(connection->connector))
        return;
    char storage[WIRE_LOG_DATA_MAX], words_storage[256];
    struct text data = text_over(storage, sizeof storage);
    struct text words = text_over(words_storage, sizeof words_storage);
    if (connection->shown)
        append_shown(&data, connection->shown);
    text_append_c(&words, "Client certificate chain validation status: '");
    client_certificate_append_status(connection->shown, &words);
    text_append_c(&words, "'");
    protocol_log_note(connection, text_slice(&data), text_c_string(&words));
    log_capabilities(connection);
}

void protocol_log_message(struct connection *connection)
{
    if (!connection->log)
        return;
    char storage[96];
    struct text data = text_over(storage, sizeof storage);
    text_append_format(&data, "%016llX;", (unsigned long long)connection->session_id);
    calendar_append_rfc3339(&data, clock_wall_ms());
    text_append_format(&data, ";%u", connection->messages + 1);
    protocol_log_note(connection, text_slice(&data), "receiving message");
}

void protocol_log_refusal(struct connection *connection, const char *what, const char *right)
{
    if (!connection->log)
        return;
    char storage[200];
    struct text words = text_over(storage, sizeof storage);
    text_append_format(&words, "%s refused: the right %s is missing", what, right ? right : "");
    protocol_log_note(connection, (struct slice){0}, text_c_string(&words));
}

/* --- life --- */

static bool begin(struct connection *connection)
{
    connection->log = calloc(1, sizeof *connection->log);
    if (connection->log)
        connection->log->ending = "Local";
    return connection->log != NULL;
}

static struct edge_raised *find_raised(struct edge *edge, struct ip_address address)
{
    for (size_t i = 0; i < edge->raised_count; i++)
        if (ip_equal(edge->raised[i].address, address))
            return &edge->raised[i];
    return NULL;
}

static bool is_raised(struct edge *edge, struct ip_address address)
{
    const struct edge_raised *raised = find_raised(edge, address);
    return raised && loop_now_ms(edge->role.loop) < raised->until_ms;
}

void protocol_log_open(struct connection *connection)
{
    bool wanted = connection->connector->protocol_logging_level == PROTOCOL_LOGGING_VERBOSE ||
                  is_raised(connection->edge, connection->client.address);
    if (!wanted || !begin(connection))
        return;
    send_row(connection, '+', (struct slice){0}, (struct slice){0});
    protocol_log_rights(connection);
}

/* A place that is free, or whose time is over. */
static struct edge_raised *place_for(struct edge *edge, struct ip_address address)
{
    struct edge_raised *place = find_raised(edge, address);
    for (size_t i = 0; !place && i < edge->raised_count; i++)
        if (!is_raised(edge, edge->raised[i].address))
            place = &edge->raised[i];
    if (!place && edge->raised_count < COUNT_OF(edge->raised))
        place = &edge->raised[edge->raised_count++];
    return place;
}

void protocol_log_raise(struct edge *edge, const struct wire_session_logging *logging)
{
    struct edge_raised *place = place_for(edge, logging->address);
    if (!place)
        return;
    *place = (struct edge_raised){logging->address, loop_now_ms(edge->role.loop) + logging->for_ms};
    text_clear(&edge->reply); /* of nobody now */
    for (struct connection *connection = edge->connections; connection && logging->for_ms;
         connection = connection->next)
        if (!connection->log && ip_equal(connection->client.address, logging->address) &&
            begin(connection))
            protocol_log_note(connection, (struct slice){0}, "logged from here on");
}

void protocol_log_remote_end(struct connection *connection, int error)
{
    if (connection->log && !connection->closing)
        connection->log->ending = error ? "Remote(ConnectionReset)" : "Remote";
}

void protocol_log_close(struct connection *connection)
{
    if (!connection->log)
        return;
    send_row(connection, '-', (struct slice){0}, slice_of(connection->log->ending));
    free(connection->log);
    connection->log = NULL;
}
