/* SPDX-License-Identifier: Apache-2.0 */
/* RCPT (RFC 5321 4.1.1.3) with NOTIFY and ORCPT (RFC 3461), XORAR. */
#include "smtp/parameter.h"
#include "smtp/xtext.h"

#include "mail/reserved_domain.h"
#include "mail/utf8.h"

#include <assert.h>

static bool offers_dsn(const struct session *s)
{
    return s->policy->dsn;
}

static bool offers_orar(const struct session *s)
{
    return s->policy->orar;
}

static unsigned notify_bit(struct slice word)
{
    static const struct {
        struct slice name;
        enum session_notify bit;
    } words[] = {{SLICE_INIT("NEVER"), SESSION_NOTIFY_NEVER},
                 {SLICE_INIT("SUCCESS"), SESSION_NOTIFY_SUCCESS},
                 {SLICE_INIT("FAILURE"), SESSION_NOTIFY_FAILURE},
                 {SLICE_INIT("DELAY"), SESSION_NOTIFY_DELAY}};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (slice_equal_nocase(word, words[i].name))
            return words[i].bit;
    return 0;
}

/* RFC 3461 4.1: NEVER stands alone. */
static enum reply_name read_notify(struct session *s, struct slice value, bool has_value)
{
    unsigned notify = 0;
    struct slice word;
    bool good = has_value && value.at[value.len - 1] != ',';
    while (good && slice_take_field(&value, ',', &word)) {
        unsigned bit = notify_bit(word);
        good = bit && !(notify & (bit | SESSION_NOTIFY_NEVER)) &&
               !(bit == SESSION_NOTIFY_NEVER && notify);
        notify |= bit;
    }
    s->open.recipient.notify = notify;
    return good ? REPLY_NONE : REPLY_INVALID_ARGUMENTS;
}

static bool is_plain_utf8(struct slice value)
{
    uint32_t c;
    while (utf8_take(&value, &c))
        if (c <= ' ' || !utf8_printable(c))
            return false;
    return value.len == 0;
}

/* original-recipient-address = addr-type ";" xtext; RFC 6533 3: utf-8 may be written as it is */
static enum reply_name read_orcpt(struct session *s, struct slice value, bool has_value)
{
    struct slice kind;
    struct slice address = value;
    bool good = has_value && value.len <= SESSION_ORCPT_MAX &&
                slice_take_until(&address, ';', &kind) && kind.len && address.len;
    for (size_t i = 0; good && i < kind.len; i++)
        good = ascii_is_alnum(kind.at[i]) || kind.at[i] == '-';
    if (good && s->smtp_utf8 && slice_equal_nocase(kind, SLICE("utf-8")))
        good = is_plain_utf8(address);
    else
        good = good && xtext_valid(address);
    s->open.recipient.orcpt = value;
    return good ? REPLY_NONE : REPLY_INVALID_ARGUMENTS;
}

static enum reply_name read_orar(struct session *s, struct slice value, bool has_value)
{
    s->open.recipient.orar = value;
    return has_value && value.len <= SESSION_ORCPT_MAX && xtext_valid(value)
               ? REPLY_NONE
               : REPLY_INVALID_ARGUMENTS;
}

static const struct parameter parameters[] = {
    {SLICE_INIT("NOTIFY"), offers_dsn, read_notify},
    {SLICE_INIT("ORCPT"), offers_dsn, read_orcpt},
    {SLICE_INIT("XORAR"), offers_orar, read_orar},
};
_Static_assert(COUNT_OF(parameters) <= PARAMETER_ROWS_MAX, "a bit for each");

/* RFC 5321 4.5.1: <postmaster> alone is the postmaster of this server, whatever the default domain.
 */
static bool is_postmaster(const struct address *recipient)
{
    return recipient->domain.len == 0 && slice_equal_nocase(recipient->local, SLICE("postmaster"));
}

/* Names that nobody can own; a connector may refuse them before anybody is asked. */
static enum reply_name judge_domain(const struct session_policy *policy, struct slice domain)
{
    const struct {
        bool refused;
        enum reserved_domain kind;
        enum reply_name reply;
    } rows[] = {
        {policy->reject_reserved_top_level, RESERVED_DOMAIN_TOP_LEVEL, REPLY_RESERVED_TOP_LEVEL},
        {policy->reject_reserved_second_level, RESERVED_DOMAIN_SECOND_LEVEL,
         REPLY_RESERVED_SECOND_LEVEL},
        {policy->reject_single_label, RESERVED_DOMAIN_SINGLE_LABEL, REPLY_SINGLE_LABEL},
    };
    unsigned kinds = reserved_domain_kinds(domain);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].refused && (kinds & rows[i].kind))
            return rows[i].reply;
    return REPLY_NONE;
}

static enum reply_name read_arguments(struct session *s, struct slice rest)
{
    struct address_options options = {
        .utf8 = true, .long_addresses = s->policy->long_addresses, .unqualified = true};
    struct session_recipient *recipient = &s->open.recipient;
    struct address address;
    *recipient = (struct session_recipient){0};
    if (!slice_take_prefix_nocase(&rest, SLICE("TO:")))
        return REPLY_INVALID_ARGUMENTS;
    rest = slice_trim(rest);
    if (address_take_path(&rest, false, &options, &address, &recipient->mailbox) != ADDRESS_OK)
        return REPLY_INVALID_RECIPIENT;
    recipient->lacks_domain = address.domain.len == 0 && !is_postmaster(&address);
    if (recipient->lacks_domain && !session_may_lack_domain(s, &address))
        return REPLY_INVALID_RECIPIENT;
    if (!s->smtp_utf8 && !slice_all_ascii(recipient->mailbox))
        return REPLY_NEEDS_UTF8;
    enum reply_name refusal = parameter_read_all(s, rest, parameters, COUNT_OF(parameters));
    struct slice domain = recipient->lacks_domain ? s->policy->default_domain : address.domain;
    return refusal == REPLY_NONE ? judge_domain(s->policy, domain) : refusal;
}

enum session_want verb_rcpt(struct session *s, struct slice arguments, struct text *out)
{
    enum reply_name refusal = read_arguments(s, arguments);
    if (refusal == REPLY_NONE && s->recipients >= s->policy->recipients_max)
        refusal = REPLY_TOO_MANY_RECIPIENTS;
    return refusal == REPLY_NONE ? SESSION_WANT_RECIPIENT : session_reply(s, refusal, out);
}

enum session_want session_answer_recipient(struct session *s, enum session_recipient_answer answer,
                                           uint64_t now_ms, struct text *out)
{
    static const enum reply_name replies[] = {
        [SESSION_RECIPIENT_OK] = REPLY_RECIPIENT_OK,
        [SESSION_RECIPIENT_UNKNOWN] = REPLY_USER_UNKNOWN,
        [SESSION_RECIPIENT_RELAY_DENIED] = REPLY_RELAY_DENIED,
        [SESSION_RECIPIENT_UNAVAILABLE] = REPLY_RECIPIENT_UNAVAILABLE,
        [SESSION_RECIPIENT_CLOSED] = REPLY_GROUP_CLOSED,
        [SESSION_RECIPIENT_TOO_MANY] = REPLY_TOO_MANY_RECIPIENTS,
    };
    assert(s->want == SESSION_WANT_RECIPIENT && answer < COUNT_OF(replies));
    session_activity(s, now_ms);
    if (answer == SESSION_RECIPIENT_OK) {
        s->state = SESSION_RCPT;
        s->recipients++;
    } else {
        s->recipients_refused++;
    }
    return session_open(s, session_reply(s, replies[answer], out));
}
