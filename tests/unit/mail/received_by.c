/* SPDX-License-Identifier: Apache-2.0 */
/* received_by: which Received values say that one of our hosts took the message in. */
#include "support/rows.h"

#include "base/attributes.h"
#include "base/text.h"
#include "mail/received_by.h"

static const struct slice names[] = {SLICE_INIT("mx1.contoso.com"), SLICE_INIT("mail.contoso.com"),
                                     SLICE_INIT("MX1"), SLICE_INIT("")};

static void the_word_behind_by_is_compared(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        bool ours;
    } rows[] = {
        {" from a.example ([192.0.2.1]) by mx1.contoso.com ([192.0.2.2]) with ESMTP; now", true},
        {" from a.example by MX1.Contoso.COM; now", true},
        {"by mail.contoso.com", true},
        {" by\tmx1 with SMTP", true},
        {" from a\r\n\tby mx1.contoso.com\r\n\twith SMTP", true},
        {" from a (by evil) BY(comment)mx1 ; now", true},
        {" from a by relay.example for <x@y> by mx1", true},
        {" from a by mx1.contoso.com.evil.example", false},
        {" from a by mx1.contoso", false},
        {" from a by xmx1", false},
        {" from mx1.contoso.com by relay.example", false},
        {" from a (by mx1) by relay.example", false},
        {" from a (x (y) by mx1) by relay.example", false},
        {" from a (x \\) by mx1) by relay.example", false},
        {" from \"x by mx1\" by relay.example", false},
        {" from \"x\\\" by mx1\" by relay.example", false},
        {" from a bymx1", false},
        {" from a by", false},
        {" for mx1", false},
        {"", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t cut = 1; cut <= 80; cut++) {
            struct received_by reader = {0};
            for (struct slice rest = slice_of(rows[i].value); rest.len;
                 rest = slice_after(rest, cut))
                received_by_take(&reader, names, COUNT_OF(names), slice_first(rest, cut));
            row_expect(rows[i].value, "ours", received_by_end(&reader, names, COUNT_OF(names)),
                       rows[i].ours);
        }
}

static void one_value_leaves_nothing_for_the_next(void **state)
{
    (void)state;
    struct received_by reader = {0};
    received_by_take(&reader, names, COUNT_OF(names), SLICE("from a (never closed by"));
    assert_false(received_by_end(&reader, names, COUNT_OF(names)));
    received_by_take(&reader, names, COUNT_OF(names), SLICE("by mx1"));
    assert_true(received_by_end(&reader, names, COUNT_OF(names)));
    received_by_take(&reader, names, COUNT_OF(names), SLICE("by a"));
    assert_false(received_by_end(&reader, names, COUNT_OF(names)));
}

/* As many as there may be: each has a bit of its own. */
static void many_names_are_told_apart(void **state)
{
    (void)state;
    char storage[RECEIVED_BY_NAMES_MAX][8];
    struct slice many[RECEIVED_BY_NAMES_MAX];
    for (size_t i = 0; i < COUNT_OF(many); i++) {
        struct text name = text_over(storage[i], sizeof storage[i]);
        text_append_format(&name, "mx%zu", i);
        many[i] = text_slice(&name);
    }
    for (size_t i = 0; i <= COUNT_OF(many); i++) {
        char value[32];
        struct text text = text_over(value, sizeof value);
        text_append_format(&text, " by mx%zu with SMTP", i);
        struct received_by reader = {0};
        received_by_take(&reader, many, COUNT_OF(many), text_slice(&text));
        assert_int_equal(received_by_end(&reader, many, COUNT_OF(many)), i < COUNT_OF(many));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_word_behind_by_is_compared),
        cmocka_unit_test(many_names_are_told_apart),
        cmocka_unit_test(one_value_leaves_nothing_for_the_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
