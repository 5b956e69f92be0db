/* SPDX-License-Identifier: Apache-2.0 */
/* MAIL, RCPT and DATA: one by one, or in groups where the server offers PIPELINING (RFC 2920). */
#include "smtp/send_step.h"

/* --- command lines --- */

static const char *const body_words[] = {
    [SESSION_BODY_7BIT] = NULL,
    [SESSION_BODY_8BITMIME] = " BODY=8BITMIME",
    [SESSION_BODY_BINARYMIME] = " BODY=BINARYMIME",
};

static const struct notify {
    unsigned bit;
    const char *word;
} notifies[] = {
    {SESSION_NOTIFY_NEVER, "NEVER"},
    {SESSION_NOTIFY_SUCCESS, "SUCCESS"},
    {SESSION_NOTIFY_FAILURE, "FAILURE"},
    {SESSION_NOTIFY_DELAY, "DELAY"},
};

/* Whatever was kept of an address, it ends no line and no path of ours. */
static bool is_line(const struct text *line)
{
    for (size_t i = 0; i < line->len; i++)
        if ((unsigned char)line->at[i] < ' ' || line->at[i] == 0x7f)
            return false;
    return !line->truncated;
}

static void append_parameter(struct text *line, const char *keyword, struct slice value)
{
    if (!value.len)
        return;
    text_append_c(line, keyword);
    text_append(line, value);
}

static void append_size(const struct send_session *s, struct text *line)
{
    if (!s->offers.size || s->transaction->size_bytes < 0)
        return;
    text_append_c(line, " SIZE=");
    text_append_i64(line, s->transaction->size_bytes);
}

static bool append_mail(const struct send_session *s, struct text *line)
{
    const struct send_transaction *t = s->transaction;
    text_append_c(line, "FROM:<");
    text_append(line, t->sender);
    text_append_byte(line, '>');
    append_size(s, line);
    if (body_words[t->body])
        text_append_c(line, body_words[t->body]);
    if (t->smtp_utf8)
        text_append_c(line, " SMTPUTF8");
    if (s->offers.dsn && t->ret)
        text_append_c(line, t->ret == 'F' ? " RET=FULL" : " RET=HDRS");
    if (s->offers.dsn)
        append_parameter(line, " ENVID=", t->envid);
    if (t->require_tls)
        text_append_c(line, " REQUIRETLS");
    return is_line(line);
}

static void append_notify(struct text *line, unsigned notify)
{
    const char *before = " NOTIFY=";
    for (size_t i = 0; i < COUNT_OF(notifies); i++) {
        if (!(notify & notifies[i].bit))
            continue;
        text_append_c(line, before);
        text_append_c(line, notifies[i].word);
        before = ",";
    }
}

static bool append_rcpt(const struct send_session *s, const struct send_recipient *r,
                        struct text *line)
{
    text_append_c(line, "TO:<");
    text_append(line, r->mailbox);
    text_append_byte(line, '>');
    if (s->offers.dsn) {
        append_notify(line, r->notify);
        append_parameter(line, " ORCPT=", r->orcpt);
    }
    return is_line(line) && r->mailbox.len > 0;
}

/* --- a group --- */

static bool say_mail(struct send_session *s)
{
    char storage[SEND_COMMAND_MAX];
    struct text line = text_over(storage, sizeof storage);
    if (!append_mail(s, &line))
        return false;
    s->flow.mail_sent = s->needs_reset = true;
    s->messages++;
    send_say(s, SEND_STEP_MAIL, "MAIL", text_slice(&line));
    return true;
}

static void say_rcpt(struct send_session *s, struct send_recipient *r)
{
    char storage[SEND_COMMAND_MAX];
    struct text line = text_over(storage, sizeof storage);
    if (append_rcpt(s, r, &line)) {
        send_say(s, SEND_STEP_RCPT, "RCPT", text_slice(&line));
        s->flow.recipients++;
        return;
    }
    send_answer_write(&r->answer, SEND_STEP_RCPT, 501, SLICE("5.1.3 Invalid address"));
    r->has_answer = true;
    r->fate = SEND_FAILED;
}

static bool group_full(const struct send_session *s, size_t before)
{
    return s->outstanding >= SEND_GROUP_MAX || s->output.len - before >= SEND_GROUP_BYTES_MAX ||
           (s->outstanding > 0 && !s->offers.pipelining);
}

static bool recipients_left(struct send_session *s)
{
    return send_next_open(s->transaction, &s->flow.sent) != NULL;
}

/* Where nobody was accepted so far and nobody may be, DATA is not said. */
static void say_data(struct send_session *s)
{
    if (s->offers.chunking || s->transaction->verifies ||
        s->flow.accepted + s->flow.recipients == 0)
        return;
    send_say(s, SEND_STEP_DATA, "DATA", (struct slice){0});
}

static void say_group(struct send_session *s)
{
    size_t before = s->output.len;
    while (!group_full(s, before) && recipients_left(s)) {
        say_rcpt(s, &s->transaction->recipients[s->flow.sent]);
        s->flow.sent++;
    }
    if (!group_full(s, before))
        say_data(s);
}

static enum send_want sender_unfit(struct send_session *s)
{
    send_answer_write(&s->transaction->answer, SEND_STEP_MAIL, 501, SLICE("5.1.7 Invalid address"));
    send_settle(s->transaction, SEND_FAILED);
    return send_transaction_over(s);
}

/* The next group, or what follows the last one. No reply is due. */
enum send_want send_envelope(struct send_session *s)
{
    if (s->flow.decided)
        return send_transaction_over(s);
    if (!s->flow.mail_sent && !say_mail(s))
        return sender_unfit(s);
    say_group(s);
    if (s->outstanding)
        return SEND_WANT_REPLY;
    bool goes_on = s->flow.accepted && !s->transaction->verifies;
    return goes_on ? send_begin_body(s) : send_transaction_over(s);
}

static enum send_want envelope_goes_on(struct send_session *s)
{
    if (s->outstanding == 0)
        return send_envelope(s);
    s->step = s->flow.recipients ? SEND_STEP_RCPT : SEND_STEP_DATA;
    return SEND_WANT_REPLY;
}

/* --- replies --- */

enum send_want send_on_mail(struct send_session *s)
{
    s->transaction->untried = false;
    if (send_refused(s))
        send_decide(s);
    else if (!send_accepted(s))
        return send_fault(s, SLICE("4.5.0 The server's reply to MAIL FROM is none"));
    return envelope_goes_on(s);
}

/* RFC 5321 4.5.3.1.10: 452, and 552 of old servers. Behind a recipient that was accepted, so that
 * the next transaction is a shorter one. */
static bool too_many(const struct send_session *s)
{
    struct slice status = send_status(text_slice(&s->reply.text), s->reply.code);
    return (s->reply.code == 452 || s->reply.code == 552) && s->flow.accepted > 0 &&
           (status.len == 0 || slice_equal(slice_after(status, 1), SLICE(".5.3")));
}

enum send_want send_on_rcpt(struct send_session *s)
{
    s->flow.recipients--;
    if (!send_accepted(s) && !send_refused(s))
        return send_fault(s, SLICE("4.5.0 The server's reply to RCPT TO is none"));
    if (s->flow.decided) /* MAIL was refused, and this says so once more */
        return envelope_goes_on(s);
    struct send_recipient *r = send_next_open(s->transaction, &s->flow.answered);
    if (send_refused(s))
        send_settle_one(s, r, too_many(s) ? SEND_LATER : send_fate_of(s));
    else
        s->flow.accepted++;
    if (send_accepted(s) && s->transaction->verifies)
        send_settle_one(s, r, SEND_DELIVERED);
    s->flow.answered++;
    return envelope_goes_on(s);
}

/* Anything but 3yz and a refusal would have the body taken for commands. */
enum send_want send_on_data(struct send_session *s)
{
    if (s->reply.code / 100 == 3)
        return send_begin_body(s);
    if (!send_refused(s))
        return send_fault(s, SLICE("4.5.0 The server's reply to DATA is none"));
    if (!s->flow.decided)
        send_decide(s);
    return send_transaction_over(s);
}
