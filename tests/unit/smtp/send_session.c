/* SPDX-License-Identifier: Apache-2.0 */
/* send_session: greeting, STARTTLS, AUTH and how connections end, as scripts; servers that are
 * hostile. */
#include "support/rows.h"
#include "support/send_play.h"

#include <string.h>

#define MESSAGE                                                                                    \
    "C MAIL FROM:<s@x>\nS 250 ok\nC RCPT TO:<a@y>\nS 250 ok\nC DATA\nS 354 go\nC Hi\nC .\nS 250 "  \
    "taken\n"
#define QUIT "C QUIT\nS 221 bye"
#define DELIVERED "D the end of the message: 250 taken"

static const struct slice all_mechanisms[] = {SLICE_INIT("SCRAM-SHA-256"), SLICE_INIT("PLAIN"),
                                              SLICE_INIT("LOGIN")};

#define LOGIN_WANTED .mechanisms = all_mechanisms, .mechanisms_count = 3

/* clang-format off */
static const struct send_play plays[] = {
    /* --- greeting and EHLO --- */
    {.name = "no extension", .script = "S 220 mx\nC EHLO us\nS 250 mx\n" MESSAGE QUIT,
     .fates = DELIVERED, .ending = "quit"},
    {.name = "a greeting of many lines", .script = "S 220-mx\nS 220 no joke\nC EHLO us\nS 250 mx\n" MESSAGE QUIT,
     .fates = DELIVERED, .ending = "quit"},
    {.name = "the greeting offers nothing", .script = "S 220 mx\nC EHLO us\nS 250-PIPELINING\nS 250 X\n" MESSAGE QUIT,
     .fates = DELIVERED, .ending = "quit"},
    {.name = "unknown words", .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250-XFOO BAR\nS 250-\nS 250 HELP\n" MESSAGE QUIT,
     .fates = DELIVERED, .ending = "quit"},
    {.name = "busy", .script = "S 421 4.3.2 later", .ending = "closing the greeting: 421 4.3.2 later"},
    {.name = "refused for now", .script = "S 450 later\n" QUIT, .ending = "refused the greeting: 450 later"},
    {.name = "refused for good", .script = "S 554-no\nS 554 mail here\n" QUIT, .ending = "refused the greeting: 554 no/mail here"},
    {.name = "a greeting that is none", .script = "S 250 mx", .ending = "fault the greeting: 451 4.5.0 The server's greeting is none*"},
    {.name = "another protocol", .script = "S SSH-2.0-x", .ending = "fault the greeting: 451 4.5.0 What the server said is no reply of SMTP*"},
    {.name = "no EHLO, 500", .script = "S 220 mx\nC EHLO us\nS 500 what\nC HELO us\nS 250 mx\n" MESSAGE QUIT,
     .fates = DELIVERED, .ending = "quit"},
    {.name = "no EHLO, 502", .script = "S 220 mx\nC EHLO us\nS 502 what\nC HELO us\nS 250-mx\nS 250 PIPELINING\n" MESSAGE QUIT,
     .fates = DELIVERED, .ending = "quit"},
    {.name = "no EHLO and no HELO", .script = "S 220 mx\nC EHLO us\nS 502 what\nC HELO us\nS 502 what\n" QUIT,
     .ending = "refused HELO: 502 what"},
    {.name = "EHLO refused", .script = "S 220 mx\nC EHLO us\nS 550 who\n" QUIT, .ending = "refused EHLO: 550 who"},
    {.name = "EHLO refused for now", .script = "S 220 mx\nC EHLO us\nS 451 wait\n" QUIT, .ending = "refused EHLO: 451 wait"},
    {.name = "EHLO answered 354", .script = "S 220 mx\nC EHLO us\nS 354 go", .ending = "fault EHLO: 451 4.5.0 The server's reply to EHLO is none*"},
    {.name = "HELO by force", .policy = {.force_helo = true}, .script = "S 220 mx\nC HELO us\nS 250 mx\n" MESSAGE QUIT,
     .fates = DELIVERED, .ending = "quit"},
    {.name = "LMTP greets its own way", .policy = {.lmtp = true}, .script = "S 220 mx\nC LHLO us\nS 250 mx\n" MESSAGE QUIT,
     .fates = DELIVERED, .ending = "quit"},
    {.name = "LMTP knows no HELO", .policy = {.lmtp = true, .force_helo = true}, .script = "S 220 mx\nC LHLO us\nS 500 what\n" QUIT,
     .ending = "refused EHLO: 500 what"},

    /* --- STARTTLS --- */
    {.name = "TLS", .policy = {.tls = SEND_TLS_OPPORTUNISTIC},
     .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 STARTTLS\nC STARTTLS\nS 220 go\nC EHLO us\nS 250 mx\n" MESSAGE QUIT,
     .fates = DELIVERED, .ending = "quit"},
    {.name = "what was offered in clear is forgotten", .policy = {.tls = SEND_TLS_REQUIRED},
     .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250-PIPELINING\nS 250-DSN\nS 250 STARTTLS\nC STARTTLS\nS 220 go\nC EHLO us\nS 250 mx\n" MESSAGE QUIT,
     .fates = DELIVERED, .ending = "quit"},
    {.name = "STARTTLS inside TLS is not said", .policy = {.tls = SEND_TLS_REQUIRED}, .tls = true,
     .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 STARTTLS\n" MESSAGE QUIT, .fates = DELIVERED, .ending = "quit"},
    {.name = "TLS is not wanted", .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 STARTTLS\n" MESSAGE QUIT,
     .fates = DELIVERED, .ending = "quit"},
    {.name = "TLS is not offered", .policy = {.tls = SEND_TLS_OPPORTUNISTIC},
     .script = "S 220 mx\nC EHLO us\nS 250 mx\n" MESSAGE QUIT, .fates = DELIVERED, .ending = "quit"},
    {.name = "TLS is required and not offered", .policy = {.tls = SEND_TLS_REQUIRED}, .script = "S 220 mx\nC EHLO us\nS 250 mx\n" QUIT,
     .ending = "tls missing EHLO: 451 5.7.3 STARTTLS is required to send mail*"},
    {.name = "TLS is required of a server without EHLO", .policy = {.tls = SEND_TLS_REQUIRED},
     .script = "S 220 mx\nC EHLO us\nS 500 what\nC HELO us\nS 250 STARTTLS\n" QUIT,
     .ending = "tls missing HELO: 451 5.7.3 STARTTLS is required to send mail*"},
    {.name = "TLS is required and refused", .policy = {.tls = SEND_TLS_REQUIRED},
     .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 STARTTLS\nC STARTTLS\nS 454 4.7.0 no key\n" QUIT,
     .ending = "tls missing STARTTLS: 451 5.7.3 STARTTLS is required to send mail, and the server refused it: 454 4.7.0 no key*"},
    {.name = "TLS is refused", .policy = {.tls = SEND_TLS_OPPORTUNISTIC},
     .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 STARTTLS\nC STARTTLS\nS 454 4.7.0 no key\n" QUIT,
     .ending = "tls missing STARTTLS: 454 4.7.0 no key"},
    {.name = "TLS is refused, and clear is good enough", .policy = {.tls = SEND_TLS_OPPORTUNISTIC, .clear_after_refusal = true},
     .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 STARTTLS\nC STARTTLS\nS 454 4.7.0 no key\n" MESSAGE QUIT, .fates = DELIVERED, .ending = "quit"},
    {.name = "STARTTLS answered 250", .policy = {.tls = SEND_TLS_OPPORTUNISTIC},
     .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 STARTTLS\nC STARTTLS\nS 250 go",
     .ending = "fault STARTTLS: 451 4.5.0 The server's reply to STARTTLS is none*"},
    {.name = "bytes behind the 220", .policy = {.tls = SEND_TLS_OPPORTUNISTIC},
     .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 STARTTLS\nC STARTTLS\nS 220 go\nS 250-mx",
     .ending = "fault STARTTLS: 454 4.7.0 The server said more behind its reply to STARTTLS, in clear: somebody may stand in between*"},
    {.name = "a handshake fails", .policy = {.tls = SEND_TLS_OPPORTUNISTIC}, .handshake = SEND_TLS_HANDSHAKE_FAILED,
     .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 STARTTLS\nC STARTTLS\nS 220 go",
     .ending = "tls failed STARTTLS: 454 4.7.0 TLS handshake failed: Reason*"},
    {.name = "a certificate is not trusted", .policy = {.tls = SEND_TLS_REQUIRED}, .handshake = SEND_TLS_NOT_TRUSTED,
     .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 STARTTLS\nC STARTTLS\nS 220 go",
     .ending = "tls failed STARTTLS: 454 4.7.5 Certificate validation failure, reason:Reason*"},

    /* --- REQUIRETLS --- */
    {.name = "REQUIRETLS is passed on", .policy = {.tls = SEND_TLS_REQUIRED, .require_tls = true},
     .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 STARTTLS\nC STARTTLS\nS 220 go\nC EHLO us\nS 250-mx\nS 250 REQUIRETLS\n" MESSAGE QUIT, .fates = DELIVERED, .ending = "quit"},
    {.name = "REQUIRETLS is not passed on", .policy = {.tls = SEND_TLS_REQUIRED, .require_tls = true},
     .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 STARTTLS\nC STARTTLS\nS 220 go\nC EHLO us\nS 250 mx\n" QUIT,
     .ending = "unfit EHLO: 550 5.7.30 REQUIRETLS support required*"},
    {.name = "REQUIRETLS in clear is none", .policy = {.require_tls = true}, .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 REQUIRETLS\n" QUIT,
     .ending = "unfit EHLO: 550 5.7.10 Encryption needed*"},
    {.name = "REQUIRETLS and HELO", .policy = {.require_tls = true, .force_helo = true}, .script = "S 220 mx\nC HELO us\nS 250 mx\n" QUIT,
     .ending = "unfit HELO: 550 5.7.10 Encryption needed*"},

    /* --- AUTH --- */
    {.name = "a login", .policy = {LOGIN_WANTED}, .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 AUTH LOGIN PLAIN\nC AUTH PLAIN Zmlyc3Q=\nS 235 in\n" MESSAGE QUIT,
     .fates = DELIVERED, .ending = "quit"},
    {.name = "a login inside TLS only", .policy = {LOGIN_WANTED, .auth_requires_tls = true}, .tls = true,
     .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 auth plain\nC AUTH PLAIN Zmlyc3Q=\nS 235 in\n" MESSAGE QUIT, .fates = DELIVERED, .ending = "quit"},
    {.name = "no login in clear", .policy = {LOGIN_WANTED, .auth_requires_tls = true}, .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 AUTH PLAIN\n" QUIT,
     .ending = "auth failed EHLO: 451 5.7.3 A login is required to send mail, inside TLS only, and the connection is in clear*"},
    {.name = "a login behind STARTTLS", .policy = {LOGIN_WANTED, .auth_requires_tls = true, .tls = SEND_TLS_REQUIRED},
     .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250-AUTH PLAIN\nS 250 STARTTLS\nC STARTTLS\nS 220 go\nC EHLO us\nS 250-mx\nS 250 AUTH LOGIN\n"
               "C AUTH LOGIN\nS 334 VXNlcm5hbWU6\nC VXNlcm5hbWU6\nS 334 UGFzc3dvcmQ6\nC UGFzc3dvcmQ6\nS 235 in\n" MESSAGE QUIT,
     .fates = DELIVERED, .ending = "quit"},
    {.name = "the best mechanism; an empty response", .policy = {LOGIN_WANTED}, .sasl = SASL_PLAY_LATER,
     .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250-AUTH PLAIN\nS 250 AUTH SCRAM-SHA-256\nC AUTH SCRAM-SHA-256 =\nS 334 YQ==\nC YQ==\nS 235 in\n" MESSAGE QUIT,
     .fates = DELIVERED, .ending = "quit"},
    {.name = "no mechanism of ours", .policy = {LOGIN_WANTED}, .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 AUTH NTLM GSSAPI\n" QUIT,
     .ending = "auth failed EHLO: 451 5.7.3 A login is required to send mail, and the server offers none of the mechanisms that are allowed*"},
    {.name = "a wrong password", .policy = {LOGIN_WANTED}, .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 AUTH PLAIN\nC AUTH PLAIN Zmlyc3Q=\nS 535 5.7.3 no\n" QUIT,
     .ending = "auth failed AUTH: 535 5.7.3 no"},
    {.name = "the checker sleeps", .policy = {LOGIN_WANTED}, .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 AUTH PLAIN\nC AUTH PLAIN Zmlyc3Q=\nS 454 4.7.0 wait\n" QUIT,
     .ending = "auth failed AUTH: 454 4.7.0 wait"},
    {.name = "offered and not known", .policy = {LOGIN_WANTED},
     .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 AUTH PLAIN LOGIN\nC AUTH PLAIN Zmlyc3Q=\nS 504 5.7.4 what\nC AUTH LOGIN\nS 504 5.7.4 what\n" QUIT,
     .ending = "auth failed AUTH: 451 5.7.3 A login is required to send mail, and the server offers none of the mechanisms that are allowed*"},
    {.name = "a challenge that is not base64", .policy = {LOGIN_WANTED},
     .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 AUTH LOGIN\nC AUTH LOGIN\nS 334 User?\nC *\nS 501 cancelled\n" QUIT,
     .ending = "auth failed AUTH: 451 4.7.0 The server's side of the login cannot be believed*"},
    {.name = "accepted though it was cancelled", .policy = {LOGIN_WANTED},
     .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 AUTH LOGIN\nC AUTH LOGIN\nS 334 User?\nC *\nS 235 in",
     .ending = "fault AUTH: 451 4.7.0 The server ended the login before it had proven that it may*"},
    {.name = "accepted before its proof", .policy = {LOGIN_WANTED}, .sasl = SASL_PLAY_LATER,
     .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 AUTH SCRAM-SHA-256\nC AUTH SCRAM-SHA-256 =\nS 235 in",
     .ending = "fault AUTH: 451 4.7.0 The server ended the login before it had proven that it may*"},
    {.name = "challenges without end", .policy = {LOGIN_WANTED}, .sasl = SASL_PLAY_ENDLESS,
     .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 AUTH PLAIN\nC AUTH PLAIN bmV4dA==\nS 334 \nC bmV4dA==\nS 334 \nC bmV4dA==\nS 334 \nC bmV4dA==\nS 334 \n"
               "C bmV4dA==\nS 334 \nC bmV4dA==\nS 334 \nC bmV4dA==\nS 334 \nC bmV4dA==\nS 334 \nC bmV4dA==\nS 334 \nC *\nS 501 enough\n" QUIT,
     .ending = "auth failed AUTH: 451 4.7.0 The server's side of the login cannot be believed*"},
    {.name = "nothing to begin with", .policy = {LOGIN_WANTED}, .sasl = SASL_PLAY_GIVES_UP,
     .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 AUTH PLAIN\n" QUIT, .ending = "auth failed EHLO: 451 4.7.0 The login cannot be begun*"},
    {.name = "AUTH answered 250", .policy = {LOGIN_WANTED}, .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 AUTH PLAIN\nC AUTH PLAIN Zmlyc3Q=\nS 250 ok",
     .ending = "fault AUTH: 451 4.5.0 The server's reply to AUTH is none*"},

    /* --- the connection ends, or should --- */
    {.name = "lost before the greeting", .script = "S! lost", .ending = "lost the greeting: 421 4.4.2 Connection dropped due to SocketError*"},
    {.name = "no greeting in time", .script = "S! late", .ending = "timed out the greeting: 421 4.4.2 Connection dropped due to Timeout*"},
    {.name = "lost in STARTTLS", .policy = {.tls = SEND_TLS_REQUIRED}, .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 STARTTLS\nC STARTTLS\nS! lost",
     .ending = "lost STARTTLS: 421 4.4.2 Connection dropped due to SocketError*"},
    {.name = "no answer to QUIT", .script = "S 220 mx\nC EHLO us\nS 250 mx\n" MESSAGE "C QUIT\nS! lost", .fates = DELIVERED, .ending = "quit"},
    {.name = "no answer to QUIT in time", .script = "S 220 mx\nC EHLO us\nS 250 mx\n" MESSAGE "C QUIT\nS! late", .fates = DELIVERED, .ending = "quit"},
    {.name = "QUIT refused", .script = "S 220 mx\nC EHLO us\nS 250 mx\n" MESSAGE "C QUIT\nS 500 never", .fates = DELIVERED, .ending = "quit"},
    {.name = "an answer before the question", .script = "S 220 mx\nS 250 mx\nC EHLO us",
     .ending = "fault EHLO: 451 4.5.0 The server answered what it had not been asked*"},
    {.name = "goodbye before the question", .script = "S 220 mx\nS 421 not today\nC EHLO us", .ending = "closing EHLO: 421 not today"},
    {.name = "answers to a whole group before it was said", .script = "S 220 mx\nC EHLO us\nS 250-mx\nS 250 PIPELINING\nS 250 ok\nS 250 ok\nS 354 go",
     .ending = "fault between messages: 451 4.5.0 The server answered what it had not been asked*"},
    {.name = "8-bit words are kept as they are", .script = "S 554 \xff\xfe no\n" QUIT, .ending = "refused the greeting: 554 \xff\xfe no"},
    {.name = "two codes in one reply", .script = "S 220-mx\nS 250 mx", .ending = "fault the greeting: 451 4.5.0 What the server said is no reply of SMTP*"},
};
/* clang-format on */

static void plays_go_as_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(plays); i++)
        send_play_run(&plays[i], SIZE_MAX);
}

static void no_cut_matters(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(plays); i++)
        for (size_t cut = 1; cut < 20; cut += 3)
            send_play_run(&plays[i], cut);
}

/* --- bounds --- */

static void expect_fault(const char *row, struct slice piece, size_t times, size_t cut)
{
    static const struct send_policy policy = {.hello_name = SLICE_INIT("us")};
    struct send_session s;
    send_session_begin(&s, &policy, false);
    for (size_t i = 0; i < times && s.want != SEND_WANT_CLOSE; i++)
        for (struct slice rest = piece; rest.len && s.want != SEND_WANT_CLOSE;) {
            send_session_feed(&s, slice_first(rest, cut));
            rest = slice_after(rest, cut);
        }
    row_expect(row, "end", (long long)s.ending.end, SEND_END_FAULT);
    row_expect(row, "input stays small", s.input.capacity <= SEND_INPUT_MAX, true);
    send_session_end(&s);
}

static void floods_end_the_connection(void **state)
{
    (void)state;
    static char line[SEND_INPUT_MAX];
    for (size_t cut = 7; cut <= 70000; cut *= 100) {
        memset(line, 'x', sizeof line);
        expect_fault("a line without end", slice_bytes(line, sizeof line), 100, cut);
        memcpy(line, "220-", 4);
        memcpy(line + 1998, "\r\n", 2);
        expect_fault("long lines", slice_bytes(line, 2000), 100, cut);
        expect_fault("many lines", SLICE("220-x\r\n"), 1000, cut);
    }
}

static void a_hundred_lines_are_a_reply(void **state)
{
    (void)state;
    static const struct send_policy policy = {.hello_name = SLICE_INIT("us")};
    struct send_session s;
    send_session_begin(&s, &policy, false);
    for (size_t i = 0; i < CLIENT_REPLY_LINES_MAX - 1; i++)
        send_session_feed(&s, SLICE("554-x\r\n"));
    assert_int_equal(s.want, SEND_WANT_REPLY);
    assert_int_equal(s.output.len, 0);
    send_session_feed(&s, SLICE("554 x\r\n"));
    assert_int_equal(s.ending.end, SEND_END_REFUSED);
    assert_int_equal(s.ending.answer.text.len, 2 * CLIENT_REPLY_LINES_MAX - 1);
    send_session_end(&s);
}

static void long_words_are_cut(void **state)
{
    (void)state;
    static const struct send_policy policy = {.hello_name = SLICE_INIT("us")};
    static char line[2002];
    struct send_session s;
    memset(line, 'x', sizeof line);
    memcpy(line + 2000, "\r\n", 2);
    send_session_begin(&s, &policy, false);
    for (size_t i = 0; i < 4; i++) {
        memcpy(line, i < 3 ? "554-" : "554 ", 4);
        send_session_feed(&s, slice_bytes(line, sizeof line));
    }
    assert_int_equal(s.ending.end, SEND_END_REFUSED);
    assert_int_equal(s.ending.answer.text.len, SEND_WORDS_MAX);
    send_session_end(&s);
}

static void a_message_of_a_login_is_bounded(void **state)
{
    (void)state;
    static char message[SEND_AUTH_MAX + 1];
    for (size_t more = 0; more < 2; more++) {
        struct send_policy policy = {.hello_name = SLICE("us"), LOGIN_WANTED};
        struct send_session s;
        send_session_begin(&s, &policy, false);
        send_session_feed(&s, SLICE("220 mx\r\n"));
        send_session_output_sent(&s, s.output.len);
        send_session_feed(&s, SLICE("250-mx\r\n250 AUTH PLAIN\r\n"));
        assert_int_equal(s.want, SEND_WANT_AUTH);
        send_session_answer_auth(&s, SEND_AUTH_LAST_MESSAGE,
                                 slice_bytes(message, SEND_AUTH_MAX + more));
        assert_int_equal(s.ending.end, more ? SEND_END_AUTH_FAILED : SEND_END_NONE);
        send_session_end(&s);
    }
}

static void half_a_command_is_not_sent_on(void **state)
{
    (void)state;
    static const struct send_policy policy = {.hello_name = SLICE_INIT("us")};
    struct send_session s;
    send_session_begin(&s, &policy, false);
    s.output.ceiling = 6; /* as if there were no memory */
    assert_int_equal(send_session_feed(&s, SLICE("220 mx\r\n")), SEND_WANT_CLOSE);
    assert_int_equal(s.ending.end, SEND_END_FAULT);
    send_session_end(&s);
}

/* --- patience, and status codes --- */

static void the_shorter_patience_counts(void **state)
{
    (void)state;
    struct send_policy policy = {.hello_name = SLICE_INIT("us")};
    struct send_session s;
    send_session_begin(&s, &policy, false);
    assert_true(send_session_patience_ms(&s) == 300000);
    policy.inactivity_timeout_ms = 1000;
    assert_true(send_session_patience_ms(&s) == 1000);
    policy.inactivity_timeout_ms = 600000;
    assert_true(send_session_patience_ms(&s) == 300000);
    s.step = SEND_STEP_END;
    assert_true(send_session_patience_ms(&s) == 600000);
    send_session_end(&s);
}

static void half_a_reply_is_no_move(void **state)
{
    (void)state;
    static const struct send_policy policy = {.hello_name = SLICE_INIT("us")};
    struct send_session s;
    send_session_begin(&s, &policy, false);
    send_session_feed(&s, SLICE("220-mx\r\n220 jo"));
    assert_true(s.moves == 0);
    send_session_feed(&s, SLICE("ke\r\n"));
    assert_true(s.moves == 1);
    send_session_end(&s);
}

struct heard {
    char steps[200];
    struct text text;
};

static void on_heard(void *hearer, enum send_step step, const struct client_reply *reply)
{
    struct heard *heard = hearer;
    text_append_format(&heard->text, "%s %u, ", send_step_name(step), reply->code);
}

static void every_reply_is_heard_with_what_it_answers(void **state)
{
    (void)state;
    struct heard heard = {0};
    heard.text = text_over(heard.steps, sizeof heard.steps);
    const struct send_policy policy = {
        .hello_name = SLICE("us"), .heard = on_heard, .hearer = &heard};
    struct send_session s;
    send_session_begin(&s, &policy, false);
    send_session_feed(&s, SLICE("220-mx\r\n220 ready\r\n"));
    send_session_output_sent(&s, s.output.len);
    send_session_feed(&s, SLICE("502 what\r\n"));
    send_session_output_sent(&s, s.output.len);
    send_session_feed(&s, SLICE("250 mx\r\n"));
    row_expect_slice("heard", text_slice(&heard.text),
                     SLICE("the greeting 220, EHLO 502, HELO 250, "));
    send_session_end(&s);
}

static void a_status_is_one_of_the_class_of_its_code(void **state)
{
    (void)state;
    static const struct {
        unsigned code;
        const char *text, *status;
    } rows[] = {
        {550, "5.1.1 no", "5.1.1"},
        {550, "5.1.1", "5.1.1"},
        {550, "5.7.509 x", "5.7.509"},
        {550, "5.1.1\nx", "5.1.1"},
        {450, "5.1.1 no", ""},
        {550, "no", ""},
        {550, "", ""},
        {550, "5.1 x", ""},
        {550, "5.1.1.1 x", ""},
        {550, "5.1.1x", ""},
        {550, "5..1 x", ""},
        {550, ".5.1 x", ""},
        {550, "55.1.1 x", ""},
        {550, "5.123.1234 xy", ""},
        {550, "5.1. x", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct send_answer answer = {.code = rows[i].code, .text = text_with_ceiling(100)};
        text_append_c(&answer.text, rows[i].text);
        row_expect_slice(rows[i].text, send_answer_status(&answer), slice_of(rows[i].status));
        text_deinit(&answer.text);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(plays_go_as_written),
        cmocka_unit_test(no_cut_matters),
        cmocka_unit_test(floods_end_the_connection),
        cmocka_unit_test(a_hundred_lines_are_a_reply),
        cmocka_unit_test(long_words_are_cut),
        cmocka_unit_test(a_message_of_a_login_is_bounded),
        cmocka_unit_test(half_a_command_is_not_sent_on),
        cmocka_unit_test(the_shorter_patience_counts),
        cmocka_unit_test(half_a_reply_is_no_move),
        cmocka_unit_test(every_reply_is_heard_with_what_it_answers),
        cmocka_unit_test(a_status_is_one_of_the_class_of_its_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
