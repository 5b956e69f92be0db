/* SPDX-License-Identifier: Apache-2.0 */
#include "support/send_play.h"

#include "support/rows.h"

enum { TEXT_MAX = 200000 };

struct stage {
    const struct send_play *play;
    struct send_session session;
    struct send_transaction message;
    struct send_recipient recipients[SEND_PLAY_RECIPIENTS_MAX];
    struct slice body; /* what is left of it */
    size_t begun;
    struct text said; /* by us, and not yet looked at */
};

/* --- the message --- */

static void begin_message(struct stage *stage)
{
    const struct send_play *play = stage->play;
    struct slice rest = slice_of(play->recipients ? play->recipients : "a@y"), mailbox;
    send_transaction_end(&stage->message);
    stage->message = play->message;
    stage->message.recipients = stage->recipients;
    if (!stage->message.sender.at)
        stage->message.sender = SLICE("s@x");
    if (!stage->message.size_bytes)
        stage->message.size_bytes = -1;
    while (slice_take_word(&rest, &mailbox))
        stage->recipients[stage->message.recipients_count++] = (struct send_recipient){
            .mailbox = mailbox, .orcpt = play->orcpt, .notify = play->notify};
    stage->body = slice_of(play->body ? play->body : "Hi\r\n");
    stage->begun++;
    send_session_transaction(&stage->session, &stage->message);
}

static void give_body(struct stage *stage)
{
    size_t len = stage->play->piece ? stage->play->piece : SEND_PIECE_MAX;
    struct slice piece = slice_first(stage->body, len);
    stage->body = slice_after(stage->body, piece.len);
    if (stage->play->body_lost)
        send_session_body_lost(&stage->session);
    else
        send_session_body(&stage->session, piece, stage->body.len == 0);
}

/* --- the rest of the world --- */

/* A mechanism whose messages are "first", "next", ... and which is content after one or two. */
static void meet_auth(struct stage *stage)
{
    struct send_auth auth = send_session_auth(&stage->session);
    bool login = slice_equal(auth.mechanism, SLICE("LOGIN"));
    switch (stage->play->sasl) {
    case SASL_PLAY_AT_ONCE:
        send_session_answer_auth(
            &stage->session, login && auth.first ? SEND_AUTH_NO_MESSAGE : SEND_AUTH_LAST_MESSAGE,
            auth.first ? SLICE("first") : auth.challenge);
        break;
    case SASL_PLAY_LATER:
        send_session_answer_auth(&stage->session,
                                 auth.first ? SEND_AUTH_MESSAGE : SEND_AUTH_LAST_MESSAGE,
                                 auth.first ? SLICE("") : auth.challenge);
        break;
    case SASL_PLAY_ENDLESS:
        send_session_answer_auth(&stage->session, SEND_AUTH_MESSAGE, SLICE("next"));
        break;
    case SASL_PLAY_GIVES_UP:
        send_session_answer_auth(&stage->session, SEND_AUTH_CANCEL, SLICE(""));
        break;
    }
}

static void drain(struct stage *stage)
{
    struct slice output = send_session_output(&stage->session);
    assert_true(text_append(&stage->said, output));
    send_session_output_sent(&stage->session, output.len);
}

/* Until the server has to speak. */
static void meet(struct stage *stage)
{
    for (;;) {
        drain(stage);
        switch (stage->session.want) {
        case SEND_WANT_REPLY:
        case SEND_WANT_CLOSE:
            return;
        case SEND_WANT_TLS:
            send_session_answer_tls(&stage->session, stage->play->handshake, SLICE("Reason"));
            break;
        case SEND_WANT_AUTH:
            meet_auth(stage);
            break;
        case SEND_WANT_TRANSACTION:
            if (stage->begun < (stage->play->messages ? stage->play->messages : 1))
                begin_message(stage);
            else
                send_session_quit(&stage->session);
            break;
        case SEND_WANT_BODY:
            give_body(stage);
            break;
        }
    }
}

static void feed(struct stage *stage, struct slice bytes, size_t cut)
{
    while (bytes.len && stage->session.want != SEND_WANT_CLOSE) {
        send_session_feed(&stage->session, slice_first(bytes, cut));
        bytes = slice_after(bytes, cut);
    }
    meet(stage);
}

/* --- the script --- */

static void check_said(struct stage *stage, struct slice expected)
{
    struct slice rest = text_slice(&stage->said), line = {0};
    if (!slice_take_until(&rest, '\n', &line) || !line.len || line.at[line.len - 1] != '\r')
        line = text_slice(&stage->said);
    else
        line.len--;
    row_expect_slice(stage->play->name, line, expected);
    text_consume(&stage->said, stage->said.len - rest.len);
}

static void play_line(struct stage *stage, struct slice line, struct text *spoken, size_t cut)
{
    if (line.len > 1 && line.at[0] == 'S' && !spoken->len) /* it has heard no more than this */
        row_expect_slice(stage->play->name, text_slice(&stage->said), SLICE(""));
    if (slice_take_prefix(&line, SLICE("S "))) {
        text_append(spoken, line);
        text_append_c(spoken, "\r\n");
        return;
    }
    feed(stage, text_slice(spoken), cut);
    text_clear(spoken);
    if (slice_equal(line, SLICE("S! lost")))
        send_session_closed(&stage->session);
    else if (slice_equal(line, SLICE("S! late")))
        send_session_timeout(&stage->session);
    else if (slice_take_prefix(&line, SLICE("C ")) || slice_take_prefix(&line, SLICE("C")))
        check_said(stage, line);
    else
        row_expect(stage->play->name, "line of the script", 0, 1);
}

/* --- what came of it --- */

static void show_answer(const struct send_answer *answer, struct text *out)
{
    if (!answer->code)
        return;
    text_append_format(out, " %s: %u ", send_step_name(answer->step), answer->code);
    for (size_t i = 0; i < answer->text.len; i++)
        text_append_byte(out, answer->text.at[i] == '\n' ? '/' : answer->text.at[i]);
    if (answer->ours)
        text_append_byte(out, '*');
}

static void show_fates(const struct send_transaction *message, struct text *out)
{
    for (size_t i = 0; i < message->recipients_count; i++) {
        const struct send_recipient *r = &message->recipients[i];
        if (i)
            text_append_c(out, "; ");
        text_append_byte(out, "-DTFUL"[r->fate]);
        show_answer(send_recipient_answer(message, r), out);
    }
}

static const char *const ends[] = {
    [SEND_END_NONE] = "none",
    [SEND_END_QUIT] = "quit",
    [SEND_END_REFUSED] = "refused",
    [SEND_END_CLOSING] = "closing",
    [SEND_END_TLS_MISSING] = "tls missing",
    [SEND_END_TLS_FAILED] = "tls failed",
    [SEND_END_UNFIT] = "unfit",
    [SEND_END_AUTH_FAILED] = "auth failed",
    [SEND_END_LOST] = "lost",
    [SEND_END_TIMED_OUT] = "timed out",
    [SEND_END_FAULT] = "fault",
    [SEND_END_ABANDONED] = "abandoned",
};

static void check_outcome(struct stage *stage)
{
    const struct send_play *play = stage->play;
    struct text shown = text_with_ceiling(TEXT_MAX);
    show_fates(&stage->message, &shown);
    row_expect_slice(play->name, text_slice(&shown), slice_of(play->fates ? play->fates : ""));
    text_clear(&shown);
    text_append_c(&shown, ends[stage->session.ending.end]);
    show_answer(&stage->session.ending.answer, &shown);
    row_expect_slice(play->name, text_slice(&shown), slice_of(play->ending));
    row_expect(play->name, "a transaction is open", stage->session.transaction != NULL, false);
    text_deinit(&shown);
}

void send_play_run(const struct send_play *play, size_t cut)
{
    struct stage stage = {.play = play, .said = text_with_ceiling(TEXT_MAX)};
    struct send_policy policy = play->policy;
    struct text spoken = text_with_ceiling(TEXT_MAX);
    struct slice script = slice_of(play->script), line;
    if (!policy.hello_name.len)
        policy.hello_name = SLICE("us");
    send_session_begin(&stage.session, &policy, play->tls);
    while (slice_take_field(&script, '\n', &line))
        play_line(&stage, line, &spoken, cut);
    feed(&stage, text_slice(&spoken), cut);
    row_expect_slice(play->name, text_slice(&stage.said), SLICE(""));
    row_expect(play->name, "want", (long long)stage.session.want, SEND_WANT_CLOSE);
    check_outcome(&stage);
    send_transaction_end(&stage.message);
    send_session_end(&stage.session);
    text_deinit(&stage.said);
    text_deinit(&spoken);
}
