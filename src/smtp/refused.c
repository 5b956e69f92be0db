/* SPDX-License-Identifier: Apache-2.0 */
/* A refusal in the words of somebody who was asked (a content filter). */
#include "smtp/verb.h"

#include <assert.h>

/* "5.7.1 " behind the code: RFC 2034 4. */
static size_t status_length(struct slice words)
{
    size_t at = 0;
    for (int part = 0; part < 3; part++) {
        size_t begun = at;
        while (at < words.len && ascii_is_digit(words.at[at]))
            at++;
        if (at == begun || at == words.len || words.at[at] != (part < 2 ? '.' : ' '))
            return 0;
        at++;
    }
    return at;
}

static void append_line(const struct session *s, struct slice line, bool last, struct text *out)
{
    struct slice words = slice_after(line, 4);
    text_append(out, slice_first(line, 3));
    text_append_byte(out, last ? ' ' : '-');
    if (!s->policy->enhanced_status_codes)
        words = slice_after(words, status_length(words));
    text_append(out, words);
    text_append_c(out, "\r\n");
}

enum session_want session_answer_refused(struct session *s, struct slice words, uint64_t now_ms,
                                         struct text *out)
{
    bool closes = slice_starts(words, SLICE("421"));
    bool for_good = slice_starts(words, SLICE("5"));
    struct slice line;
    assert(s->want == SESSION_WANT_SENDER || s->want == SESSION_WANT_RECIPIENT ||
           s->want == SESSION_WANT_STORE);
    session_activity(s, now_ms);
    if (s->want == SESSION_WANT_RECIPIENT)
        s->recipients_refused++;
    else
        s->state = SESSION_IDLE;
    while (slice_take_field(&words, '\n', &line))
        append_line(s, line, words.len == 0, out);
    if (for_good && !s->authenticated && s->penalty == SESSION_PENALTY_NONE)
        s->penalty = SESSION_PENALTY_REFUSAL;
    return session_open(s, closes ? SESSION_WANT_CLOSE : SESSION_WANT_LINE);
}
