/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/send_step.h"

#include <assert.h>
#include <string.h>

enum { CLOSING = 421 }; /* RFC 5321 3.8: may be said at any time */

/* Times of RFC 5321 4.5.3.2 where it names one. */
static const struct step {
    const char *name;
    enum send_want (*answered)(struct send_session *s); /* NULL: nothing is to be answered */
    int64_t patience_ms;
} steps[] = {
    /* clang-format off */
    [SEND_STEP_GREETING] = {"the greeting", send_on_greeting, 300000},
    [SEND_STEP_EHLO]     = {"EHLO",         send_on_ehlo,     300000},
    [SEND_STEP_HELO]     = {"HELO",         send_on_helo,     300000},
    [SEND_STEP_STARTTLS] = {"STARTTLS",     send_on_starttls, 120000},
    [SEND_STEP_AUTH]     = {"AUTH",         send_on_auth,     120000},
    [SEND_STEP_IDLE]     = {"between messages", NULL,         300000},
    [SEND_STEP_RSET]     = {"RSET",         send_on_rset,      60000},
    [SEND_STEP_MAIL]     = {"MAIL FROM",    send_on_mail,     300000},
    [SEND_STEP_RCPT]     = {"RCPT TO",      send_on_rcpt,     300000},
    [SEND_STEP_DATA]     = {"DATA",         send_on_data,     120000},
    [SEND_STEP_BODY]     = {"the message",  send_on_body,     180000},
    [SEND_STEP_BDAT]     = {"BDAT",         send_on_chunk,    180000},
    [SEND_STEP_END]      = {"the end of the message", send_on_end, 600000},
    [SEND_STEP_QUIT]     = {"QUIT",         send_on_quit,      10000},
    /* clang-format on */
};
_Static_assert(COUNT_OF(steps) == SEND_STEPS, "every step has its row");

const char *send_step_name(enum send_step step)
{
    return steps[step].name;
}

/* --- life --- */

void send_session_begin(struct send_session *s, const struct send_policy *policy, bool tls)
{
    *s = (struct send_session){
        .policy = policy,
        .tls = tls,
        .want = SEND_WANT_REPLY,
        .step = SEND_STEP_GREETING,
        .outstanding = 1,
        .input = text_with_ceiling(SEND_INPUT_MAX),
        .output = text_with_ceiling(SEND_OUTPUT_MAX),
        .reply = {.text = text_with_ceiling(SEND_INPUT_MAX)},
        .ending = {.answer = {.text = text_with_ceiling(SEND_WORDS_MAX)}},
    };
}

void send_session_end(struct send_session *s)
{
    text_deinit(&s->input);
    text_deinit(&s->output);
    text_deinit(&s->reply.text);
    text_deinit(&s->ending.answer.text);
    explicit_bzero(s->login.said, sizeof s->login.said);
}

struct slice send_session_output(const struct send_session *s)
{
    return text_slice(&s->output);
}

void send_session_output_sent(struct send_session *s, size_t count)
{
    assert(count <= s->output.len);
    s->drained += count;
    text_consume(&s->output, count);
    if (count) /* there may have been a password in it */
        explicit_bzero(s->output.at + s->output.len, count);
}

int64_t send_session_patience_ms(const struct send_session *s)
{
    int64_t step_ms = steps[s->step].patience_ms, idle_ms = s->policy->inactivity_timeout_ms;
    return idle_ms > 0 && idle_ms < step_ms ? idle_ms : step_ms;
}

/* --- what goes out --- */

/* Output that found no room is a command cut in half. */
enum send_want send_open(struct send_session *s, enum send_want want)
{
    if (s->output.truncated && want != SEND_WANT_CLOSE)
        want = send_fault(s, SLICE("4.3.0 There is no memory for what is to be said"));
    s->moves++;
    s->want = want;
    return want;
}

void send_expect(struct send_session *s, uint32_t replies)
{
    if (s->outstanding == 0)
        s->due = s->drained + s->output.len;
    s->outstanding += replies;
}

enum send_want send_say(struct send_session *s, enum send_step step, const char *verb,
                        struct slice argument)
{
    send_tell(s, verb, argument);
    text_append_c(&s->output, verb);
    if (argument.len) {
        text_append_byte(&s->output, ' ');
        text_append(&s->output, argument);
    }
    text_append_c(&s->output, "\r\n");
    if (s->outstanding == 0)
        s->step = step;
    send_expect(s, 1);
    return SEND_WANT_REPLY;
}

/* --- what comes in --- */

bool send_accepted(const struct send_session *s)
{
    return s->reply.code / 100 == 2;
}

bool send_refused(const struct send_session *s)
{
    return s->reply.code / 100 >= 4;
}

enum send_fate send_fate_of(const struct send_session *s)
{
    if (send_accepted(s))
        return SEND_DELIVERED;
    return s->reply.code / 100 == 5 ? SEND_FAILED : SEND_DEFERRED;
}

/* The message is still leaving. */
static bool body_under_way(const struct send_session *s)
{
    return s->early && (s->step == SEND_STEP_BDAT || s->step == SEND_STEP_END);
}

/* Of a body the server may have had enough before its end. */
static bool asked_for(const struct send_session *s)
{
    return !s->early && (s->outstanding > 0 || s->step == SEND_STEP_BODY);
}

static enum send_want answered(struct send_session *s)
{
    if (s->policy->heard)
        s->policy->heard(s->policy->hearer, s->step, &s->reply);
    if (s->reply.code == CLOSING && s->step != SEND_STEP_QUIT)
        return send_end_closing(s);
    if (body_under_way(s) && send_refused(s))
        return send_on_body(s);
    if (!asked_for(s) && s->step != SEND_STEP_QUIT)
        return send_fault(s, SLICE("4.5.0 The server answered what it had not been asked"));
    if (s->outstanding)
        s->outstanding--;
    return steps[s->step].answered(s);
}

/* False: more bytes are needed, or none are wanted any longer. */
static bool take_reply(struct send_session *s)
{
    if (s->input.len == 0 || s->want == SEND_WANT_CLOSE)
        return false;
    if (s->want == SEND_WANT_TLS) {
        send_open(s, send_end_now(s, SEND_END_FAULT, 454,
                                  SLICE("4.7.0 The server said more behind its reply to STARTTLS, "
                                        "in clear: somebody may stand in between")));
        return false;
    }
    s->early |= s->drained < s->due;
    struct slice rest = text_slice(&s->input);
    enum client_reply_outcome outcome = client_reply_take(&rest, &s->reply);
    if (outcome == CLIENT_REPLY_MORE && s->input.len < SEND_INPUT_MAX)
        return false;
    text_consume(&s->input, s->input.len - rest.len);
    if (outcome == CLIENT_REPLY_DONE)
        send_hear(s);
    send_open(s, outcome == CLIENT_REPLY_DONE
                     ? answered(s)
                     : send_fault(s, SLICE("4.5.0 What the server said is no reply of SMTP")));
    return true;
}

enum send_want send_session_feed(struct send_session *s, struct slice bytes)
{
    assert(s->want != SEND_WANT_CLOSE);
    do {
        struct slice piece = slice_first(bytes, SEND_INPUT_MAX - s->input.len);
        bytes = slice_after(bytes, piece.len);
        if (!text_append(&s->input, piece))
            return send_open(s, send_fault(s, SLICE("4.3.0 There is no memory for a reply")));
        while (take_reply(s))
            ;
    } while (bytes.len && s->want != SEND_WANT_CLOSE);
    return s->want;
}

/* --- what the caller answers and tells --- */

enum send_want send_session_answer_tls(struct send_session *s, enum send_tls_answer answer,
                                       struct slice reason)
{
    assert(s->want == SEND_WANT_TLS);
    char storage[512];
    struct text words = text_over(storage, sizeof storage);
    if (answer == SEND_TLS_ESTABLISHED) {
        s->tls = true;
        s->offers = (struct send_capabilities){0}; /* RFC 3207 4.2 */
        return send_open(s, send_greet(s));
    }
    text_append_c(&words, answer == SEND_TLS_NOT_TRUSTED
                              ? "4.7.5 Certificate validation failure, reason:"
                              : "4.7.0 TLS handshake failed: ");
    text_append(&words, slice_first(reason, 400));
    return send_open(s, send_end_now(s, SEND_END_TLS_FAILED, 454, text_slice(&words)));
}

enum send_want send_session_closed(struct send_session *s)
{
    if (s->step == SEND_STEP_QUIT || s->want == SEND_WANT_CLOSE)
        return send_open(s, SEND_WANT_CLOSE);
    return send_open(s, send_end_now(s, SEND_END_LOST, 421,
                                     SLICE("4.4.2 Connection dropped due to SocketError")));
}

enum send_want send_session_timeout(struct send_session *s)
{
    if (s->step == SEND_STEP_QUIT || s->want == SEND_WANT_CLOSE)
        return send_open(s, SEND_WANT_CLOSE);
    return send_open(s, send_end_now(s, SEND_END_TIMED_OUT, 421,
                                     SLICE("4.4.2 Connection dropped due to Timeout")));
}

enum send_want send_session_body_lost(struct send_session *s)
{
    assert(s->want == SEND_WANT_BODY);
    return send_open(s, send_end_now(s, SEND_END_ABANDONED, 451,
                                     SLICE("4.3.0 The message could not be read to its end")));
}

enum send_want send_session_quit(struct send_session *s)
{
    assert(s->want == SEND_WANT_TRANSACTION);
    return send_open(s, send_leave(s, SEND_END_QUIT, 0, (struct slice){0}));
}
