/* SPDX-License-Identifier: Apache-2.0 */
/* The client and the caller of a session, played from a file. */
#include "support/conversation.h"

#include "base/base64.h"
#include "base/number.h"
#include "smtp/dot.h"
#include "smtp/line.h"

enum { INPUT_MAX = 1 << 22 };

struct play {
    const struct conversation *conversation;
    uint32_t random;
    struct session session;
    struct line_framer framer;
    struct dot dot;
    uint64_t chunk_left, now_ms;
    bool chunk_open, deaf; /* deaf: the rest of this block is lost */
    struct text input, out, content;
    struct text *transcript;
    size_t transcript_read; /* events before this have been compared */
    size_t answers_used[256];
    size_t answers_used_count;
};

/* --- events --- */

static void take_replies(struct play *p)
{
    struct slice rest = text_slice(&p->out);
    struct slice line;
    while (slice_take_field(&rest, '\n', &line)) {
        text_append_c(p->transcript, "S: ");
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
        else
            text_append_c(p->transcript, "(no CR LF) ");
        text_append_escaped(p->transcript, line, line.len);
        text_append_byte(p->transcript, '\n');
    }
    text_clear(&p->out);
}

static struct text *begin_want(struct play *p, const char *name)
{
    take_replies(p);
    text_append_c(p->transcript, "want: ");
    text_append_c(p->transcript, name);
    return p->transcript;
}

static void end_want(struct play *p)
{
    text_append_byte(p->transcript, '\n');
}

static void append_given(struct text *text, const char *name, struct slice value)
{
    if (value.len == 0)
        return;
    text_append_c(text, name);
    text_append(text, value);
}

/* --- answers of the file --- */

static bool used(const struct play *p, size_t line)
{
    for (size_t i = 0; i < p->answers_used_count; i++)
        if (p->answers_used[i] == line)
            return true;
    return false;
}

/* The words of the next answer of this kind; empty when the file has none. */
static struct slice next_answer(struct play *p, struct slice kind)
{
    const struct conversation *c = p->conversation;
    for (size_t i = 0; i < c->count && p->answers_used_count < COUNT_OF(p->answers_used); i++) {
        struct slice words = c->lines[i].text;
        struct slice word;
        if (c->lines[i].kind != CONVERSATION_ANSWER || used(p, i) ||
            !slice_take_word(&words, &word) || !slice_equal(word, kind))
            continue;
        p->answers_used[p->answers_used_count++] = i;
        return slice_trim(words);
    }
    return (struct slice){0};
}

struct answer_word {
    struct slice word;
    int answer;
};

static int answer_of(struct slice word, const struct answer_word *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(word, words[i].word))
            return words[i].answer;
    return 0;
}

/* --- wants --- */

static void meet_sender(struct play *p)
{
    static const struct answer_word words[] = {
        {SLICE_INIT("send-as-denied"), SESSION_SENDER_SEND_AS_DENIED},
        {SLICE_INIT("not-authenticated"), SESSION_SENDER_NOT_AUTHENTICATED},
        {SLICE_INIT("domain-denied"), SESSION_SENDER_DOMAIN_DENIED},
        {SLICE_INIT("busy"), SESSION_SENDER_BUSY},
        {SLICE_INIT("tls-needed"), SESSION_SENDER_TLS_NEEDED},
        {SLICE_INIT("certificate-needed"), SESSION_SENDER_CERTIFICATE_NEEDED},
        {SLICE_INIT("rate-exceeded"), SESSION_SENDER_RATE_EXCEEDED},
    };
    static const char *const bodies[] = {"", " body=8bitmime", " body=binarymime"};
    const struct session_mail *mail = session_mail(&p->session);
    struct text *text = begin_want(p, "sender <");
    session_append_sender(&p->session, text);
    text_append_c(text, ">");
    if (mail->size_bytes >= 0) {
        text_append_c(text, " size=");
        text_append_i64(text, mail->size_bytes);
    }
    text_append_c(text, bodies[mail->body]);
    text_append_c(text, mail->smtp_utf8 ? " utf8" : "");
    text_append_c(text, mail->require_tls ? " requiretls" : "");
    append_given(text, " ret=", (struct slice){&mail->ret, mail->ret != 0});
    append_given(text, " envid=", mail->envid);
    append_given(text, " auth=", mail->auth);
    end_want(p);
    int answer = answer_of(next_answer(p, SLICE("sender")), words, COUNT_OF(words));
    session_answer_sender(&p->session, (enum session_sender_answer)answer, p->now_ms, &p->out);
}

static void meet_recipient(struct play *p)
{
    static const struct answer_word words[] = {
        {SLICE_INIT("unknown"), SESSION_RECIPIENT_UNKNOWN},
        {SLICE_INIT("relay-denied"), SESSION_RECIPIENT_RELAY_DENIED},
        {SLICE_INIT("unavailable"), SESSION_RECIPIENT_UNAVAILABLE},
        {SLICE_INIT("closed"), SESSION_RECIPIENT_CLOSED},
        {SLICE_INIT("too-many"), SESSION_RECIPIENT_TOO_MANY},
    };
    static const char *const notify[] = {"never", "success", "failure", "delay"};
    const struct session_recipient *recipient = session_recipient(&p->session);
    struct text *text = begin_want(p, "recipient <");
    session_append_recipient(&p->session, text);
    text_append_c(text, ">");
    for (size_t i = 0; i < COUNT_OF(notify); i++)
        if (recipient->notify & 1U << i)
            append_given(text, " notify=", slice_of(notify[i]));
    append_given(text, " orcpt=", recipient->orcpt);
    append_given(text, " orar=", recipient->orar);
    end_want(p);
    int answer = answer_of(next_answer(p, SLICE("recipient")), words, COUNT_OF(words));
    session_answer_recipient(&p->session, (enum session_recipient_answer)answer, p->now_ms,
                             &p->out);
}

static void meet_auth(struct play *p)
{
    static const struct answer_word words[] = {
        {SLICE_INIT("ok"), SESSION_AUTH_ACCEPTED},
        {SLICE_INIT("challenge"), SESSION_AUTH_CHALLENGE},
        {SLICE_INIT("refused"), SESSION_AUTH_REFUSED},
        {SLICE_INIT("malformed"), SESSION_AUTH_MALFORMED},
        {SLICE_INIT("unavailable"), SESSION_AUTH_UNAVAILABLE},
    };
    char storage[SESSION_AUTH_MAX];
    struct text message = text_over(storage, sizeof storage);
    const struct session_auth *auth = session_auth(&p->session);
    struct text *text = begin_want(p, "auth");
    append_given(text, " ", auth->mechanism);
    if (!base64_decode(auth->encoded, &message))
        text_append_c(text, " NOT BASE64");
    text_append_c(text, auth->has_message ? " message=" : " no message");
    text_append_escaped(text, text_slice(&message), message.len);
    end_want(p);
    struct slice rest = next_answer(p, SLICE("auth"));
    struct slice word = {0};
    bool scripted = slice_take_word(&rest, &word);
    int answer = scripted ? answer_of(word, words, COUNT_OF(words)) : SESSION_AUTH_ACCEPTED;
    session_answer_auth(&p->session, (enum session_auth_answer)answer, slice_trim(rest), p->now_ms,
                        &p->out);
}

static void meet_tls(struct play *p)
{
    begin_want(p, "tls");
    end_want(p);
    p->deaf = true;
    session_answer_tls(&p->session, !slice_equal(next_answer(p, SLICE("tls")), SLICE("failed")),
                       p->now_ms);
    session_bindable(&p->session, p->conversation->bindable);
}

static void append_content(struct text *text, struct slice content)
{
    struct slice line;
    while (slice_take_field(&content, '\n', &line)) {
        bool ended = line.len && line.at[line.len - 1] == '\r' &&
                     line.at + line.len != content.at + content.len;
        line.len -= ended;
        text_append_escaped(text, line, line.len);
        text_append_c(text, ended ? "|" : content.len ? "\\n" : "");
    }
}

static void meet_store(struct play *p)
{
    static const struct answer_word words[] = {
        {SLICE_INIT("too-large"), SESSION_STORE_TOO_LARGE},
        {SLICE_INIT("header-too-large"), SESSION_STORE_HEADER_TOO_LARGE},
        {SLICE_INIT("loop"), SESSION_STORE_LOOP},
        {SLICE_INIT("send-as-denied"), SESSION_STORE_SEND_AS_DENIED},
        {SLICE_INIT("full"), SESSION_STORE_FULL},
        {SLICE_INIT("failed"), SESSION_STORE_FAILED},
    };
    struct text *text = begin_want(p, p->dot.bad_byte ? "store bad " : "store ");
    append_content(text, text_slice(&p->content));
    end_want(p);
    int answer = answer_of(next_answer(p, SLICE("store")), words, COUNT_OF(words));
    struct session_stored stored = {.answer = p->dot.bad_byte ? SESSION_STORE_BAD_BYTE
                                                              : (enum session_stored_answer)answer,
                                    .message_id = SLICE("<1@mail.example>"),
                                    .internal_id = 7,
                                    .size_bytes = p->content.len,
                                    .elapsed_ms = 20};
    session_answer_stored(&p->session, &stored, p->now_ms, &p->out);
    p->dot = (struct dot){.mends_bare_lf = p->conversation->mends_bare_lf};
    text_clear(&p->content);
}

static void look_for_drop(struct play *p)
{
    if (!session_transaction_dropped(&p->session))
        return;
    begin_want(p, "(transaction dropped)");
    end_want(p);
    text_clear(&p->content);
}

static bool meet_line(struct play *p, struct slice *rest)
{
    struct slice line;
    switch (line_take(&p->framer, rest, SESSION_LINE_MAX, &line)) {
    case LINE_PARTIAL:
        return false;
    case LINE_COMPLETE:
        session_line(&p->session, line, p->now_ms, &p->out);
        break;
    case LINE_BAD:
        session_bad_line(&p->session, false, p->now_ms, &p->out);
        break;
    case LINE_TOO_LONG:
        session_bad_line(&p->session, true, p->now_ms, &p->out);
        break;
    }
    if (p->session.want == SESSION_WANT_BODY) {
        begin_want(p, "body");
        end_want(p);
    }
    look_for_drop(p);
    return true;
}

static bool meet_body(struct play *p, struct slice *rest)
{
    struct slice piece;
    switch (dot_take(&p->dot, rest, &piece)) {
    case DOT_MORE:
        return false;
    case DOT_PIECE:
        text_append(&p->content, piece);
        break;
    case DOT_END:
        session_body_ended(&p->session, p->now_ms);
        break;
    }
    return true;
}

static void open_chunk(struct play *p)
{
    const struct session_chunk *chunk = session_chunk(&p->session);
    struct text *text = begin_want(p, "chunk ");
    text_append_u64(text, chunk->size);
    text_append_c(text, chunk->last ? " last" : "");
    text_append_c(text, chunk->discard ? " discard" : "");
    end_want(p);
    p->chunk_open = true;
    p->chunk_left = chunk->size;
}

static bool meet_chunk(struct play *p, struct slice *rest)
{
    if (!p->chunk_open)
        open_chunk(p);
    struct slice piece =
        slice_first(*rest, rest->len < p->chunk_left ? rest->len : (size_t)p->chunk_left);
    *rest = slice_after(*rest, piece.len);
    p->chunk_left -= piece.len;
    if (!session_chunk(&p->session)->discard)
        text_append(&p->content, piece);
    if (p->chunk_left)
        return false;
    p->chunk_open = false;
    session_chunk_ended(&p->session, p->now_ms, &p->out);
    look_for_drop(p);
    return true;
}

static bool meet(struct play *p, struct slice *rest)
{
    switch (p->session.want) {
    case SESSION_WANT_LINE:
        return meet_line(p, rest);
    case SESSION_WANT_BODY:
        return meet_body(p, rest);
    case SESSION_WANT_CHUNK:
        return meet_chunk(p, rest);
    case SESSION_WANT_TLS:
        meet_tls(p);
        *rest = slice_after(*rest, rest->len);
        return p->session.want == SESSION_WANT_CLOSE;
    case SESSION_WANT_AUTH:
        meet_auth(p);
        return true;
    case SESSION_WANT_SENDER:
        meet_sender(p);
        return true;
    case SESSION_WANT_RECIPIENT:
        meet_recipient(p);
        return true;
    case SESSION_WANT_STORE:
        meet_store(p);
        return true;
    case SESSION_WANT_CLOSE:
        break;
    }
    begin_want(p, "close");
    end_want(p);
    p->deaf = true;
    return false;
}

static void feed(struct play *p, struct slice piece)
{
    if (p->deaf)
        return;
    text_append(&p->input, piece);
    struct slice rest = text_slice(&p->input);
    while (meet(p, &rest))
        ;
    take_replies(p);
    text_consume(&p->input, p->deaf ? p->input.len : p->input.len - rest.len);
}

/* --- the client's bytes --- */

static size_t next_cut(struct play *p, uint32_t cut, size_t left)
{
    if (cut == CONVERSATION_WHOLE)
        return left;
    p->random = p->random * 1664525U + 1013904223U;
    size_t len = cut == CONVERSATION_BYTES ? 1 : 1 + (p->random >> 24) % (cut % 40 + 1);
    return len < left ? len : left;
}

static void send_block(struct play *p, struct text *block, uint32_t cut)
{
    struct slice rest = text_slice(block);
    p->deaf = p->session.want == SESSION_WANT_CLOSE;
    while (rest.len) {
        size_t len = next_cut(p, cut, rest.len);
        feed(p, slice_first(rest, len));
        rest = slice_after(rest, len);
    }
    text_clear(block);
}

/* --- what the file expects --- */

static bool next_event(struct play *p, struct slice *out_event)
{
    struct slice all = text_slice(p->transcript);
    struct slice rest = slice_after(all, p->transcript_read);
    while (slice_take_until(&rest, '\n', out_event)) {
        p->transcript_read = all.len - rest.len;
        if (p->conversation->strict || slice_starts(*out_event, SLICE("S: ")))
            return true;
    }
    return false;
}

static bool expect(struct play *p, const struct conversation_line *line, struct text *error)
{
    const char *prefix = line->kind == CONVERSATION_SERVER ? "S: " : "want: ";
    struct slice event;
    bool came = next_event(p, &event);
    struct slice rest = came ? event : (struct slice){0};
    if (came && slice_take_prefix(&rest, slice_of(prefix)) &&
        conversation_matches(line->text, rest))
        return true;
    text_append_format(error, "line %zu: expected \"%s%.*s\", but came \"%.*s\"", line->number,
                       prefix, SLICE_ARG(line->text), SLICE_ARG(came ? event : SLICE("nothing")));
    return false;
}

static void pass_time(struct play *p, struct slice written)
{
    uint64_t ms = 0;
    number_parse_u64(written, UINT32_MAX, &ms);
    p->now_ms += ms;
    if (p->now_ms >= session_deadline_ms(&p->session)) {
        session_timeout(&p->session, p->now_ms, &p->out);
        feed(p, (struct slice){0});
    }
}

static bool play_line(struct play *p, const struct conversation_line *line, struct text *block,
                      uint32_t cut, struct text *error)
{
    bool sends = line->kind == CONVERSATION_CLIENT || line->kind == CONVERSATION_RAW;
    if (!sends && block->len)
        send_block(p, block, cut);
    switch (line->kind) {
    case CONVERSATION_CLIENT:
    case CONVERSATION_RAW:
        if (!conversation_append_bytes(block, line))
            text_append_format(error, "line %zu: bad escape", line->number);
        return error->len == 0;
    case CONVERSATION_SERVER:
    case CONVERSATION_WANT:
        return expect(p, line, error);
    case CONVERSATION_TIME:
        pass_time(p, line->text);
        return true;
    case CONVERSATION_SHUTDOWN:
        session_shutdown(&p->session, &p->out);
        feed(p, (struct slice){0});
        return true;
    case CONVERSATION_ANSWER:
    case CONVERSATION_POLICY:
    case CONVERSATION_DAEMON:
        break;
    }
    return true;
}

static bool play_all(struct play *p, uint32_t cut, struct text *block, struct text *error)
{
    const struct conversation *c = p->conversation;
    for (size_t i = 0; i < c->count; i++)
        if (!play_line(p, &c->lines[i], block, cut, error))
            return false;
    if (block->len)
        send_block(p, block, cut);
    struct slice event;
    if (!next_event(p, &event))
        return true;
    text_append_format(error, "at the end: nothing expected, but came \"%.*s\"", SLICE_ARG(event));
    return false;
}

bool conversation_play(const struct conversation *c, uint32_t cut, struct text *transcript,
                       struct text *error)
{
    struct play p = {.conversation = c,
                     .random = cut,
                     .now_ms = 1000,
                     .dot = {.mends_bare_lf = c->mends_bare_lf},
                     .input = text_with_ceiling(INPUT_MAX),
                     .out = text_with_ceiling(INPUT_MAX),
                     .content = text_with_ceiling(INPUT_MAX),
                     .transcript = transcript};
    struct text block = text_with_ceiling(INPUT_MAX);
    const uint8_t client[] = {192, 0, 2, 1};
    session_begin(&p.session, &c->policy, ip_from_v4(client), c->implicit_tls,
                  SLICE("Fri, 5 Aug 2016 16:24:41 -0700"), p.now_ms, &p.out);
    session_bindable(&p.session, c->implicit_tls && c->bindable);
    take_replies(&p);
    bool good = play_all(&p, cut, &block, error);
    text_deinit(&block);
    text_deinit(&p.content);
    text_deinit(&p.out);
    text_deinit(&p.input);
    return good;
}
