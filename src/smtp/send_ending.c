/* SPDX-License-Identifier: Apache-2.0 */
/* How a send session ends, with QUIT or without, and what that means for a transaction that was
 * open. */
#include "smtp/send_step.h"

/* --- answers --- */

static void keep_words(struct send_answer *answer, struct slice words)
{
    if (!answer->text.ceiling)
        answer->text = text_with_ceiling(SEND_WORDS_MAX);
    text_clear(&answer->text);
    text_append(&answer->text, slice_first(words, SEND_WORDS_MAX));
}

void send_answer_keep(struct send_answer *answer, const struct send_session *s)
{
    struct slice words = text_slice(&s->reply.text);
    answer->step = s->step;
    answer->code = s->reply.code;
    answer->ours = false;
    keep_words(answer, slice_first(words, words.len ? words.len - 1 : 0)); /* its last LF */
}

void send_answer_write(struct send_answer *answer, enum send_step step, unsigned code,
                       struct slice words)
{
    answer->step = step;
    answer->code = code;
    answer->ours = true;
    keep_words(answer, words);
}

static void copy_answer(struct send_answer *to, const struct send_answer *from)
{
    to->step = from->step;
    to->code = from->code;
    to->ours = from->ours;
    keep_words(to, text_slice(&from->text));
}

/* class "." subject "." detail (RFC 3463 2), and the class is that of the code */
struct slice send_status(struct slice text, unsigned code)
{
    size_t len = 0, dots = 0, digits = 0;
    for (; len < text.len && len < 9; len++) {
        bool dot = text.at[len] == '.';
        if ((dot && digits == 0) || (!dot && !ascii_is_digit(text.at[len])))
            break;
        dots += dot;
        digits = dot ? 0 : digits + 1;
    }
    bool ends = len == text.len || text.at[len] == ' ' || text.at[len] == '\n';
    bool good = dots == 2 && digits > 0 && ends && text.at[1] == '.' &&
                text.at[0] == (char)('0' + code / 100);
    return good ? slice_first(text, len) : (struct slice){0};
}

struct slice send_answer_status(const struct send_answer *answer)
{
    return send_status(text_slice(&answer->text), answer->code);
}

/* --- the open transaction --- */

/* The connection ends under it: with the whole message said, nobody knows what became of it, unless
 * the server said that it will not. */
static void transaction_broken(struct send_session *s)
{
    struct send_transaction *t = s->transaction;
    bool answered = s->ending.end == SEND_END_CLOSING || s->ending.end == SEND_END_REFUSED;
    bool complete = s->flow.end_sent && s->drained >= s->flow.end_at;
    if (!t)
        return;
    if (!s->flow.decided)
        copy_answer(&t->answer, &s->ending.answer);
    send_settle(t, complete && !answered ? SEND_UNCERTAIN : SEND_DEFERRED);
    s->transaction = NULL;
}

/* --- ends --- */

static void set_ending(struct send_session *s, enum send_end end)
{
    s->ending.end = end;
    transaction_broken(s);
}

enum send_want send_end_now(struct send_session *s, enum send_end end, unsigned code,
                            struct slice words)
{
    if (s->ending.end == SEND_END_NONE) {
        send_answer_write(&s->ending.answer, s->step, code, words);
        set_ending(s, end);
    }
    return SEND_WANT_CLOSE;
}

enum send_want send_fault(struct send_session *s, struct slice words)
{
    return send_end_now(s, SEND_END_FAULT, 451, words);
}

enum send_want send_end_refused(struct send_session *s, enum send_end end)
{
    send_answer_keep(&s->ending.answer, s);
    set_ending(s, end);
    return SEND_WANT_CLOSE;
}

enum send_want send_end_closing(struct send_session *s)
{
    if (s->transaction && s->step == SEND_STEP_MAIL && s->outstanding)
        s->transaction->untried = false;
    return send_end_refused(s, SEND_END_CLOSING);
}

static enum send_want say_quit(struct send_session *s)
{
    return send_say(s, SEND_STEP_QUIT, "QUIT", (struct slice){0});
}

enum send_want send_leave(struct send_session *s, enum send_end end, unsigned code,
                          struct slice words)
{
    if (code)
        send_answer_write(&s->ending.answer, s->step, code, words);
    set_ending(s, end);
    return say_quit(s);
}

enum send_want send_leave_refused(struct send_session *s, enum send_end end)
{
    send_end_refused(s, end);
    return say_quit(s);
}

enum send_want send_on_quit(struct send_session *s)
{
    (void)s;
    return SEND_WANT_CLOSE;
}
