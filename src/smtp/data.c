/* SPDX-License-Identifier: Apache-2.0 */
/* DATA (RFC 5321 4.1.1.4), and the answer to a whole message, however it came. */
#include "smtp/verb.h"

#include <assert.h>

/* RFC 3030 2: a message announced as BINARYMIME comes by BDAT only. */
enum session_want verb_data(struct session *s, struct slice arguments, struct text *out)
{
    (void)arguments;
    if (s->body == SESSION_BODY_BINARYMIME)
        return session_reply(s, REPLY_BAD_SEQUENCE, out);
    session_reply(s, REPLY_START_MAIL, out);
    return SESSION_WANT_BODY;
}

enum session_want session_body_ended(struct session *s, uint64_t now_ms)
{
    assert(s->want == SESSION_WANT_BODY);
    session_activity(s, now_ms);
    return session_open(s, SESSION_WANT_STORE);
}

/* A message id is a peer's text: shown only when no byte of it can disturb the reply. */
static bool showable(struct slice message_id)
{
    for (size_t i = 0; i < message_id.len; i++)
        if (message_id.at[i] <= ' ' || message_id.at[i] > '~')
            return false;
    return message_id.len > 0 && message_id.len <= 255;
}

static void append_thousandths(struct text *out, uint64_t thousandths)
{
    uint64_t rest = thousandths % 1000;
    text_append_u64(out, thousandths / 1000);
    text_append_c(out, rest < 10 ? ".00" : rest < 100 ? ".0" : ".");
    text_append_u64(out, rest);
}

/* KB/sec in thousandths; a message of no time took a millisecond. */
static uint64_t speed(const struct session_stored *stored)
{
    uint64_t elapsed_ms = stored->elapsed_ms ? stored->elapsed_ms : 1;
    return (stored->size_bytes / 1024 * 1000000 + stored->size_bytes % 1024 * 1000000 / 1024) /
           elapsed_ms;
}

static void append_stored(const struct session *s, const struct session_stored *stored,
                          struct text *out)
{
    reply_append_start(out, REPLY_STORED, s->policy->enhanced_status_codes);
    if (showable(stored->message_id)) {
        text_append(out, stored->message_id);
        text_append_byte(out, ' ');
    }
    text_append_c(out, "[InternalId=");
    text_append_u64(out, stored->internal_id);
    text_append_c(out, ", Hostname=");
    text_append(out, s->policy->fqdn);
    text_append_c(out, "] ");
    text_append_u64(out, stored->size_bytes);
    text_append_c(out, " bytes in ");
    append_thousandths(out, stored->elapsed_ms);
    text_append_c(out, ", ");
    append_thousandths(out, speed(stored));
    text_append_c(out, " KB/sec Queued mail for delivery\r\n");
}

enum session_want session_answer_stored(struct session *s, const struct session_stored *stored,
                                        uint64_t now_ms, struct text *out)
{
    static const enum reply_name replies[] = {
        [SESSION_STORED] = REPLY_STORED,
        [SESSION_STORE_TOO_LARGE] = REPLY_MESSAGE_TOO_LARGE,
        [SESSION_STORE_BAD_BYTE] = REPLY_MESSAGE_BAD_BYTE,
        [SESSION_STORE_HEADER_TOO_LARGE] = REPLY_HEADER_TOO_LARGE,
        [SESSION_STORE_LOOP] = REPLY_LOOP,
        [SESSION_STORE_SEND_AS_DENIED] = REPLY_SEND_AS_DENIED,
        [SESSION_STORE_FULL] = REPLY_BUSY,
        [SESSION_STORE_FAILED] = REPLY_STORE_FAILED,
    };
    assert(s->want == SESSION_WANT_STORE && stored->answer < COUNT_OF(replies));
    session_activity(s, now_ms);
    s->state = SESSION_IDLE;
    if (stored->answer != SESSION_STORED)
        return session_open(s, session_reply(s, replies[stored->answer], out));
    append_stored(s, stored, out);
    return session_open(s, SESSION_WANT_LINE);
}
