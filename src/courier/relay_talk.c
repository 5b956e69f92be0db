/* SPDX-License-Identifier: Apache-2.0 */
/* Wants of the conversation, met. */
#include "courier/relay_state.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Once no other server will be tried, nobody needs it again. */
static void forget_password(struct relay *relay)
{
    struct slice *password = &relay->order.password;
    if (relay_onward_may(relay))
        return;
    if (password->len)
        explicit_bzero((void *)(uintptr_t)password->at, password->len);
    *password = (struct slice){0};
}

static bool next_transaction(struct relay *relay)
{
    if (!relay->reached && !relay->tls && !relay->in_clear)
        relay_report_note(relay, TLS_RESULT_NO_STARTTLS);
    if (!relay->reached)
        text_clear(&relay->why); /* that of hosts before it is of no interest any more */
    relay->reached = true;
    forget_password(relay);
    if (relay->onward) {
        send_session_quit(&relay->session);
        return true;
    }
    if (relay->sight) {
        if (!relay_sight_ask(relay))
            send_session_quit(&relay->session);
        return true;
    }
    if (relay->ready && !relay->begun && !relay_sign(relay) && relay->ready)
        return false;
    if (relay->ready && !relay->begun) {
        relay->begun = true;
        relay->asked = false;
        relay_unfit_choose(relay);
        relay_needs_look(relay);
        send_session_transaction(&relay->session, &relay->transaction);
        return true;
    }
    if (relay->finishes) {
        send_session_quit(&relay->session);
        return true;
    }
    if (!relay->asked) {
        struct wire_relay_number wants = {.relay = relay->order.relay};
        channel_send(relay->all->hub, WIRE_RELAY_WANTS, &wants, -1);
    }
    relay->asked = true;
    return false;
}

/* The signature stands in front of the header. */
static bool next_signature_piece(struct relay *relay)
{
    struct slice piece = slice_first(text_slice(&relay->signature), SEND_PIECE_MAX);
    send_session_body(&relay->session, piece, false);
    text_consume(&relay->signature, piece.len);
    return true;
}

static bool next_piece(struct relay *relay)
{
    if (relay->signature.len)
        return next_signature_piece(relay);
    char piece[SEND_PIECE_MAX], storage[SEND_PIECE_MAX];
    struct text room = text_over(storage, sizeof storage);
    size_t most = relay_piece_max(&relay->firewall);
    size_t wanted = relay->body_left < most ? (size_t)relay->body_left : most;
    ssize_t got = wanted ? pread(relay->body_fd, piece, wanted, (off_t)relay->body_offset) : 0;
    if (got < 0 && errno == EINTR)
        return true;
    if (got < 0 || (size_t)got < wanted) {
        send_session_body_lost(&relay->session);
        return true;
    }
    relay->body_offset += (uint64_t)got;
    relay->body_left -= (uint64_t)got;
    bool last = relay->body_left == 0;
    struct slice leaves =
        relay_pass(&relay->firewall, slice_bytes(piece, (size_t)got), last, &room);
    send_session_body(&relay->session, leaves, last);
    return true;
}

/* --- the login --- */

static bool begin_login(struct relay *relay, struct slice mechanism)
{
    sasl_client_free(relay->login);
    relay->login = NULL;
    return sasl_client_begin(mechanism, relay->order.user, relay->order.password, &relay->login) ==
           SASL_CLIENT_BEGUN;
}

static bool next_login_step(struct relay *relay)
{
    static const enum send_auth_answer answers[] = {
        [SASL_CLIENT_MESSAGE] = SEND_AUTH_MESSAGE,
        [SASL_CLIENT_LAST_MESSAGE] = SEND_AUTH_LAST_MESSAGE,
        [SASL_CLIENT_NO_MESSAGE] = SEND_AUTH_NO_MESSAGE,
        [SASL_CLIENT_FAILED] = SEND_AUTH_CANCEL,
    };
    struct send_auth asked = send_session_auth(&relay->session);
    char storage[SEND_AUTH_MAX];
    struct text message = text_over(storage, sizeof storage);
    enum sasl_client_outcome outcome = SASL_CLIENT_FAILED;
    if (!asked.first || begin_login(relay, asked.mechanism))
        outcome = sasl_client_step(relay->login, asked.challenge, !asked.first, &message);
    send_session_answer_auth(&relay->session, answers[outcome], text_slice(&message));
    explicit_bzero(storage, sizeof storage);
    return true;
}

bool relay_meet(struct relay *relay)
{
    if (relay->begun && !relay->session.transaction) {
        relay_onward_refused(relay);
        relay_report(relay);
    }
    switch (relay->session.want) {
    case SEND_WANT_TLS:
        return !relay->tls && relay_begin_tls(relay);
    case SEND_WANT_AUTH:
        return next_login_step(relay);
    case SEND_WANT_TRANSACTION:
        return next_transaction(relay);
    case SEND_WANT_BODY:
        return next_piece(relay);
    case SEND_WANT_REPLY:
    case SEND_WANT_CLOSE:
        break;
    }
    return false;
}
