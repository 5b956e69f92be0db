/* SPDX-License-Identifier: Apache-2.0 */
/* BDAT (RFC 3030). The octets of a chunk are read even when it is refused, so that they can never
 * be taken for commands; the refusal is answered behind them. */
#include "smtp/verb.h"

#include "base/number.h"

#include <assert.h>

/* No message is as great as this (MaxMessageSize ends at 2 GiB): such octets are not worth reading.
 */
#define CHUNK_MAX ((uint64_t)INT32_MAX)

/* chunk-size = 1*20DIGIT, end-marker = "LAST" */
static bool read_arguments(struct slice arguments, struct session_chunk *out)
{
    struct slice size, marker, more;
    *out = (struct session_chunk){0};
    if (!slice_take_word(&arguments, &size) || size.len > 20 ||
        !number_parse_u64(size, UINT64_MAX, &out->size))
        return false;
    out->last = slice_take_word(&arguments, &marker);
    return (!out->last || slice_equal_nocase(marker, SLICE("LAST"))) &&
           !slice_take_word(&arguments, &more);
}

static enum reply_name refusal_of(const struct session *s, uint64_t size)
{
    if (!s->policy->chunking)
        return REPLY_UNRECOGNIZED;
    if (s->refusal != REPLY_NONE)
        return (enum reply_name)s->refusal;
    int64_t max = session_message_max_bytes(s);
    return max > 0 && (size > (uint64_t)max || s->chunk_bytes > (uint64_t)max - size)
               ? REPLY_MESSAGE_TOO_LARGE
               : REPLY_NONE;
}

enum session_want verb_bdat(struct session *s, struct slice arguments, struct text *out)
{
    struct session_chunk chunk;
    if (!read_arguments(arguments, &chunk))
        return session_reply(s, REPLY_INVALID_ARGUMENTS, out);
    if (chunk.size > CHUNK_MAX) {
        session_reply(s, REPLY_MESSAGE_TOO_LARGE, out);
        return SESSION_WANT_CLOSE;
    }
    s->refusal = (uint8_t)refusal_of(s, chunk.size);
    chunk.discard = s->refusal != REPLY_NONE;
    s->open.chunk = chunk;
    if (!chunk.discard) {
        s->state = SESSION_BDAT;
        s->chunk_bytes += chunk.size;
    }
    return SESSION_WANT_CHUNK;
}

static enum session_want acknowledge(struct session *s, struct text *out)
{
    reply_append_start(out, REPLY_CHUNK, s->policy->enhanced_status_codes);
    text_append_byte(out, ' ');
    text_append_u64(out, s->open.chunk.size);
    text_append_c(out, " octets\r\n");
    return SESSION_WANT_LINE;
}

enum session_want session_chunk_ended(struct session *s, uint64_t now_ms, struct text *out)
{
    assert(s->want == SESSION_WANT_CHUNK);
    session_activity(s, now_ms);
    if (s->open.chunk.discard) {
        session_drop_transaction(s); /* RFC 3030 2: after a failed chunk only RSET helps */
        return session_open(s, session_reply(s, (enum reply_name)s->refusal, out));
    }
    return session_open(s, s->open.chunk.last ? SESSION_WANT_STORE : acknowledge(s, out));
}
