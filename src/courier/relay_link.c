/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes between the conversation and the server: connect, TLS, deadlines. */
#include "courier/relay_state.h"

#include "os/clock.h"
#include "os/descriptor.h"
#include "os/socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIECE_BYTES = 16384, TLS_PIECE_BYTES = 16384 };

/* --- connect --- */

static void cannot_connect(struct relay *relay, int error)
{
    char storage[512];
    struct text words = text_over(storage, sizeof storage);
    if (relay_host_is_local(relay_here(relay)))
        relay_explain_local(relay_here(relay), error, &words);
    else
        text_append_format(&words, "450 4.4.317 Cannot connect to remote server [Message=%s]",
                           strerror(error));
    relay_note(relay, text_slice(&words));
}

static void begin_talk(struct relay *relay)
{
    relay->connecting = false;
    relay_log_connected(relay);
    relay->policy.tls = relay->in_clear ? SEND_TLS_NONE : relay_trust_tls(relay);
    timer_stop(&relay->patience); /* that of the connect */
    send_session_begin(&relay->session, &relay->policy, false);
    relay_run(relay);
}

static void on_patience(void *context, unsigned events)
{
    (void)events;
    struct relay *relay = context;
    if (relay->connecting) {
        cannot_connect(relay, ETIMEDOUT);
        relay_leave(relay);
        return;
    }
    if (relay->handshake)
        send_session_answer_tls(&relay->session, SEND_TLS_HANDSHAKE_FAILED,
                                SLICE("no answer in time"));
    else
        send_session_timeout(&relay->session);
    relay_run(relay);
}

static bool receive(struct relay *relay);

static void on_socket(void *context, unsigned events)
{
    struct relay *relay = context;
    if (relay->connecting) {
        int result = socket_connect_result(relay->fd);
        if (result < 0) {
            cannot_connect(relay, -result);
            relay_leave(relay);
            return;
        }
        begin_talk(relay);
        return;
    }
    if ((events & LOOP_READ) && !receive(relay))
        send_session_closed(&relay->session);
    relay_run(relay);
}

static int open_socket(struct relay *relay, const struct relay_host *host)
{
    int result = relay_host_is_local(host)
                     ? relay_connect_local(host, &relay->fd)
                     : socket_connect_begin_from(relay->order.source, host->endpoint, &relay->fd);
    if (result < 0)
        return result;
    relay->connecting = true;
    timer_init(&relay->patience, relay->all->loop, on_patience, relay);
    timer_set(&relay->patience, relay->sight ? RELAY_LOOK_MS : RELAY_CONNECT_MS);
    watch_init(&relay->watch, relay->all->loop, relay->fd, on_socket, relay);
    watch_set(&relay->watch, LOOP_WRITE);
    return 0;
}

bool relay_dial_here(struct relay *relay, const struct relay_host *host)
{
    relay_log_dial(relay);
    int result = open_socket(relay, host);
    if (result < 0)
        cannot_connect(relay, -result);
    return result == 0;
}

void relay_hang_up(struct relay *relay)
{
    relay_log_closed(relay);
    watch_stop(&relay->watch);
    timer_stop(&relay->patience);
    close_fd(&relay->fd);
    tls_engine_free(relay->tls);
    relay->tls = NULL;
    relay->handshake = relay->connecting = relay->asked = false;
    sasl_client_free(relay->login);
    relay->login = NULL;
    send_session_end(&relay->session);
    relay->session = (struct send_session){0};
}

/* --- out --- */

/* False: the connection is dead. */
static bool send_bytes(struct relay *relay, struct slice bytes, size_t *out_sent)
{
    ssize_t sent = send(relay->fd, bytes.at, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    *out_sent = sent > 0 ? (size_t)sent : 0;
    return sent >= 0 || errno == EAGAIN || errno == EINTR;
}

static bool flush_clear(struct relay *relay)
{
    struct slice output = send_session_output(&relay->session);
    size_t sent = 0;
    if (!output.len)
        return true;
    bool alive = send_bytes(relay, output, &sent);
    send_session_output_sent(&relay->session, sent);
    return alive;
}

static bool flush_cipher(struct relay *relay)
{
    struct slice cipher = tls_engine_cipher_out(relay->tls);
    size_t sent = 0;
    if (!cipher.len)
        return true;
    bool alive = send_bytes(relay, cipher, &sent);
    tls_engine_cipher_out_sent(relay->tls, sent);
    return alive;
}

static bool flush_tls(struct relay *relay)
{
    struct slice output;
    enum tls_outcome outcome = TLS_OK;
    while (!relay->handshake && outcome == TLS_OK &&
           (output = send_session_output(&relay->session)).len) {
        struct slice piece = slice_first(output, TLS_PIECE_BYTES);
        outcome = tls_engine_write(relay->tls, piece);
        if (outcome == TLS_OK)
            send_session_output_sent(&relay->session, piece.len);
    }
    return outcome != TLS_FAILED && flush_cipher(relay);
}

static bool flush(struct relay *relay)
{
    return relay->tls ? flush_tls(relay) : flush_clear(relay);
}

static bool has_output(const struct relay *relay)
{
    return (relay->tls && tls_engine_cipher_out(relay->tls).len) ||
           (!relay->handshake && send_session_output(&relay->session).len);
}

/* --- TLS --- */

static void answer_failed(struct relay *relay)
{
    char storage[256];
    struct text reason = text_over(storage, sizeof storage);
    tls_engine_failure(relay->tls, &reason);
    send_session_answer_tls(&relay->session, SEND_TLS_HANDSHAKE_FAILED, text_slice(&reason));
    relay_report_note(relay, TLS_RESULT_VALIDATION);
    relay->handshake = false;
}

static void shake_hands(struct relay *relay)
{
    enum tls_outcome outcome = tls_engine_handshake(relay->tls);
    if (outcome == TLS_OK) {
        relay->handshake = false;
        relay_log_handshake(relay);
        relay_trust_answer(relay);
    } else if (outcome == TLS_FAILED || outcome == TLS_CLOSED) {
        answer_failed(relay);
    }
}

struct tls_context *relay_tls_context(const struct relay *relay)
{
    return relay->identity ? relay->identity : relay->all->tls;
}

bool relay_begin_tls(struct relay *relay)
{
    relay->tls = tls_engine_new(relay_tls_context(relay), false);
    relay->handshake = true;
    if (!relay->tls || !tls_engine_expect(relay->tls, relay_trust_server_name(relay))) {
        relay->handshake = false;
        send_session_answer_tls(&relay->session, SEND_TLS_HANDSHAKE_FAILED, SLICE("no memory"));
        return true;
    }
    shake_hands(relay);
    return !relay->handshake;
}

/* --- in --- */

/* False: the server has closed. */
static bool read_plain(struct relay *relay)
{
    for (;;) {
        char piece[PIECE_BYTES];
        size_t len;
        enum tls_outcome outcome = tls_engine_read(relay->tls, piece, sizeof piece, &len);
        if (outcome == TLS_OK && relay->session.want != SEND_WANT_CLOSE)
            send_session_feed(&relay->session, slice_bytes(piece, len));
        if (outcome != TLS_OK)
            return outcome == TLS_WANT_INPUT || outcome == TLS_WANT_OUTPUT;
    }
}

static bool take_bytes(struct relay *relay, struct slice bytes)
{
    if (!relay->tls) {
        if (relay->session.want != SEND_WANT_CLOSE)
            send_session_feed(&relay->session, bytes);
        return true;
    }
    while (bytes.len) {
        size_t taken = tls_engine_cipher_in(relay->tls, bytes);
        bytes = slice_after(bytes, taken);
        if (relay->handshake)
            shake_hands(relay);
        if (!relay->handshake && relay->session.want != SEND_WANT_CLOSE && !read_plain(relay))
            return false;
        if (!taken)
            return false; /* it sends more than a handshake may take */
    }
    return true;
}

static bool receive(struct relay *relay)
{
    char piece[PIECE_BYTES];
    ssize_t got = recv(relay->fd, piece, sizeof piece, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    return got > 0 && take_bytes(relay, slice_bytes(piece, (size_t)got));
}

/* --- the turn --- */

static void wait(struct relay *relay)
{
    watch_set(&relay->watch, LOOP_READ | (has_output(relay) ? LOOP_WRITE : 0u));
    if (relay->moves == relay->session.moves && timer_is_set(&relay->patience))
        return; /* half a reply is no reason to wait longer */
    relay->moves = relay->session.moves;
    timer_set(&relay->patience, (uint64_t)send_session_patience_ms(&relay->session));
}

void relay_run(struct relay *relay)
{
    if (relay->fd < 0 || relay->connecting)
        return;
    bool alive = true, more = true;
    while (alive && more && relay->session.want != SEND_WANT_CLOSE) {
        alive = flush(relay);
        more = alive && !has_output(relay) && relay_meet(relay);
    }
    if (!alive && relay->session.want != SEND_WANT_CLOSE)
        send_session_closed(&relay->session);
    if (relay->session.want == SEND_WANT_CLOSE) {
        if (alive)
            (void)flush(relay);
        relay_leave(relay);
        return;
    }
    wait(relay);
}
