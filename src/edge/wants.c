/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/wants.h"

#include "edge/account.h"
#include "edge/alternate.h"
#include "edge/body.h"
#include "edge/filters.h"
#include "edge/handshake.h"
#include "edge/login.h"
#include "edge/outgoing.h"
#include "edge/pressure.h"
#include "edge/protocol_log.h"
#include "edge/refusal.h"
#include "edge/tarpit.h"

static uint64_t now_of(const struct connection *connection)
{
    return loop_now_ms(connection->edge->role.loop);
}

void wants_drop_transaction(struct connection *connection)
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
        wants_drop_transaction(connection);
    if (connection->sasl_open && !session->auth_open)
        login_abandon(connection);
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
    wants_drop_transaction(connection);
    account_free(connection->account);
    connection->account = NULL;
    filters_free(connection); /* they are told anew who this is */
    handshake_begin(connection);
    return false;
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
    wants_drop_transaction(connection);
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
        answer = SESSION_RECIPIENT_TOO_MANY;
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
        wants_drop_transaction(connection);
        return false;
    }
    if (transaction_end(connection))
        return true;
    *out_want = wants_stored(connection, connection->transaction->refusal, 0);
    return false;
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
    [SESSION_WANT_AUTH] = login_meet,          [SESSION_WANT_SENDER] = meet_sender,
    [SESSION_WANT_RECIPIENT] = meet_recipient, [SESSION_WANT_BODY] = body_meet,
    [SESSION_WANT_CHUNK] = body_meet_chunk,    [SESSION_WANT_STORE] = meet_store,
    [SESSION_WANT_CLOSE] = meet_close,
};
_Static_assert(COUNT_OF(meet) == SESSION_WANT_CLOSE + 1, "every want has its function");

void wants_run(struct connection *connection, struct slice *rest)
{
    while (!connection->asked && !connection->blocked && !connection->tarpit &&
           !connection->closing && !connection->broken)
        if (tarpit_begin(connection) || outgoing_is_clogged(connection) ||
            !meet[connection->want](connection, rest))
            return;
}
