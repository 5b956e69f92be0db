/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/operator.h"

#include "operations/nearest.h"

/* clang-format off */
static const struct operator_row rows[] = {
    {"+",  OPERATOR_ADD,       POWER_ADD,      false, false},
    {"-",  OPERATOR_SUBTRACT,  POWER_ADD,      false, false},
    {"*",  OPERATOR_MULTIPLY,  POWER_MULTIPLY, false, false},
    {"/",  OPERATOR_DIVIDE,    POWER_MULTIPLY, false, false},
    {"%",  OPERATOR_REMAINDER, POWER_MULTIPLY, false, false},
    {"..", OPERATOR_RANGE,     POWER_RANGE,    false, false},
    {",",  OPERATOR_COMMA,     POWER_COMMA,    false, false},
    {"f",           OPERATOR_FORMAT,        POWER_FORMAT,  true, false},
    {"eq",          OPERATOR_EQUAL,         POWER_COMPARE, true, true},
    {"ne",          OPERATOR_NOT_EQUAL,     POWER_COMPARE, true, true},
    {"gt",          OPERATOR_GREATER,       POWER_COMPARE, true, true},
    {"ge",          OPERATOR_GREATER_EQUAL, POWER_COMPARE, true, true},
    {"lt",          OPERATOR_LESS,          POWER_COMPARE, true, true},
    {"le",          OPERATOR_LESS_EQUAL,    POWER_COMPARE, true, true},
    {"like",        OPERATOR_LIKE,          POWER_COMPARE, true, true},
    {"notlike",     OPERATOR_NOT_LIKE,      POWER_COMPARE, true, true},
    {"match",       OPERATOR_MATCH,         POWER_COMPARE, true, true},
    {"notmatch",    OPERATOR_NOT_MATCH,     POWER_COMPARE, true, true},
    {"replace",     OPERATOR_REPLACE,       POWER_COMPARE, true, true},
    {"split",       OPERATOR_SPLIT,         POWER_COMPARE, true, true},
    {"join",        OPERATOR_JOIN,          POWER_COMPARE, true, false},
    {"contains",    OPERATOR_CONTAINS,      POWER_COMPARE, true, true},
    {"notcontains", OPERATOR_NOT_CONTAINS,  POWER_COMPARE, true, true},
    {"in",          OPERATOR_IN,            POWER_COMPARE, true, true},
    {"notin",       OPERATOR_NOT_IN,        POWER_COMPARE, true, true},
    {"is",          OPERATOR_IS,            POWER_COMPARE, true, false},
    {"isnot",       OPERATOR_IS_NOT,        POWER_COMPARE, true, false},
    {"as",          OPERATOR_AS,            POWER_COMPARE, true, false},
    {"and",         OPERATOR_AND,           POWER_LOGICAL, true, false},
    {"or",          OPERATOR_OR,            POWER_LOGICAL, true, false},
    {"xor",         OPERATOR_XOR,           POWER_LOGICAL, true, false},
    {"not",         OPERATOR_NOT,           POWER_NONE,    true, false},
};
/* clang-format on */

static const struct operator_row *row_of(struct slice written, bool dash)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].dash == dash && slice_equal_nocase(slice_of(rows[i].written), written))
            return &rows[i];
    return NULL;
}

const struct operator_row *operator_of_symbol(struct slice symbol)
{
    return row_of(symbol, false);
}

const struct operator_row *operator_of_word(struct slice word, bool *out_cased)
{
    const struct operator_row *row = row_of(word, true);
    *out_cased = false;
    if (row || word.len < 2)
        return row;
    char variant = ascii_lower(word.at[0]);
    row = variant == 'c' || variant == 'i' ? row_of(slice_after(word, 1), true) : NULL;
    *out_cased = row && variant == 'c';
    return row && row->cased ? row : NULL;
}

void operator_say_nearest(struct slice word, struct text *error)
{
    const struct operator_row *nearest = NULL;
    size_t smallest = SIZE_MAX;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t distance = name_distance(word, slice_of(rows[i].written));
        if (!rows[i].dash || distance >= smallest)
            continue;
        smallest = distance;
        nearest = &rows[i];
    }
    text_append_c(error, "there is no operator -");
    text_append_escaped(error, word, 40);
    if (nearest && name_near_enough(smallest, word.len))
        text_append_format(error, ". Did you mean -%s?", nearest->written);
}
