/* SPDX-License-Identifier: Apache-2.0 */
/* Wildcards and regular expressions. */
#include "support/rows.h"

#include "shell/pattern.h"

/* clang-format off */
static const struct { const char *pattern, *text; bool cased, matches; } wildcards[] = {
    {"*", "", false, true},             {"", "", false, true},               {"", "a", false, false},
    {"abc", "ABC", false, true},        {"abc", "ABC", true, false},         {"a*c", "abbc", false, true},
    {"a*c", "abbd", false, false},      {"*b*", "abc", false, true},         {"a?c", "abc", false, true},
    {"a?c", "ac", false, false},        {"?", "\xc3\xa9", false, true},      {"[a-c]x", "Bx", false, true},
    {"[a-c]x", "dx", false, false},     {"[ab]", "a", false, true},          {"[", "[", false, true},
    {"[]", "[]", false, true},          {"`*", "*", false, true},            {"`*", "a", false, false},
    {"*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaa", false, false},                {"Client Frontend*", "client frontend mx", false, true},
    {"MX\\*", "MX\\Relay", false, true}, {"**", "x", false, true},           {"a*", "", false, false},
};

static const struct { const char *pattern, *text; bool cased; enum pattern_outcome outcome; size_t begin, end, groups; } expressions[] = {
    {"b+", "abbc", false, PATTERN_MATCH, 1, 3, 1},
    {"B", "abc", false, PATTERN_MATCH, 1, 2, 1},
    {"B", "abc", true, PATTERN_NO_MATCH, 0, 0, 0},
    {"(?i)^<I>(.*)<S>(.*)$", "<i>x<s>y", true, PATTERN_MATCH, 0, 8, 3},
    {"(a)|(b)", "b", false, PATTERN_MATCH, 0, 1, 3},
    {"", "abc", false, PATTERN_MATCH, 0, 0, 1},
    {"(", "x", false, PATTERN_BAD, 0, 0, 0},
    {"[z-a]", "x", false, PATTERN_BAD, 0, 0, 0},
    {"\\C", "x", false, PATTERN_BAD, 0, 0, 0},
    {"^(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", false, PATTERN_EXPLODES, 0, 0, 0},
    {"\xff", "x", false, PATTERN_BAD, 0, 0, 0},
    {"x", "\xff\xfex", false, PATTERN_MATCH, 2, 3, 1},
};
/* clang-format on */

static void wildcards_match(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wildcards); i++)
        row_expect(wildcards[i].pattern, wildcards[i].text,
                   wildcard_match(slice_of(wildcards[i].pattern), slice_of(wildcards[i].text),
                                  wildcards[i].cased),
                   wildcards[i].matches);
}

static void expressions_match_or_give_up(void **state)
{
    (void)state;
    struct pattern_cache *cache = NULL;
    for (size_t i = 0; i < COUNT_OF(expressions); i++) {
        char storage[300];
        struct text error = text_over(storage, sizeof(storage));
        struct pattern_match match = {0};
        enum pattern_outcome outcome =
            pattern_find(&cache, slice_of(expressions[i].pattern), expressions[i].cased,
                         slice_of(expressions[i].text), 0, &match, &error);
        row_expect(expressions[i].pattern, "outcome", outcome, expressions[i].outcome);
        row_expect(expressions[i].pattern, "complaint", error.len > 0, outcome == PATTERN_BAD);
        row_expect(expressions[i].pattern, "begin", (long long)match.begin[0],
                   (long long)expressions[i].begin);
        row_expect(expressions[i].pattern, "end", (long long)match.end[0],
                   (long long)expressions[i].end);
        row_expect(expressions[i].pattern, "groups", (long long)match.count,
                   (long long)expressions[i].groups);
    }
    pattern_cache_free(cache);
}

static void groups_have_names(void **state)
{
    (void)state;
    struct pattern_cache *cache = NULL;
    struct pattern_match match;
    assert_int_equal(
        pattern_find(&cache, SLICE("(?<key>k)=(?<value>v)"), false, SLICE("k=v"), 0, &match, NULL),
        PATTERN_MATCH);
    assert_null(match.names[0]);
    assert_string_equal(match.names[1], "key");
    assert_string_equal(match.names[2], "value");
    pattern_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(wildcards_match),
                                       cmocka_unit_test(expressions_match_or_give_up),
                                       cmocka_unit_test(groups_have_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
