/* SPDX-License-Identifier: Apache-2.0 */
/* STARTTLS (RFC 3207). What was learnt in clear is forgotten behind the handshake (4.2). */
#include "smtp/verb.h"

#include <assert.h>

enum session_want verb_starttls(struct session *s, struct slice arguments, struct text *out)
{
    (void)arguments;
    if (s->tls)
        return session_reply(s, REPLY_TLS_ACTIVE, out);
    if (!s->policy->starttls)
        return session_reply(s, REPLY_UNRECOGNIZED, out);
    session_reply(s, REPLY_STARTTLS_READY, out);
    return SESSION_WANT_TLS;
}

static struct session begin_again(const struct session *s)
{
    return (struct session){.policy = s->policy,
                            .client = s->client,
                            .tls = true,
                            .started_ms = s->started_ms,
                            .protocol_errors = s->protocol_errors,
                            .logon_failures = s->logon_failures,
                            .bad_lines = s->bad_lines};
}

enum session_want session_answer_tls(struct session *s, bool established, uint64_t now_ms)
{
    assert(s->want == SESSION_WANT_TLS);
    if (established)
        *s = begin_again(s);
    session_activity(s, now_ms);
    return session_open(s, established ? SESSION_WANT_LINE : SESSION_WANT_CLOSE);
}
