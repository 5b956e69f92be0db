/* SPDX-License-Identifier: Apache-2.0 */
/* A sending session and whatever a server may say: the first bytes choose policy, message and
 * answers, the rest is what the server says; at a NUL it waits until it is spoken to.
 *
 * Held: nothing of a message in clear where TLS is required, no login where it may not be, lines of
 * ours end in CR LF only and hold no control bytes, every recipient has its fate in the end and a
 * reply of the right kind for it, memory is bounded, and the cut changes nothing. */
#include "smtp/send_session.h"

#include "fuzz.h"

enum { CHOICES = 6, RECIPIENTS = 4, SEEN_MAX = 1 << 22, MESSAGES_MAX = 6 };

struct play {
    struct send_policy policy;
    struct send_session session;
    struct send_transaction transaction;
    struct send_recipient recipients[RECIPIENTS];
    struct slice body, rest;
    uint32_t bits, random, messages;
    size_t piece;
    struct text said, outcomes;
    struct send_witness witness;
};

static const struct slice mechanisms[] = {SLICE_INIT("SCRAM-SHA-256"), SLICE_INIT("PLAIN")};

static const struct slice bodies[] = {
    SLICE_INIT("Subject: x\r\n\r\nx\r\n"),
    SLICE_INIT(""),
    SLICE_INIT(".\r\n.\n\r.\rQUIT\n."),
    SLICE_INIT("a\nb\0\r\n"),
};

/* Answers come from a sequence of their own, so that cuts do not change them. */
static uint32_t choose(struct play *p, uint32_t count)
{
    p->random = p->random * 1664525U + 1013904223U;
    return (p->random >> 16) % count;
}

static bool bit(const struct play *p, unsigned index)
{
    return p->bits >> index & 1;
}

/* One line each, and with nothing of a login in it. */
static void check_told(struct play *p, struct slice line)
{
    size_t end;
    bool secret = p->session.step == SEND_STEP_AUTH && p->session.login.begun;
    require(!slice_find(line, '\n', &end) && line.len <= 2 * SEND_INPUT_MAX);
    require(!secret || !slice_starts(line, SLICE("334")) || slice_contains(line, SLICE("<auth")));
    text_append(&p->outcomes, line);
}

static void on_said(void *context, struct slice line)
{
    check_told(context, line);
}

static void on_heard(void *context, struct slice line)
{
    check_told(context, line);
}

static void fill_policy(struct play *p)
{
    p->witness = (struct send_witness){on_said, on_heard, p};
    p->policy = (struct send_policy){
        .hello_name = SLICE("us.example"),
        .lmtp = bit(p, 0),
        .force_helo = bit(p, 1) && bit(p, 2),
        .tls = (enum send_tls)((p->bits >> 3 & 3) % 3),
        .require_tls = bit(p, 16),
        .clear_after_refusal = bit(p, 5),
        .mechanisms = mechanisms,
        .mechanisms_count = bit(p, 6) ? 2 : 0,
        .auth_requires_tls = bit(p, 7),
        .messages_max = bit(p, 8) ? 2 : 0,
        .witness = bit(p, 22) ? &p->witness : NULL,
    };
}

static void fill_transaction(struct play *p)
{
    static const struct slice mailboxes[RECIPIENTS] = {
        SLICE_INIT("a@y.example"), SLICE_INIT("b\r\n@y"), SLICE_INIT("c@y.example"),
        SLICE_INIT("d@y.example")};
    p->transaction = (struct send_transaction){
        .sender = bit(p, 9) ? SLICE("s@x.example") : SLICE(""),
        .ret = bit(p, 10) ? 'F' : 0,
        .envid = bit(p, 10) ? SLICE("id") : SLICE(""),
        .size_bytes = bit(p, 11) ? (int64_t)p->body.len : -1,
        .body = (enum session_body_kind)((p->bits >> 12 & 3) % 3),
        .smtp_utf8 = bit(p, 14) && bit(p, 15),
        .require_tls = bit(p, 16) && bit(p, 17),
        .recipients = p->recipients,
        .recipients_count = p->bits >> 18 & 3,
    };
    for (size_t i = 0; i < RECIPIENTS; i++)
        p->recipients[i] = (struct send_recipient){.mailbox = mailboxes[i], .notify = p->bits & 15};
}

/* --- what must hold --- */

static void check_fate(const struct play *p, const struct send_recipient *r)
{
    const struct send_answer *answer = send_recipient_answer(&p->transaction, r);
    unsigned class = answer->code / 100;
    struct slice status = send_answer_status(answer);
    require(answer->text.len <= SEND_WORDS_MAX);
    require(r->fate != SEND_PENDING);
    require(r->fate != SEND_DELIVERED || (class == 2 && !answer->ours));
    require(r->fate != SEND_FAILED || class == 5);
    require(r->fate != SEND_DEFERRED || class >= 4);
    require(r->fate != SEND_UNCERTAIN || (answer->ours && p->session.flow.end_sent));
    require(r->fate != SEND_LATER || answer->code == 452 || answer->code == 552);
    require(status.len == 0 || status.at[0] == (char)('0' + class));
}

static void end_transaction(struct play *p)
{
    for (size_t i = 0; i < p->transaction.recipients_count; i++) {
        const struct send_recipient *r = &p->recipients[i];
        check_fate(p, r);
        text_append_format(&p->outcomes, "[%d %u]", r->fate,
                           send_recipient_answer(&p->transaction, r)->code);
    }
    send_transaction_end(&p->transaction);
    p->transaction.recipients_count = 0;
}

/* Every line ends in CR LF and nothing else does. */
static void check_lines(struct slice said)
{
    for (size_t i = 0; i < said.len; i++) {
        if (said.at[i] == '\r')
            require(i + 1 == said.len || said.at[i + 1] == '\n');
        if (said.at[i] == '\n')
            require(i > 0 && said.at[i - 1] == '\r');
    }
}

/* The network takes all of it, or not. */
static void drain(struct play *p, bool all)
{
    struct slice said = send_session_output(&p->session);
    bool in_clear = p->policy.tls == SEND_TLS_REQUIRED && !p->session.tls;
    require(!p->session.output.truncated);
    require(!in_clear || !slice_contains(said, SLICE("MAIL FROM")));
    require(!in_clear || !slice_contains(said, SLICE("AUTH ")));
    if (!all && choose(p, 8) == 0)
        said = slice_first(said, choose(p, (uint32_t)said.len + 1));
    text_append(&p->said, said);
    send_session_output_sent(&p->session, said.len);
}

/* --- wants --- */

static void meet_auth(struct play *p)
{
    struct send_auth auth = send_session_auth(&p->session);
    require(p->session.tls || !p->policy.auth_requires_tls);
    require(!p->session.authenticated && auth.challenge.len <= SEND_CHALLENGE_MAX);
    enum send_auth_answer answer = (enum send_auth_answer)choose(p, 4);
    send_session_answer_auth(&p->session, answer, auth.challenge);
}

static void meet_transaction(struct play *p)
{
    require(p->policy.tls != SEND_TLS_REQUIRED || p->session.tls);
    require(!p->policy.mechanisms_count || p->session.authenticated);
    end_transaction(p);
    if (p->messages++ >= MESSAGES_MAX) {
        send_session_quit(&p->session);
        return;
    }
    fill_transaction(p);
    p->rest = p->body;
    send_session_transaction(&p->session, &p->transaction);
}

static void meet_body(struct play *p)
{
    struct slice piece = slice_first(p->rest, p->piece);
    p->rest = slice_after(p->rest, p->piece);
    if (choose(p, 50) == 0)
        send_session_body_lost(&p->session);
    else
        send_session_body(&p->session, piece, p->rest.len == 0);
}

static void meet(struct play *p)
{
    for (;;) {
        bool must_wait = p->session.want == SEND_WANT_REPLY || p->session.want == SEND_WANT_CLOSE;
        drain(p, !must_wait);
        switch (p->session.want) {
        case SEND_WANT_TLS:
            send_session_answer_tls(&p->session, (enum send_tls_answer)(choose(p, 6) / 4 * 2),
                                    SLICE("reason"));
            break;
        case SEND_WANT_AUTH:
            meet_auth(p);
            break;
        case SEND_WANT_TRANSACTION:
            meet_transaction(p);
            break;
        case SEND_WANT_BODY:
            meet_body(p);
            break;
        case SEND_WANT_REPLY:
        case SEND_WANT_CLOSE:
            return;
        }
    }
}

static void feed(struct play *p, struct slice bytes, size_t cut)
{
    while (bytes.len && p->session.want != SEND_WANT_CLOSE) {
        send_session_feed(&p->session, slice_first(bytes, cut));
        require(p->session.input.len <= SEND_INPUT_MAX && p->session.output.len <= SEND_OUTPUT_MAX);
        bytes = slice_after(bytes, cut);
    }
    meet(p);
}

static void play(const uint8_t *choices, struct slice bytes, size_t cut, struct text *seen)
{
    struct play p = {.bits = (uint32_t)choices[0] | (uint32_t)choices[1] << 8 |
                             (uint32_t)choices[2] << 16,
                     .random = choices[3],
                     .body = bodies[choices[4] % 4],
                     .piece = 1U + choices[5],
                     .said = text_with_ceiling(SEEN_MAX),
                     .outcomes = text_with_ceiling(SEEN_MAX)};
    struct slice segment;
    fill_policy(&p);
    send_session_begin(&p.session, &p.policy, bit(&p, 20));
    while (slice_take_field(&bytes, '\0', &segment))
        feed(&p, segment, cut);
    if (p.session.want != SEND_WANT_CLOSE)
        (bit(&p, 21) ? send_session_closed : send_session_timeout)(&p.session);
    require(p.session.want == SEND_WANT_CLOSE && !p.session.transaction);
    require(p.session.ending.end != SEND_END_NONE);
    end_transaction(&p);
    text_append_format(&p.outcomes, "[%d %u]", p.session.ending.end, p.session.ending.answer.code);
    if ((p.bits >> 12 & 3) % 3 != SESSION_BODY_BINARYMIME)
        check_lines(text_slice(&p.said));
    text_append(seen, text_slice(&p.said));
    text_append(seen, text_slice(&p.outcomes));
    send_session_end(&p.session);
    text_deinit(&p.said);
    text_deinit(&p.outcomes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < CHOICES || size > 32768)
        return 0;
    struct slice bytes = slice_bytes(data + CHOICES, size - CHOICES);
    struct text whole = text_with_ceiling(SEEN_MAX), cut_up = text_with_ceiling(SEEN_MAX);
    play(data, bytes, SIZE_MAX, &whole);
    play(data, bytes, 1U + data[3] % 16, &cut_up);
    require(slice_equal(text_slice(&whole), text_slice(&cut_up)));
    text_deinit(&whole);
    text_deinit(&cut_up);
    return 0;
}
