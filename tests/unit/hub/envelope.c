/* SPDX-License-Identifier: Apache-2.0 */
/* envelope: what is kept comes back, and no value ends its line. */
#include "hub/transport/envelope.h"
#include "support/rows.h"

static void words_come_back_escaped_or_as_they_were(void **state)
{
    (void)state;
    static const struct {
        const char *value, *kept;
    } rows[] = {
        {"plain", "plain"},
        {"MX1\\Default Frontend MX1", "MX1\\x5CDefault Frontend MX1"},
        {"two\nlines=3", "two\\x0Alines=3"},
        {"Drucker f\xC3\xBCr alle", "Drucker f\\xC3\\xBCr alle"},
        {"\\x5C", "\\x5Cx5C"},
        {"ends in \\", "ends in \\x5C"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text envelope = text_with_ceiling(4096), back = text_with_ceiling(4096);
        assert_true(envelope_append(&envelope, "before", SLICE("word=no")));
        assert_true(envelope_append(&envelope, "word", slice_of(rows[i].value)));
        assert_true(envelope_append(&envelope, "behind", SLICE("x")));
        row_expect_slice(rows[i].value, envelope_word(text_slice(&envelope), SLICE("word")),
                         slice_of(rows[i].kept));
        assert_true(envelope_append_word(&back, text_slice(&envelope), SLICE("word")));
        row_expect_slice(rows[i].value, text_slice(&back), slice_of(rows[i].value));
        text_clear(&back);
        assert_true(envelope_append_word(&back, text_slice(&envelope), SLICE("none")));
        row_expect_slice("none", text_slice(&back), SLICE(""));
        text_deinit(&envelope);
        text_deinit(&back);
    }
}

static void words_of_peers_stay_as_they_are_or_are_left_out(void **state)
{
    (void)state;
    static const struct {
        const char *value, *kept;
    } rows[] = {
        {"QQ314159", "QQ314159"},
        {"a\"b\\c+3Dd", "a\"b\\c+3Dd"},
        {"utf-8;j\xC3\xB6rg@x.example", "utf-8;j\xC3\xB6rg@x.example"},
        {"two\nlines=3", ""},
        {"a blank", ""},
        {"\x7f", ""},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text envelope = text_with_ceiling(4096);
        assert_true(envelope_append_verbatim(&envelope, "word", slice_of(rows[i].value)));
        assert_true(envelope_append(&envelope, "behind", SLICE("x")));
        row_expect_slice(rows[i].value, envelope_word(text_slice(&envelope), SLICE("word")),
                         slice_of(rows[i].kept));
        row_expect_slice(rows[i].value, envelope_word(text_slice(&envelope), SLICE("behind")),
                         SLICE("x"));
        text_deinit(&envelope);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_come_back_escaped_or_as_they_were),
        cmocka_unit_test(words_of_peers_stay_as_they_are_or_are_left_out),
    };
    return cmocka_run_group_tests_name("hub/transport/envelope", tests, NULL, NULL);
}
