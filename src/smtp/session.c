/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/session.h"

#include "smtp/verb.h"

#include <assert.h>

enum { COMMAND_MAX = 2000, COMMAND_LONG_MAX = 8000 }; /* octets of a line but AUTH */

/* --- replies and time --- */

static void note_penalty(struct session *s, enum reply_name name)
{
    if (name == REPLY_AUTH_REFUSED)
        s->penalty = SESSION_PENALTY_LOGON;
    else if (reply_is_refusal(name) && !s->authenticated && s->penalty == SESSION_PENALTY_NONE)
        s->penalty = SESSION_PENALTY_REFUSAL;
}

enum session_penalty session_penalty(struct session *s)
{
    enum session_penalty penalty = (enum session_penalty)s->penalty;
    s->penalty = SESSION_PENALTY_NONE;
    return penalty;
}

enum session_want session_reply(struct session *s, enum reply_name name, struct text *out)
{
    uint32_t max = s->policy->protocol_errors_max;
    bool enhanced = s->policy->enhanced_status_codes;
    if (reply_is_protocol_error(name) && ++s->protocol_errors > max && max != UINT32_MAX) {
        reply_append(out, REPLY_TOO_MANY_ERRORS, enhanced);
        return SESSION_WANT_CLOSE;
    }
    reply_append(out, name, enhanced);
    note_penalty(s, name);
    return SESSION_WANT_LINE;
}

enum session_want session_open(struct session *s, enum session_want want)
{
    if (want == SESSION_WANT_CLOSE)
        session_drop_transaction(s);
    s->want = want;
    return want;
}

static enum session_want close_with(struct session *s, enum reply_name name, struct text *out)
{
    reply_append(out, name, s->policy->enhanced_status_codes);
    return session_open(s, SESSION_WANT_CLOSE);
}

static uint64_t later(uint64_t from_ms, int64_t by_ms)
{
    uint64_t at;
    return by_ms <= 0 || __builtin_add_overflow(from_ms, (uint64_t)by_ms, &at) ? UINT64_MAX : at;
}

void session_activity(struct session *s, uint64_t now_ms)
{
    s->deadline_ms = later(now_ms, s->policy->inactivity_timeout_ms);
}

uint64_t session_deadline_ms(const struct session *s)
{
    uint64_t connection = later(s->started_ms, s->policy->connection_timeout_ms);
    if (s->want == SESSION_WANT_STORE || s->deadline_ms < connection)
        return s->deadline_ms;
    return connection;
}

enum session_want session_timeout(struct session *s, uint64_t now_ms, struct text *out)
{
    session_activity(s, now_ms);
    return close_with(s, REPLY_TIMED_OUT, out);
}

enum session_want session_shutdown(struct session *s, struct text *out)
{
    return close_with(s, REPLY_SERVICE_NOT_AVAILABLE, out);
}

/* --- what the caller knows of the client --- */

void session_lift_size_limit(struct session *s, bool lifted)
{
    s->size_limit_lifted = lifted;
}

void session_recognise(struct session *s, bool recognised)
{
    s->recognised = recognised;
}

void session_bindable(struct session *s, bool bindable)
{
    s->bindable = bindable;
}

int64_t session_message_max_bytes(const struct session *s)
{
    return s->size_limit_lifted ? 0 : s->policy->message_max_bytes;
}

/* --- the greeting --- */

/* A banner of the administrator is one line, whatever it holds. */
static void append_one_line(struct text *out, struct slice line)
{
    for (size_t i = 0; i < line.len && (unsigned char)line.at[i] >= ' '; i++)
        text_append_byte(out, line.at[i]);
    text_append_c(out, "\r\n");
}

void session_begin(struct session *s, const struct session_policy *policy, struct ip_address client,
                   bool tls, struct slice banner_date, uint64_t now_ms, struct text *out)
{
    *s = (struct session){.policy = policy, .client = client, .tls = tls, .started_ms = now_ms};
    session_activity(s, now_ms);
    if (policy->banner.len) {
        append_one_line(out, policy->banner);
        return;
    }
    text_append_c(out, "220 ");
    text_append(out, policy->fqdn);
    text_append_c(out, " Postern ESMTP MAIL Service ready at ");
    append_one_line(out, banner_date);
}

/* --- lines --- */

/* A web browser or a cross-protocol attack (ALPACA): the request line of HTTP. */
static bool is_http(struct slice verb, struct slice line)
{
    static const struct slice methods[] = {
        SLICE_INIT("GET"),    SLICE_INIT("POST"),    SLICE_INIT("HEAD"),    SLICE_INIT("PUT"),
        SLICE_INIT("DELETE"), SLICE_INIT("OPTIONS"), SLICE_INIT("CONNECT"), SLICE_INIT("TRACE"),
        SLICE_INIT("PATCH"),  SLICE_INIT("PRI"),
    };
    for (size_t i = 0; i < COUNT_OF(methods) && verb.len < line.len; i++)
        if (slice_equal_nocase(verb, methods[i]))
            return true;
    return false;
}

static bool line_too_long(const struct session *s, const struct verb *verb, struct slice line)
{
    if (verb && verb->run == verb_auth)
        return line.len > SESSION_LINE_MAX;
    return line.len > (s->policy->long_addresses ? COMMAND_LONG_MAX : COMMAND_MAX);
}

/* What the columns of the row say. */
static enum reply_name refusal_of(const struct session *s, const struct verb *verb,
                                  struct slice arguments)
{
    if (verb->after_tls && s->policy->require_tls && !s->tls)
        return REPLY_STARTTLS_FIRST;
    if (verb->refused_in[s->state] != REPLY_NONE)
        return (enum reply_name)verb->refused_in[s->state];
    if (verb->bare && arguments.len)
        return REPLY_INVALID_ARGUMENTS;
    if (verb->after_auth && !s->authenticated && !s->recognised &&
        !s->policy->may_submit_anonymously)
        return REPLY_NOT_AUTHENTICATED;
    return REPLY_NONE;
}

static enum session_want run_verb(struct session *s, const struct verb *verb,
                                  struct slice arguments, struct text *out)
{
    enum reply_name refusal = refusal_of(s, verb, arguments);
    if (refusal != REPLY_NONE && !verb->swallows)
        return session_reply(s, refusal, out);
    s->refusal = (uint8_t)refusal;
    return verb->run(s, arguments, out);
}

static enum session_want run_command(struct session *s, struct slice line, struct text *out)
{
    struct slice name;
    struct slice arguments = line;
    if (!slice_take_until(&arguments, ' ', &name)) {
        name = line;
        arguments = (struct slice){0};
    }
    if (is_http(name, line)) {
        reply_append(out, REPLY_NO_WEB_SERVER, s->policy->enhanced_status_codes);
        return SESSION_WANT_CLOSE;
    }
    if (s->auth_open)
        return verb_auth_response(s, line, out);
    const struct verb *verb = verb_find(name);
    if (line_too_long(s, verb, line))
        return session_reply(s, REPLY_LINE_TOO_LONG, out);
    if (!verb)
        return session_reply(s, REPLY_UNRECOGNIZED, out);
    enum session_want want = run_verb(s, verb, slice_trim(arguments), out);
    s->content_refused = verb->content && want == SESSION_WANT_LINE;
    return want;
}

enum session_want session_line(struct session *s, struct slice line, uint64_t now_ms,
                               struct text *out)
{
    assert(s->want == SESSION_WANT_LINE);
    session_activity(s, now_ms);
    return session_open(s, run_command(s, line, out));
}

enum session_want session_bad_line(struct session *s, bool too_long, uint64_t now_ms,
                                   struct text *out)
{
    assert(s->want == SESSION_WANT_LINE);
    session_activity(s, now_ms);
    s->auth_open = false;
    if (too_long)
        return session_open(s, session_reply(s, REPLY_LINE_TOO_LONG, out));
    if (++s->bad_lines >= SESSION_BAD_LINES_MAX)
        return close_with(s, REPLY_TOO_MANY_ERRORS, out);
    return session_open(s, session_reply(s, REPLY_BAD_BYTE, out));
}

/* --- the transaction, and what the caller may see --- */

void session_drop_transaction(struct session *s)
{
    if (s->state <= SESSION_IDLE)
        return;
    s->state = SESSION_IDLE;
    s->transaction_dropped = true;
}

bool session_transaction_dropped(struct session *s)
{
    bool dropped = s->transaction_dropped;
    s->transaction_dropped = false;
    return dropped;
}

bool session_content_refused(struct session *s)
{
    bool refused = s->content_refused;
    s->content_refused = false;
    return refused;
}

const struct session_mail *session_mail(const struct session *s)
{
    assert(s->want == SESSION_WANT_SENDER);
    return &s->open.mail;
}

const struct session_recipient *session_recipient(const struct session *s)
{
    assert(s->want == SESSION_WANT_RECIPIENT);
    return &s->open.recipient;
}

static bool append_mailbox(const struct session *s, struct slice written, bool lacks_domain,
                           struct text *text)
{
    return text_append(text, written) &&
           (!lacks_domain ||
            (text_append_byte(text, '@') && text_append(text, s->policy->default_domain)));
}

bool session_append_sender(const struct session *s, struct text *text)
{
    const struct session_mail *mail = session_mail(s);
    return append_mailbox(s, mail->sender, mail->lacks_domain, text);
}

bool session_append_recipient(const struct session *s, struct text *text)
{
    const struct session_recipient *recipient = session_recipient(s);
    return append_mailbox(s, recipient->mailbox, recipient->lacks_domain, text);
}

bool session_may_lack_domain(const struct session *s, const struct address *address)
{
    size_t max = s->policy->long_addresses ? ADDRESS_LONG_MAX : ADDRESS_MAX;
    size_t added = s->policy->default_domain.len + 1;
    return added > 1 && address->local.len + added <= max;
}

const struct session_auth *session_auth(const struct session *s)
{
    assert(s->want == SESSION_WANT_AUTH);
    return &s->open.auth;
}

const struct session_chunk *session_chunk(const struct session *s)
{
    assert(s->want == SESSION_WANT_CHUNK);
    return &s->open.chunk;
}

struct slice session_domain(const struct session *s)
{
    return (struct slice){s->domain, s->domain_len};
}
