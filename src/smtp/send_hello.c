/* SPDX-License-Identifier: Apache-2.0 */
/* The greeting, EHLO, LHLO and HELO (RFC 5321 3.1, 3.2; RFC 2033 4.1), and STARTTLS (RFC 3207). */
#include "smtp/send_step.h"

enum { GREETING = 220, READY_FOR_TLS = 220, QUOTED_MAX = 200 };

static struct slice first_line(const struct send_session *s)
{
    struct slice text = text_slice(&s->reply.text), line = {0};
    slice_take_field(&text, '\n', &line);
    return line;
}

/* --- the greeting --- */

enum send_want send_greet(struct send_session *s)
{
    const struct send_policy *policy = s->policy;
    if (policy->force_helo && !policy->lmtp)
        return send_say(s, SEND_STEP_HELO, "HELO", policy->hello_name);
    return send_say(s, SEND_STEP_EHLO, policy->lmtp ? "LHLO" : "EHLO", policy->hello_name);
}

enum send_want send_on_greeting(struct send_session *s)
{
    if (s->reply.code == GREETING)
        return send_greet(s);
    if (send_refused(s))
        return send_leave_refused(s, SEND_END_REFUSED);
    return send_fault(s, SLICE("4.5.0 The server's greeting is none"));
}

/* RFC 8689 4.2.1: a host that will not pass it on is left for the next one. */
static enum send_want leave_unfit(struct send_session *s)
{
    return send_leave(s, SEND_END_UNFIT, 550,
                      s->tls ? SLICE("5.7.30 REQUIRETLS support required")
                             : SLICE("5.7.10 Encryption needed"));
}

static enum send_want after_hello(struct send_session *s)
{
    bool tls_due = s->policy->tls != SEND_TLS_NONE && !s->tls && !s->clear_accepted;
    if (tls_due && s->offers.starttls)
        return send_say(s, SEND_STEP_STARTTLS, "STARTTLS", (struct slice){0});
    if (tls_due && s->policy->tls == SEND_TLS_REQUIRED)
        return send_leave(s, SEND_END_TLS_MISSING, 451,
                          SLICE("5.7.3 STARTTLS is required to send mail"));
    if (s->policy->require_tls && !(s->tls && s->offers.require_tls))
        return leave_unfit(s);
    return send_wants_login(s) ? send_log_in(s) : send_ready(s);
}

/* 500, 502, 504: a server of RFC 821 that knows no EHLO (RFC 5321 3.2). */
static bool knows_no_ehlo(const struct send_session *s)
{
    unsigned code = s->reply.code;
    return !s->policy->lmtp && (code == 500 || code == 502 || code == 504);
}

enum send_want send_on_ehlo(struct send_session *s)
{
    if (knows_no_ehlo(s))
        return send_say(s, SEND_STEP_HELO, "HELO", s->policy->hello_name);
    if (send_refused(s))
        return send_leave_refused(s, SEND_END_REFUSED);
    if (!send_accepted(s))
        return send_fault(s, SLICE("4.5.0 The server's reply to EHLO is none"));
    send_capabilities_read(&s->offers, &s->reply, s->policy->mechanisms,
                           s->policy->mechanisms_count);
    return after_hello(s);
}

enum send_want send_on_helo(struct send_session *s)
{
    s->offers = (struct send_capabilities){0};
    if (send_refused(s))
        return send_leave_refused(s, SEND_END_REFUSED);
    if (!send_accepted(s))
        return send_fault(s, SLICE("4.5.0 The server's reply to HELO is none"));
    return after_hello(s);
}

/* --- STARTTLS --- */

static enum send_want leave_without_tls(struct send_session *s)
{
    char storage[QUOTED_MAX + 128];
    struct text words = text_over(storage, sizeof storage);
    text_append_c(&words, "5.7.3 STARTTLS is required to send mail, and the server refused it: ");
    text_append_u64(&words, s->reply.code);
    text_append_byte(&words, ' ');
    text_append(&words, slice_first(first_line(s), QUOTED_MAX));
    return send_leave(s, SEND_END_TLS_MISSING, 451, text_slice(&words));
}

/* RFC 3207 4.1: whether to go on without is the client's to decide, and here the policy's. */
enum send_want send_on_starttls(struct send_session *s)
{
    if (s->reply.code == READY_FOR_TLS)
        return SEND_WANT_TLS;
    if (!send_refused(s))
        return send_fault(s, SLICE("4.5.0 The server's reply to STARTTLS is none"));
    if (s->policy->tls == SEND_TLS_REQUIRED)
        return leave_without_tls(s);
    if (!s->policy->clear_after_refusal)
        return send_leave_refused(s, SEND_END_TLS_MISSING);
    s->clear_accepted = true;
    return after_hello(s);
}
