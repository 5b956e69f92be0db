/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/answer.h"

#include "edge/alternate.h"
#include "edge/filters.h"
#include "edge/login.h"
#include "edge/protocol_log.h"
#include "edge/wants.h"

/* The want that was asked is answered: go on with what the client sent meanwhile. */
static void resume(struct connection *connection, enum session_want want)
{
    connection->asked = false;
    connection->want = want;
    connection_go_on(connection);
}

static bool awaits(struct connection *connection, enum session_want want)
{
    if (!connection->asked || connection->want != want)
        return false;
    text_clear(&connection->edge->reply);
    return true;
}

void answer_recipient(struct connection *connection, enum session_recipient_answer answer)
{
    if (!awaits(connection, SESSION_WANT_RECIPIENT) || filters_busy(connection))
        return;
    if (alternate_take(connection, &answer))
        return; /* asked about another one */
    if (answer != SESSION_RECIPIENT_OK)
        transaction_drop_recipient(connection->transaction);
    else if (filters_ask_recipient(connection))
        return;
    resume(connection, wants_answer_recipient(connection, answer));
}

void answer_filtered(struct connection *connection)
{
    enum session_want want;
    text_clear(&connection->edge->reply);
    if (!connection->asked)
        return;
    if (connection->want == SESSION_WANT_SENDER)
        resume(connection, wants_answer_sender(connection, SESSION_SENDER_OK));
    else if (connection->want == SESSION_WANT_RECIPIENT)
        resume(connection, wants_answer_recipient(connection, SESSION_RECIPIENT_OK));
    else if (connection->want == SESSION_WANT_STORE && !wants_hand_over(connection, &want))
        resume(connection, want);
}

static enum session_stored_answer stored_answer(uint64_t outcome)
{
    switch ((enum wire_message_outcome)outcome) {
    case WIRE_MESSAGE_STORED:
        return SESSION_STORED;
    case WIRE_MESSAGE_FULL:
        return SESSION_STORE_FULL;
    case WIRE_MESSAGE_FAILED:
    case WIRE_MESSAGE_OUTCOMES:
        break;
    }
    return SESSION_STORE_FAILED;
}

void answer_stored(struct connection *connection, const struct wire_message_answer *answer)
{
    if (!filters_busy(connection) && awaits(connection, SESSION_WANT_STORE)) {
        enum session_want want =
            wants_stored(connection, stored_answer(answer->outcome), answer->message);
        resume(connection, want);
    } else if (connection->transaction && connection->transaction->begun) {
        /* the store refused it while the body was still coming, or being filtered */
        transaction_refuse(connection, stored_answer(answer->outcome));
        if (filters_busy(connection))
            filters_moved(connection->filters);
    }
}

static enum session_auth_answer auth_answer(uint64_t outcome)
{
    switch ((enum wire_sasl_outcome)outcome) {
    case WIRE_SASL_CHALLENGE:
        return SESSION_AUTH_CHALLENGE;
    case WIRE_SASL_ACCEPTED:
        return SESSION_AUTH_ACCEPTED;
    case WIRE_SASL_REFUSED:
        return SESSION_AUTH_REFUSED;
    case WIRE_SASL_MALFORMED:
        return SESSION_AUTH_MALFORMED;
    case WIRE_SASL_UNAVAILABLE:
    case WIRE_SASL_OUTCOMES:
        break;
    }
    return SESSION_AUTH_UNAVAILABLE;
}

void answer_login(struct connection *connection, const struct wire_sasl_answer *message)
{
    if (!awaits(connection, SESSION_WANT_AUTH))
        return;
    enum session_auth_answer answer = auth_answer(message->outcome);
    connection->sasl_open = answer == SESSION_AUTH_CHALLENGE;
    if (answer == SESSION_AUTH_ACCEPTED)
        answer = login_accept(connection, message);
    if (answer == SESSION_AUTH_ACCEPTED)
        protocol_log_logged_in(connection);
    if (answer == SESSION_AUTH_REFUSED)
        login_report_failure(connection);
    enum session_want want =
        session_answer_auth(&connection->session, answer, message->bytes,
                            loop_now_ms(connection->edge->role.loop), &connection->edge->reply);
    if (answer == SESSION_AUTH_REFUSED && want == SESSION_WANT_CLOSE)
        login_report_limit(connection);
    resume(connection, want);
}

void answer_hub_lost(struct connection *connection)
{
    text_clear(&connection->edge->reply);
    if (connection->transaction && connection->transaction->begun) {
        connection->transaction->begun = false;
        transaction_refuse(connection, SESSION_STORE_FAILED);
    }
    if (awaits(connection, SESSION_WANT_RECIPIENT)) {
        answer_recipient(connection, SESSION_RECIPIENT_UNAVAILABLE);
    } else if (awaits(connection, SESSION_WANT_STORE)) {
        resume(connection, wants_stored(connection, SESSION_STORE_FAILED, 0));
    } else if (connection->blocked) {
        connection_unblocked(connection);
    }
}

void answer_checker_lost(struct connection *connection)
{
    struct wire_sasl_answer gone = {.outcome = WIRE_SASL_UNAVAILABLE};
    if (awaits(connection, SESSION_WANT_AUTH))
        answer_login(connection, &gone);
}
