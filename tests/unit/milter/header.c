/* SPDX-License-Identifier: Apache-2.0 */
/* A header section under changes: where a field lands, and that a value stays one field. */
#include "milter/header.h"
#include "support/rows.h"

#include "base/attributes.h"

#define SECTION "A: 1\r\nB: 2\r\n two\r\na: 3\r\n"

enum verb { ADD, INSERT, CHANGE };

static void fields_land_where_they_should(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum verb verb;
        uint32_t index;
        struct slice field, value, wanted;
        bool as_is, refused;
    } rows[] = {
        /* clang-format off */
        {"add",             ADD,    0, SLICE_INIT("C"), SLICE_INIT("x"),        SLICE_INIT(SECTION "C: x\r\n"), false, false},
        {"add as is",       ADD,    0, SLICE_INIT("C"), SLICE_INIT("x"),        SLICE_INIT(SECTION "C:x\r\n"), true, false},
        {"add folded",      ADD,    0, SLICE_INIT("C"), SLICE_INIT("x\n y"),    SLICE_INIT(SECTION "C: x\r\n y\r\n"), false, false},
        {"add folded crlf", ADD,    0, SLICE_INIT("C"), SLICE_INIT("x\r\n\ty"), SLICE_INIT(SECTION "C: x\r\n\ty\r\n"), false, false},
        {"no second field", ADD,    0, SLICE_INIT("C"), SLICE_INIT("x\nD: y"),  SLICE_INIT(SECTION "C: x\r\n\tD: y\r\n"), false, false},
        {"no blank line",   ADD,    0, SLICE_INIT("C"), SLICE_INIT("x\n\ny"),   SLICE_INIT(SECTION "C: x\r\n\t\r\n\ty\r\n"), false, false},
        {"no bare cr",      ADD,    0, SLICE_INIT("C"), SLICE_INIT("x\ry\0z"),  SLICE_INIT(SECTION "C: xyz\r\n"), false, false},
        {"empty value",     ADD,    0, SLICE_INIT("C"), SLICE_INIT(""),         SLICE_INIT(SECTION "C: \r\n"), false, false},
        {"empty name",      ADD,    0, SLICE_INIT(""),  SLICE_INIT("x"),        SLICE_INIT(SECTION), false, true},
        {"blank in name",   ADD,    0, SLICE_INIT("C D"), SLICE_INIT("x"),      SLICE_INIT(SECTION), false, true},
        {"colon in name",   ADD,    0, SLICE_INIT("C:"), SLICE_INIT("x"),       SLICE_INIT(SECTION), false, true},
        {"line in name",    INSERT, 0, SLICE_INIT("C\n"), SLICE_INIT("x"),      SLICE_INIT(SECTION), false, true},
        {"insert first",    INSERT, 0, SLICE_INIT("C"), SLICE_INIT("x"),        SLICE_INIT("C: x\r\n" SECTION), false, false},
        {"insert behind B", INSERT, 2, SLICE_INIT("C"), SLICE_INIT("x"),        SLICE_INIT("A: 1\r\nB: 2\r\n two\r\nC: x\r\na: 3\r\n"), false, false},
        {"insert too far",  INSERT, 9, SLICE_INIT("C"), SLICE_INIT("x"),        SLICE_INIT(SECTION "C: x\r\n"), false, false},
        {"change first",    CHANGE, 1, SLICE_INIT("a"), SLICE_INIT("x"),        SLICE_INIT("a: x\r\nB: 2\r\n two\r\na: 3\r\n"), false, false},
        {"change none",     CHANGE, 0, SLICE_INIT("A"), SLICE_INIT("x"),        SLICE_INIT("A: x\r\nB: 2\r\n two\r\na: 3\r\n"), false, false},
        {"change second",   CHANGE, 2, SLICE_INIT("A"), SLICE_INIT("x"),        SLICE_INIT("A: 1\r\nB: 2\r\n two\r\nA: x\r\n"), false, false},
        {"change third",    CHANGE, 3, SLICE_INIT("A"), SLICE_INIT("x"),        SLICE_INIT(SECTION "A: x\r\n"), false, false},
        {"delete folded",   CHANGE, 1, SLICE_INIT("b"), SLICE_INIT(""),         SLICE_INIT("A: 1\r\na: 3\r\n"), false, false},
        {"delete missing",  CHANGE, 2, SLICE_INIT("b"), SLICE_INIT(""),         SLICE_INIT(SECTION), false, false},
        /* clang-format on */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text section = text_with_ceiling(1000);
        bool done = false;
        text_append(&section, SLICE(SECTION));
        if (rows[i].verb == ADD)
            done = header_add(&section, rows[i].field, rows[i].value, rows[i].as_is);
        else if (rows[i].verb == INSERT)
            done =
                header_insert(&section, rows[i].index, rows[i].field, rows[i].value, rows[i].as_is);
        else
            done =
                header_change(&section, rows[i].index, rows[i].field, rows[i].value, rows[i].as_is);
        row_expect(rows[i].name, "refused", !done, rows[i].refused);
        row_expect_slice(rows[i].name, text_slice(&section), rows[i].wanted);
        text_deinit(&section);
    }
}

static void a_full_section_stays_as_it_is(void **state)
{
    (void)state;
    struct text section = text_with_ceiling(20);
    text_append(&section, SLICE("A: 1\r\n"));
    assert_false(header_add(&section, SLICE("B"), SLICE("123456789012345"), false));
    row_expect_slice("full", text_slice(&section), SLICE("A: 1\r\n"));
    assert_true(header_add(&section, SLICE("B"), SLICE("2"), false));
    row_expect_slice("not full", text_slice(&section), SLICE("A: 1\r\nB: 2\r\n"));
    text_deinit(&section);
}

static void fields_are_read_with_their_folds(void **state)
{
    (void)state;
    struct slice rest = SLICE("A: 1\r\nB:\r\n two\r\nodd\r\nC : \tx");
    static const struct {
        struct slice name, shown, shown_as_is;
    } rows[] = {
        {SLICE_INIT("A"), SLICE_INIT("1"), SLICE_INIT(" 1")},
        {SLICE_INIT("B"), SLICE_INIT("\n two"), SLICE_INIT("\n two")},
        {SLICE_INIT("odd"), SLICE_INIT(""), SLICE_INIT("")},
        {SLICE_INIT("C"), SLICE_INIT("\tx"), SLICE_INIT(" \tx")},
    };
    struct header_field field;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char storage[100];
        struct text text = text_over(storage, sizeof storage);
        assert_true(header_take(&rest, &field));
        row_expect_slice(rows[i].name.at, field.name, rows[i].name);
        header_append_value(&text, field.value, false);
        row_expect_slice(rows[i].name.at, text_slice(&text), rows[i].shown);
        text_clear(&text);
        header_append_value(&text, field.value, true);
        row_expect_slice(rows[i].name.at, text_slice(&text), rows[i].shown_as_is);
    }
    assert_false(header_take(&rest, &field));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_land_where_they_should),
        cmocka_unit_test(a_full_section_stays_as_it_is),
        cmocka_unit_test(fields_are_read_with_their_folds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
