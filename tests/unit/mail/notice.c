/* SPDX-License-Identifier: Apache-2.0 */
/* notice: what a delivery status notification looks like, when there is one, and that no peer can
 * break out of it. */
#include "support/rows.h"

#include "base/attributes.h"
#include "mail/notice.h"

#include <string.h>

enum { ARRIVED = 1000, PAGE_MAX = 65536 };

static char storage[PAGE_MAX];

static struct notice_recipient refused(void)
{
    return (struct notice_recipient){.action = NOTICE_FAILED,
                                     .address = SLICE("bob@fabrikam.example"),
                                     .original = SLICE("rfc822;robert@fabrikam.example"),
                                     .status = SLICE("5.1.1"),
                                     .remote_server = SLICE("mx.fabrikam.example"),
                                     .reply = SLICE("550 5.1.1 No such user"),
                                     .last_attempt_ms = 61000};
}

static struct notice about(const struct notice_recipient *recipients, size_t count)
{
    return (struct notice){.server = SLICE("mail.contoso.example"),
                           .from = SLICE("postmaster@contoso.example"),
                           .to = SLICE("alice@contoso.example"),
                           .message_id = SLICE("1@mail.contoso.example"),
                           .boundary = SLICE("B0UND"),
                           .subject = SLICE("Lunch"),
                           .references = SLICE("<lunch@contoso.example>"),
                           .envelope_id = SLICE("QQ314159"),
                           .now_ms = 62000,
                           .arrived_ms = ARRIVED,
                           .recipients = recipients,
                           .recipient_count = count};
}

static struct slice opening_of(const struct notice *notice)
{
    struct text text = text_over(storage, sizeof storage);
    assert_true(notice_append_opening(&text, notice));
    return text_slice(&text);
}

static void a_failure_is_told(void **state)
{
    (void)state;
    struct notice_recipient bob = refused();
    struct notice notice = about(&bob, 1);
    row_expect_slice(
        "failure", opening_of(&notice),
        SLICE(
            "From: Mail Delivery System <postmaster@contoso.example>\r\n"
            "To: <alice@contoso.example>\r\n"
            "Date: Thu, 1 Jan 1970 00:01:02 +0000\r\n"
            "Message-ID: <1@mail.contoso.example>\r\n"
            "Subject: Undeliverable: Lunch\r\n"
            "In-Reply-To: <lunch@contoso.example>\r\n"
            "References: <lunch@contoso.example>\r\n"
            "Auto-Submitted: auto-replied\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: multipart/report; report-type=delivery-status;\r\n"
            "\tboundary=\"B0UND\"\r\n"
            "\r\n"
            "This is a notice about a message, in parts (MIME).\r\n"
            "\r\n"
            "--B0UND\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "\r\n"
            "Your message could not be delivered to:\r\n"
            "\r\n"
            "bob@fabrikam.example\r\n"
            "There is no such recipient. Please check the address for a typing error, and whether "
            "the recipient has moved.\r\n"
            "\r\n"
            "Diagnostic information for administrators:\r\n"
            "\r\n"
            "Generating server: mail.contoso.example\r\n"
            "\r\n"
            "bob@fabrikam.example\r\n"
            "mx.fabrikam.example\r\n"
            "Remote Server returned '550 5.1.1 No such user'\r\n"
            "\r\n"
            "Its header follows.\r\n"
            "\r\n"
            "--B0UND\r\n"
            "Content-Type: message/delivery-status\r\n"
            "\r\n"
            "Original-Envelope-Id: QQ314159\r\n"
            "Reporting-MTA: dns; mail.contoso.example\r\n"
            "Arrival-Date: Thu, 1 Jan 1970 00:00:01 +0000\r\n"
            "\r\n"
            "Original-Recipient: rfc822;robert@fabrikam.example\r\n"
            "Final-Recipient: rfc822; bob@fabrikam.example\r\n"
            "Action: failed\r\n"
            "Status: 5.1.1\r\n"
            "Remote-MTA: dns; mx.fabrikam.example\r\n"
            "Diagnostic-Code: smtp; 550 5.1.1 No such user\r\n"
            "Last-Attempt-Date: Thu, 1 Jan 1970 00:01:01 +0000\r\n"
            "\r\n"
            "--B0UND\r\n"
            "Content-Type: text/rfc822-headers\r\n"
            "\r\n"));
    char closing[64];
    struct text text = text_over(closing, sizeof closing);
    assert_true(notice_append_closing(&text, &notice));
    row_expect_slice("closing", text_slice(&text), SLICE("\r\n--B0UND--\r\n"));
}

static void several_outcomes_stand_in_one_notice(void **state)
{
    (void)state;
    struct notice_recipient three[] = {refused(), refused(), refused()};
    three[0].action = NOTICE_DELIVERED;
    three[0].address = SLICE("carol@fabrikam.example");
    three[0].status = SLICE("2.1.5");
    three[1].action = NOTICE_DELAYED;
    three[1].address = SLICE("dave@fabrikam.example");
    three[1].status = SLICE("4.4.1");
    three[1].retry_until_ms = 172800000;
    struct notice notice = about(three, COUNT_OF(three));
    struct slice seen = opening_of(&notice);
    static const struct slice parts[] = {
        SLICE_INIT("Subject: Undeliverable: Lunch\r\n"), /* the worst names it */
        SLICE_INIT("could not be delivered to:\r\n\r\nbob@fabrikam.example\r\n"),
        SLICE_INIT("has not been delivered yet to:\r\n\r\ndave@fabrikam.example\r\n"),
        SLICE_INIT("It is tried until Sat, 3 Jan 1970 00:00:00 +0000.\r\n"),
        SLICE_INIT("has been delivered to:\r\n\r\ncarol@fabrikam.example\r\n"),
        SLICE_INIT("Action: delivered\r\nStatus: 2.1.5\r\n"),
        SLICE_INIT("Action: delayed\r\nStatus: 4.4.1\r\n"),
        SLICE_INIT("Will-Retry-Until: Sat, 3 Jan 1970 00:00:00 +0000\r\n"),
        SLICE_INIT("Action: failed\r\nStatus: 5.1.1\r\n"),
    };
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (!slice_contains(seen, parts[i]))
            fail_msg("not in it: %.*s", SLICE_ARG(parts[i]));
}

static void letters_outside_ascii_change_the_types(void **state)
{
    (void)state;
    struct notice_recipient bob = refused();
    struct notice notice = about(&bob, 1);
    assert_false(notice_needs_utf8(&notice));
    assert_false(notice_needs_eight_bits(&notice));
    bob.reply = SLICE("550 5.1.1 Kein Empf\xc3\xa4nger");
    assert_true(slice_all_ascii(opening_of(&notice))); /* a reply alone changes nothing */
    bob.words = SLICE("Den gibt es hier nicht. Sch\xc3\xb6ne Gr\xc3\xbc\xc3\x9f"
                      "e.");
    assert_false(notice_needs_utf8(&notice));
    assert_true(notice_needs_eight_bits(&notice));
    assert_true(slice_contains(opening_of(&notice),
                               SLICE("charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n")));
    bob.address = SLICE("j\xc3\xb6rg@fabrikam.example");
    notice.whole = true;
    assert_true(notice_needs_utf8(&notice));
    struct slice seen = opening_of(&notice);
    assert_true(slice_contains(seen, SLICE("Content-Type: message/global-delivery-status\r\n")));
    assert_true(
        slice_contains(seen, SLICE("Final-Recipient: utf-8; j\xc3\xb6rg@fabrikam.example\r\n")));
    assert_true(slice_contains(seen, SLICE("Content-Type: message/global\r\n")));
    assert_true(
        slice_contains(seen, SLICE("Diagnostic-Code: smtp; 550 5.1.1 Kein Empf\xc3\xa4nger\r\n")));
}

/* Whatever the values: no line begins with what a peer chose, each ends with CR LF and is no longer
 * than 998 octets. */
static void expect_sound(struct slice seen)
{
    struct slice rest = seen, line;
    size_t bounds = 0;
    while (slice_take_field(&rest, '\n', &line)) {
        assert_true(line.len && line.at[line.len - 1] == '\r');
        line.len--;
        assert_true(line.len <= 998);
        assert_null(memchr(line.at, '\r', line.len));
        assert_null(memchr(line.at, '\0', line.len));
        bounds += slice_starts(line, SLICE("--B0UND"));
        assert_false(slice_starts_nocase(line, SLICE("Bcc:")));
        assert_false(slice_starts_nocase(line, SLICE("Action: relayed")));
    }
    assert_int_equal(bounds, 3);
}

static void nobody_breaks_out(void **state)
{
    (void)state;
    static char long_one[8000];
    memset(long_one, 'x', sizeof long_one);
    struct slice bad[] = {
        SLICE("a\r\nBcc: eve@evil.example"),
        SLICE("a\nAction: relayed"),
        SLICE("a\r\r\n--B0UND\r\n\r\n"),
        {"a\0b", 3},
        {long_one, sizeof long_one},
        SLICE("\xff\xfe\xe2\x80\xa8 Bcc: x"),
        SLICE("\n\n\n"),
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct notice_recipient bob = refused();
        struct notice notice = about(&bob, 1);
        struct slice *values[] = {&bob.address,    &bob.original,       &bob.remote_server,
                                  &notice.subject, &notice.envelope_id, &notice.references,
                                  &notice.to,      &notice.from,        &notice.server};
        for (size_t v = 0; v < COUNT_OF(values); v++) {
            struct slice before = *values[v];
            *values[v] = bad[i];
            expect_sound(opening_of(&notice));
            *values[v] = before;
        }
    }
}

/* Lines of a reply are kept as lines, behind blanks. */
static void a_long_reply_keeps_its_lines(void **state)
{
    (void)state;
    struct notice_recipient bob = refused();
    struct notice notice = about(&bob, 1);
    bob.reply = SLICE("550-5.7.1 Go away.\r\n550 5.7.1 --B0UND");
    struct slice seen = opening_of(&notice);
    expect_sound(seen);
    assert_true(slice_contains(seen, SLICE("Diagnostic-Code: smtp; 550-5.7.1 Go away.\r\n"
                                           "    550 5.7.1 --B0UND\r\n")));
    bob.reply = SLICE("--B0UND\n--B0UND\nAction: relayed\n");
    expect_sound(opening_of(&notice));
    bob.words = SLICE("--B0UND\nBcc: x");
    struct text text = text_over(storage, sizeof storage);
    assert_true(notice_append_opening(&text, &notice));
}

static void who_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct slice sender;
        unsigned wish;
        enum notice_action action;
        bool due;
    } rows[] = {
        {"failure, nothing said", SLICE_INIT("a@b"), 0, NOTICE_FAILED, true},
        {"delay, nothing said", SLICE_INIT("a@b"), 0, NOTICE_DELAYED, true},
        {"success, nothing said", SLICE_INIT("a@b"), 0, NOTICE_DELIVERED, false},
        {"never", SLICE_INIT("a@b"), NOTICE_WISH_NEVER, NOTICE_FAILED, false},
        {"success only, failure", SLICE_INIT("a@b"), NOTICE_WISH_SUCCESS, NOTICE_FAILED, false},
        {"success only, relayed", SLICE_INIT("a@b"), NOTICE_WISH_SUCCESS, NOTICE_RELAYED, true},
        {"failure only, delay", SLICE_INIT("a@b"), NOTICE_WISH_FAILURE, NOTICE_DELAYED, false},
        {"null sender", SLICE_INIT(""), 0, NOTICE_FAILED, false},
        {"null sender wishes all", SLICE_INIT(""), 14, NOTICE_DELIVERED, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        row_expect(rows[i].name, "due", notice_due(rows[i].sender, rows[i].wish, rows[i].action),
                   rows[i].due);
}

static void every_status_has_words(void **state)
{
    (void)state;
    static const struct {
        const char *status, *begin;
    } rows[] = {
        {"5.1.1", "There is no such recipient"},
        {"5.1.10", "The domain of the recipient"},
        {"5.1.99", "The address was not"},
        {"5.99.99", "The message could not be delivered."},
        {"4.4.1", "The message could not be delivered yet"},
        {"2.1.5", "The message has been handed over"},
        {"", "The message could not"},
        {"nonsense", "The message could not"},
        {"5.7.1", "You are not allowed"},
        {"5.7.13", "The message was refused"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice words = notice_words_of(slice_of(rows[i].status));
        row_expect(rows[i].status, "begins so", slice_starts(words, slice_of(rows[i].begin)), true);
    }
}

static void a_reply_has_a_status(void **state)
{
    (void)state;
    static const struct {
        const char *reply, *status;
    } rows[] = {
        {"550 5.1.1 No such user", "5.1.1"},
        {"452-4.5.3 Too many", "4.5.3"},
        {"250 2.1.5", "2.1.5"},
        {"550 No such user", "5.0.0"},
        {"451 Later", "4.0.0"},
        {"250 OK", "2.0.0"},
        {"550 5.7.54321 x", "5.0.0"},
        {"550 5.1.x", "5.0.0"},
        {"550 5.1.1x", "5.0.0"},
        {"", "5.0.0"},
        {"bye", "5.0.0"},
        {"55", "5.0.0"},
        {"354 3.0.0.", "3.0.0"},
        {"550 127.0.0.1 said no", "5.0.0"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        row_expect_slice(rows[i].reply, notice_status_of(slice_of(rows[i].reply)),
                         slice_of(rows[i].status));
}

static void no_room_leaves_it_as_it_was(void **state)
{
    (void)state;
    struct notice_recipient bob = refused();
    struct notice notice = about(&bob, 1);
    size_t needed = opening_of(&notice).len;
    for (size_t room = 2; room < needed + 2; room += 97) {
        struct text text = text_over(storage, room);
        text_append_c(&text, "X:");
        assert_false(notice_append_opening(&text, &notice));
        row_expect_slice("as it was", text_slice(&text), SLICE("X:"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_is_told),
        cmocka_unit_test(several_outcomes_stand_in_one_notice),
        cmocka_unit_test(letters_outside_ascii_change_the_types),
        cmocka_unit_test(nobody_breaks_out),
        cmocka_unit_test(a_long_reply_keeps_its_lines),
        cmocka_unit_test(who_is_told),
        cmocka_unit_test(every_status_has_words),
        cmocka_unit_test(a_reply_has_a_status),
        cmocka_unit_test(no_room_leaves_it_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
