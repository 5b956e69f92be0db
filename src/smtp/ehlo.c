/* SPDX-License-Identifier: Apache-2.0 */
/* HELO and EHLO (RFC 5321 4.1.1.1): who is there, and what is offered. */
#include "smtp/verb.h"

#include <string.h>

/* --- the client's name --- */

/* A name or an address literal, by its letters only: what hosts call themselves is seldom a valid
 * domain, but it must be fit for a trace field. */
static bool name_valid(struct slice name)
{
    bool literal = name.at[0] == '[';
    if (name.len > SESSION_DOMAIN_MAX || (literal && name.at[name.len - 1] != ']'))
        return false;
    if (literal)
        name = (struct slice){name.at + 1, name.len < 2 ? 0 : name.len - 2};
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        if (!ascii_is_alnum(c) && !strchr(literal ? "-.:" : "-._", c))
            return false;
    }
    return name.len > 0;
}

static void remember(struct session *s, struct slice name, bool extended)
{
    session_drop_transaction(s);
    s->state = SESSION_IDLE;
    s->extended = extended;
    s->domain_len = (uint8_t)name.len;
    if (name.len)
        memcpy(s->domain, name.at, name.len);
}

static enum session_want refuse(struct session *s, struct slice name, struct text *out)
{
    enum session_want want = session_reply(s, REPLY_INVALID_DOMAIN, out);
    return name.len == 0 ? SESSION_WANT_CLOSE : want;
}

static bool acceptable(const struct session *s, struct slice name)
{
    return name.len ? name_valid(name) : !s->policy->require_ehlo_domain;
}

static void append_hello(const struct session *s, struct text *out)
{
    text_append(out, s->policy->fqdn);
    text_append_c(out, " Hello [");
    ip_append(out, s->client);
    text_append_c(out, "]\r\n");
}

enum session_want verb_helo(struct session *s, struct slice arguments, struct text *out)
{
    if (!acceptable(s, arguments))
        return refuse(s, arguments, out);
    remember(s, arguments, false);
    text_append_c(out, "250 ");
    append_hello(s, out);
    return SESSION_WANT_LINE;
}

/* --- what is offered --- */

static bool offers_starttls(const struct session *s)
{
    return s->policy->starttls && !s->tls;
}

/* RFC 8689 2: only inside TLS. */
static bool offers_require_tls(const struct session *s)
{
    return s->tls;
}

static bool offers_binary_mime(const struct session *s)
{
    return s->policy->binary_mime && s->policy->chunking;
}

static void append_size(const struct session *s, struct text *out)
{
    int64_t max = session_message_max_bytes(s);
    if (s->policy->size_without_value || max <= 0)
        return;
    text_append_byte(out, ' ');
    text_append_i64(out, max);
}

#define SHOWN_IF(member) .flag = offsetof(struct session_policy, member)

/* In Exchange's order. */
static const struct extension {
    const char *words;
    size_t flag; /* a bool of the policy, when `offered` is NULL */
    bool (*offered)(const struct session *s);
    void (*append_tail)(const struct session *s, struct text *out);
} extensions[] = {
    {"SIZE", SHOWN_IF(size_enabled), .append_tail = append_size},
    {"PIPELINING", SHOWN_IF(pipelining)},
    {"DSN", SHOWN_IF(dsn)},
    {"ENHANCEDSTATUSCODES", SHOWN_IF(enhanced_status_codes)},
    {"STARTTLS", .offered = offers_starttls},
    {"AUTH", .offered = session_auth_offered, .append_tail = session_append_mechanisms},
    {"8BITMIME", SHOWN_IF(eight_bit_mime)},
    {"BINARYMIME", .offered = offers_binary_mime},
    {"CHUNKING", SHOWN_IF(chunking)},
    {"SMTPUTF8", SHOWN_IF(smtp_utf8)},
    {"REQUIRETLS", .offered = offers_require_tls},
    {"XLONGADDR", SHOWN_IF(long_addresses)},
    {"XORAR", SHOWN_IF(orar)},
};

static bool offered(const struct session *s, const struct extension *extension)
{
    if (extension->offered)
        return extension->offered(s);
    return *(const bool *)((const char *)s->policy + extension->flag);
}

enum session_want verb_ehlo(struct session *s, struct slice arguments, struct text *out)
{
    if (!acceptable(s, arguments))
        return refuse(s, arguments, out);
    remember(s, arguments, true);
    size_t last = out->len;
    text_append_c(out, "250-");
    append_hello(s, out);
    for (size_t i = 0; i < COUNT_OF(extensions); i++) {
        const struct extension *extension = &extensions[i];
        if (!offered(s, extension))
            continue;
        last = out->len;
        text_append_c(out, "250-");
        text_append_c(out, extension->words);
        if (extension->append_tail)
            extension->append_tail(s, out);
        text_append_c(out, "\r\n");
    }
    if (out->len > last + 3)
        out->at[last + 3] = ' ';
    return SESSION_WANT_LINE;
}
