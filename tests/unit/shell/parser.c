/* SPDX-License-Identifier: Apache-2.0 */
/* What is a script and what is none, and why; texts made to exhaust the parser. */
#include "support/rows.h"

#include "shell/parser.h"

#include <stdlib.h>
#include <string.h>

enum { MEMORY = 64 << 20, LARGE = 100000 };

/* clang-format off */
static const struct {
    const char *source;
    const char *error; /* a part of it; NULL: it is a script */
    bool incomplete;
} rows[] = {
    {"", NULL, false},
    {"$x = 1; $y += 2\n$z -= @(1,2)", NULL, false},
    {"if ($a) { 1 } elseif ($b) { 2 }\nelse { 3 }", NULL, false},
    {"foreach ($x in 1..3) { $x } foreach($y in Get-Queue){ $y }", NULL, false},
    {"for ($i = 0; $i -lt 3; $i++) { $i } for (;;) { break }", NULL, false},
    {"while ($true) { break }; do { 1 } until ($true); do { 1 } while ($false)", NULL, false},
    {"switch -Wildcard ($x) { 'a*' { 1 } {$_ -gt 3} { 2 } default { 3 } }", NULL, false},
    {"try { 1 } catch [System.Exception] { 2 } finally { 3 }", NULL, false},
    {"function f([string]$a, [int]$b = 5) { param() return $a }", NULL, false},
    {"[CmdletBinding()]\nparam([Parameter(Mandatory=$true)][string]$IP, [switch]$Now)\n$IP", NULL, false},
    {"Get-Queue | ? { $_.X -eq 1 } |\n  % { $_ }", NULL, false},
    {"$h = @{ a = 1; 'b c' = Get-Queue\n c = @(1) }", NULL, false},
    {"& { 1 }; & $x a b", NULL, false},
    {"$a, $b = 1, 2; [int]$c = '5'; $d.e[0] = 1", NULL, false},
    {"x -a:$true -b:\"x\" @y 'z' (1+2) $p.q[1] $(3) @(4) @{Add='5'} { 6 }", NULL, false},
    {"([System.IO.File]::ReadAllBytes('x.pfx'))", NULL, false},
    {"[Byte[]]$(Get-Content x -Encoding Byte -ReadCount 0)", NULL, false},
    {"('<I>'+$cert.issuer+'<S>'+$cert.subject)", NULL, false},
    {",@('Receive',$rc)", NULL, false},

    {"if ($a { 1 }", "of if is missing", false},
    {"if ($a) {", "ends where", true},
    {"Get-Queue |", "ends where", true},
    {"'open", "has no end", true},
    {"@\"\nopen", "has no end", true},
    {"$x = ", "ends where", true},
    {"foreach ($x on $y) {}", "\"in\" of foreach", false},
    {"1 + ", "ends where", true},
    {"1 -eqq 2", "there is no operator -eqq. Did you mean -eq?", false},
    {"[foo]$x", "the type [foo] is not part of this shell", false},
    {"$x = (Get-Queue", "of the parenthesis is missing", true},
    {"Get-Queue > file", "redirection", false},
    {"a && b", "write one command a line", false},
    {"class X { }", "\"class\" is not part of this shell", false},
    {". .\\other.ps1", "not part of this shell", false},
    {"$env:PATH", "$env: is not part of this shell", false},
    {"1 = 2", "to the left of =", false},
    {"x | $y", "the name of a cmdlet is missing", false},
    {"(1, Get-Queue)", "needs parentheses around it", false},
    {"} ", "stands where", false},
    {"try { 1 }", "catch or finally of try", true},
    {"catch [Foo] {}", NULL, false},
    {"try {} catch [Foo.Bar] {}", "catch takes every error", false},
};

static const struct { const char *piece, *error; } deep[] = {
    {"(", "nested more than"}, {"$(", "nested more than"}, {"@(", "nested more than"}, {"{", "nested more than"}, {"@{a=", "nested more than"},
    {"-", "nested more than"}, {"!", "nested more than"}, {"[int]", "nested more than"}, {",", "nested more than"},
    {"if(1){", "nested more than"}, {"$x=", "nested more than"}, {"\"$(", "no end"}, {"$x.(", "nested more than"}, {"$x[", "nested more than"},
};
/* clang-format on */

static void scripts_are_told_from_others(void **state)
{
    (void)state;
    size_t passed = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena arena = arena_with_ceiling(MEMORY);
        struct text error = text_with_ceiling(4096);
        struct parsed parsed;
        bool good = parser_parse(slice_of(rows[i].source), &arena, &parsed, &error);
        if (good != (rows[i].error == NULL) ||
            (!good && !slice_contains(text_slice(&error), slice_of(rows[i].error))))
            print_error("%s: %d: %.*s\n", rows[i].source, good, SLICE_ARG(text_slice(&error)));
        else if (parsed.incomplete != rows[i].incomplete)
            print_error("%s: incomplete: %d\n", rows[i].source, parsed.incomplete);
        else
            passed++;
        text_deinit(&error);
        arena_deinit(&arena);
    }
    assert_int_equal(passed, COUNT_OF(rows));
}

static void deep_nesting_is_refused(void **state)
{
    (void)state;
    size_t refused = 0;
    for (size_t i = 0; i < COUNT_OF(deep); i++) {
        struct arena arena = arena_with_ceiling(MEMORY);
        struct text source = text_with_ceiling(4 << 20), error = text_with_ceiling(4096);
        struct parsed parsed;
        for (size_t j = 0; j < LARGE; j++)
            text_append_c(&source, deep[i].piece);
        bool good = parser_parse(text_slice(&source), &arena, &parsed, &error);
        if (good || !slice_contains(text_slice(&error), slice_of(deep[i].error)))
            print_error("%s: %d: %.*s\n", deep[i].piece, good, SLICE_ARG(text_slice(&error)));
        else
            refused++;
        text_deinit(&source);
        text_deinit(&error);
        arena_deinit(&arena);
    }
    assert_int_equal(refused, COUNT_OF(deep));
}

static void a_script_of_ten_megabytes_is_refused(void **state)
{
    (void)state;
    struct arena arena = arena_with_ceiling(MEMORY);
    struct text source = text_with_ceiling(16 << 20), error = text_with_ceiling(4096);
    struct parsed parsed;
    while (source.len < 10 << 20)
        text_append_c(&source, "$x = 1\n");
    assert_false(parser_parse(text_slice(&source), &arena, &parsed, &error));
    assert_true(slice_contains(text_slice(&error), SLICE("larger than 4 MB")));
    text_deinit(&source);
    text_deinit(&error);
    arena_deinit(&arena);
}

static void an_error_says_where_it_is(void **state)
{
    (void)state;
    struct arena arena = arena_with_ceiling(MEMORY);
    struct text error = text_with_ceiling(4096);
    struct parsed parsed;
    assert_false(parser_parse(SLICE("$a = 1\n  $b = 2 -eqq 3\n"), &arena, &parsed, &error));
    struct place_in_source place = node_place(parsed.source, parsed.error_at);
    row_expect("line", "line", (long long)place.line, 2);
    row_expect("column", "column", (long long)place.column, 10);
    row_expect_slice("text", place.text, SLICE("  $b = 2 -eqq 3"));
    text_deinit(&error);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(scripts_are_told_from_others),
                                       cmocka_unit_test(deep_nesting_is_refused),
                                       cmocka_unit_test(a_script_of_ten_megabytes_is_refused),
                                       cmocka_unit_test(an_error_says_where_it_is)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
