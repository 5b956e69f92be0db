/* SPDX-License-Identifier: Apache-2.0 */
/* MAIL (RFC 5321 4.1.1.2) with SIZE (1870), BODY (6152, 3030), SMTPUTF8 (6531), RET, ENVID (3461),
 * AUTH (4954), REQUIRETLS (8689). */
#include "smtp/parameter.h"
#include "smtp/xtext.h"

#include "base/number.h"

#include <assert.h>

static bool offers_size(const struct session *s)
{
    return s->policy->size_enabled;
}

static bool offers_body(const struct session *s)
{
    return s->policy->eight_bit_mime || (s->policy->binary_mime && s->policy->chunking);
}

static bool offers_smtp_utf8(const struct session *s)
{
    return s->policy->smtp_utf8;
}

static bool offers_dsn(const struct session *s)
{
    return s->policy->dsn;
}

static bool offers_auth(const struct session *s)
{
    return session_takes_logins(s) || s->policy->accept_auth_parameter;
}

/* In clear it is understood too, to be refused with a better reason than an unknown parameter. */
static bool offers_require_tls(const struct session *s)
{
    return s->tls || s->policy->starttls;
}

/* RFC 1870 4: 1*20DIGIT; a number too great for us is too great for any limit. */
static enum reply_name read_size(struct session *s, struct slice value, bool has_value)
{
    enum { SIZE_DIGITS_MAX = 20 };
    for (size_t i = 0; i < value.len; i++)
        if (!ascii_is_digit(value.at[i]))
            return REPLY_INVALID_ARGUMENTS;
    if (!has_value || value.len > SIZE_DIGITS_MAX)
        return REPLY_INVALID_ARGUMENTS;
    int64_t *size = &s->open.mail.size_bytes;
    if (!number_parse_i64(value, 0, INT64_MAX, size))
        *size = INT64_MAX;
    int64_t max = s->policy->size_without_value ? 0 : session_message_max_bytes(s);
    return max > 0 && *size > max ? REPLY_MESSAGE_TOO_LARGE : REPLY_NONE;
}

static enum reply_name read_body(struct session *s, struct slice value, bool has_value)
{
    const struct {
        struct slice name;
        enum session_body_kind kind;
        bool offered;
    } kinds[] = {
        {SLICE("7BIT"), SESSION_BODY_7BIT, true},
        {SLICE("8BITMIME"), SESSION_BODY_8BITMIME, s->policy->eight_bit_mime},
        {SLICE("BINARYMIME"), SESSION_BODY_BINARYMIME,
         s->policy->binary_mime && s->policy->chunking},
    };
    for (size_t i = 0; has_value && i < COUNT_OF(kinds); i++)
        if (kinds[i].offered && slice_equal_nocase(value, kinds[i].name)) {
            s->open.mail.body = kinds[i].kind;
            return REPLY_NONE;
        }
    return REPLY_INVALID_ARGUMENTS;
}

static enum reply_name read_smtp_utf8(struct session *s, struct slice value, bool has_value)
{
    (void)value;
    s->open.mail.smtp_utf8 = true;
    return has_value ? REPLY_INVALID_ARGUMENTS : REPLY_NONE;
}

static enum reply_name read_ret(struct session *s, struct slice value, bool has_value)
{
    bool full = slice_equal_nocase(value, SLICE("FULL"));
    s->open.mail.ret = full ? 'F' : 'H';
    return has_value && (full || slice_equal_nocase(value, SLICE("HDRS")))
               ? REPLY_NONE
               : REPLY_INVALID_ARGUMENTS;
}

static enum reply_name read_envid(struct session *s, struct slice value, bool has_value)
{
    s->open.mail.envid = value;
    return has_value && value.len <= SESSION_ENVID_MAX && xtext_valid(value)
               ? REPLY_NONE
               : REPLY_INVALID_ARGUMENTS;
}

/* RFC 4954 5; from a client that is not trusted the value is read and forgotten. */
static enum reply_name read_auth(struct session *s, struct slice value, bool has_value)
{
    if (s->policy->accept_auth_parameter)
        s->open.mail.auth = value;
    return has_value && value.len <= SESSION_AUTH_PARAMETER_MAX && xtext_valid(value)
               ? REPLY_NONE
               : REPLY_INVALID_ARGUMENTS;
}

static enum reply_name read_require_tls(struct session *s, struct slice value, bool has_value)
{
    (void)value;
    s->open.mail.require_tls = true;
    if (has_value)
        return REPLY_INVALID_ARGUMENTS;
    return s->tls ? REPLY_NONE : REPLY_ENCRYPTION_NEEDED;
}

static const struct parameter parameters[] = {
    {SLICE_INIT("SIZE"), offers_size, read_size},
    {SLICE_INIT("BODY"), offers_body, read_body},
    {SLICE_INIT("SMTPUTF8"), offers_smtp_utf8, read_smtp_utf8},
    {SLICE_INIT("RET"), offers_dsn, read_ret},
    {SLICE_INIT("ENVID"), offers_dsn, read_envid},
    {SLICE_INIT("AUTH"), offers_auth, read_auth},
    {SLICE_INIT("REQUIRETLS"), offers_require_tls, read_require_tls},
};
_Static_assert(COUNT_OF(parameters) <= PARAMETER_ROWS_MAX, "a bit for each");

static enum reply_name read_arguments(struct session *s, struct slice rest)
{
    struct address_options options = {
        .utf8 = true, .long_addresses = s->policy->long_addresses, .unqualified = true};
    struct session_mail *mail = &s->open.mail;
    struct address sender;
    *mail = (struct session_mail){.size_bytes = -1};
    if (!slice_take_prefix_nocase(&rest, SLICE("FROM:")))
        return REPLY_INVALID_ARGUMENTS;
    rest = slice_trim(rest);
    if (address_take_path(&rest, true, &options, &sender, &mail->sender) != ADDRESS_OK)
        return REPLY_INVALID_SENDER;
    mail->lacks_domain = mail->sender.len && sender.domain.len == 0;
    if (mail->lacks_domain && !session_may_lack_domain(s, &sender))
        return REPLY_INVALID_SENDER;
    enum reply_name refusal = parameter_read_all(s, rest, parameters, COUNT_OF(parameters));
    bool needs_utf8 = !mail->smtp_utf8 && !slice_all_ascii(mail->sender);
    return refusal == REPLY_NONE && needs_utf8 ? REPLY_NEEDS_UTF8 : refusal;
}

enum session_want verb_mail(struct session *s, struct slice arguments, struct text *out)
{
    enum reply_name refusal = read_arguments(s, arguments);
    return refusal == REPLY_NONE ? SESSION_WANT_SENDER : session_reply(s, refusal, out);
}

static void begin_transaction(struct session *s)
{
    s->state = SESSION_MAIL;
    s->body = s->open.mail.body;
    s->smtp_utf8 = s->open.mail.smtp_utf8;
    s->recipients = 0;
    s->recipients_refused = 0;
    s->chunk_bytes = 0;
}

enum session_want session_answer_sender(struct session *s, enum session_sender_answer answer,
                                        uint64_t now_ms, struct text *out)
{
    static const enum reply_name replies[] = {
        [SESSION_SENDER_OK] = REPLY_SENDER_OK,
        [SESSION_SENDER_SEND_AS_DENIED] = REPLY_SEND_AS_DENIED,
        [SESSION_SENDER_NOT_AUTHENTICATED] = REPLY_NOT_AUTHENTICATED,
        [SESSION_SENDER_DOMAIN_DENIED] = REPLY_SEND_AS_DENIED,
        [SESSION_SENDER_BUSY] = REPLY_BUSY,
        [SESSION_SENDER_TLS_NEEDED] = REPLY_STARTTLS_FIRST,
        [SESSION_SENDER_CERTIFICATE_NEEDED] = REPLY_CERTIFICATE_NEEDED,
        [SESSION_SENDER_RATE_EXCEEDED] = REPLY_RATE_EXCEEDED,
    };
    assert(s->want == SESSION_WANT_SENDER && answer < COUNT_OF(replies));
    session_activity(s, now_ms);
    if (answer == SESSION_SENDER_OK)
        begin_transaction(s);
    enum session_want want = session_reply(s, replies[answer], out);
    return session_open(s, answer == SESSION_SENDER_RATE_EXCEEDED ? SESSION_WANT_CLOSE : want);
}

enum session_want session_refuse_sender_busy(struct session *s, struct slice cause, uint64_t now_ms,
                                             struct text *out)
{
    assert(s->want == SESSION_WANT_SENDER);
    session_activity(s, now_ms);
    reply_append_start(out, REPLY_BUSY, s->policy->enhanced_status_codes);
    text_append_format(out, " (%.*s)\r\n", SLICE_ARG(cause));
    return session_open(s, SESSION_WANT_LINE);
}
