/* SPDX-License-Identifier: Apache-2.0 */
/* AUTH as the client says it (RFC 4954). Secrets pass through the output only, and are not kept. */
#include "smtp/send_step.h"

#include "base/base64.h"

#include <assert.h>
#include <string.h>

enum {
    ACCEPTED = 235,
    CHALLENGE = 334,
    UNKNOWN_MECHANISM = 504,
};

/* --- which mechanism --- */

static bool mechanism_usable(const struct send_session *s, uint32_t index)
{
    return (s->offers.mechanisms & ~s->login.refused) >> index & 1;
}

bool send_wants_login(const struct send_session *s)
{
    return s->policy->mechanisms_count > 0 && !s->authenticated;
}

static enum send_want leave(struct send_session *s, struct slice words)
{
    return send_leave(s, SEND_END_AUTH_FAILED, 451, words);
}

enum send_want send_log_in(struct send_session *s)
{
    if (s->policy->auth_requires_tls && !s->tls)
        return leave(s, SLICE("5.7.3 A login is required to send mail, inside TLS only, and the "
                              "connection is in clear"));
    for (uint32_t i = 0; i < s->policy->mechanisms_count && i < SEND_MECHANISMS_MAX; i++) {
        if (!mechanism_usable(s, i))
            continue;
        s->login.mechanism = i;
        s->login.challenges = 0;
        s->login.challenge_len = 0;
        s->login.begun = s->login.complete = s->login.cancelled = false;
        return SEND_WANT_AUTH;
    }
    return leave(s, SLICE("5.7.3 A login is required to send mail, and the server offers none of "
                          "the mechanisms that are allowed"));
}

struct send_auth send_session_auth(const struct send_session *s)
{
    assert(s->want == SEND_WANT_AUTH);
    return (struct send_auth){.mechanism = s->policy->mechanisms[s->login.mechanism],
                              .first = !s->login.begun,
                              .challenge = slice_bytes(s->login.challenge, s->login.challenge_len)};
}

/* --- what the server says --- */

static bool read_challenge(struct send_session *s)
{
    struct slice text = text_slice(&s->reply.text), line = {0};
    struct text decoded = text_over(s->login.challenge, sizeof s->login.challenge);
    slice_take_field(&text, '\n', &line);
    bool good = base64_decode(slice_trim(line), &decoded);
    s->login.challenge_len = decoded.len;
    return good && ++s->login.challenges <= SEND_CHALLENGES_MAX;
}

static enum send_want cancel(struct send_session *s)
{
    s->login.cancelled = true;
    return send_say(s, SEND_STEP_AUTH, "*", (struct slice){0});
}

/* RFC 4954 4: an extension may be offered only to those who are known. */
static enum send_want accepted(struct send_session *s)
{
    if (!s->login.complete || s->login.cancelled)
        return send_fault(
            s, SLICE("4.7.0 The server ended the login before it had proven that it may"));
    s->authenticated = true;
    return send_ready(s);
}

static enum send_want refused(struct send_session *s)
{
    if (s->login.cancelled)
        return leave(s, SLICE("4.7.0 The server's side of the login cannot be believed"));
    if (s->reply.code != UNKNOWN_MECHANISM)
        return send_leave_refused(s, SEND_END_AUTH_FAILED);
    s->login.refused |= UINT32_C(1) << s->login.mechanism;
    return send_log_in(s);
}

enum send_want send_on_auth(struct send_session *s)
{
    if (s->reply.code == ACCEPTED)
        return accepted(s);
    if (send_refused(s))
        return refused(s);
    if (s->reply.code != CHALLENGE || s->login.cancelled)
        return send_fault(s, SLICE("4.5.0 The server's reply to AUTH is none"));
    return read_challenge(s) ? SEND_WANT_AUTH : cancel(s);
}

/* --- what we say --- */

/* An initial response of no bytes is "=", so that it is one (RFC 4954 4). */
static void append_response(struct send_session *s, struct slice message)
{
    if (!s->login.begun)
        text_append_byte(&s->output, ' ');
    if (!s->login.begun && message.len == 0)
        text_append_byte(&s->output, '=');
    size_t start = s->output.len;
    base64_append(&s->output, message);
    struct slice said = slice_first(slice_after(text_slice(&s->output), start), SEND_SAID_MAX);
    if (said.len)
        memcpy(s->login.said, said.at, said.len);
    s->login.said_len = said.len;
}

static enum send_want say_message(struct send_session *s, bool has_message, struct slice message)
{
    if (!s->login.begun) {
        text_append_c(&s->output, "AUTH ");
        text_append(&s->output, s->policy->mechanisms[s->login.mechanism]);
    }
    send_tell_login(s, has_message);
    if (has_message)
        append_response(s, message);
    s->login.begun = true;
    return send_say(s, SEND_STEP_AUTH, "", (struct slice){0});
}

enum send_want send_session_answer_auth(struct send_session *s, enum send_auth_answer answer,
                                        struct slice message)
{
    assert(s->want == SEND_WANT_AUTH);
    bool cannot = answer == SEND_AUTH_CANCEL || message.len > SEND_AUTH_MAX ||
                  (answer == SEND_AUTH_NO_MESSAGE && s->login.begun);
    s->login.complete = answer == SEND_AUTH_LAST_MESSAGE;
    if (!cannot)
        return send_open(s, say_message(s, answer != SEND_AUTH_NO_MESSAGE, message));
    return send_open(s, s->login.begun ? cancel(s)
                                       : leave(s, SLICE("4.7.0 The login cannot be begun")));
}
