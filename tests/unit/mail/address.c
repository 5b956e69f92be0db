/* SPDX-License-Identifier: Apache-2.0 */
/* address: what is a mailbox, what a path, and the form to compare by. */
#include "support/rows.h"

#include "mail/address.h"
#include "mail/utf8.h"

#include <string.h>

#define L64 "0123456789012345678901234567890123456789012345678901234567890123"
#define L512 L64 L64 L64 L64 L64 L64 L64 L64
#define L57 "012345678901234567890123456789012345678901234567890123456"
#define L63 "012345678901234567890123456789012345678901234567890123456789012"

static void mailboxes(void **state)
{
    (void)state;
    static const struct address_options plain = {0}, utf8 = {.utf8 = true},
                                        bare = {.unqualified = true},
                                        longer = {.long_addresses = true};
    static const struct {
        struct slice written;
        const struct address_options *options;
        enum address_outcome outcome;
        const char *canonical;
    } rows[] = {
        /* clang-format off */
        {SLICE_INIT("a@b.example"), &plain, ADDRESS_OK, "a@b.example"},
        {SLICE_INIT("Anna.B+x@Example.COM"), &plain, ADDRESS_OK, "anna.b+x@example.com"},
        {SLICE_INIT("!#$%&'*+-/=?^_`{|}~@b"), &plain, ADDRESS_OK, "!#$%&'*+-/=?^_`{|}~@b"},
        {SLICE_INIT("\"anna\"@b"), &plain, ADDRESS_OK, "anna@b"},
        {SLICE_INIT("\"a\\n\\na\"@b"), &plain, ADDRESS_OK, "anna@b"},
        {SLICE_INIT("\"a b\"@b"), &plain, ADDRESS_OK, "\"a b\"@b"},
        {SLICE_INIT("\"a@b\"@c"), &plain, ADDRESS_OK, "\"a@b\"@c"},
        {SLICE_INIT("\"a\\\"\\\\\"@c"), &plain, ADDRESS_OK, "\"a\\\"\\\\\"@c"},
        {SLICE_INIT("\"a\\@b\"@c"), &plain, ADDRESS_OK, "\"a@b\"@c"},
        {SLICE_INIT("\"\"@b"), &plain, ADDRESS_OK, "\"\"@b"},
        {SLICE_INIT("\".a\"@b"), &plain, ADDRESS_OK, "\".a\"@b"},
        {SLICE_INIT("a@[192.0.2.1]"), &plain, ADDRESS_OK, "a@[192.0.2.1]"},
        {SLICE_INIT("a@[IPv6:2001:DB8::1]"), &plain, ADDRESS_OK, "a@[ipv6:2001:db8::1]"},
        {SLICE_INIT(L64 "@b"), &plain, ADDRESS_OK, L64 "@b"},
        {SLICE_INIT("x" L64 "@b"), &plain, ADDRESS_OK, "x" L64 "@b"},
        {SLICE_INIT(L512 L57 "@b"), &plain, ADDRESS_OK, L512 L57 "@b"},
        {SLICE_INIT("x" L512 L57 "@b"), &plain, ADDRESS_TOO_LONG, NULL},
        {SLICE_INIT("x" L512 L57 "@b"), &longer, ADDRESS_OK, "x" L512 L57 "@b"},
        {SLICE_INIT("a@" L63 "." L63 "." L63 "." L63), &plain, ADDRESS_OK, "a@" L63 "." L63 "." L63 "." L63},
        {SLICE_INIT("a@" L63 "." L63 "." L63 "." L63 ".b"), &longer, ADDRESS_TOO_LONG, NULL},
        {SLICE_INIT("a@" L64), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT(""), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("@b"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("a@"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("a@"), &bare, ADDRESS_INVALID, NULL},
        {SLICE_INIT("a"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("Root"), &bare, ADDRESS_OK, "root"},
        {SLICE_INIT("a b"), &bare, ADDRESS_INVALID, NULL},
        {SLICE_INIT("a@b@c"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT(".a@b"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("a.@b"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("a..b@b"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("a@b."), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("a@.b"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("a@b..c"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("a@-b"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("a@b-"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("a@b_c"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("a(x)@b"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("a@b "), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("a@b\0"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("a\0@b"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("\"a\r\"@b"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("\"a\\\n\"@b"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("\"a\\\0\"@b"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("\"a@b"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("\"a\"b@c"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("a@[]"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("a@[192.0.2]"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("a@[2001:db8::1]"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("a@[IPv6:192.0.2.1]"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("a@[x:y]"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("m\xc3\xbcller@b"), &utf8, ADDRESS_OK, "m\xc3\xbcller@b"},
        {SLICE_INIT("m\xc3\xbcller@b"), &plain, ADDRESS_NEEDS_UTF8, NULL},
        {SLICE_INIT("a@m\xc3\xbcller.example"), &utf8, ADDRESS_OK, "a@xn--mller-kva.example"},
        {SLICE_INIT("a@M\xc3\x9cLLER.example"), &utf8, ADDRESS_OK, "a@xn--mller-kva.example"},
        {SLICE_INIT("a@XN--mller-kva.example"), &plain, ADDRESS_OK, "a@xn--mller-kva.example"},
        {SLICE_INIT("a@m\xef\xbc\x8fl.example"), &utf8, ADDRESS_OK, "a@m\xef\xbc\x8fl.example"},
        {SLICE_INIT("\"\xc3\xbc x\"@b"), &utf8, ADDRESS_OK, "\"\xc3\xbc x\"@b"},
        {SLICE_INIT("m\xfcller@b"), &utf8, ADDRESS_INVALID, NULL},
        {SLICE_INIT("m\xfcller@b"), &plain, ADDRESS_INVALID, NULL},
        {SLICE_INIT("\xc0\x80@b"), &utf8, ADDRESS_INVALID, NULL},
        {SLICE_INIT("\xed\xa0\x80@b"), &utf8, ADDRESS_INVALID, NULL},
        {SLICE_INIT("\xc2\x85@b"), &utf8, ADDRESS_INVALID, NULL},
        {SLICE_INIT("a\xe2\x80\xa8@b"), &utf8, ADDRESS_INVALID, NULL},
        {SLICE_INIT("a@b\xe3\x80\x82" "c"), &utf8, ADDRESS_INVALID, NULL},
        /* clang-format on */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct address address;
        const char *name = rows[i].written.at;
        row_expect(name, "outcome", address_parse(rows[i].written, rows[i].options, &address),
                   rows[i].outcome);
        if (!rows[i].canonical)
            continue;
        char storage[ADDRESS_LONG_MAX];
        struct text canonical = text_over(storage, sizeof storage);
        assert_true(address_append_canonical(&canonical, &address));
        row_expect_slice(name, text_slice(&canonical), slice_of(rows[i].canonical));
    }
}

static void paths(void **state)
{
    (void)state;
    static const struct {
        struct slice written;
        enum address_outcome outcome;
        const char *mailbox, *rest;
    } rows[] = {
        /* clang-format off */
        {SLICE_INIT("<a@b> X"), ADDRESS_OK, "a@b", " X"},
        {SLICE_INIT("<>"), ADDRESS_OK, "", ""},
        {SLICE_INIT("<\"a>b\"@c>x"), ADDRESS_OK, "\"a>b\"@c", "x"},
        {SLICE_INIT("<\"a\\\">b\"@c>"), ADDRESS_OK, "\"a\\\">b\"@c", ""},
        {SLICE_INIT("<@x:a@b>"), ADDRESS_OK, "a@b", ""},
        {SLICE_INIT("<@x,@[192.0.2.1]:a@b>"), ADDRESS_OK, "a@b", ""},
        {SLICE_INIT("<@x,y:a@b>"), ADDRESS_INVALID, "", "<@x,y:a@b>"},
        {SLICE_INIT("<@:a@b>"), ADDRESS_INVALID, "", "<@:a@b>"},
        {SLICE_INIT("<@x:>"), ADDRESS_INVALID, "", "<@x:>"},
        {SLICE_INIT("<@x>"), ADDRESS_INVALID, "", "<@x>"},
        {SLICE_INIT("a@b"), ADDRESS_INVALID, "", "a@b"},
        {SLICE_INIT("<a@b"), ADDRESS_INVALID, "", "<a@b"},
        {SLICE_INIT("< a@b>"), ADDRESS_INVALID, "", "< a@b>"},
        {SLICE_INIT("<<a@b>>"), ADDRESS_INVALID, "", "<<a@b>>"},
        /* clang-format on */
    };
    static const struct address_options plain = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice rest = rows[i].written;
        struct slice mailbox;
        struct address address;
        const char *name = rows[i].written.at;
        row_expect(name, "outcome", address_take_path(&rest, true, &plain, &address, &mailbox),
                   rows[i].outcome);
        row_expect_slice(name, mailbox, slice_of(rows[i].mailbox));
        row_expect_slice(name, rest, slice_of(rows[i].rest));
    }
    struct slice null = SLICE("<>"), mailbox;
    struct address address;
    assert_int_equal(address_take_path(&null, false, &plain, &address, &mailbox), ADDRESS_INVALID);
}

static void a_canonical_form_that_does_not_fit_leaves_the_text(void **state)
{
    (void)state;
    char storage[8];
    struct text text = text_over(storage, sizeof storage);
    text_append_c(&text, "x");
    struct address address = {SLICE("\"a b\""), SLICE("example")};
    assert_false(address_append_canonical(&text, &address));
    row_expect_slice("kept", text_slice(&text), SLICE("x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mailboxes),
        cmocka_unit_test(paths),
        cmocka_unit_test(a_canonical_form_that_does_not_fit_leaves_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
