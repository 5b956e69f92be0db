/* SPDX-License-Identifier: Apache-2.0 */
/* Our sending session talks to our receiving one, in memory: with every set of extensions the same
 * message arrives, for the same recipients. */
#include "smtp/dot.h"
#include "smtp/line.h"
#include "smtp/send_session.h"
#include "support/rows.h"

enum { PIPE_MAX = 1 << 18, RECIPIENTS = 5 };

/* What is switched on. */
enum { PIPELINING = 1, CHUNKING = 2, STARTTLS = 4, LOGIN = 8, EXTENSIONS = 16, OLD = 32, ALL = 64 };

struct peer { /* the receiving side */
    struct session session;
    struct session_policy policy;
    struct line_framer framer;
    struct dot dot;
    struct text input, output, content, envelope;
    uint64_t chunk_left;
    bool chunk_open;
    uint32_t stored;
};

/* --- the receiving side --- */

static void peer_begin(struct peer *p, unsigned bits)
{
    bool extended = bits & EXTENSIONS;
    *p = (struct peer){.input = text_with_ceiling(PIPE_MAX),
                       .output = text_with_ceiling(PIPE_MAX),
                       .content = text_with_ceiling(PIPE_MAX),
                       .envelope = text_with_ceiling(PIPE_MAX)};
    p->policy = (struct session_policy){
        .fqdn = SLICE("mail.example"),
        .recipients_max = 2,
        .protocol_errors_max = 0,
        .pipelining = bits & PIPELINING,
        .chunking = bits & CHUNKING,
        .starttls = bits & STARTTLS,
        .require_tls = bits & STARTTLS,
        .basic_auth = bits & LOGIN,
        .basic_auth_require_tls = bits & STARTTLS,
        .may_submit_anonymously = !(bits & LOGIN),
        .size_enabled = extended,
        .dsn = extended,
        .enhanced_status_codes = extended,
        .eight_bit_mime = true,
        .binary_mime = bits & CHUNKING,
        .smtp_utf8 = extended,
        .message_max_bytes = 100000,
    };
    session_begin(&p->session, &p->policy, (struct ip_address){0}, false, SLICE("date"), 0,
                  &p->output);
}

static void peer_end(struct peer *p)
{
    text_deinit(&p->input);
    text_deinit(&p->output);
    text_deinit(&p->content);
    text_deinit(&p->envelope);
}

static void note_recipient(struct peer *p)
{
    const struct session_recipient *r = session_recipient(&p->session);
    bool unknown = slice_starts(r->mailbox, SLICE("no"));
    if (!unknown)
        text_append_format(&p->envelope, " %.*s/%u/%.*s", SLICE_ARG(r->mailbox), r->notify,
                           SLICE_ARG(r->orcpt));
    session_answer_recipient(
        &p->session, unknown ? SESSION_RECIPIENT_UNKNOWN : SESSION_RECIPIENT_OK, 0, &p->output);
}

static void note_sender(struct peer *p)
{
    const struct session_mail *mail = session_mail(&p->session);
    text_append_format(&p->envelope, "[%.*s/%d/%d", SLICE_ARG(mail->sender), mail->body,
                       mail->smtp_utf8);
    session_answer_sender(&p->session, SESSION_SENDER_OK, 0, &p->output);
}

static bool take_line(struct peer *p, struct slice *rest)
{
    struct slice line;
    enum line_outcome outcome = line_take(&p->framer, rest, SESSION_LINE_MAX, &line);
    if (outcome == LINE_PARTIAL)
        return false;
    assert_int_equal(outcome, LINE_COMPLETE);
    session_line(&p->session, line, 0, &p->output);
    return true;
}

static bool take_body(struct peer *p, struct slice *rest)
{
    struct slice piece;
    enum dot_outcome outcome = dot_take(&p->dot, rest, &piece);
    if (outcome == DOT_PIECE)
        assert_true(text_append(&p->content, piece));
    if (outcome == DOT_END)
        session_body_ended(&p->session, 0);
    return outcome != DOT_MORE;
}

static bool take_chunk(struct peer *p, struct slice *rest)
{
    const struct session_chunk *chunk = session_chunk(&p->session);
    if (!p->chunk_open)
        p->chunk_left = chunk->size;
    p->chunk_open = true;
    struct slice piece = slice_first(*rest, (size_t)p->chunk_left);
    *rest = slice_after(*rest, piece.len);
    p->chunk_left -= piece.len;
    assert_false(chunk->discard);
    assert_true(text_append(&p->content, piece));
    if (p->chunk_left)
        return false;
    p->chunk_open = false;
    session_chunk_ended(&p->session, 0, &p->output);
    return true;
}

/* False: it needs more bytes. */
static bool peer_meet(struct peer *p, struct slice *rest)
{
    switch (p->session.want) {
    case SESSION_WANT_LINE:
        return take_line(p, rest);
    case SESSION_WANT_BODY:
        return take_body(p, rest);
    case SESSION_WANT_CHUNK:
        return take_chunk(p, rest);
    case SESSION_WANT_SENDER:
        note_sender(p);
        return true;
    case SESSION_WANT_RECIPIENT:
        note_recipient(p);
        return true;
    case SESSION_WANT_AUTH:
        session_answer_auth(&p->session, SESSION_AUTH_ACCEPTED, (struct slice){0}, 0, &p->output);
        return true;
    case SESSION_WANT_STORE:
        assert_false(p->dot.bad_byte);
        text_append_byte(&p->envelope, ']');
        p->stored++;
        session_answer_stored(&p->session, &(struct session_stored){.answer = SESSION_STORED}, 0,
                              &p->output);
        return true;
    case SESSION_WANT_TLS: /* when the replies are sent */
    case SESSION_WANT_CLOSE:
        break;
    }
    return false;
}

static void peer_feed(struct peer *p, struct slice bytes)
{
    assert_true(text_append(&p->input, bytes));
    struct slice rest = text_slice(&p->input);
    while (peer_meet(p, &rest))
        ;
    text_consume(&p->input, p->input.len - rest.len);
}

/* --- the sending side --- */

struct sender {
    struct send_session session;
    struct send_policy policy;
    struct send_transaction transaction;
    struct send_recipient recipients[RECIPIENTS];
    struct slice body, rest;
    size_t piece;
    uint32_t messages;
};

static void sender_begin(struct sender *s, unsigned bits, struct slice body, size_t piece,
                         enum session_body_kind kind)
{
    static const struct slice plain = SLICE_INIT("PLAIN");
    static const char *const mailboxes[RECIPIENTS] = {"a@y.example", "no@y.example", "b@y.example",
                                                      "c@y.example", "d@y.example"};
    *s = (struct sender){.body = body, .piece = piece};
    s->policy = (struct send_policy){.hello_name = SLICE("us.example"),
                                     .force_helo = bits & OLD,
                                     .tls = SEND_TLS_OPPORTUNISTIC,
                                     .mechanisms = &plain,
                                     .mechanisms_count = bits & LOGIN ? 1 : 0,
                                     .auth_requires_tls = bits & STARTTLS};
    s->transaction = (struct send_transaction){.sender = SLICE("s@x.example"),
                                               .size_bytes = (int64_t)body.len,
                                               .body = kind,
                                               .recipients = s->recipients,
                                               .recipients_count = RECIPIENTS};
    for (size_t i = 0; i < RECIPIENTS; i++)
        s->recipients[i] = (struct send_recipient){.mailbox = slice_of(mailboxes[i]),
                                                   .notify = SESSION_NOTIFY_NEVER,
                                                   .orcpt = SLICE("rfc822;o@y")};
    send_session_begin(&s->session, &s->policy, false);
}

static void sender_end(struct sender *s)
{
    send_transaction_end(&s->transaction);
    send_session_end(&s->session);
}

/* Those whom the server had no room for in the first transaction go into the next. */
static void next_transaction(struct sender *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->transaction.recipients_count && s->messages; i++) {
        struct send_recipient r = s->recipients[i];
        if (r.fate == SEND_LATER)
            s->recipients[kept++] = r;
        else
            text_deinit(&r.answer.text);
    }
    if (s->messages++)
        s->transaction.recipients_count = kept;
    s->rest = s->body;
    if (s->transaction.recipients_count)
        send_session_transaction(&s->session, &s->transaction);
    else
        send_session_quit(&s->session);
}

static bool sender_meet(struct sender *s, struct peer *p)
{
    struct slice piece;
    switch (s->session.want) {
    case SEND_WANT_TLS:
        assert_int_equal(p->session.want, SESSION_WANT_TLS);
        session_answer_tls(&p->session, true, 0);
        send_session_answer_tls(&s->session, SEND_TLS_ESTABLISHED, (struct slice){0});
        return true;
    case SEND_WANT_AUTH:
        send_session_answer_auth(&s->session, SEND_AUTH_LAST_MESSAGE, SLICE("\0a\0b"));
        return true;
    case SEND_WANT_TRANSACTION:
        next_transaction(s);
        return true;
    case SEND_WANT_BODY:
        piece = slice_first(s->rest, s->piece);
        s->rest = slice_after(s->rest, s->piece);
        send_session_body(&s->session, piece, s->rest.len == 0);
        return true;
    case SEND_WANT_REPLY:
    case SEND_WANT_CLOSE:
        break;
    }
    return false;
}

/* Until the sender has closed: bytes go both ways, `cut` of them at a time. */
static void talk(struct sender *s, struct peer *p, size_t cut)
{
    for (size_t turns = 0; s->session.want != SEND_WANT_CLOSE; turns++) {
        assert_true(turns < 100000);
        struct slice said = slice_first(send_session_output(&s->session), cut);
        peer_feed(p, said);
        send_session_output_sent(&s->session, said.len);
        if (s->session.output.len == 0 && sender_meet(s, p))
            continue;
        struct slice heard = slice_first(text_slice(&p->output), cut);
        if (s->session.output.len == 0)
            assert_true(heard.len > 0);
        send_session_feed(&s->session, heard);
        text_consume(&p->output, heard.len);
    }
}

/* --- what arrives --- */

static const struct body {
    const char *name;
    enum session_body_kind kind;
    struct slice bytes, arrives; /* once */
} bodies[] = {
    {"plain", SESSION_BODY_7BIT, SLICE_INIT("A: b\r\n\r\nc\r\n"), SLICE_INIT("A: b\r\n\r\nc\r\n")},
    {"empty", SESSION_BODY_7BIT, SLICE_INIT(""), SLICE_INIT("")},
    {"dots", SESSION_BODY_7BIT, SLICE_INIT(".\r\n..\r\n.a\r\n.\r\n"),
     SLICE_INIT(".\r\n..\r\n.a\r\n.\r\n")},
    {"no line end", SESSION_BODY_7BIT, SLICE_INIT("a\r\n."), SLICE_INIT("a\r\n.\r\n")},
    {"bare line ends", SESSION_BODY_8BITMIME, SLICE_INIT("\xc3\xa4\n.\nb\r.\rQUIT\n.\r\nc"),
     SLICE_INIT("\xc3\xa4\r\n.\r\nb\r\n.\r\nQUIT\r\n.\r\nc\r\n")},
};

static void check_envelope(const char *row, unsigned bits, const struct peer *p, int body_kind)
{
    bool dsn = bits & EXTENSIONS && !(bits & OLD);
    char storage[256];
    struct text expected = text_over(storage, sizeof storage);
    const char *tail = dsn ? "/1/rfc822;o@y" : "/0/";
    text_append_format(&expected, "[s@x.example/%d/0 a@y.example%s b@y.example%s]", body_kind, tail,
                       tail);
    text_append_format(&expected, "[s@x.example/%d/0 c@y.example%s d@y.example%s]", body_kind, tail,
                       tail);
    row_expect_slice(row, text_slice(&p->envelope), text_slice(&expected));
}

static void run(const struct body *body, unsigned bits, size_t piece, size_t cut)
{
    struct sender s;
    struct peer p;
    char storage[256];
    struct text expected = text_over(storage, sizeof storage);
    sender_begin(&s, bits, body->bytes, piece, body->kind);
    peer_begin(&p, bits);
    talk(&s, &p, cut);
    row_expect(body->name, "end", (long long)s.session.ending.end, SEND_END_QUIT);
    row_expect(body->name, "stored", p.stored, 2);
    row_expect(body->name, "want", (long long)p.session.want, SESSION_WANT_CLOSE);
    for (int i = 0; i < 2; i++)
        text_append(&expected, body->arrives);
    row_expect_slice(body->name, text_slice(&p.content), text_slice(&expected));
    check_envelope(body->name, bits, &p, (int)body->kind);
    sender_end(&s);
    peer_end(&p);
}

/* A server without EHLO takes no login, starts no TLS and knows no 8BITMIME. */
static bool possible(const struct body *body, unsigned bits)
{
    return !(bits & OLD) || (body->kind == SESSION_BODY_7BIT && !(bits & (STARTTLS | LOGIN)));
}

static void the_same_message_arrives(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits < ALL; bits++)
        for (size_t i = 0; i < COUNT_OF(bodies); i++)
            for (size_t piece = 1; piece < 40 && possible(&bodies[i], bits);
                 piece = piece * 3 + 2) {
                run(&bodies[i], bits, piece, SIZE_MAX);
                run(&bodies[i], bits, piece, piece);
            }
}

/* Every byte as it is, and through DATA not at all. */
static void binary_arrives_as_it_is(void **state)
{
    (void)state;
    static const struct body binary = {"binary", SESSION_BODY_BINARYMIME,
                                       SLICE_INIT("a\nb\r.\r\n\0.\r\n.c"),
                                       SLICE_INIT("a\nb\r.\r\n\0.\r\n.c")};
    for (unsigned bits = 0; bits < OLD; bits++)
        for (size_t piece = 1; piece < 40; piece = piece * 3 + 2) {
            if (bits & CHUNKING) {
                run(&binary, bits, piece, piece);
                continue;
            }
            struct sender s;
            struct peer p;
            sender_begin(&s, bits, binary.bytes, piece, binary.kind);
            peer_begin(&p, bits);
            talk(&s, &p, piece);
            row_expect("binary", "nobody got it", p.stored, 0);
            sender_end(&s);
            peer_end(&p);
        }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_message_arrives),
        cmocka_unit_test(binary_arrives_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
