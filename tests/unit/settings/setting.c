/* SPDX-License-Identifier: Apache-2.0 */
/* Each kind of setting: what is read, how it prints, what is refused; lists edited; bytes decoded.
 */
#include "settings/setting.h"
#include "support/rows.h"

#include <string.h>

struct thing {
    bool truth;
    int64_t count, limit, size, span, moment;
    struct slice text, needed, hex;
    uint32_t mode, flags;
    struct ip_endpoint_list bindings;
    struct ip_range_list ranges;
    struct slice_list texts, pairs, hexes;
    uint8_t id[16];
    int64_t hidden, quota;
    uint32_t choice;
    struct address_space_list spaces;
    struct slice_list hosts;
};

static bool no_x(const struct setting *row, struct slice written, struct text *error)
{
    size_t index;
    if (!slice_find(written, 'x', &index))
        return true;
    if (error)
        text_append_format(error, "%s: no x.", row->name);
    return false;
}

/* clang-format off */
static const struct setting_word modes[] = {{"Slow", 1}, {"Fast", 2}, {0}};
static const struct setting_word bits[] = {{"None", 0}, {"Tls", 1}, {"Integrated", 2}, {"BasicAuth", 4}, {"All", 7}, {0}};
#define ROW(written, member, ...) {.name = written, .offset = offsetof(struct thing, member), .help = "h", __VA_ARGS__}
static const struct setting rows[] = {
    ROW("Truth", truth, .kind = SETTING_BOOL, .fallback = "$true"),
    ROW("Count", count, .kind = SETTING_INTEGER, .min = 1, .max = 500, .fallback = "30"),
    ROW("Limit", limit, .kind = SETTING_UNLIMITED, .min = 1, .max = 10000, .fallback = "Unlimited"),
    ROW("Size", size, .kind = SETTING_BYTES, .min = 1, .max = INT32_MAX, .fallback = "36MB"),
    ROW("Span", span, .kind = SETTING_TIME_SPAN, .min = 0, .max = 86400000, .fallback = "00:05:00"),
    ROW("Moment", moment, .kind = SETTING_TIME),
    ROW("Text", text, .kind = SETTING_TEXT, .max = 8, .check = no_x),
    ROW("Needed", needed, .kind = SETTING_TEXT, .flags = SETTING_REQUIRED, .fallback = "n"),
    ROW("Hex", hex, .kind = SETTING_HEX, .min = 2, .max = 2),
    ROW("Mode", mode, .kind = SETTING_ENUM, .words = modes, .fallback = "Slow"),
    ROW("Flags", flags, .kind = SETTING_FLAGS, .words = bits, .fallback = "Tls"),
    ROW("Bindings", bindings, .kind = SETTING_BINDINGS, .flags = SETTING_REQUIRED, .fallback = "[::]:25"),
    ROW("Ranges", ranges, .kind = SETTING_IP_RANGES, .max = 3),
    ROW("Texts", texts, .kind = SETTING_TEXT_LIST, .check = no_x),
    ROW("Pairs", pairs, .kind = SETTING_TEXT_LIST, .flags = SETTING_SEMICOLONS),
    ROW("Hexes", hexes, .kind = SETTING_HEX_LIST),
    ROW("Id", id, .kind = SETTING_UUID),
    ROW("MaxA", count, .kind = SETTING_INTEGER, .fallback = "1"),
    ROW("MaxAB", count, .kind = SETTING_INTEGER, .fallback = "1"),
    ROW("Hidden", hidden, .kind = SETTING_INTEGER, .flags = SETTING_HIDDEN, .fallback = "7"),
    ROW("Quota", quota, .kind = SETTING_UNLIMITED_BYTES, .min = 1024, .max = INT32_MAX, .fallback = "35MB"),
    ROW("Choice", choice, .kind = SETTING_ENUM, .words = modes),
    ROW("Spaces", spaces, .kind = SETTING_ADDRESS_SPACES, .flags = SETTING_REQUIRED, .max = 3, .fallback = "*"),
    ROW("Hosts", hosts, .kind = SETTING_HOSTS),
    {0},
};
/* clang-format on */

static struct arena arena;
static struct thing thing;

static int fresh(void **state)
{
    (void)state;
    arena = arena_with_ceiling(1 << 20);
    return settings_reset(rows, &thing, &arena) ? 0 : -1;
}

static int away(void **state)
{
    (void)state;
    arena_deinit(&arena);
    return 0;
}

static const struct setting *row_of(const char *name)
{
    const struct setting *row = setting_exact(rows, slice_of(name));
    assert_non_null(row);
    return row;
}

static bool set(const char *name, const char *written, struct text *error)
{
    struct slice value = slice_of(written);
    return setting_parse(row_of(name), &thing, &arena, &value, 1, error);
}

static void values_are_read_and_printed(void **state)
{
    (void)state;
    static const struct {
        const char *name, *written, *printed;
    } good[] = {
        {"Truth", "$false", "False"},
        {"Truth", "TRUE", "True"},
        {"Truth", "0", "False"},
        {"Truth", "1", "True"},
        {"Count", "500", "500"},
        {"Limit", "unlimited", "Unlimited"},
        {"Limit", "10000", "10000"},
        {"Size", "36MB", "36 MB (37,748,736 bytes)"},
        {"Size", "36 mb", "36 MB (37,748,736 bytes)"},
        {"Size", "36 MB (37,748,736 bytes)", "36 MB (37,748,736 bytes)"},
        {"Size", "1500", "1.464 KB (1,500 bytes)"},
        {"Size", "1.464 KB (1,500 bytes)", "1.464 KB (1,500 bytes)"},
        {"Size", "1.5MB", "1.5 MB (1,572,864 bytes)"},
        {"Size", "512B", "512 B (512 bytes)"},
        {"Size", "1GB", "1 GB (1,073,741,824 bytes)"},
        {"Span", "00:15:00", "00:15:00"},
        {"Span", "1.00:00:00", "1.00:00:00"},
        {"Span", "30s", "00:00:30"},
        {"Span", "5m", "00:05:00"},
        {"Span", "250ms", "00:00:00.250"},
        {"Span", "00:00:00.25", "00:00:00.250"},
        {"Span", "1d", "1.00:00:00"},
        {"Moment", "2027-01-03", "2027-01-03T00:00:00.000Z"},
        {"Moment", "$null", ""},
        {"Text", "a b", "a b"},
        {"Text", "$null", ""},
        {"Text", "", ""},
        {"Text", "\xc3\xa9", "\xc3\xa9"},
        {"Hex", "00fF", "00FF"},
        {"Hex", "$null", ""},
        {"Mode", "FAST", "Fast"},
        {"Flags", "basicauth,tls", "Tls, BasicAuth"},
        {"Flags", "None", "None"},
        {"Flags", "$null", "None"},
        {"Flags", "All", "All"},
        {"Flags", "Tls, Integrated, BasicAuth", "All"},
        {"Bindings", "0.0.0.0:25,[::]:25", "0.0.0.0:25, [::]:25"},
        {"Bindings", "[::]:25, [::]:25", "[::]:25"},
        {"Ranges", "192.168.1.1/24, 10.0.0.1", "192.168.1.0/24, 10.0.0.1"},
        {"Ranges", "$null", ""},
        {"Texts", "b, a ,,B", "b, a"},
        {"Pairs", "d.e:A,B; f.g:C", "d.e:A,B; f.g:C"},
        {"Hexes", "00,0102", "00, 0102"},
        {"Id", "{0F8FAD5B-d9cb-469f-a165-70867728950e}", "0f8fad5b-d9cb-469f-a165-70867728950e"},
        {"Quota", "35MB", "35 MB (36,700,160 bytes)"},
        {"Quota", "unlimited", "Unlimited"},
        {"Choice", "fast", "Fast"},
        {"Choice", "$null", ""},
        {"Spaces", "*", "SMTP:*;1"},
        {"Spaces", "smtp:contoso.com; 5, --", "SMTP:contoso.com;5, SMTP:--;1"},
        {"Spaces", "a.b;1,A.B;7", "SMTP:A.B;7"},
        {"Hosts", "Mail.contoso.com,192.0.2.1", "Mail.contoso.com, [192.0.2.1]"},
        {"Hosts", "[192.0.2.1], 192.0.2.1", "[192.0.2.1]"},
        {"Hosts", "[IPv6:2001:DB8::1]", "[2001:db8::1]"},
        {"Hosts", "2001:db8:0::1", "[2001:db8::1]"},
        {"Hosts", "$null", ""},
    };
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        char storage[512];
        struct text text = text_over(storage, sizeof storage);
        row_expect(good[i].written, "read", set(good[i].name, good[i].written, &text), true);
        row_expect_slice(good[i].written, text_slice(&text), SLICE(""));
        setting_print(row_of(good[i].name), &thing, &text);
        row_expect_slice(good[i].written, text_slice(&text), slice_of(good[i].printed));
    }
}

static void wrong_values_are_refused_with_the_right_form(void **state)
{
    (void)state;
    static const struct {
        const char *name, *written, *says;
    } bad[] = {
        {"Truth", "maybe", "\"maybe\" is not $true or $false"},
        {"Truth", "", "may not be empty"},
        {"Truth", "$null", "may not be empty"},
        {"Count", "0", "a whole number from 1 to 500"},
        {"Count", "501", "from 1 to 500"},
        {"Count", "-1", "from 1 to 500"},
        {"Count", "1.5", "from 1 to 500"},
        {"Count", "99999999999999999999", "from 1 to 500"},
        {"Count", "unlimited", "from 1 to 500"},
        {"Count", "", "may not be empty"},
        {"Limit", "0", "or Unlimited"},
        {"Limit", "10001", "or Unlimited"},
        {"Limit", "9223372036854775807", "or Unlimited"},
        {"Size", "36XB", "a size such as 36MB"},
        {"Size", "36 MB (1 bytes)", "a size such as 36MB"},
        {"Size", "36 MB (37,748,736)", "a size such as 36MB"},
        {"Size", "0", "from 1 B"},
        {"Size", "4GB", "from 1 B"},
        {"Size", "9999999999TB", "a size"},
        {"Size", "1.2345MB", "a size"},
        {"Size", "-1", "a size"},
        {"Span", "5", "hh:mm:ss"},
        {"Span", "00:05", "hh:mm:ss"},
        {"Span", "00:60:00", "hh:mm:ss"},
        {"Span", "24:00:00", "hh:mm:ss"},
        {"Span", "2.00:00:00", "from 00:00:00 to 1.00:00:00"},
        {"Span", "00:00:00.1234", "hh:mm:ss"},
        {"Span", "-00:05:00", "hh:mm:ss"},
        {"Span", "5 minutes", "hh:mm:ss"},
        {"Moment", "tomorrow", "a date such as"},
        {"Text", "123456789", "at most 8 bytes"},
        {"Text", "a\r\nb", "\"a\\x0D\\x0Ab\" is not a printable text"},
        {"Text", "a\x7f", "printable"},
        {"Text", "\xc3", "printable"},
        {"Text", "\xed\xa0\x80", "printable"},
        {"Text", "\xc2\x85", "printable"},
        {"Text", "ax", "Text: no x."},
        {"Needed", "", "may not be empty"},
        {"Needed", "$NULL", "may not be empty"},
        {"Hex", "000", "hexadecimal"},
        {"Hex", "00", "of 2 bytes"},
        {"Hex", "zz00", "hexadecimal"},
        {"Mode", "Medium", "one of Slow, Fast"},
        {"Flags", "Tls,Kerberos", "None, Tls, Integrated, BasicAuth"},
        {"Flags", "None,Tls", "is not one or more"},
        {"Bindings", "0.0.0.0", "an address with its port"},
        {"Bindings", "0.0.0.0:25, x", "\"x\" is not"},
        {"Bindings", "$null", "may not be empty"},
        {"Bindings", ", ,", "may not be empty"},
        {"Ranges", "10.0.0.0/33", "192.0.2.0/24"},
        {"Ranges", "1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4", "too many"},
        {"Texts", "a,bx", "Texts: no x."},
        {"Hexes", "0", "hexadecimal"},
        {"Id", "0f8fad5b", "an id such as"},
        {"Id", "0f8fad5b-d9cb-469f-a165-70867728950e0", "an id such as"},
        {"Quota", "1023", "or Unlimited"},
        {"Quota", "3GB", "or Unlimited"},
        {"Quota", "$null", "may not be empty"},
        {"Choice", "medium", "one of Slow, Fast"},
        {"Spaces", "contoso.com;0", "cost (1 to 100"},
        {"Spaces", "contoso.com;101", "cost (1 to 100"},
        {"Spaces", "contoso.com;", "cost (1 to 100"},
        {"Spaces", "contoso.com;1;2", "cost (1 to 100"},
        {"Spaces", "X400:c=US;1", "SMTP domains"},
        {"Spaces", "SMTP:;1", "SMTP domains"},
        {"Spaces", "a\nb", "SMTP domains"},
        {"Spaces", "a,b,c,d", "too many"},
        {"Spaces", "$null", "may not be empty"},
        {"Hosts", "[mail.contoso.com]", "addresses in brackets"},
        {"Hosts", "[192.0.2.1", "addresses in brackets"},
        {"Hosts", "[", "addresses in brackets"},
        {"Hosts", "mail.contoso.com:25", "host names"},
        {"Hosts", "mail contoso", "host names"},
    };
    struct thing before = thing;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        char storage[1024];
        struct text error = text_over(storage, sizeof storage);
        row_expect(bad[i].written, "read", set(bad[i].name, bad[i].written, &error), false);
        if (!slice_contains(text_slice(&error), slice_of(bad[i].says)))
            fail_msg("%s \"%s\": \"%.*s\" does not say \"%s\"", bad[i].name, bad[i].written,
                     SLICE_ARG(text_slice(&error)), bad[i].says);
        row_expect(bad[i].written, "names the row",
                   slice_starts(text_slice(&error), slice_of(bad[i].name)), true);
        row_expect(bad[i].written, "unchanged", settings_equal(rows, &thing, &before), true);
        row_expect(bad[i].written, "without error", set(bad[i].name, bad[i].written, NULL), false);
    }
    struct slice two[] = {SLICE("1"), SLICE("2")};
    assert_false(setting_parse(row_of("Count"), &thing, &arena, two, 2, NULL));
}

static void names_are_found_by_their_beginning(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum setting_found found;
        const char *is, *says;
    } names[] = {
        {"truth", SETTING_FOUND, "Truth", ""},
        {"tr", SETTING_FOUND, "Truth", ""},
        {"MaxA", SETTING_FOUND, "MaxA", ""},
        {"maxab", SETTING_FOUND, "MaxAB", ""},
        {"max", SETTING_AMBIGUOUS, NULL, "MaxA, MaxAB"},
        {"Text", SETTING_FOUND, "Text", ""},
        {"Tex", SETTING_AMBIGUOUS, NULL, "Text, Texts"},
        {"Bindngs", SETTING_UNKNOWN, NULL, "Did you mean Bindings?"},
        {"Hidden", SETTING_UNKNOWN, NULL, "There is no parameter"},
        {"", SETTING_UNKNOWN, NULL, "There is no parameter"},
        {"Zebra", SETTING_UNKNOWN, NULL, "\"Zebra\"."},
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char storage[512];
        struct text error = text_over(storage, sizeof storage);
        const struct setting *row = NULL;
        row_expect(names[i].name, "found",
                   setting_find(rows, slice_of(names[i].name), &row, &error), names[i].found);
        if (names[i].is)
            row_expect_slice(names[i].name, slice_of(row->name), slice_of(names[i].is));
        row_expect(names[i].name, "says",
                   slice_contains(text_slice(&error), slice_of(names[i].says)), true);
    }
    assert_non_null(setting_exact(rows, SLICE("hidden")));
}

static void lists_and_flags_are_edited(void **state)
{
    (void)state;
    static const struct {
        const char *name, *start, *add, *remove, *printed;
    } edits[] = {
        {"Bindings", "0.0.0.0:25", "[::]:25", "", "0.0.0.0:25, [::]:25"},
        {"Bindings", "0.0.0.0:25", "0.0.0.0:25", "", "0.0.0.0:25"},
        {"Bindings", "0.0.0.0:25,[::]:25", "", "0.0.0.0:25", "[::]:25"},
        {"Bindings", "0.0.0.0:25", "", "0.0.0.0:99", "0.0.0.0:25"},
        {"Bindings", "0.0.0.0:25", "[::]:1,[::]:2", "0.0.0.0:25", "[::]:1, [::]:2"},
        {"Bindings", "0.0.0.0:25", "", "0.0.0.0:25", NULL},
        {"Bindings", "0.0.0.0:25", "rubbish", "", NULL},
        {"Ranges", "10.0.0.0/8", "10.0.0.1", "10.0.0.0-10.255.255.255", "10.0.0.1"},
        {"Texts", "Anna,Bert", "carl", "ANNA", "Bert, carl"},
        {"Flags", "Integrated", "Tls", "", "Tls, Integrated"},
        {"Flags", "Tls, Integrated", "", "Tls", "Integrated"},
        {"Flags", "Tls", "", "Tls", "None"},
        {"Flags", "Tls", "Nonsense", "", NULL},
        {"Count", "5", "6", "", NULL},
        {"Spaces", "a.b;3", "c.d;2", "", "SMTP:a.b;3, SMTP:c.d;2"},
        {"Spaces", "a.b;3,c.d", "A.B;9", "", "SMTP:A.B;9, SMTP:c.d;1"},
        {"Spaces", "a.b;3,c.d", "", "smtp:A.b", "SMTP:c.d;1"},
        {"Spaces", "a.b;3", "", "a.b", NULL},
        {"Hosts", "a,[192.0.2.1]", "b", "192.0.2.1", "a, b"},
    };
    for (size_t i = 0; i < COUNT_OF(edits); i++) {
        char storage[512];
        struct text text = text_over(storage, sizeof storage);
        struct slice add = slice_of(edits[i].add), remove = slice_of(edits[i].remove);
        assert_true(set(edits[i].name, edits[i].start, NULL));
        char old[512];
        struct text before = text_over(old, sizeof old);
        setting_print(row_of(edits[i].name), &thing, &before);
        bool done =
            setting_edit(row_of(edits[i].name), &thing, &arena, (struct slice_list){&add, 1},
                         (struct slice_list){&remove, 1}, &text);
        row_expect(edits[i].add, "edited", done, edits[i].printed != NULL);
        row_expect(edits[i].add, "an error was given", text.len != 0, edits[i].printed == NULL);
        text_clear(&text);
        setting_print(row_of(edits[i].name), &thing, &text);
        row_expect_slice(edits[i].add, text_slice(&text),
                         edits[i].printed ? slice_of(edits[i].printed) : text_slice(&before));
    }
}

static void several_values_make_one_list(void **state)
{
    (void)state;
    char storage[128];
    struct text text = text_over(storage, sizeof storage);
    struct slice values[] = {SLICE("a,b"), SLICE("c")},
                 words[] = {SLICE("Tls"), SLICE("BasicAuth")};
    assert_true(setting_parse(row_of("Texts"), &thing, &arena, values, 2, NULL));
    assert_int_equal(setting_value_count(row_of("Texts"), &thing), 3);
    assert_true(setting_print_value(row_of("Texts"), &thing, 1, &text));
    row_expect_slice("second", text_slice(&text), SLICE("b"));
    assert_false(setting_print_value(row_of("Texts"), &thing, 3, &text));
    assert_true(setting_parse(row_of("Flags"), &thing, &arena, words, 2, NULL));
    assert_int_equal(thing.flags, 5);
    assert_int_equal(setting_value_count(row_of("Flags"), &thing), 2);
    text_clear(&text);
    assert_true(setting_print_value(row_of("Flags"), &thing, 1, &text));
    row_expect_slice("flag", text_slice(&text), SLICE("BasicAuth"));
    assert_true(setting_parse(row_of("Texts"), &thing, &arena, NULL, 0, NULL));
    assert_int_equal(thing.texts.count, 0);
    assert_int_equal(setting_value_count(row_of("Moment"), &thing), 0);
    assert_int_equal(setting_value_count(row_of("Count"), &thing), 1);
}

static void decoding_gives_what_was_encoded(void **state)
{
    (void)state;
    struct text bytes = text_with_ceiling(1 << 16);
    struct thing back;
    memset(&back, 0xee, sizeof back);
    assert_true(set("Texts", "one,two", NULL) && set("Ranges", "10.0.0.0/8", NULL));
    assert_true(set("Hex", "beef", NULL) && set("Moment", "2027-01-03", NULL));
    assert_true(set("Spaces", "*.a;100,--", NULL) && set("Hosts", "a.b,[::1]", NULL));
    assert_true(settings_encode(rows, &thing, 0, &bytes));
    struct slice rest = text_slice(&bytes);
    assert_true(settings_decode(rows, &rest, &back, &arena));
    assert_int_equal(rest.len, 0);
    assert_true(settings_equal(rows, &thing, &back));

    /* every cut is refused, and nothing is read behind the end */
    for (size_t len = 0; len < bytes.len; len++) {
        struct slice cut = slice_first(text_slice(&bytes), len);
        if (settings_decode(rows, &cut, &back, &arena))
            fail_msg("%zu of %zu bytes were enough", len, bytes.len);
    }
    text_deinit(&bytes);
}

static void absent_rows_fall_back_and_unknown_ones_are_skipped(void **state)
{
    (void)state;
    static const struct setting other[] = {
        ROW("Count", count, .kind = SETTING_INTEGER, .min = 1, .max = 500),
        ROW("Gone", limit, .kind = SETTING_INTEGER),
        {0},
    };
    struct text bytes = text_with_ceiling(1 << 16);
    struct thing small = {.count = 77, .limit = 5}, back = {0};
    assert_true(settings_encode(other, &small, 0, &bytes));
    struct slice rest = text_slice(&bytes);
    assert_true(settings_decode(rows + 1, &rest, &back, &arena));
    assert_int_equal(back.size, 36 << 20);
    assert_int_equal(back.limit, INT64_MAX);
    small.count = 501; /* outside its bounds */
    text_clear(&bytes);
    assert_true(settings_encode(other, &small, 0, &bytes));
    rest = text_slice(&bytes);
    assert_false(settings_decode(rows, &rest, &back, &arena));
    text_deinit(&bytes);
}

static void an_exhausted_arena_refuses(void **state)
{
    (void)state;
    struct arena tiny = arena_with_ceiling(4);
    struct slice value = SLICE("longer"), list = SLICE("[::]:1");
    assert_false(setting_parse(row_of("Text"), &thing, &tiny, &value, 1, NULL));
    assert_false(setting_parse(row_of("Bindings"), &thing, &tiny, &list, 1, NULL));
    arena_deinit(&tiny);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_are_read_and_printed, fresh, away),
        cmocka_unit_test_setup_teardown(wrong_values_are_refused_with_the_right_form, fresh, away),
        cmocka_unit_test_setup_teardown(names_are_found_by_their_beginning, fresh, away),
        cmocka_unit_test_setup_teardown(lists_and_flags_are_edited, fresh, away),
        cmocka_unit_test_setup_teardown(several_values_make_one_list, fresh, away),
        cmocka_unit_test_setup_teardown(decoding_gives_what_was_encoded, fresh, away),
        cmocka_unit_test_setup_teardown(absent_rows_fall_back_and_unknown_ones_are_skipped, fresh,
                                        away),
        cmocka_unit_test_setup_teardown(an_exhausted_arena_refuses, fresh, away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
