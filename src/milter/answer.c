/* SPDX-License-Identifier: Apache-2.0 */
/* The replies of a filter: a table of what each means and when it may come. */
#include "milter/conversation.h"

#include "base/attributes.h"

static const struct slice usual_reject = SLICE_INIT("550 5.7.1 Command rejected");
static const struct slice usual_tempfail =
    SLICE_INIT("451 4.7.1 Service unavailable - try again later");
static const struct slice shutting_down = SLICE_INIT("421 4.7.0 Closing connection");

/* --- verdicts --- */

/* What is over by a verdict depends on the command that it answers. */
static void conclude(struct milter *milter, enum milter_verdict verdict)
{
    char awaited = milter->awaited;
    bool stale = milter->stale_reply;
    milter->awaited = 0;
    milter->progress = 0;
    milter->stale_reply = false;
    if (stale)
        return;
    milter->verdict = verdict;
    if (awaited == MILTER_END)
        milter->in_message = false;
    if (verdict == MILTER_CONTINUE)
        return;
    bool of_recipient =
        awaited == MILTER_RECIPIENT && (verdict == MILTER_REJECT || verdict == MILTER_TEMPFAIL);
    if (of_recipient)
        return;
    if (awaited == MILTER_CONNECT || awaited == MILTER_HELLO)
        milter->final_connection = true;
    milter->final_message = true;
    milter->in_message = false;
    text_clear(&milter->queue);
    text_clear(&milter->chunk);
}

static void set_reply(struct milter *milter, struct slice words)
{
    text_clear(&milter->reply);
    text_append(&milter->reply, words);
}

static void take_continue(struct milter *milter, struct slice data)
{
    (void)data;
    conclude(milter, MILTER_CONTINUE);
}

static void take_accept(struct milter *milter, struct slice data)
{
    (void)data;
    conclude(milter, MILTER_ACCEPT);
}

static void take_discard(struct milter *milter, struct slice data)
{
    (void)data;
    conclude(milter, MILTER_DISCARD);
}

static void take_reject(struct milter *milter, struct slice data)
{
    (void)data;
    set_reply(milter, usual_reject);
    conclude(milter, MILTER_REJECT);
}

static void take_tempfail(struct milter *milter, struct slice data)
{
    (void)data;
    set_reply(milter, usual_tempfail);
    conclude(milter, MILTER_TEMPFAIL);
}

static void take_shutdown(struct milter *milter, struct slice data)
{
    (void)data;
    set_reply(milter, shutting_down);
    conclude(milter, MILTER_TEMPFAIL);
    milter->final_connection = true;
}

static void take_failure(struct milter *milter, struct slice data)
{
    (void)data;
    milter_fail(milter, "said that the connection has failed");
}

static void take_progress(struct milter *milter, struct slice data)
{
    (void)data;
    if (++milter->progress > MILTER_PROGRESS_MAX)
        milter_fail(milter, "asks for more time without end");
}

/* Pieces of the body leave the queue, what is behind them stays. */
static void forget_body(struct milter *milter)
{
    struct text kept = text_with_ceiling(MILTER_QUEUE_MAX);
    struct slice all = text_slice(&milter->queue), rest = all;
    struct packet packet;
    while (packet_take(&rest, &packet) == PACKET_COMPLETE) {
        size_t len = all.len - rest.len;
        if (packet.letter != MILTER_BODY)
            text_append(&kept, slice_first(all, len));
        all = rest;
    }
    text_deinit(&milter->queue);
    milter->queue = kept;
    text_clear(&milter->chunk);
}

/* The rest of the body need not be sent. */
static void take_skip(struct milter *milter, struct slice data)
{
    (void)data;
    if (milter->awaited != MILTER_BODY) {
        milter_fail(milter, "wants to skip what is no body");
        return;
    }
    if (!milter->stale_reply) {
        milter->skips_body = true;
        forget_body(milter);
    }
    conclude(milter, MILTER_CONTINUE);
}

/* --- a reply in its own words --- */

static bool is_code(struct slice line)
{
    return line.len >= 3 && (line.at[0] == '4' || line.at[0] == '5') &&
           ascii_is_digit(line.at[1]) && ascii_is_digit(line.at[2]) &&
           (line.len == 3 || line.at[3] == ' ' || line.at[3] == '-');
}

/* Filters write %% for %, as the library they are made with demands. */
static void append_words(struct text *out, struct slice words)
{
    for (size_t i = 0; i < words.len; i++) {
        unsigned char c = (unsigned char)words.at[i];
        if (c == '%' && i + 1 < words.len && words.at[i + 1] == '%')
            i++;
        if (c != '\r')
            text_append_byte(out, c < ' ' || c > '~' ? '?' : (char)c);
    }
}

/* Lines with one code: RFC 5321 4.2.1. */
static bool append_reply(struct text *out, struct slice words)
{
    struct slice line, code = slice_first(words, 3);
    text_clear(out);
    while (slice_take_field(&words, '\n', &line)) {
        if (!is_code(line) || !slice_starts(line, code))
            return false;
        if (out->len)
            text_append_byte(out, '\n');
        append_words(out, line);
    }
    return out->len > 0 && !out->truncated;
}

static void take_reply(struct milter *milter, struct slice data)
{
    struct slice words;
    if (!packet_take_string(&data, &words))
        words = data;
    if (!append_reply(&milter->reply, words)) {
        milter_fail(milter, "gave a reply that is none of SMTP");
        return;
    }
    bool for_good = words.at[0] == '5';
    bool closing = slice_starts(words, SLICE("421"));
    conclude(milter, for_good ? MILTER_REJECT : MILTER_TEMPFAIL);
    milter->final_connection |= closing;
}

/* --- changes --- */

enum shape { SHAPE_BYTES, SHAPE_NAME, SHAPE_NAME_VALUE, SHAPE_INDEX_NAME_VALUE, SHAPE_VALUE };

/* clang-format off */
static const struct change_row {
    char letter;
    enum milter_change_kind kind;
    uint32_t action;
    enum shape shape;
} change_rows[] = {
    {MILTER_ADD_HEADER,         CHANGE_ADD_HEADER,       MILTER_MAY_ADD_HEADERS,         SHAPE_NAME_VALUE},
    {MILTER_INSERT_HEADER,      CHANGE_INSERT_HEADER,    MILTER_MAY_ADD_HEADERS,         SHAPE_INDEX_NAME_VALUE},
    {MILTER_CHANGE_HEADER,      CHANGE_HEADER,           MILTER_MAY_CHANGE_HEADERS,      SHAPE_INDEX_NAME_VALUE},
    {MILTER_REPLACE_BODY,       CHANGE_BODY,             MILTER_MAY_CHANGE_BODY,         SHAPE_BYTES},
    {MILTER_ADD_RECIPIENT,      CHANGE_ADD_RECIPIENT,    MILTER_MAY_ADD_RECIPIENTS,      SHAPE_NAME},
    {MILTER_ADD_RECIPIENT_WITH, CHANGE_ADD_RECIPIENT,    MILTER_MAY_ADD_RECIPIENTS_WITH, SHAPE_NAME},
    {MILTER_DELETE_RECIPIENT,   CHANGE_DELETE_RECIPIENT, MILTER_MAY_DELETE_RECIPIENTS,   SHAPE_NAME},
    {MILTER_CHANGE_SENDER,      CHANGE_SENDER,           MILTER_MAY_CHANGE_SENDER,       SHAPE_NAME},
    {MILTER_QUARANTINE,         CHANGE_QUARANTINE,       MILTER_MAY_QUARANTINE,          SHAPE_VALUE},
};

static const struct verdict_row {
    char letter;
    void (*take)(struct milter *milter, struct slice data);
} verdict_rows[] = {
    {MILTER_SAYS_CONTINUE, take_continue}, {MILTER_SAYS_ACCEPT, take_accept},
    {MILTER_SAYS_REJECT, take_reject},     {MILTER_SAYS_TEMPFAIL, take_tempfail},
    {MILTER_SAYS_DISCARD, take_discard},   {MILTER_SAYS_REPLY, take_reply},
    {MILTER_SAYS_SKIP, take_skip},         {MILTER_SAYS_PROGRESS, take_progress},
    {MILTER_SHUTDOWN, take_shutdown},      {MILTER_CONNECTION_FAILED, take_failure},
};
/* clang-format on */

static bool read_change(struct slice data, enum shape shape, struct milter_change *out)
{
    switch (shape) {
    case SHAPE_BYTES:
        out->value = data;
        return true;
    case SHAPE_VALUE:
        return packet_take_string(&data, &out->value);
    case SHAPE_NAME:
        return packet_take_string(&data, &out->name);
    case SHAPE_INDEX_NAME_VALUE:
        if (!packet_take_u32(&data, &out->index))
            return false;
        break;
    case SHAPE_NAME_VALUE:
        break;
    }
    return packet_take_string(&data, &out->name) && packet_take_string(&data, &out->value);
}

static void take_change(struct milter *milter, const struct change_row *row, struct slice data)
{
    struct milter_change change = {.kind = row->kind,
                                   .as_is = (milter->steps & MILTER_LEADING_SPACE) != 0};
    if (milter->awaited != MILTER_END)
        milter_fail(milter, "changes a message before its end");
    else if (!(milter->actions & row->action))
        milter_fail(milter, "makes a change that it did not ask for");
    else if (!read_change(data, row->shape, &change))
        milter_fail(milter, "sent a change that cannot be read");
    else if (milter->changes >= MILTER_CHANGES_MAX)
        milter_fail(milter, "makes more changes than a message may have");
    if (milter->state == MILTER_FAILED || milter->stale_reply)
        return;
    milter->changes++;
    milter->progress = 0;
    milter->change(milter->context, &change);
}

void answer_take(struct milter *milter, const struct packet *packet)
{
    if (milter->state == MILTER_NEGOTIATING) {
        if (packet->letter == MILTER_NEGOTIATE && milter->awaited)
            negotiation_take(milter, packet->data);
        else
            milter_fail(milter, "does not speak the milter protocol");
        return;
    }
    if (!milter->awaited) {
        milter_fail(milter, "spoke without being asked");
        return;
    }
    for (size_t i = 0; i < COUNT_OF(verdict_rows); i++)
        if (verdict_rows[i].letter == packet->letter) {
            verdict_rows[i].take(milter, packet->data);
            return;
        }
    for (size_t i = 0; i < COUNT_OF(change_rows); i++)
        if (change_rows[i].letter == packet->letter) {
            take_change(milter, &change_rows[i], packet->data);
            return;
        }
    milter_fail(milter, "gave an unknown answer");
}
