/* SPDX-License-Identifier: Apache-2.0 */
/* One message after the other on one connection, and what becomes of its recipients. */
#include "smtp/send_step.h"

#include <assert.h>

/* --- fates --- */

struct send_recipient *send_next_open(struct send_transaction *t, size_t *index)
{
    for (; *index < t->recipients_count; ++*index)
        if (t->recipients[*index].fate == SEND_PENDING)
            return &t->recipients[*index];
    return NULL;
}

void send_settle(struct send_transaction *t, enum send_fate fate)
{
    struct send_recipient *r;
    for (size_t i = 0; (r = send_next_open(t, &i)) != NULL;)
        r->fate = fate;
}

void send_decide(struct send_session *s)
{
    send_answer_keep(&s->transaction->answer, s);
    send_settle(s->transaction, send_fate_of(s));
    s->flow.decided = true;
}

void send_settle_one(struct send_session *s, struct send_recipient *r, enum send_fate fate)
{
    send_answer_keep(&r->answer, s);
    r->has_answer = true;
    r->fate = fate;
}

const struct send_answer *send_recipient_answer(const struct send_transaction *t,
                                                const struct send_recipient *recipient)
{
    return recipient->has_answer ? &recipient->answer : &t->answer;
}

void send_transaction_end(struct send_transaction *t)
{
    text_deinit(&t->answer.text);
    for (size_t i = 0; i < t->recipients_count; i++)
        text_deinit(&t->recipients[i].answer.text);
}

/* --- what the server cannot carry --- */

static bool too_large(const struct send_session *s)
{
    return s->offers.size_max > 0 && s->transaction->size_bytes > s->offers.size_max;
}

static bool needs_8bit(const struct send_session *s)
{
    return s->transaction->body == SESSION_BODY_8BITMIME && !s->offers.eight_bit_mime;
}

static bool needs_binary(const struct send_session *s)
{
    return s->transaction->body == SESSION_BODY_BINARYMIME &&
           !(s->offers.binary_mime && s->offers.chunking);
}

static bool needs_utf8_header(const struct send_session *s)
{
    return s->transaction->smtp_utf8 && !s->offers.smtp_utf8;
}

static bool needs_utf8_sender(const struct send_session *s)
{
    return !slice_all_ascii(s->transaction->sender) && !s->offers.smtp_utf8;
}

static bool needs_require_tls(const struct send_session *s)
{
    return s->transaction->require_tls && !(s->tls && s->offers.require_tls);
}

static const struct need {
    bool (*unmet)(const struct send_session *s);
    unsigned code;
    struct slice words;
} needs[] = {
    /* clang-format off */
    {too_large,          552, SLICE_INIT("5.3.4 Message size exceeds fixed maximum message size")},
    {needs_require_tls,  550, SLICE_INIT("5.7.30 REQUIRETLS support required")},
    {needs_utf8_sender,  553, SLICE_INIT("5.6.7 The sender's address needs SMTPUTF8, which the server does not offer")},
    {needs_utf8_header,  550, SLICE_INIT("5.6.9 The header needs SMTPUTF8, which the server does not offer")},
    {needs_8bit,         554, SLICE_INIT("5.6.3 The message needs 8BITMIME, which the server does not offer")},
    {needs_binary,       554, SLICE_INIT("5.6.3 The message needs BINARYMIME and CHUNKING, which the server does not offer")},
    /* clang-format on */
};

/* The others are not to suffer for it. */
static void leave_out_utf8(struct send_session *s)
{
    struct send_transaction *t = s->transaction;
    for (size_t i = 0; i < t->recipients_count && !s->offers.smtp_utf8; i++) {
        struct send_recipient *r = &t->recipients[i];
        if (slice_all_ascii(r->mailbox))
            continue;
        send_answer_write(
            &r->answer, SEND_STEP_RCPT, 553,
            SLICE("5.6.7 The address needs SMTPUTF8, which the server does not offer"));
        r->has_answer = true;
        r->fate = SEND_FAILED;
    }
}

/* Before a word of it is said (RFC 1870, 3030, 6152, 6531, 8689). True: all have failed. */
static bool cannot_carry(struct send_session *s)
{
    size_t first = 0;
    leave_out_utf8(s);
    if (!send_next_open(s->transaction, &first))
        return true;
    for (size_t i = 0; i < COUNT_OF(needs); i++) {
        if (!needs[i].unmet(s))
            continue;
        send_answer_write(&s->transaction->answer, SEND_STEP_MAIL, needs[i].code, needs[i].words);
        send_settle(s->transaction, SEND_FAILED);
        return true;
    }
    return false;
}

/* --- begin and end --- */

enum send_want send_ready(struct send_session *s)
{
    uint32_t max = s->policy->messages_max;
    s->step = SEND_STEP_IDLE;
    if (s->worn || (max && s->messages >= max))
        return send_leave(s, SEND_END_QUIT, 0, (struct slice){0});
    return SEND_WANT_TRANSACTION;
}

enum send_want send_transaction_over(struct send_session *s)
{
    s->transaction = NULL;
    return send_ready(s);
}

static void forget_results(struct send_transaction *t)
{
    t->answer.code = 0;
    text_clear(&t->answer.text);
    for (size_t i = 0; i < t->recipients_count; i++) {
        t->recipients[i].fate = SEND_PENDING;
        t->recipients[i].has_answer = false;
    }
}

enum send_want send_session_transaction(struct send_session *s, struct send_transaction *t)
{
    assert(s->want == SEND_WANT_TRANSACTION);
    forget_results(t);
    s->transaction = t;
    s->flow = (struct send_flow){0};
    t->dsn_not_passed = !s->offers.dsn;
    t->untried = false;
    if (t->recipients_count == 0 || cannot_carry(s))
        return send_open(s, send_transaction_over(s));
    t->untried = true;
    if (s->needs_reset)
        return send_open(s, send_say(s, SEND_STEP_RSET, "RSET", (struct slice){0}));
    return send_open(s, send_envelope(s));
}

enum send_want send_on_rset(struct send_session *s)
{
    if (send_refused(s))
        return send_leave_refused(s, SEND_END_REFUSED);
    if (!send_accepted(s))
        return send_fault(s, SLICE("4.5.0 The server's reply to RSET is none"));
    s->needs_reset = false;
    return send_envelope(s);
}
