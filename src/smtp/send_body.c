/* SPDX-License-Identifier: Apache-2.0 */
/* The message itself: behind DATA, or in chunks where the server offers CHUNKING (RFC 3030); and
 * the reply to its end, of which LMTP gives one for each recipient (RFC 2033 4.2). */
#include "smtp/send_step.h"

#include <assert.h>

static enum send_form form_of(const struct send_session *s)
{
    if (!s->offers.chunking)
        return SEND_FORM_DOTTED;
    return s->transaction->body == SESSION_BODY_BINARYMIME ? SEND_FORM_VERBATIM : SEND_FORM_LINES;
}

/* DATA was said in one group with recipients, and none of them was accepted: an empty message goes
 * to nobody (RFC 2920 3.1). Nobody answers for LMTP then, so nothing more is said there. */
static enum send_want send_nothing(struct send_session *s)
{
    text_append_c(&s->output, ".\r\n");
    s->flow.decided = true;
    s->step = SEND_STEP_END;
    if (!s->policy->lmtp) {
        send_expect(s, 1);
        return SEND_WANT_REPLY;
    }
    s->worn = true;
    return send_transaction_over(s);
}

enum send_want send_begin_body(struct send_session *s)
{
    if (s->flow.decided || s->flow.accepted == 0)
        return send_nothing(s);
    s->flow.writer = (struct send_writer){.form = form_of(s)};
    s->flow.answered = 0;
    s->step = s->offers.chunking ? SEND_STEP_BDAT : SEND_STEP_BODY;
    return SEND_WANT_BODY;
}

/* --- out --- */

static uint32_t replies_to_end(const struct send_session *s)
{
    return s->policy->lmtp ? (uint32_t)s->flow.accepted : 1;
}

static void end_written(struct send_session *s)
{
    s->flow.end_sent = true;
    s->flow.end_at = s->drained + s->output.len;
    send_expect(s, replies_to_end(s));
}

static void chunk_written(struct send_session *s)
{
    s->flow.chunks++;
    send_expect(s, 1);
}

static enum send_want write_data(struct send_session *s, struct slice piece, bool last)
{
    send_writer_write(&s->flow.writer, piece, last, &s->output);
    if (!last)
        return SEND_WANT_BODY;
    end_written(s);
    s->step = SEND_STEP_END;
    return SEND_WANT_REPLY;
}

/* How many chunks may be under way. LMTP would not say how many replies a last chunk gets that
 * follows a refused one. */
static uint32_t chunks_max(const struct send_session *s)
{
    return s->offers.pipelining && !s->policy->lmtp ? SEND_CHUNKS_MAX : 1;
}

static void next_chunk_step(struct send_session *s)
{
    s->step = s->flow.end_sent && s->flow.chunks == 0 ? SEND_STEP_END : SEND_STEP_BDAT;
}

static enum send_want write_chunk(struct send_session *s, struct slice piece, bool last)
{
    size_t len = send_writer_measure(&s->flow.writer, piece, last);
    if (len == 0 && !last)
        return SEND_WANT_BODY;
    char storage[32];
    struct text argument = text_over(storage, sizeof storage);
    text_append_u64(&argument, len);
    text_append_c(&argument, last ? " LAST" : "");
    send_tell(s, "BDAT", text_slice(&argument));
    text_append_c(&s->output, "BDAT ");
    text_append(&s->output, text_slice(&argument));
    text_append_c(&s->output, "\r\n");
    send_writer_write(&s->flow.writer, piece, last, &s->output);
    if (last)
        end_written(s);
    else
        chunk_written(s);
    next_chunk_step(s);
    return last || s->outstanding >= chunks_max(s) ? SEND_WANT_REPLY : SEND_WANT_BODY;
}

enum send_want send_session_body(struct send_session *s, struct slice piece, bool last)
{
    assert(s->want == SEND_WANT_BODY && piece.len <= SEND_PIECE_MAX);
    return send_open(s, s->flow.writer.form == SEND_FORM_DOTTED ? write_data(s, piece, last)
                                                                : write_chunk(s, piece, last));
}

/* --- replies --- */

/* Before it has all of it: a server that will have no more. Only the end of the connection stops
 * what is under way. */
enum send_want send_on_body(struct send_session *s)
{
    if (!send_refused(s))
        return send_fault(s, SLICE("4.5.0 The server answered the message before its end"));
    if (!s->flow.decided)
        send_decide(s);
    return send_end_refused(s, SEND_END_REFUSED);
}

/* Behind a refused chunk the others are refused, too: their replies are waited for. */
enum send_want send_on_chunk(struct send_session *s)
{
    s->flow.chunks--;
    if (!send_accepted(s) && !send_refused(s))
        return send_fault(s, SLICE("4.5.0 The server's reply to BDAT is none"));
    if (send_refused(s) && !s->flow.decided)
        send_decide(s);
    next_chunk_step(s);
    if (s->flow.decided && s->outstanding == 0)
        return send_transaction_over(s);
    return s->flow.decided || s->flow.end_sent ? SEND_WANT_REPLY : SEND_WANT_BODY;
}

static void settle_next(struct send_session *s)
{
    struct send_recipient *r = send_next_open(s->transaction, &s->flow.answered);
    send_settle_one(s, r, send_fate_of(s));
}

enum send_want send_on_end(struct send_session *s)
{
    if (!send_accepted(s) && !send_refused(s))
        return send_fault(s, SLICE("4.5.0 The server's reply to the message is none"));
    if (s->drained < s->flow.end_at) /* chunks before it were sent, it was not */
        return send_on_body(s);
    s->needs_reset = s->flow.decided && s->offers.chunking;
    if (s->policy->lmtp)
        settle_next(s);
    else if (!s->flow.decided)
        send_decide(s);
    return s->outstanding ? SEND_WANT_REPLY : send_transaction_over(s);
}
