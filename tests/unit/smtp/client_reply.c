/* SPDX-License-Identifier: Apache-2.0 */
/* client_reply: replies of servers, whole, cut short and broken. */
#include "smtp/client_reply.h"
#include "base/attributes.h"
#include "support/rows.h"

/* `shown`: the code, the text with / for LF, and what is left behind the reply. */
static const struct row {
    const char *name, *input;
    enum client_reply_outcome outcome;
    const char *shown;
} rows[] = {
    {"one line", "220 mx1 ESMTP\r\n", CLIENT_REPLY_DONE, "220 mx1 ESMTP/ []"},
    {"a code alone", "250\r\n", CLIENT_REPLY_DONE, "250 / []"},
    {"nothing behind the blank", "250 \r\n", CLIENT_REPLY_DONE, "250 / []"},
    {"three lines", "250-mx1\r\n250-SIZE 10\r\n250 STARTTLS\r\n", CLIENT_REPLY_DONE,
     "250 mx1/SIZE 10/STARTTLS/ []"},
    {"two replies", "220 one\r\n250 two\r\n", CLIENT_REPLY_DONE, "220 one/ [250 two\r\n]"},
    {"bytes behind it", "220 ready\r\nxyz", CLIENT_REPLY_DONE, "220 ready/ [xyz]"},
    {"nothing yet", "", CLIENT_REPLY_MORE, ""},
    {"half a line", "250 mx", CLIENT_REPLY_MORE, ""},
    {"the last line is to come", "250-mx1\r\n", CLIENT_REPLY_MORE, ""},
    {"CR without LF yet", "250 mx1\r", CLIENT_REPLY_MORE, ""},
    {"LF alone", "250 mx1\n", CLIENT_REPLY_BAD, ""},
    {"an empty line", "\r\n", CLIENT_REPLY_BAD, ""},
    {"two codes", "250-mx1\r\n251 x\r\n", CLIENT_REPLY_BAD, ""},
    {"letters", "OK ready\r\n", CLIENT_REPLY_BAD, ""},
    {"two digits", "25\r\n", CLIENT_REPLY_BAD, ""},
    {"four digits", "2500 x\r\n", CLIENT_REPLY_BAD, ""},
    {"a code below 200", "150 x\r\n", CLIENT_REPLY_BAD, ""},
    {"a code above 599", "600 x\r\n", CLIENT_REPLY_BAD, ""},
    {"a sign", "+25 x\r\n", CLIENT_REPLY_BAD, ""},
    {"another protocol", "SSH-2.0-x\r\n", CLIENT_REPLY_BAD, ""},
};

static void show(const struct client_reply *reply, struct slice rest, struct text *text)
{
    text_append_format(text, "%u ", reply->code);
    for (size_t i = 0; i < reply->text.len; i++)
        text_append_byte(text, reply->text.at[i] == '\n' ? '/' : reply->text.at[i]);
    text_append_format(text, " [%.*s]", SLICE_ARG(rest));
}

static void replies_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char storage[256];
        struct text text = text_over(storage, sizeof storage);
        struct client_reply reply = {.text = text_with_ceiling(4096)};
        struct slice rest = slice_of(rows[i].input);
        enum client_reply_outcome outcome = client_reply_take(&rest, &reply);
        row_expect(rows[i].name, "outcome", outcome, rows[i].outcome);
        if (outcome == CLIENT_REPLY_DONE)
            show(&reply, rest, &text);
        else
            row_expect_slice(rows[i].name, rest, slice_of(rows[i].input));
        row_expect_slice(rows[i].name, text_slice(&text), slice_of(rows[i].shown));
        text_deinit(&reply.text);
    }
}

/* Every whole reply, cut anywhere, asks for more and takes nothing. */
static void a_beginning_asks_for_more(void **state)
{
    (void)state;
    struct client_reply reply = {.text = text_with_ceiling(4096)};
    struct slice whole = SLICE("250-mx1\r\n250-SIZE 10\r\n250 STARTTLS\r\n");
    for (size_t cut = 0; cut < whole.len; cut++) {
        struct slice rest = slice_first(whole, cut);
        assert_int_equal(client_reply_take(&rest, &reply), CLIENT_REPLY_MORE);
    }
    text_deinit(&reply.text);
}

static void nothing_grows_without_end(void **state)
{
    (void)state;
    struct client_reply reply = {.text = text_with_ceiling(1 << 20)};
    struct text input = text_with_ceiling(1 << 20);
    for (int i = 0; i < CLIENT_REPLY_LINES_MAX; i++)
        text_append_c(&input, "250-x\r\n");
    struct slice rest = text_slice(&input);
    assert_int_equal(client_reply_take(&rest, &reply), CLIENT_REPLY_BAD);
    text_clear(&input);
    text_append_c(&input, "250 ");
    while (input.len < CLIENT_REPLY_LINE_MAX - 2)
        text_append_byte(&input, 'x');
    rest = text_slice(&input);
    assert_int_equal(client_reply_take(&rest, &reply), CLIENT_REPLY_MORE);
    text_append_c(&input, "\r\n");
    rest = text_slice(&input);
    assert_int_equal(client_reply_take(&rest, &reply), CLIENT_REPLY_DONE);
    input.len -= 2;
    text_append_c(&input, "x\r\n");
    rest = text_slice(&input);
    assert_int_equal(client_reply_take(&rest, &reply), CLIENT_REPLY_BAD);
    text_deinit(&reply.text);
    reply.text = text_with_ceiling(2); /* no room: that is no reply for us either */
    rest = SLICE("250 mx1\r\n");
    assert_int_equal(client_reply_take(&rest, &reply), CLIENT_REPLY_BAD);
    text_deinit(&reply.text);
    text_deinit(&input);
}

static void extensions_are_found(void **state)
{
    (void)state;
    struct client_reply reply = {.text = text_with_ceiling(4096)};
    struct slice input = SLICE("250-mx1 hello\r\n250-starttls\r\n250 AUTH PLAIN LOGIN\r\n");
    struct slice arguments;
    assert_int_equal(client_reply_take(&input, &reply), CLIENT_REPLY_DONE);
    assert_true(client_reply_offers(&reply, SLICE("STARTTLS"), &arguments));
    assert_int_equal(arguments.len, 0);
    assert_true(client_reply_offers(&reply, SLICE("AUTH"), &arguments));
    assert_true(slice_equal(arguments, SLICE("PLAIN LOGIN")));
    assert_false(client_reply_offers(&reply, SLICE("PLAIN"), &arguments));
    text_deinit(&reply.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_are_read),
        cmocka_unit_test(a_beginning_asks_for_more),
        cmocka_unit_test(nothing_grows_without_end),
        cmocka_unit_test(extensions_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
