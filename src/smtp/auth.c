/* SPDX-License-Identifier: Apache-2.0 */
/* AUTH (RFC 4954): mechanisms by name, messages as checked base64. What they mean is decided
 * elsewhere. */
#include "smtp/verb.h"

#include "base/base64.h"

#include <assert.h>
#include <string.h>

/* --- what is offered, and what is refused --- */

/* PLAIN and LOGIN send the password. */
static enum reply_name refusal_of_basic(const struct session *s)
{
    if (!s->policy->basic_auth)
        return REPLY_UNKNOWN_MECHANISM;
    if (!s->tls && s->policy->basic_auth_require_tls)
        return REPLY_ENCRYPTION_REQUIRED;
    return !s->tls && s->policy->require_tls ? REPLY_STARTTLS_FIRST : REPLY_NONE;
}

/* Whoever demands TLS of passwords demands it of what passwords can be guessed with. */
static enum reply_name refusal_of_scram(const struct session *s)
{
    if (!s->policy->scram)
        return REPLY_UNKNOWN_MECHANISM;
    if (!s->tls && s->policy->basic_auth_require_tls)
        return REPLY_ENCRYPTION_REQUIRED;
    return !s->tls && s->policy->require_tls ? REPLY_STARTTLS_FIRST : REPLY_NONE;
}

static enum reply_name refusal_of_scram_plus(const struct session *s)
{
    if (!s->policy->scram_plus || (s->tls && !s->bindable))
        return REPLY_UNKNOWN_MECHANISM;
    return s->tls ? REPLY_NONE : REPLY_ENCRYPTION_REQUIRED;
}

/* The best first, for clients that take the first one they know. */
static const struct mechanism {
    struct slice name;
    enum reply_name (*refusal)(const struct session *s);
} mechanisms[] = {
    {SLICE_INIT("SCRAM-SHA-256-PLUS"), refusal_of_scram_plus},
    {SLICE_INIT("SCRAM-SHA-256"), refusal_of_scram},
    {SLICE_INIT("LOGIN"), refusal_of_basic},
    {SLICE_INIT("PLAIN"), refusal_of_basic},
};

bool session_auth_offered(const struct session *s)
{
    for (size_t i = 0; i < COUNT_OF(mechanisms); i++)
        if (mechanisms[i].refusal(s) == REPLY_NONE)
            return true;
    return false;
}

void session_append_mechanisms(const struct session *s, struct text *out)
{
    for (size_t i = 0; i < COUNT_OF(mechanisms); i++)
        if (mechanisms[i].refusal(s) == REPLY_NONE) {
            text_append_byte(out, ' ');
            text_append(out, mechanisms[i].name);
        }
}

bool session_takes_logins(const struct session *s)
{
    return s->policy->basic_auth || s->policy->scram || s->policy->scram_plus;
}

bool session_offers_binding(const struct session *s)
{
    return refusal_of_scram_plus(s) == REPLY_NONE;
}

static const struct mechanism *find_mechanism(struct slice name)
{
    for (size_t i = 0; i < COUNT_OF(mechanisms); i++)
        if (slice_equal_nocase(name, mechanisms[i].name))
            return &mechanisms[i];
    return NULL;
}

/* --- messages --- */

/* Decodes group by group into a few bytes that are wiped: only to know that it can be decoded. */
static bool is_base64(struct slice encoded)
{
    char bytes[3];
    bool good = encoded.len % 4 == 0;
    for (size_t i = 0; good && i < encoded.len; i += 4) {
        struct slice group = {encoded.at + i, 4};
        struct text decoded = text_over(bytes, sizeof bytes);
        good = base64_decode(group, &decoded) && (decoded.len == 3 || i + 4 == encoded.len);
    }
    explicit_bzero(bytes, sizeof bytes);
    return good;
}

static enum session_want ask(struct session *s, struct slice mechanism, struct slice encoded,
                             bool has_message, struct text *out)
{
    s->auth_open = false;
    if (encoded.len > SESSION_LINE_MAX || !is_base64(encoded))
        return session_reply(s, REPLY_AUTH_MALFORMED, out);
    s->auth_open = true;
    s->open.auth = (struct session_auth){
        .mechanism = mechanism, .encoded = encoded, .has_message = has_message};
    return SESSION_WANT_AUTH;
}

enum session_want verb_auth(struct session *s, struct slice arguments, struct text *out)
{
    struct slice name, initial, more;
    if (s->authenticated)
        return session_reply(s, REPLY_ALREADY_AUTHENTICATED, out);
    if (!slice_take_word(&arguments, &name))
        return session_reply(s, REPLY_INVALID_ARGUMENTS, out);
    const struct mechanism *mechanism = find_mechanism(name);
    enum reply_name refusal = mechanism ? mechanism->refusal(s) : REPLY_UNKNOWN_MECHANISM;
    if (refusal != REPLY_NONE)
        return session_reply(s, refusal, out);
    bool has_initial = slice_take_word(&arguments, &initial);
    if (slice_take_word(&arguments, &more))
        return session_reply(s, REPLY_INVALID_ARGUMENTS, out);
    if (slice_equal(initial, SLICE("="))) /* RFC 4954 4: an empty initial response */
        initial = (struct slice){0};
    return ask(s, mechanism->name, initial, has_initial, out);
}

enum session_want verb_auth_response(struct session *s, struct slice line, struct text *out)
{
    if (slice_equal(line, SLICE("*"))) {
        s->auth_open = false;
        return session_reply(s, REPLY_AUTH_CANCELLED, out);
    }
    return ask(s, (struct slice){0}, line, true, out);
}

static enum session_want challenge(struct session *s, struct slice bytes, struct text *out)
{
    reply_append_start(out, REPLY_AUTH_CHALLENGE, s->policy->enhanced_status_codes);
    base64_append(out, bytes);
    text_append_c(out, "\r\n");
    return SESSION_WANT_LINE;
}

/* The client learns that this logon failed, and at the last one that there will be no other. */
static enum session_want refuse(struct session *s, struct text *out)
{
    uint32_t max = s->policy->logon_failures_max;
    session_reply(s, REPLY_AUTH_REFUSED, out);
    if (++s->logon_failures < max || max == 0)
        return SESSION_WANT_LINE;
    session_reply(s, REPLY_TOO_MANY_LOGON_FAILURES, out);
    return SESSION_WANT_CLOSE;
}

static enum session_want answer_auth(struct session *s, enum session_auth_answer answer,
                                     struct slice bytes, struct text *out)
{
    s->auth_open = answer == SESSION_AUTH_CHALLENGE;
    switch (answer) {
    case SESSION_AUTH_CHALLENGE:
        return challenge(s, bytes, out);
    case SESSION_AUTH_ACCEPTED:
        s->authenticated = true;
        return session_reply(s, REPLY_AUTH_ACCEPTED, out);
    case SESSION_AUTH_REFUSED:
        return refuse(s, out);
    case SESSION_AUTH_MALFORMED:
        return session_reply(s, REPLY_AUTH_MALFORMED, out);
    case SESSION_AUTH_UNAVAILABLE:
        break;
    }
    return session_reply(s, REPLY_AUTH_UNAVAILABLE, out);
}

enum session_want session_answer_auth(struct session *s, enum session_auth_answer answer,
                                      struct slice bytes, uint64_t now_ms, struct text *out)
{
    assert(s->want == SESSION_WANT_AUTH);
    session_activity(s, now_ms);
    return session_open(s, answer_auth(s, answer, bytes, out));
}
