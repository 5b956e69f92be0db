/* SPDX-License-Identifier: Apache-2.0 */
/* from: the mailboxes of a From value, and what is too unclear to be judged. */
#include "support/rows.h"

#include "base/text.h"
#include "mail/from.h"

static void mailboxes_or_unclear(void **state)
{
    (void)state;
    static const struct {
        struct slice value;
        const char *seen; /* mailboxes with blanks between; NULL: unclear */
    } rows[] = {
        /* clang-format off */
        {SLICE_INIT("a@b"), "a@b"},
        {SLICE_INIT(" a@b "), "a@b"},
        {SLICE_INIT("<a@b>"), "a@b"},
        {SLICE_INIT("Anna B. <a@b>"), "a@b"},
        {SLICE_INIT("\"B, Anna @ <x@y>\" <a@b>"), "a@b"},
        {SLICE_INIT("\"B\" Anna \"C\"<a@b>"), "a@b"},
        {SLICE_INIT("(x@y) Anna (a (nested \\) one)) <a@b> (z)"), "a@b"},
        {SLICE_INIT("a@b (Anna, B)"), "a@b"},
        {SLICE_INIT("a@b, Anna <c@d>,\"x y\"@z"), "a@b c@d \"x y\"@z"},
        {SLICE_INIT("=?utf-8?q?Anna?= <a@b>"), "a@b"},
        {SLICE_INIT("M\xc3\xbcller <a@b>"), "a@b"},
        {SLICE_INIT("a@[192.0.2.1]"), "a@[192.0.2.1]"},
        {SLICE_INIT("a@[IPv6:2001:db8::1]"), "a@[IPv6:2001:db8::1]"},
        {SLICE_INIT("< a@b >"), "a@b"},
        {SLICE_INIT("1@x,2@x,3@x,4@x,5@x,6@x,7@x,8@x,9@x,10@x,11@x,12@x,13@x,14@x,15@x,16@x"),
         "1@x 2@x 3@x 4@x 5@x 6@x 7@x 8@x 9@x 10@x 11@x 12@x 13@x 14@x 15@x 16@x"},
        {SLICE_INIT("1@x,2@x,3@x,4@x,5@x,6@x,7@x,8@x,9@x,10@x,11@x,12@x,13@x,14@x,15@x,16@x,17@x"), NULL},
        {SLICE_INIT(""), NULL},
        {SLICE_INIT("Anna"), NULL},
        {SLICE_INIT("Anna <>"), NULL},
        {SLICE_INIT("<a@b> <c@d>"), NULL},
        {SLICE_INIT("a@b <c@d>"), NULL},
        {SLICE_INIT("a@b c@d"), NULL},
        {SLICE_INIT("a@b;c@d"), NULL},
        {SLICE_INIT("Anna <a@b> x"), NULL},
        {SLICE_INIT("Group: a@b;"), NULL},
        {SLICE_INIT("undisclosed:;"), NULL},
        {SLICE_INIT("<@x:a@b>"), NULL},
        {SLICE_INIT("<a@b"), NULL},
        {SLICE_INIT("\"Anna <a@b>"), NULL},
        {SLICE_INIT("(Anna <a@b>"), NULL},
        {SLICE_INIT("a(c)@b"), NULL},
        {SLICE_INIT("a @ b"), NULL},
        {SLICE_INIT("a@b,"), NULL},
        {SLICE_INIT(",a@b"), NULL},
        {SLICE_INIT("=?utf-8?q?a?=@b"), NULL},
        {SLICE_INIT("a@b\r\nBcc: x@y"), NULL},
        {SLICE_INIT("a@b\0"), NULL},
        {SLICE_INIT("\xff <a@b>"), NULL},
        {SLICE_INIT("a@b@c"), NULL},
        {SLICE_INIT("Anna \\<x@y\\> <a@b>"), NULL},
        /* clang-format on */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct from_list list;
        char storage[200];
        struct text seen = text_over(storage, sizeof storage);
        const char *name = rows[i].value.at;
        enum from_outcome outcome = from_parse(rows[i].value, &list);
        row_expect(name, "outcome", outcome, rows[i].seen ? FROM_OK : FROM_UNCLEAR);
        if (outcome != FROM_OK)
            continue;
        for (size_t k = 0; k < list.count; k++) {
            text_append_c(&seen, k ? " " : "");
            text_append(&seen, list.mailbox[k]);
        }
        row_expect_slice(name, text_slice(&seen), slice_of(rows[i].seen));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(mailboxes_or_unclear)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
