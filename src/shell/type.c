/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/type.h"

/* clang-format off */
static const struct { const char *name; enum type_kind kind; bool listed; } types[] = {
    {"string", TYPE_TEXT, true},           {"int", TYPE_INTEGER, true},        {"int32", TYPE_INTEGER, false},
    {"int64", TYPE_INTEGER, false},        {"long", TYPE_INTEGER, true},       {"uint32", TYPE_INTEGER, false},
    {"double", TYPE_REAL, true},           {"float", TYPE_REAL, false},        {"decimal", TYPE_REAL, false},
    {"bool", TYPE_BOOL, true},             {"boolean", TYPE_BOOL, false},      {"switch", TYPE_BOOL, true},
    {"datetime", TYPE_DATE, true},         {"timespan", TYPE_SPAN, true},      {"array", TYPE_LIST, true},
    {"object[]", TYPE_LIST, false},        {"string[]", TYPE_TEXT_LIST, true}, {"int[]", TYPE_INTEGER_LIST, true},
    {"byte[]", TYPE_BYTES, true},          {"hashtable", TYPE_TABLE, true},    {"ordered", TYPE_TABLE, true},
    {"collections.hashtable", TYPE_TABLE, false},
    {"pscustomobject", TYPE_OBJECT, true}, {"securestring", TYPE_SECRET, true},
    {"security.securestring", TYPE_SECRET, false},
    {"xml", TYPE_OBJECT, false}, /* before what Get-ExchangeDiagnosticInfo gives: it is read already */
    {"scriptblock", TYPE_BLOCK, true},     {"object", TYPE_ANY, true}, {"void", TYPE_VOID, true},
};
/* clang-format on */

enum type_kind type_of(struct slice written)
{
    slice_take_prefix_nocase(&written, SLICE("System."));
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (slice_equal_nocase(written, slice_of(types[i].name)))
            return types[i].kind;
    return TYPE_NONE;
}

void type_say_list(struct text *text)
{
    const char *between = "";
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (!types[i].listed)
            continue;
        text_append_format(text, "%s[%s]", between, types[i].name);
        between = " ";
    }
}
