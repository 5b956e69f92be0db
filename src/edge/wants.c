/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/wants.h"

#include "base/base64.h"
#include "edge/account.h"
#include "edge/alternate.h"
#include "edge/filters.h"
#include "edge/handshake.h"
#include "edge/outgoing.h"
#include "edge/pressure.h"
#include "edge/protocol_log.h"
#include "edge/refusal.h"
#include "edge/tarpit.h"

#include <stdio.h>
#include <string.h>

static uint64_t now_of(const struct connection *connection)
{
    return loop_now_ms(connection->edge->role.loop);
}

static void drop_transaction(struct connection *connection)
{
    if (connection->transaction && connection->transaction->begun)
        channel_send(&connection->edge->hub, WIRE_MESSAGE_ABANDON,
                     &(struct wire_session){connection->id}, -1);
    transaction_free(connection->transaction);
    connection->transaction = NULL;
    filters_message_over(connection);
}

enum session_want wants_stored(struct connection *connection, enum session_stored_answer answer,
                               uint64_t internal_id)
{
    struct transaction *transaction = connection->transaction;
    uint64_t now_ms = now_of(connection);
    struct session_stored stored = {.answer = answer, .internal_id = internal_id};
    connection->messages += answer == SESSION_STORED;
    if (transaction) {
        stored.message_id = transaction_message_id(transaction);
        stored.size_bytes = transaction->size_bytes;
        stored.elapsed_ms = now_ms - transaction->started_ms;
    }
    enum session_want want =
        session_answer_stored(&connection->session, &stored, now_ms, &connection->edge->reply);
    transaction_free(transaction);
    connection->transaction = NULL;
    filters_message_over(connection);
    (void)session_transaction_dropped(&connection->session);
    return want;
}

/* The client has cancelled, or has gone. */
void wants_abandon_sasl(struct connection *connection)
{
    if (connection->sasl_open)
        channel_send(&connection->edge->checker, WIRE_SASL_ABANDON,
                     &(struct wire_session){connection->id}, -1);
    connection->sasl_open = false;
}

/* --- one function per want; each returns false when nothing more can be done now --- */

static bool meet_line(struct connection *connection, struct slice *rest)
{
    struct session *session = &connection->session;
    struct text *reply = &connection->edge->reply;
    uint64_t now_ms = now_of(connection);
    struct slice line;
    switch (line_take(&connection->framer, rest, SESSION_LINE_MAX, &line)) {
    case LINE_PARTIAL:
        return false;
    case LINE_COMPLETE:
        protocol_log_command(connection, line);
        connection->want = session_line(session, line, now_ms, reply);
        break;
    case LINE_BAD:
        protocol_log_bad_line(connection, false);
        connection->want = session_bad_line(session, false, now_ms, reply);
        break;
    case LINE_TOO_LONG:
        protocol_log_bad_line(connection, true);
        connection->want = session_bad_line(session, true, now_ms, reply);
        break;
    }
    if (session_transaction_dropped(session))
        drop_transaction(connection);
    if (connection->sasl_open && !session->auth_open)
        wants_abandon_sasl(connection);
    return true;
}

/* STARTTLS: the 220 leaves in clear, everything learnt so far goes, and bytes that came behind the
 * command (an injection, attacks on STARTTLS implementations) end the connection. */
static bool meet_tls(struct connection *connection, struct slice *rest)
{
    if (rest->len) {
        *rest = (struct slice){0};
        connection->closing = true;
        return false;
    }
    outgoing_flush(connection);
    drop_transaction(connection);
    account_free(connection->account);
    connection->account = NULL;
    filters_free(connection); /* they are told anew who this is */
    handshake_begin(connection);
    return false;
}

/* What a login of this session is bound to; false when -PLUS is offered and there is nothing. */
static bool take_binding(const struct connection *connection,
                         unsigned char storage[TLS_EXPORTER_BINDING_BYTES],
                         struct slice *out_binding)
{
    *out_binding = (struct slice){0};
    if (!session_auth(&connection->session)->mechanism.len ||
        !session_offers_binding(&connection->session))
        return true;
    *out_binding = slice_bytes(storage, TLS_EXPORTER_BINDING_BYTES);
    return tls_engine_exporter_binding(connection->engine, storage);
}

static bool meet_auth(struct connection *connection, struct slice *rest)
{
    (void)rest;
    unsigned char bound[TLS_EXPORTER_BINDING_BYTES];
    const struct session_auth *auth = session_auth(&connection->session);
    struct edge *edge = connection->edge;
    char storage[SESSION_AUTH_MAX];
    struct text decoded = text_over(storage, sizeof storage);
    bool readable = base64_decode(auth->encoded, &decoded);
    if (auth->mechanism.len)
        snprintf(connection->mechanism, sizeof connection->mechanism, "%.*s",
                 SLICE_ARG(auth->mechanism));
    struct wire_sasl question = {.session = connection->id,
                                 .mechanism = auth->mechanism,
                                 .message = text_slice(&decoded),
                                 .has_message = auth->has_message};
    if (readable && take_binding(connection, bound, &question.binding) &&
        channel_send(&edge->checker, WIRE_SASL, &question, -1)) {
        connection->asked = true;
        connection->sasl_open = true;
    } else {
        connection->want = session_answer_auth(
            &connection->session, readable ? SESSION_AUTH_UNAVAILABLE : SESSION_AUTH_MALFORMED,
            (struct slice){0}, now_of(connection), &edge->reply);
    }
    explicit_bzero(storage, sizeof storage);
    return !connection->asked;
}

static enum session_sender_answer judge_sender(struct connection *connection, struct slice sender)
{
    struct submission submission = connection_submission(connection);
    struct rights_answer why;
    enum session_sender_answer answer = submission_judge_sender(&submission, sender, &why);
    if (answer == SESSION_SENDER_TLS_NEEDED || answer == SESSION_SENDER_CERTIFICATE_NEEDED)
        refusal_report_unproven(connection, sender);
    else if (answer != SESSION_SENDER_OK)
        refusal_report(connection, "MAIL FROM", sender, why);
    return answer;
}

static bool within_rate(struct connection *connection)
{
    struct edge *edge = connection->edge;
    const struct receive_connector *connector = connection->connector;
    struct slice account =
        connection->account ? connection->account->mailbox.name : (struct slice){0};
    if (limit_message(&edge->limits, connector, connection->client.address, account,
                      now_of(connection)))
        return true;
    char storage[64];
    struct text address = text_over(storage, sizeof storage);
    ip_append(&address, connection->client.address);
    role_event(&edge->hub, WIRE_LEVEL_WARNING, 0,
               "edge: %.*s on %.*s has reached MessageRateLimit (%lld in a minute)",
               SLICE_ARG(text_slice(&address)), SLICE_ARG(connector->identity),
               (long long)connector->message_rate_limit);
    return false;
}

enum session_want wants_answer_sender(struct connection *connection,
                                      enum session_sender_answer answer)
{
    struct text *reply = &connection->edge->reply;
    struct slice words;
    if (answer != SESSION_SENDER_OK || !filters_refuse(connection, &words))
        return session_answer_sender(&connection->session, answer, now_of(connection), reply);
    enum session_want want =
        session_answer_refused(&connection->session, words, now_of(connection), reply);
    drop_transaction(connection);
    return want;
}

enum session_want wants_answer_recipient(struct connection *connection,
                                         enum session_recipient_answer answer)
{
    struct text *reply = &connection->edge->reply;
    struct slice words;
    bool refused = answer == SESSION_RECIPIENT_OK && filters_refuse(connection, &words);
    if (refused)
        transaction_drop_recipient(connection->transaction);
    return refused
               ? session_answer_refused(&connection->session, words, now_of(connection), reply)
               : session_answer_recipient(&connection->session, answer, now_of(connection), reply);
}

static bool meet_sender(struct connection *connection, struct slice *rest)
{
    (void)rest;
    struct session *session = &connection->session;
    struct slice cause;
    if (pressure_refuses(connection, &cause)) {
        connection->want = session_refuse_sender_busy(session, cause, now_of(connection),
                                                      &connection->edge->reply);
        return true;
    }
    char storage[SESSION_MAILBOX_MAX];
    struct text sender = text_over(storage, sizeof storage);
    session_append_sender(session, &sender);
    enum session_sender_answer answer = judge_sender(connection, text_slice(&sender));
    if (answer == SESSION_SENDER_OK && !within_rate(connection))
        answer = SESSION_SENDER_RATE_EXCEEDED;
    if (answer == SESSION_SENDER_OK) {
        if (filters_ready(connection))
            connection->transaction = transaction_new(connection, text_slice(&sender));
        if (connection->transaction)
            protocol_log_message(connection);
        else
            answer = SESSION_SENDER_BUSY;
    }
    if (answer == SESSION_SENDER_OK && filters_ask_mail(connection, text_slice(&sender)))
        return false;
    connection->want = wants_answer_sender(connection, answer);
    return true;
}

bool wants_ask_for_recipient(struct connection *connection, struct slice mailbox, bool must_exist)
{
    struct submission submission = connection_submission(connection);
    struct wire_recipient_question question = {.session = connection->id,
                                               .address = mailbox,
                                               .must_exist = must_exist,
                                               .stranger = submission_is_stranger(&submission)};
    connection->asked =
        channel_send(&connection->edge->hub, WIRE_RECIPIENT_QUESTION, &question, -1);
    if (!connection->asked)
        transaction_drop_recipient(connection->transaction);
    filters_name_recipient(connection, mailbox, true);
    return connection->asked;
}

/* Domains are judged here, by the snapshot; only whether somebody of ours exists must be asked. */
static bool meet_recipient(struct connection *connection, struct slice *rest)
{
    (void)rest;
    struct submission submission = connection_submission(connection);
    char storage[SESSION_MAILBOX_MAX];
    struct text recipient = text_over(storage, sizeof storage);
    session_append_recipient(&connection->session, &recipient);
    struct slice mailbox = text_slice(&recipient);
    struct rights_answer why;
    enum submission_recipient verdict = submission_judge_recipient(&submission, mailbox, &why);
    enum session_recipient_answer answer = SESSION_RECIPIENT_OK;
    if (verdict == SUBMISSION_RECIPIENT_DENIED) {
        refusal_report(connection, "RCPT TO", mailbox, why);
        answer = SESSION_RECIPIENT_RELAY_DENIED;
    } else if (!transaction_add_recipient(connection, mailbox)) {
        answer = SESSION_RECIPIENT_UNAVAILABLE;
    } else if (verdict != SUBMISSION_RECIPIENT_GRANTED) {
        alternate_keep(connection, &submission, mailbox);
        if (wants_ask_for_recipient(connection, mailbox,
                                    verdict == SUBMISSION_RECIPIENT_MUST_EXIST))
            return false;
        answer = SESSION_RECIPIENT_UNAVAILABLE;
    } else {
        filters_name_recipient(connection, mailbox, false);
        if (filters_ask_recipient(connection))
            return false;
    }
    connection->want = wants_answer_recipient(connection, answer);
    return true;
}

/* The hub takes no more for now: read nothing until it does. */
static bool hub_is_full(struct connection *connection)
{
    struct edge *edge = connection->edge;
    if (!channel_full(&edge->hub))
        return false;
    if (!connection->blocked) {
        connection->blocked = true;
        connection->next_blocked = edge->blocked;
        edge->blocked = connection;
    }
    return true;
}

static bool end_of_message(struct connection *connection)
{
    if (connection->session.body != SESSION_BODY_BINARYMIME &&
        !octets_are_lines(&connection->transaction->octets))
        transaction_refuse(connection, SESSION_STORE_BAD_BYTE);
    transaction_complete(connection);
    if (filters_ask_end(connection))
        return false;
    connection->asked = wants_hand_over(connection, &connection->want);
    return !connection->asked;
}

bool wants_hand_over(struct connection *connection, enum session_want *out_want)
{
    struct slice words;
    if (!connection->transaction->refused && filters_refuse(connection, &words)) {
        *out_want = session_answer_refused(&connection->session, words, now_of(connection),
                                           &connection->edge->reply);
        drop_transaction(connection);
        return false;
    }
    if (transaction_end(connection))
        return true;
    *out_want = wants_stored(connection, connection->transaction->refusal, 0);
    return false;
}

/* Small pieces of content (dots taken away, line ends mended) leave together: each alone would cost
 * a frame, and a peer chooses how many there are. */
struct gather {
    struct connection *connection;
    size_t len;
    char bytes[4096];
};

static void gather_flush(struct gather *gather)
{
    if (gather->len)
        transaction_body(gather->connection, (struct slice){gather->bytes, gather->len});
    gather->len = 0;
}

static void gather_add(struct gather *gather, struct slice piece)
{
    if (piece.len > sizeof gather->bytes - gather->len)
        gather_flush(gather);
    if (piece.len > sizeof gather->bytes) {
        transaction_body(gather->connection, piece);
        return;
    }
    memcpy(gather->bytes + gather->len, piece.at, piece.len);
    gather->len += piece.len;
}

static bool meet_body(struct connection *connection, struct slice *rest)
{
    struct transaction *transaction = connection->transaction;
    struct slice piece;
    if (rest->len == 0 || filters_hold(connection) || hub_is_full(connection))
        return false;
    if (!transaction->opened)
        transaction_begin_body(connection);
    struct gather gather;
    gather.connection = connection;
    gather.len = 0;
    enum dot_outcome outcome;
    while ((outcome = dot_take(&transaction->dot, rest, &piece)) == DOT_PIECE)
        gather_add(&gather, piece);
    gather_flush(&gather);
    if (outcome == DOT_MORE)
        return false;
    if (transaction->dot.bad_byte)
        transaction_refuse(connection, SESSION_STORE_BAD_BYTE);
    connection->want = session_body_ended(&connection->session, now_of(connection));
    return true;
}

static void take_chunk(struct connection *connection, struct slice content)
{
    struct octets *octets = &connection->transaction->octets;
    struct slice piece;
    if (connection->session.body == SESSION_BODY_BINARYMIME) {
        transaction_body(connection, content);
        return;
    }
    struct gather gather;
    gather.connection = connection;
    gather.len = 0;
    while (octets_take(octets, &content, &piece))
        gather_add(&gather, piece);
    gather_flush(&gather);
    if (octets->bad_byte)
        transaction_refuse(connection, SESSION_STORE_BAD_BYTE);
}

static bool meet_chunk(struct connection *connection, struct slice *rest)
{
    const struct session_chunk *chunk = session_chunk(&connection->session);
    if (!connection->chunk_open) {
        connection->chunk_open = true;
        connection->chunk_left = chunk->size;
        if (!chunk->discard && !connection->transaction->opened)
            transaction_begin_body(connection);
    }
    if (filters_hold(connection) || hub_is_full(connection))
        return false;
    struct slice piece =
        slice_first(*rest, rest->len < connection->chunk_left ? rest->len : connection->chunk_left);
    *rest = slice_after(*rest, piece.len);
    connection->chunk_left -= piece.len;
    if (!chunk->discard && piece.len)
        take_chunk(connection, piece);
    if (connection->chunk_left)
        return false;
    connection->chunk_open = false;
    connection->want =
        session_chunk_ended(&connection->session, now_of(connection), &connection->edge->reply);
    if (session_transaction_dropped(&connection->session))
        drop_transaction(connection);
    return true;
}

static bool meet_store(struct connection *connection, struct slice *rest)
{
    (void)rest;
    return end_of_message(connection);
}

static bool meet_close(struct connection *connection, struct slice *rest)
{
    *rest = (struct slice){0};
    connection->closing = true;
    return false;
}

static bool (*const meet[])(struct connection *, struct slice *) = {
    [SESSION_WANT_LINE] = meet_line,           [SESSION_WANT_TLS] = meet_tls,
    [SESSION_WANT_AUTH] = meet_auth,           [SESSION_WANT_SENDER] = meet_sender,
    [SESSION_WANT_RECIPIENT] = meet_recipient, [SESSION_WANT_BODY] = meet_body,
    [SESSION_WANT_CHUNK] = meet_chunk,         [SESSION_WANT_STORE] = meet_store,
    [SESSION_WANT_CLOSE] = meet_close,
};
_Static_assert(COUNT_OF(meet) == SESSION_WANT_CLOSE + 1, "every want has its function");

void wants_run(struct connection *connection, struct slice *rest)
{
    while (!connection->asked && !connection->blocked && !connection->tarpit &&
           !connection->closing && !connection->broken)
        if (tarpit_begin(connection) || !meet[connection->want](connection, rest))
            return;
}

static bool is_bindable(const struct connection *connection)
{
    unsigned char unused[TLS_EXPORTER_BINDING_BYTES];
    return connection->policy->scram_plus && connection->engine &&
           tls_engine_exporter_binding(connection->engine, unused);
}

void wants_take_rights(struct connection *connection)
{
    const struct mailbox *mailbox = connection->account ? &connection->account->mailbox : NULL;
    struct submission submission = submission_of(connection->configuration->model,
                                                 connection->connector, mailbox, &connection->peer);
    connection->who = submission.who;
    connection->rights = submission.rights;
    session_lift_size_limit(&connection->session,
                            (connection->rights & RIGHT_BYPASS_MESSAGE_SIZE_LIMIT) != 0);
    session_recognise(&connection->session,
                      connection->who == RIGHTS_PARTNER && (connection->rights & RIGHT_SUBMIT));
    session_bindable(&connection->session, is_bindable(connection));
}

bool wants_log_in(struct connection *connection, const struct wire_sasl_answer *answer)
{
    struct account *account = account_new(answer);
    if (!account)
        return false;
    account_free(connection->account);
    connection->account = account;
    wants_take_rights(connection);
    return true;
}

void wants_report_logon_failure(struct connection *connection)
{
    char storage[64];
    struct text address = text_over(storage, sizeof storage);
    ip_append(&address, connection->client.address);
    role_event(&connection->edge->hub, WIRE_LEVEL_WARNING, 1035,
               "edge: inbound authentication failed with error LogonDenied for %.*s, source %.*s",
               SLICE_ARG(connection->connector->identity), SLICE_ARG(text_slice(&address)));
    protocol_log_note(connection, (struct slice){0},
                      "Inbound authentication failed because of LogonDenied");
}

void wants_report_logon_limit(struct connection *connection)
{
    char storage[64];
    struct text address = text_over(storage, sizeof storage);
    ip_append(&address, connection->client.address);
    role_event(&connection->edge->hub, WIRE_LEVEL_WARNING, 1012,
               "event=1012 edge: %.*s on %.*s has reached MaxLogonFailures (%lld) and is "
               "disconnected",
               SLICE_ARG(text_slice(&address)), SLICE_ARG(connection->connector->identity),
               (long long)connection->connector->max_logon_failures);
}
