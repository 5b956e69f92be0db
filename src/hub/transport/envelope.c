/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/transport/envelope.h"

#include "base/number.h"

enum { VALUE_MAX = 512, WISH_MAX = 15 };

static void begin_line(struct text *envelope, const char *name)
{
    text_append_c(envelope, envelope->len ? "\n" : "");
    text_append_c(envelope, name);
    text_append_byte(envelope, '=');
}

bool envelope_append(struct text *envelope, const char *name, struct slice value)
{
    if (value.len == 0)
        return true;
    begin_line(envelope, name);
    return text_append_escaped(envelope, value, VALUE_MAX);
}

static bool is_word(struct slice value)
{
    bool good = value.len > 0 && value.len <= VALUE_MAX;
    for (size_t i = 0; good && i < value.len; i++)
        good = (unsigned char)value.at[i] > ' ' && value.at[i] != 0x7f;
    return good;
}

bool envelope_append_verbatim(struct text *envelope, const char *name, struct slice value)
{
    if (!is_word(value))
        return true;
    begin_line(envelope, name);
    return text_append(envelope, value);
}

struct slice envelope_word(struct slice envelope, struct slice name)
{
    struct slice line;
    while (slice_take_field(&envelope, '\n', &line))
        if (line.len > name.len && line.at[name.len] == '=' && slice_starts(line, name))
            return slice_after(line, name.len + 1);
    return (struct slice){0};
}

unsigned envelope_wish(struct slice data)
{
    struct slice written = envelope_word(data, SLICE("notify"));
    uint64_t wish = 0;
    return number_parse_u64(written, WISH_MAX, &wish) ? (unsigned)wish : 0;
}

/* \xHH, as text_append_escaped writes it. */
static bool take_escaped(struct slice *rest, char *out_byte)
{
    uint64_t byte;
    if (!slice_starts(*rest, SLICE("\\x")) ||
        !number_parse_hex(slice_first(slice_after(*rest, 2), 2), 255, &byte))
        return false;
    *out_byte = (char)byte;
    *rest = slice_after(*rest, 4);
    return true;
}

bool envelope_append_word(struct text *text, struct slice envelope, struct slice name)
{
    struct slice rest = envelope_word(envelope, name);
    while (rest.len) {
        size_t plain = rest.len;
        char byte;
        (void)slice_find(rest, '\\', &plain);
        text_append(text, slice_first(rest, plain));
        rest = slice_after(rest, plain);
        if (take_escaped(&rest, &byte)) {
            text_append_byte(text, byte);
        } else if (rest.len) {
            text_append_byte(text, rest.at[0]);
            rest = slice_after(rest, 1);
        }
    }
    return !text->truncated;
}

enum sender_tls envelope_tls(struct slice envelope)
{
    struct slice tls = envelope_word(envelope, SLICE("tls"));
    return slice_equal(tls, SLICE("required"))   ? SENDER_TLS_REQUIRED
           : slice_equal(tls, SLICE("optional")) ? SENDER_TLS_OPTIONAL
                                                 : SENDER_TLS_UNSAID;
}

void envelope_read(struct slice envelope, struct slice data, struct scheduled *out)
{
    struct slice ret = envelope_word(envelope, SLICE("ret"));
    struct slice body = envelope_word(envelope, SLICE("body"));
    out->message_id = envelope_word(envelope, SLICE("message-id"));
    out->subject = envelope_word(envelope, SLICE("subject"));
    out->envid = envelope_word(envelope, SLICE("envid"));
    out->ret = ret.len ? ret.at[0] : '\0';
    out->signs = envelope_word(envelope, SLICE("trusted")).len > 0;
    out->smtp_utf8 = envelope_word(envelope, SLICE("smtputf8")).len > 0;
    out->tls = envelope_tls(envelope);
    out->body_kind = body.len ? (uint8_t)(body.at[0] - '0') : 0;
    out->wish = (uint8_t)envelope_wish(data);
    out->orcpt = envelope_word(data, SLICE("orcpt"));
}
