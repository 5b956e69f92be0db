/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/client_reply.h"

#include "base/number.h"

struct reply_line {
    unsigned code;
    bool last;
    struct slice text;
};

static bool line_parse(struct slice line, struct reply_line *out)
{
    uint64_t code;
    if (line.len < 3 || !number_parse_u64(slice_first(line, 3), 599, &code) || code < 200)
        return false;
    if (line.len > 3 && line.at[3] != ' ' && line.at[3] != '-')
        return false;
    *out = (struct reply_line){.code = (unsigned)code,
                               .last = line.len == 3 || line.at[3] == ' ',
                               .text = slice_after(line, 4)};
    return true;
}

/* One line without its CRLF. */
static enum client_reply_outcome line_take(struct slice *input, struct reply_line *out)
{
    size_t end;
    if (!slice_find(*input, '\n', &end))
        return input->len < CLIENT_REPLY_LINE_MAX ? CLIENT_REPLY_MORE : CLIENT_REPLY_BAD;
    if (end == 0 || end >= CLIENT_REPLY_LINE_MAX || input->at[end - 1] != '\r' ||
        !line_parse(slice_first(*input, end - 1), out))
        return CLIENT_REPLY_BAD;
    *input = slice_after(*input, end + 1);
    return CLIENT_REPLY_DONE;
}

enum client_reply_outcome client_reply_take(struct slice *input, struct client_reply *reply)
{
    struct slice rest = *input;
    text_clear(&reply->text);
    for (size_t lines = 0; lines < CLIENT_REPLY_LINES_MAX; lines++) {
        struct reply_line line;
        enum client_reply_outcome outcome = line_take(&rest, &line);
        if (outcome != CLIENT_REPLY_DONE)
            return outcome;
        if (lines > 0 && line.code != reply->code)
            return CLIENT_REPLY_BAD;
        reply->code = line.code;
        if (!text_append(&reply->text, line.text) || !text_append_byte(&reply->text, '\n'))
            return CLIENT_REPLY_BAD;
        if (!line.last)
            continue;
        *input = rest;
        return CLIENT_REPLY_DONE;
    }
    return CLIENT_REPLY_BAD;
}

bool client_reply_offers(const struct client_reply *reply, struct slice word,
                         struct slice *out_arguments)
{
    struct slice rest = text_slice(&reply->text), line;
    while (slice_take_field(&rest, '\n', &line)) {
        struct slice first;
        if (!slice_take_word(&line, &first) || !slice_equal_nocase(first, word))
            continue;
        *out_arguments = slice_trim(line);
        return true;
    }
    return false;
}
