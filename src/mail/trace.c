/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/trace.h"

#include "mail/utf8.h"

#include <string.h>

enum { LINE_MAX = 77, VALUE_MAX = 255 };

struct slice trace_protocol(bool extended, bool tls, bool authenticated, bool utf8)
{
    static const struct slice ascii[] = {SLICE_INIT("ESMTP"), SLICE_INIT("ESMTPA"),
                                         SLICE_INIT("ESMTPS"), SLICE_INIT("ESMTPSA")};
    static const struct slice words[] = {SLICE_INIT("UTF8SMTP"), SLICE_INIT("UTF8SMTPA"),
                                         SLICE_INIT("UTF8SMTPS"), SLICE_INIT("UTF8SMTPSA")};
    unsigned at = (tls ? 2U : 0U) + (authenticated ? 1U : 0U);
    if (utf8)
        return words[at];
    return extended || at ? ascii[at] : SLICE("SMTP");
}

/* A value made fit: printable ASCII without what has a meaning in a field, cut at 255. */
static void append_fit(struct text *text, struct slice value, bool blanks)
{
    value = slice_first(value, VALUE_MAX);
    for (size_t i = 0; i < value.len; i++) {
        char c = value.at[i];
        bool fit = c > ' ' && c <= '~' && !strchr("()<>\\\",;", c);
        text_append_byte(text, fit || (blanks && c == ' ') ? c : '?');
    }
}

/* Appends a blank and the words, or a new line and the words when the line would get too long (a
 * ";" may follow). */
static void append_words(struct text *text, size_t *line_start, struct slice words)
{
    bool folds = text->len - *line_start + 1 + words.len > LINE_MAX;
    if (folds)
        text_append_c(text, "\r\n");
    if (folds)
        *line_start = text->len;
    text_append_c(text, folds ? "\t" : " ");
    text_append(text, words);
}

/* "from NAME" or "by NAME", then the address it has as a comment. */
static void append_host(struct text *line, const char *word, struct slice name,
                        struct ip_address address)
{
    text_append_c(line, word);
    if (name.len)
        append_fit(line, name, false);
    else
        ip_append_literal(line, address);
    text_append_c(line, " (");
    ip_append_literal(line, address);
    text_append_c(line, ")");
}

static void append_tls(struct text *words, const struct trace *trace)
{
    text_append_c(words, "(version=");
    append_fit(words, trace->tls_version, false);
    text_append_c(words, ", cipher=");
    append_fit(words, trace->tls_cipher, false);
    text_append_c(words, ")");
}

static void append_client_certificate(struct text *words, const struct trace *trace)
{
    text_append_c(words, "(client certificate=");
    append_fit(words, trace->client_certificate, false);
    text_append_c(words, ", status=");
    append_fit(words, trace->client_status, true);
    text_append_c(words, ", subject=");
    append_fit(words, trace->client_subject, true);
    text_append_c(words, ")");
}

static void append_value(struct text *words, const char *before, struct slice value,
                         const char *after)
{
    text_append_c(words, before);
    append_fit(words, value, after[0] != '\0'); /* blanks within a comment only */
    text_append_c(words, after);
}

/* One group of words at a time is put together, then placed. */
static void place(struct text *text, size_t *line_start, struct text *words)
{
    if (words->len)
        append_words(text, line_start, text_slice(words));
    text->truncated |= words->truncated;
    text_clear(words);
}

static void append_groups(struct text *text, size_t *line_start, struct text *words,
                          const struct trace *trace)
{
    append_host(words, "from ", trace->client_domain, trace->client_ip);
    place(text, line_start, words);
    append_host(words, "by ", trace->fqdn, trace->server_ip);
    place(text, line_start, words);
    append_value(words, "with ", trace->protocol, "");
    place(text, line_start, words);
    if (trace->tls_version.len)
        append_tls(words, trace);
    place(text, line_start, words);
    if (trace->client_certificate.len)
        append_client_certificate(words, trace);
    place(text, line_start, words);
    if (trace->connector.len)
        append_value(words, "(connector ", trace->connector, ")");
    place(text, line_start, words);
    if (trace->id.len)
        append_value(words, "id ", trace->id, "");
    place(text, line_start, words);
}

static void append_date(struct text *words, struct slice date)
{
    for (size_t i = 0; i < date.len && i < VALUE_MAX; i++)
        text_append_byte(words, date.at[i] >= ' ' && date.at[i] <= '~' ? date.at[i] : '?');
}

bool trace_append_received(struct text *text, const struct trace *trace)
{
    char storage[1024];
    struct text words = text_over(storage, sizeof storage);
    size_t before = text->len;
    size_t line_start = before;
    bool truncated_before = text->truncated;
    text->truncated = false;
    text_append_c(text, "Received:");
    append_groups(text, &line_start, &words, trace);
    text_append_c(text, ";");
    append_date(&words, trace->date);
    place(text, &line_start, &words);
    text_append_c(text, "\r\n");
    bool good = !text->truncated;
    if (!good)
        text->len = before;
    text->truncated |= truncated_before;
    return good;
}

/* A mailbox may hold quoted strings with any printable byte: only what could end the line is made
 * fit. */
static bool append_mailbox(struct text *text, struct slice mailbox)
{
    bool good = true;
    struct slice from = mailbox;
    uint32_t c;
    while (mailbox.len && good) {
        bool fit = utf8_take(&mailbox, &c) && utf8_printable(c);
        if (!fit && from.len == mailbox.len)
            mailbox = slice_after(mailbox, 1);
        struct slice taken = slice_first(from, from.len - mailbox.len);
        good = text_append(text, fit ? taken : SLICE("?"));
        from = mailbox;
    }
    return good;
}

bool trace_append_return_path(struct text *text, struct slice sender)
{
    size_t before = text->len;
    bool good = text_append_c(text, "Return-Path: <") && append_mailbox(text, sender) &&
                text_append_c(text, ">\r\n");
    if (!good)
        text->len = before;
    return good;
}
