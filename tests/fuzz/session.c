/* SPDX-License-Identifier: Apache-2.0 */
/* The whole conversation: the first bytes choose policy, cut and answers, the rest is what the
 * client sends.
 *
 * Held: no 250 for a message that was not stored, no 235 without ACCEPTED, no 334 in clear where
 * TLS is required, replies are whole lines of bounded length, counters keep their limits, and the
 * cut changes nothing. */
#include "smtp/session.h"
#include "smtp/dot.h"
#include "smtp/line.h"

#include "base/base64.h"
#include "fuzz.h"

enum { INPUT_MAX = 1 << 16, CHOICES = 4, OUT_MAX = 1 << 22 };

struct play {
    struct session session;
    struct line_framer framer;
    struct dot dot;
    struct text input, out, content;
    uint64_t chunk_left;
    bool chunk_open, deaf;
    uint32_t random, stored, accepted, transactions;
};

/* Answers come from a sequence of their own, so that cuts do not change them. */
static uint32_t choose(struct play *p, uint32_t count)
{
    p->random = p->random * 1664525U + 1013904223U;
    return (p->random >> 16) % count;
}

static void fill_policy(struct session_policy *policy, uint32_t bits)
{
    *policy = (struct session_policy){
        .fqdn = SLICE("mail.example"),
        .message_max_bytes = bits & 1 ? 100 : 0,
        .recipients_max = 3,
        .protocol_errors_max = bits & 2 ? 5 : UINT32_MAX,
        .logon_failures_max = bits & 4 ? 2 : 0,
        .connection_timeout_ms = 1000,
        .inactivity_timeout_ms = 100,
        .size_enabled = bits & 8,
        .size_without_value = bits & 16,
        .pipelining = true,
        .dsn = bits & 32,
        .enhanced_status_codes = bits & 64,
        .starttls = bits & 128,
        .eight_bit_mime = bits & 256,
        .binary_mime = bits & 512,
        .chunking = !(bits & 1024),
        .smtp_utf8 = bits & 2048,
        .long_addresses = bits & 4096,
        .orar = bits & 8192,
        .require_tls = bits & 16384 && bits & 128,
        .require_ehlo_domain = bits & 32768,
        .basic_auth = true,
        .scram = bits & 2097152,
        .scram_plus = bits & 4194304,
        .basic_auth_require_tls = bits & 65536,
        .may_submit_anonymously = !(bits & 131072),
        .accept_auth_parameter = bits & 262144,
        .default_domain = bits & 524288 ? SLICE("default.example") : SLICE(""),
        .reject_reserved_top_level = bits & 1048576,
        .reject_reserved_second_level = bits & 1048576,
        .reject_single_label = bits & 1048576,
    };
}

static void check_printable(struct slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        require((unsigned char)bytes.at[i] > ' ' && bytes.at[i] != 0x7f);
}

static void meet_auth(struct play *p)
{
    char storage[SESSION_AUTH_MAX];
    struct text decoded = text_over(storage, sizeof storage);
    const struct session_auth *auth = session_auth(&p->session);
    require(p->session.auth_open && !p->session.authenticated);
    bool sends = slice_equal(auth->mechanism, SLICE("PLAIN")) ||
                 slice_equal(auth->mechanism, SLICE("LOGIN"));
    bool binds = slice_equal(auth->mechanism, SLICE("SCRAM-SHA-256-PLUS"));
    require(!sends || p->session.tls || !p->session.policy->basic_auth_require_tls);
    require(!binds || (p->session.tls && session_offers_binding(&p->session)));
    require(base64_decode(auth->encoded, &decoded));
    enum session_auth_answer answer = (enum session_auth_answer)choose(p, 5);
    p->accepted += answer == SESSION_AUTH_ACCEPTED;
    session_answer_auth(&p->session, answer, SLICE("challenge"), 0, &p->out);
}

static void meet_sender(struct play *p)
{
    const struct session_mail *mail = session_mail(&p->session);
    require(p->session.authenticated || p->session.recognised ||
            p->session.policy->may_submit_anonymously);
    require(p->session.tls || !p->session.policy->require_tls);
    require(mail->smtp_utf8 || slice_all_ascii(mail->sender));
    char storage[SESSION_MAILBOX_MAX];
    struct text sender = text_over(storage, sizeof storage);
    size_t at;
    require(session_append_sender(&p->session, &sender));
    require(sender.len == 0 || slice_find(text_slice(&sender), '@', &at));
    check_printable(mail->envid);
    check_printable(mail->auth);
    session_answer_sender(
        &p->session, choose(p, 4) ? SESSION_SENDER_OK : (enum session_sender_answer)choose(p, 8), 0,
        &p->out);
}

static void meet_recipient(struct play *p)
{
    const struct session_recipient *recipient = session_recipient(&p->session);
    require(recipient->mailbox.len > 0 && p->session.recipients < 3);
    char storage[SESSION_MAILBOX_MAX];
    struct text mailbox = text_over(storage, sizeof storage);
    size_t at;
    require(session_append_recipient(&p->session, &mailbox));
    require(slice_find(text_slice(&mailbox), '@', &at) ||
            slice_equal_nocase(text_slice(&mailbox), SLICE("postmaster")));
    check_printable(recipient->orcpt);
    check_printable(recipient->orar);
    session_answer_recipient(&p->session,
                             choose(p, 3) ? SESSION_RECIPIENT_OK
                                          : (enum session_recipient_answer)choose(p, 5),
                             0, &p->out);
}

static void meet_store(struct play *p)
{
    struct session_stored stored = {.answer = (enum session_stored_answer)choose(p, 8),
                                    .message_id = text_slice(&p->content),
                                    .size_bytes = p->content.len};
    require(p->session.recipients > 0);
    p->transactions++;
    p->stored += stored.answer == SESSION_STORED;
    session_answer_stored(&p->session, &stored, 0, &p->out);
    require(p->session.state == SESSION_IDLE);
    text_clear(&p->content);
    p->dot = (struct dot){0};
}

static bool meet_line(struct play *p, struct slice *rest)
{
    struct slice line;
    enum line_outcome outcome = line_take(&p->framer, rest, SESSION_LINE_MAX, &line);
    if (outcome == LINE_PARTIAL)
        return false;
    if (outcome == LINE_COMPLETE)
        session_line(&p->session, line, 0, &p->out);
    else
        session_bad_line(&p->session, outcome == LINE_TOO_LONG, 0, &p->out);
    if (session_transaction_dropped(&p->session))
        text_clear(&p->content);
    return true;
}

static bool meet_body(struct play *p, struct slice *rest)
{
    struct slice piece;
    enum dot_outcome outcome = dot_take(&p->dot, rest, &piece);
    if (outcome == DOT_PIECE)
        text_append(&p->content, piece);
    else if (outcome == DOT_END)
        session_body_ended(&p->session, 0);
    return outcome != DOT_MORE;
}

static bool meet_chunk(struct play *p, struct slice *rest)
{
    const struct session_chunk *chunk = session_chunk(&p->session);
    if (!p->chunk_open)
        p->chunk_left = chunk->size;
    p->chunk_open = true;
    struct slice piece =
        slice_first(*rest, rest->len < p->chunk_left ? rest->len : (size_t)p->chunk_left);
    *rest = slice_after(*rest, piece.len);
    p->chunk_left -= piece.len;
    if (!chunk->discard)
        text_append(&p->content, piece);
    if (p->chunk_left)
        return false;
    p->chunk_open = false;
    require(!p->session.policy->message_max_bytes || p->session.chunk_bytes <= 100);
    session_chunk_ended(&p->session, 0, &p->out);
    if (session_transaction_dropped(&p->session))
        text_clear(&p->content);
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
    case SESSION_WANT_TLS: /* the bytes behind it stand for those inside TLS: they were not sent in
                              clear */
        session_answer_tls(&p->session, choose(p, 4) != 0, 0);
        session_recognise(&p->session, choose(p, 2) != 0);
        session_bindable(&p->session, choose(p, 4) != 0);
        return true;
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
    p->deaf = true;
    return false;
}

static void feed(struct play *p, struct slice piece)
{
    text_append(&p->input, piece);
    struct slice rest = text_slice(&p->input);
    size_t before;
    do {
        before = p->out.len;
        require(!p->out.truncated);
        bool more = meet(p, &rest);
        require(p->out.len - before <= SESSION_REPLY_MAX);
        if (!more)
            break;
    } while (true);
    text_consume(&p->input, p->input.len - rest.len);
}

/* Every reply is a line "ddd text" of printable bytes; the good ones are counted. */
static void check_replies(const struct play *p)
{
    struct slice rest = text_slice(&p->out), line;
    uint32_t queued = 0, accepted = 0;
    while (slice_take_until(&rest, '\n', &line)) {
        require(line.len >= 5 && line.at[line.len - 1] == '\r');
        for (size_t i = 0; i < line.len - 1; i++)
            require(line.at[i] >= ' ' && line.at[i] <= '~');
        for (size_t i = 0; i < 3; i++)
            require(ascii_is_digit(line.at[i]));
        queued += slice_contains(line, SLICE("Queued mail for delivery"));
        accepted += slice_starts(line, SLICE("235 "));
    }
    require(rest.len == 0 && queued == p->stored && accepted == p->accepted);
}

static void play(const struct session_policy *policy, uint32_t seed, struct slice bytes, size_t cut,
                 struct text *out)
{
    struct play p = {.random = seed,
                     .input = text_with_ceiling(INPUT_MAX),
                     .out = text_with_ceiling(OUT_MAX),
                     .content = text_with_ceiling(INPUT_MAX)};
    session_begin(&p.session, policy, (struct ip_address){0}, false, SLICE("date"), 0, &p.out);
    while (bytes.len && !p.deaf) {
        feed(&p, slice_first(bytes, cut));
        bytes = slice_after(bytes, cut);
    }
    check_replies(&p);
    text_append(out, text_slice(&p.out));
    text_deinit(&p.input);
    text_deinit(&p.out);
    text_deinit(&p.content);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < CHOICES || size > 8192)
        return 0;
    uint32_t bits = (uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16;
    struct session_policy policy;
    struct slice bytes = slice_bytes(data + CHOICES, size - CHOICES);
    struct text whole = text_with_ceiling(OUT_MAX), cut_up = text_with_ceiling(OUT_MAX);
    fill_policy(&policy, bits);
    play(&policy, data[3], bytes, SIZE_MAX, &whole);
    play(&policy, data[3], bytes, 1U + data[3] % 16, &cut_up);
    require(slice_equal(text_slice(&whole), text_slice(&cut_up)));
    text_deinit(&whole);
    text_deinit(&cut_up);
    return 0;
}
