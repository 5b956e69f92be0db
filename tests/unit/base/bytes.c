/* SPDX-License-Identifier: Apache-2.0 */
/* slice, text, arena, base64, hex, number, calendar, checksum: the bottom floor. */
#include "base/arena.h"
#include "base/base64.h"
#include "base/calendar.h"
#include "base/checksum.h"
#include "base/hex.h"
#include "base/number.h"
#include "base/pem.h"
#include "support/rows.h"

#include <string.h>

static void slices_are_taken_from_the_left(void **state)
{
    (void)state;
    struct slice rest = SLICE("a,b,,c");
    struct slice field;
    const char *expected[] = {"a", "b", "", "c"};
    for (size_t i = 0; i < 4; i++) {
        assert_true(slice_take_field(&rest, ',', &field));
        row_expect_slice(expected[i], field, slice_of(expected[i]));
    }
    assert_false(slice_take_field(&rest, ',', &field));
    rest = SLICE("  two words ");
    assert_true(slice_take_word(&rest, &field));
    row_expect_slice("first word", field, SLICE("two"));
    assert_true(slice_take_word(&rest, &field));
    row_expect_slice("second word", field, SLICE("words"));
    assert_false(slice_take_word(&rest, &field));
}

static void packed_slices_lie_one_behind_the_other(void **state)
{
    (void)state;
    char memory[8] = "........", *at = memory;
    struct slice one = slice_pack(&at, SLICE("abc")), none = slice_pack(&at, (struct slice){0});
    struct slice two = slice_pack(&at, slice_bytes("d\0e", 3));
    assert_ptr_equal(one.at, memory);
    assert_int_equal(none.len, 0);
    assert_ptr_equal(two.at, memory + 3);
    assert_ptr_equal(at, memory + 6);
    assert_memory_equal(memory, "abcd\0e..", 8);
}

static void a_nul_does_not_end_a_slice(void **state)
{
    (void)state;
    assert_false(slice_equal(SLICE(".\0x"), SLICE(".")));
    assert_int_equal(slice_compare(SLICE("a\0b"), SLICE("a\0c")), -1);
    assert_int_equal(slice_compare_nocase(SLICE("A"), SLICE("ab")), -1);
}

static void a_text_stops_at_its_ceiling_and_says_so(void **state)
{
    (void)state;
    struct text text = text_with_ceiling(5);
    assert_true(text_append_c(&text, "abc"));
    assert_false(text_append_c(&text, "def"));
    assert_true(text.truncated);
    row_expect_slice("kept", text_slice(&text), SLICE("abc"));
    assert_true(text_append_c(&text, "de"));
    text_consume(&text, 2);
    row_expect_slice("consumed", text_slice(&text), SLICE("cde"));
    text_deinit(&text);
}

static void escaped_text_is_printable(void **state)
{
    (void)state;
    struct text text = text_with_ceiling(100);
    text_append_escaped(&text, SLICE("a\r\n\"\x1b\xc3"), 100);
    row_expect_slice("escaped", text_slice(&text), SLICE("a\\x0D\\x0A\\x22\\x1B\\xC3"));
    text_clear(&text);
    text_append_escaped(&text, SLICE("abcdef"), 3);
    row_expect_slice("cut", text_slice(&text), SLICE("abc..."));
    text_deinit(&text);
}

static void an_arena_gives_zeroed_pieces_up_to_its_ceiling(void **state)
{
    (void)state;
    struct arena arena = arena_with_ceiling(10000);
    char *piece = arena_take(&arena, 5000);
    assert_non_null(piece);
    for (size_t i = 0; i < 5000; i++)
        assert_int_equal(piece[i], 0);
    memset(piece, 1, 5000);
    assert_null(arena_take(&arena, 6000));
    assert_null(arena_take_array(&arena, SIZE_MAX / 2, 16));
    arena_reset(&arena);
    assert_non_null(arena_take(&arena, 6000));
    arena_deinit(&arena);
}

static void base64_is_strict_in_both_directions(void **state)
{
    (void)state;
    static const struct {
        struct slice plain, encoded;
    } rows[] = {
        {SLICE_INIT(""), SLICE_INIT("")},
        {SLICE_INIT("f"), SLICE_INIT("Zg==")},
        {SLICE_INIT("fo"), SLICE_INIT("Zm8=")},
        {SLICE_INIT("foo"), SLICE_INIT("Zm9v")},
        {SLICE_INIT("\0u\0p"), SLICE_INIT("AHUAcA==")},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char storage[32];
        struct text text = text_over(storage, sizeof storage);
        assert_true(base64_append(&text, rows[i].plain));
        row_expect_slice(rows[i].encoded.at, text_slice(&text), rows[i].encoded);
        text_clear(&text);
        assert_true(base64_decode(rows[i].encoded, &text));
        row_expect_slice(rows[i].encoded.at, text_slice(&text), rows[i].plain);
    }
    const char *bad[] = {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zm 8", "Zg==Zg==", "*"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        char storage[32];
        struct text text = text_over(storage, sizeof storage);
        row_expect(bad[i], "accepted", base64_decode(slice_of(bad[i]), &text), false);
        row_expect(bad[i], "left behind", (long long)text.len, 0);
    }
}

static void armour_has_lines_of_64(void **state)
{
    (void)state;
    struct text text = text_with_ceiling(1000);
    char bytes[50];
    memset(bytes, 0, sizeof bytes);
    assert_true(pem_append(&text, "X", (struct slice){bytes, sizeof bytes}));
    row_expect_slice(
        "two lines", text_slice(&text),
        SLICE("-----BEGIN X-----\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
              "AAAAAAAA\nAAA=\n-----END X-----\n"));
    text_deinit(&text);
    struct text small = text_with_ceiling(40);
    assert_false(pem_append(&small, "X", (struct slice){bytes, sizeof bytes}));
    text_deinit(&small);
}

static void numbers_must_fit_entirely(void **state)
{
    (void)state;
    uint64_t number = 7;
    const char *bad[] = {
        "", "-1", "+1", " 1", "1 ", "18446744073709551616", "99999999999999999999999", "0x10"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        row_expect(bad[i], "accepted", number_parse_u64(slice_of(bad[i]), UINT64_MAX, &number),
                   false);
    assert_int_equal(number, 7);
    assert_true(number_parse_u64(SLICE("18446744073709551615"), UINT64_MAX, &number));
    assert_true(number == UINT64_MAX);
    assert_false(number_parse_u64(SLICE("256"), 255, &number));
    int64_t signed_number;
    assert_true(number_parse_i64(SLICE("-5"), -10, 10, &signed_number));
    assert_int_equal(signed_number, -5);
    unsigned char bytes[4];
    size_t len;
    assert_true(hex_decode(SLICE("00fFa1"), bytes, sizeof bytes, &len));
    assert_int_equal(len, 3);
    assert_int_equal(bytes[1], 255);
    assert_false(hex_decode(SLICE("0"), bytes, sizeof bytes, &len));
    assert_false(hex_decode(SLICE("0011223344"), bytes, sizeof bytes, &len));
}

static void dates_are_written_and_read_back(void **state)
{
    (void)state;
    static const struct {
        int64_t at_ms;
        int offset;
        const char *rfc5322, *rfc3339;
    } rows[] = {
        {0, 0, "Thu, 1 Jan 1970 00:00:00 +0000", "1970-01-01T00:00:00.000Z"},
        {1470439481000, -420, "Fri, 5 Aug 2016 16:24:41 -0700", "2016-08-05T23:24:41.000Z"},
        {1709164800478, 90, "Thu, 29 Feb 2024 01:30:00 +0130", "2024-02-29T00:00:00.478Z"},
        {4102444799999, 0, "Thu, 31 Dec 2099 23:59:59 +0000", "2099-12-31T23:59:59.999Z"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char storage[64];
        struct text text = text_over(storage, sizeof storage);
        calendar_append_rfc5322(&text, rows[i].at_ms, rows[i].offset);
        row_expect_slice(rows[i].rfc3339, text_slice(&text), slice_of(rows[i].rfc5322));
        text_clear(&text);
        calendar_append_rfc3339(&text, rows[i].at_ms);
        row_expect_slice(rows[i].rfc3339, text_slice(&text), slice_of(rows[i].rfc3339));
        int64_t back;
        assert_true(calendar_parse_rfc3339(text_slice(&text), &back));
        row_expect(rows[i].rfc3339, "read back", back, rows[i].at_ms);
    }
    int64_t at_ms;
    const char *bad[] = {"",           "2023-02-29",  "2024-13-01",
                         "2024-1-1",   "2024-01-01T", "2024-01-01T25:00:00",
                         "2024-01-01x"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        row_expect(bad[i], "accepted", calendar_parse_rfc3339(slice_of(bad[i]), &at_ms), false);
    assert_true(calendar_parse_rfc3339(SLICE("2027-01-03T10:00:00+02:00"), &at_ms));
    assert_true(at_ms == 1798963200000);
}

static void crc32c_matches_its_check_value_in_any_cut(void **state)
{
    (void)state;
    assert_int_equal(checksum_crc32c(0, SLICE("123456789")), 0xe3069283);
    for (size_t cut = 0; cut <= 9; cut++) {
        uint32_t crc = checksum_crc32c(0, slice_first(SLICE("123456789"), cut));
        assert_int_equal(checksum_crc32c(crc, slice_after(SLICE("123456789"), cut)), 0xe3069283);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_are_taken_from_the_left),
        cmocka_unit_test(packed_slices_lie_one_behind_the_other),
        cmocka_unit_test(a_nul_does_not_end_a_slice),
        cmocka_unit_test(a_text_stops_at_its_ceiling_and_says_so),
        cmocka_unit_test(escaped_text_is_printable),
        cmocka_unit_test(an_arena_gives_zeroed_pieces_up_to_its_ceiling),
        cmocka_unit_test(base64_is_strict_in_both_directions),
        cmocka_unit_test(armour_has_lines_of_64),
        cmocka_unit_test(numbers_must_fit_entirely),
        cmocka_unit_test(dates_are_written_and_read_back),
        cmocka_unit_test(crc32c_matches_its_check_value_in_any_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
