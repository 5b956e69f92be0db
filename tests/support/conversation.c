/* SPDX-License-Identifier: Apache-2.0 */
#include "support/conversation.h"

#include "base/hex.h"
#include "base/number.h"

#include <stdio.h>

enum { SOURCE_MAX = 1 << 20 };

static const struct {
    struct slice word;
    enum conversation_kind kind;
} kinds[] = {
    {SLICE_INIT("C"), CONVERSATION_CLIENT},      {SLICE_INIT("raw"), CONVERSATION_RAW},
    {SLICE_INIT("S"), CONVERSATION_SERVER},      {SLICE_INIT("want"), CONVERSATION_WANT},
    {SLICE_INIT("answer"), CONVERSATION_ANSWER}, {SLICE_INIT("policy"), CONVERSATION_POLICY},
    {SLICE_INIT("time"), CONVERSATION_TIME},     {SLICE_INIT("shutdown"), CONVERSATION_SHUTDOWN},
    {SLICE_INIT("daemon"), CONVERSATION_DAEMON},
};

#define FLAG(member)                                                                               \
    {                                                                                              \
#member, offsetof(struct session_policy, member), sizeof(bool)                             \
    }
#define COUNT(member)                                                                              \
    {                                                                                              \
#member, offsetof(struct session_policy, member), sizeof(uint32_t)                         \
    }
#define SIZE(member)                                                                               \
    {                                                                                              \
#member, offsetof(struct session_policy, member), sizeof(int64_t)                          \
    }

static const struct {
    const char *name;
    size_t at, size;
} policy_words[] = {
    FLAG(size_enabled),
    FLAG(size_without_value),
    FLAG(pipelining),
    FLAG(dsn),
    FLAG(enhanced_status_codes),
    FLAG(starttls),
    FLAG(eight_bit_mime),
    FLAG(binary_mime),
    FLAG(chunking),
    FLAG(smtp_utf8),
    FLAG(long_addresses),
    FLAG(orar),
    FLAG(require_tls),
    FLAG(require_ehlo_domain),
    FLAG(scram),
    FLAG(scram_plus),
    FLAG(basic_auth),
    FLAG(basic_auth_require_tls),
    FLAG(may_submit_anonymously),
    FLAG(accept_auth_parameter),
    FLAG(reject_reserved_top_level),
    FLAG(reject_reserved_second_level),
    FLAG(reject_single_label),
    COUNT(recipients_max),
    COUNT(protocol_errors_max),
    COUNT(logon_failures_max),
    SIZE(message_max_bytes),
    SIZE(connection_timeout_ms),
    SIZE(inactivity_timeout_ms),
};

static const struct session_policy ordinary = {
    .fqdn = SLICE_INIT("mail.example"),
    .message_max_bytes = 1000000,
    .recipients_max = 200,
    .protocol_errors_max = 5,
    .logon_failures_max = 3,
    .connection_timeout_ms = 600000,
    .inactivity_timeout_ms = 300000,
    .size_enabled = true,
    .pipelining = true,
    .dsn = true,
    .enhanced_status_codes = true,
    .starttls = true,
    .eight_bit_mime = true,
    .binary_mime = true,
    .chunking = true,
    .smtp_utf8 = true,
    .basic_auth = true,
    .basic_auth_require_tls = true,
    .may_submit_anonymously = true,
};

static bool set_policy_number(void *member, size_t size, struct slice value)
{
    uint64_t number;
    if (!number_parse_u64(value, size == sizeof(uint32_t) ? UINT32_MAX : INT64_MAX, &number))
        return false;
    if (size == sizeof(uint32_t))
        *(uint32_t *)member = (uint32_t)number;
    else
        *(int64_t *)member = (int64_t)number;
    return true;
}

static bool set_policy_word(struct conversation *c, struct slice word)
{
    struct slice name, value = word;
    bool on = !slice_take_prefix(&value, SLICE("no-"));
    if (!slice_take_until(&value, '=', &name)) {
        name = value;
        value = (struct slice){0};
    }
    if (slice_equal(name, SLICE("implicit_tls")))
        return c->implicit_tls = true;
    if (slice_equal(name, SLICE("bindable")))
        return c->bindable = true;
    if (slice_equal(name, SLICE("mends_bare_lf")))
        return c->mends_bare_lf = true;
    if (slice_equal(name, SLICE("default_domain"))) {
        c->policy.default_domain = value;
        return true;
    }
    if (slice_equal(name, SLICE("banner"))) {
        c->policy.banner = value;
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(policy_words); i++) {
        if (!slice_equal(name, slice_of(policy_words[i].name)))
            continue;
        void *member = (char *)&c->policy + policy_words[i].at;
        if (policy_words[i].size != sizeof(bool))
            return set_policy_number(member, policy_words[i].size, value);
        *(bool *)member = on;
        return true;
    }
    return false;
}

static bool read_policy(struct conversation *c, struct slice words)
{
    struct slice word;
    while (slice_take_word(&words, &word))
        if (!set_policy_word(c, word))
            return false;
    return true;
}

static bool read_line(struct conversation *c, struct slice line, size_t number)
{
    struct slice word;
    if (line.len == 0 || line.at[0] == '#')
        return true;
    if (!slice_take_until(&line, ':', &word) || c->count == CONVERSATION_LINES_MAX)
        return false;
    slice_take_prefix(&line, SLICE(" "));
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (!slice_equal(word, kinds[i].word))
            continue;
        c->lines[c->count++] = (struct conversation_line){kinds[i].kind, line, number};
        c->strict |= kinds[i].kind == CONVERSATION_WANT;
        return kinds[i].kind != CONVERSATION_POLICY || read_policy(c, line);
    }
    return false;
}

static bool read_source(struct text *source, const char *path)
{
    char buffer[4096];
    size_t got;
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    while ((got = fread(buffer, 1, sizeof buffer, file)) > 0)
        text_append(source, slice_bytes(buffer, got));
    fclose(file);
    return !source->truncated;
}

bool conversation_load(struct conversation *c, const char *path, struct text *error)
{
    *c = (struct conversation){.source = text_with_ceiling(SOURCE_MAX), .policy = ordinary};
    if (!read_source(&c->source, path)) {
        text_append_format(error, "%s: cannot be read", path);
        return false;
    }
    struct slice rest = text_slice(&c->source);
    struct slice line;
    for (size_t number = 1; slice_take_field(&rest, '\n', &line); number++)
        if (!read_line(c, line, number)) {
            text_append_format(error, "%s:%zu: cannot be read", path, number);
            return false;
        }
    return true;
}

void conversation_free(struct conversation *c)
{
    text_deinit(&c->source);
}

/* --- the language of its lines --- */

static bool append_repeated(struct text *text, struct slice *rest)
{
    struct slice times;
    uint64_t count;
    char byte = rest->len > 2 ? rest->at[0] : '\0';
    *rest = slice_after(*rest, 1);
    if (!slice_take_prefix(rest, SLICE("*")) || !slice_take_until(rest, '}', &times) ||
        !number_parse_u64(times, SOURCE_MAX, &count))
        return false;
    while (count--)
        text_append_byte(text, byte);
    return true;
}

static bool append_escape(struct text *text, struct slice *rest)
{
    static const char names[] = "rnt0\\";
    static const char bytes[] = "\r\n\t\0\\";
    char name = rest->len ? rest->at[0] : '\0';
    size_t index, len;
    char byte;
    *rest = slice_after(*rest, 1);
    if (name == '{')
        return append_repeated(text, rest);
    if (name == 'x') {
        bool good = hex_decode(slice_first(*rest, 2), &byte, 1, &len) && len == 1;
        *rest = slice_after(*rest, 2);
        return good && text_append_byte(text, byte);
    }
    return slice_find(slice_of(names), name, &index) && text_append_byte(text, bytes[index]);
}

bool conversation_append_bytes(struct text *text, const struct conversation_line *line)
{
    struct slice rest = line->text;
    struct slice plain;
    while (slice_take_until(&rest, '\\', &plain)) {
        text_append(text, plain);
        if (!append_escape(text, &rest))
            return false;
    }
    text_append(text, rest);
    return line->kind == CONVERSATION_RAW || text_append_c(text, "\r\n");
}

bool conversation_matches(struct slice pattern, struct slice seen)
{
    struct slice after_star = {0}, retry = {0};
    bool starred = false;
    while (seen.len || pattern.len) {
        if (slice_take_prefix(&pattern, SLICE("*"))) {
            starred = true;
            after_star = pattern;
            retry = seen;
        } else if (seen.len && pattern.len && seen.at[0] == pattern.at[0]) {
            seen = slice_after(seen, 1);
            pattern = slice_after(pattern, 1);
        } else if (starred && retry.len) {
            retry = slice_after(retry, 1);
            seen = retry;
            pattern = after_star;
        } else {
            return false;
        }
    }
    return true;
}
