/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/loggable.h"

#include <string.h>

static const struct slice mask = SLICE_INIT("<authentication response>");

enum { CODE_BYTES = 3, SECRET_MIN = 4 /* the shortest base64 of anything */ };

static bool is_base64(char c)
{
    return ascii_is_alnum(c) || c == '+' || c == '/' || c == '=';
}

/* One word of base64 that is no command: perhaps a name or a password. */
static bool looks_secret(struct slice line)
{
    static const struct slice words[] = {
        SLICE_INIT("DATA"), SLICE_INIT("RSET"), SLICE_INIT("QUIT"), SLICE_INIT("NOOP"),
        SLICE_INIT("HELP"), SLICE_INIT("EHLO"), SLICE_INIT("HELO"), SLICE_INIT("STARTTLS")};
    line = slice_trim(line);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (slice_equal_nocase(line, words[i]))
            return false;
    for (size_t i = 0; i < line.len; i++)
        if (!is_base64(line.at[i]))
            return false;
    return line.len >= SECRET_MIN;
}

/* AUTH as a client may have meant it, however it went on. */
static bool is_auth(struct slice line)
{
    line = slice_trim(line);
    return slice_starts_nocase(line, SLICE("AUTH")) &&
           (line.len == 4 || !ascii_is_alnum(line.at[4]));
}

static bool is_mechanism(struct slice word)
{
    static const struct slice known[] = {
        SLICE_INIT("LOGIN"),         SLICE_INIT("PLAIN"),
        SLICE_INIT("NTLM"),          SLICE_INIT("GSSAPI"),
        SLICE_INIT("CRAM-MD5"),      SLICE_INIT("DIGEST-MD5"),
        SLICE_INIT("SCRAM-SHA-1"),   SLICE_INIT("SCRAM-SHA-1-PLUS"),
        SLICE_INIT("SCRAM-SHA-256"), SLICE_INIT("SCRAM-SHA-256-PLUS"),
        SLICE_INIT("XOAUTH2"),       SLICE_INIT("OAUTHBEARER"),
        SLICE_INIT("EXTERNAL"),
    };
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (slice_equal_nocase(word, known[i]))
            return true;
    return false;
}

/* The name of a mechanism is no secret; whatever else stands behind AUTH is. */
static bool append_auth(struct text *out, struct slice line)
{
    struct slice rest = slice_after(slice_trim(line), 4), mechanism;
    text_append_c(out, "AUTH");
    struct slice behind = rest;
    if (slice_take_word(&behind, &mechanism) && is_mechanism(mechanism)) {
        text_append_byte(out, ' ');
        text_append(out, mechanism);
        rest = behind;
    }
    if (slice_trim(rest).len) {
        text_append_byte(out, ' ');
        text_append(out, mask);
    }
    return !out->truncated;
}

bool loggable_append_command(struct loggable *loggable, struct text *out, struct slice line,
                             bool within_auth)
{
    if (within_auth)
        return text_append(out, mask);
    if (is_auth(line)) {
        loggable->auth_seen = true;
        return append_auth(out, line);
    }
    return text_append(out, loggable->auth_seen && looks_secret(line) ? mask : line);
}

static bool take_line(struct slice *replies, struct slice *out_line)
{
    if (!slice_take_until(replies, '\n', out_line))
        return false;
    if (out_line->len && out_line->at[out_line->len - 1] == '\r')
        out_line->len--;
    return true;
}

bool loggable_take_reply(struct slice *replies, struct text *out)
{
    struct slice line;
    if (!take_line(replies, &line))
        return false;
    bool challenge = slice_starts(line, SLICE("334"));
    text_append(out, slice_first(line, CODE_BYTES));
    for (;;) {
        struct slice words = slice_after(line, CODE_BYTES + 1);
        text_append_byte(out, ' ');
        text_append(out, challenge ? mask : words);
        bool last = line.len <= CODE_BYTES || line.at[CODE_BYTES] != '-';
        if (last || !take_line(replies, &line))
            return true;
    }
}
