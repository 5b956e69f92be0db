/* SPDX-License-Identifier: Apache-2.0 */
/* Scripts made to run for ever, to fill the memory or the stack: each ends with an error that says
 * so, and the session goes on. */
#include "support/rows.h"

#include "support/fake_world.h"

enum { OUTPUT_MAX = 64 << 20, MEMORY_MAX = 24 << 20, STEPS_MAX = 300000, NESTED = 100000 };

/* clang-format off */
static const struct { const char *script, *error; } rows[] = {
    {"while ($true) { }", "took more than 300000 steps"},
    {"for (;;) { $x = 1 }", "took more than 300000 steps"},
    {"1..9000000 | % { $_ }", "needs more than 24 MB"},
    {"$l = @(); while ($true) { $l += 'xxxxxxxxxxxxxxxxxxxxxxxx' * 100000 }", "needs more than 24 MB"},
    {"$s = 'x'; while ($true) { $s = $s + $s }", "needs more than 24 MB"},
    {"$s = 'x'; while ($true) { $s = \"$s$s\" }", "needs more than 24 MB"},
    {"$h = @{}; $i = 0; while ($true) { $h[\"k$i\" * 200] = 'value'; $i++ }", "needs more than 24 MB"},
    {"function f { f } f", "nested too deeply"},
    {"$b = { & $b }; & $b", "nested too deeply"},
    {"function f($n) { return (f ($n + 1)) } f 1", "nested too deeply"},
    {"$o = @{}; $o.o = $o; $o | ConvertTo-Json", "nested more than"},
    {"$a = @(1); foreach ($i in 1..23) { $a = @(,$a + ,$a) }; $a | ConvertTo-Json", "or too large"},
    {"$a = @(1); foreach ($i in 1..23) { $a = @(,$a + ,$a) }; ,$a | Export-Clixml x", "or too large"},
    {"compare (1..5000) (5001..10000)", "took more than 300000 steps"},
    {"1..99999999999", "a range has at most"},
    {"'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' -match '^(a+)+$'", "takes too long"},
    {"('x' * 40 + '!') -replace '^(x+)+$', ''", "takes too long"},
    {"'x' * 999999999999", "can be repeated up to"},
};
/* clang-format on */

static void every_limit_ends_a_script_but_not_the_session(void **state)
{
    (void)state;
    size_t held = 0;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fake_world fake;
        struct world world;
        struct shell_limits limits = {.memory_max = MEMORY_MAX, .steps_max = STEPS_MAX};
        fake_world_init(&fake, &world, OUTPUT_MAX);
        struct shell *shell = shell_new(&world, &limits);
        assert_non_null(shell);
        shell_run(shell, slice_of(rows[i].script), false);
        bool said = slice_contains(text_slice(&fake.errors), slice_of(rows[i].error));
        text_clear(&fake.output);
        shell_run(shell, SLICE("$h = $l = $s = $null; 'still ' + 'here'"), false);
        bool here = slice_equal(text_slice(&fake.output), SLICE("still here\n"));
        if (said && here)
            held++;
        else
            print_error("%s: %d %d %.*s\n", rows[i].script, said, here,
                        SLICE_ARG(text_slice(&fake.errors)));
        shell_free(shell);
        fake_world_deinit(&fake);
    }
    assert_int_equal(held, COUNT_OF(rows));
}

/* A long chain of operators is not nested for its reader, but it is for whoever evaluates it. */
static void a_long_chain_ends_or_is_refused(void **state)
{
    (void)state;
    static const char *const pieces[] = {"+1", ".x", "[0]", " -eq 1", " | % { $_ }", "; 1", ",1"};
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        struct fake_world fake;
        struct world world;
        struct shell_limits limits = {.memory_max = MEMORY_MAX, .steps_max = STEPS_MAX};
        struct text script = text_with_ceiling(4 << 20);
        fake_world_init(&fake, &world, OUTPUT_MAX);
        struct shell *shell = shell_new(&world, &limits);
        text_append_c(&script, "$x = @{}; $x");
        for (size_t j = 0; j < 100000; j++)
            text_append_c(&script, pieces[i]);
        shell_run(shell, text_slice(&script), false);
        text_clear(&fake.output);
        shell_run(shell, SLICE("'here'"), false);
        row_expect_slice(pieces[i], text_slice(&fake.output), SLICE("here\n"));
        shell_free(shell);
        text_deinit(&script);
        fake_world_deinit(&fake);
    }
}

/* What nests does so a hundred thousand times: it is refused before anything is run. */
static void deep_nesting_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *open, *close, *says;
    } nests[] = {
        {"(", ")", "nested more than"},          {"$(", ")", "nested more than"},
        {"@(", ")", "nested more than"},         {"& { ", " }", "nested more than"},
        {"if (1) { ", " }", "nested more than"}, {"try { ", " } catch { }", "nested more than"},
        {"@{ a = ", " }", "nested more than"},   {"$x[", "]", "nested more than"},
        {"!", "", "nested more than"},           {"[int]", "", "nested more than"},
        {"\"$(", ")\"", "has no end"},
    };
    for (size_t i = 0; i < COUNT_OF(nests); i++) {
        struct fake_world fake;
        struct world world;
        struct shell_limits limits = {.memory_max = MEMORY_MAX, .steps_max = STEPS_MAX};
        struct text script = text_with_ceiling(4 << 20);
        fake_world_init(&fake, &world, OUTPUT_MAX);
        struct shell *shell = shell_new(&world, &limits);
        text_append_c(&script, "'ran'; ");
        for (size_t j = 0; j < NESTED; j++)
            text_append_c(&script, nests[i].open);
        text_append_c(&script, "1");
        for (size_t j = 0; j < NESTED; j++)
            text_append_c(&script, nests[i].close);
        assert_false(script.truncated);
        shell_run(shell, text_slice(&script), false);
        row_expect(nests[i].open, "says so",
                   slice_contains(text_slice(&fake.errors), slice_of(nests[i].says)), true);
        shell_run(shell, SLICE("'here'"), false);
        row_expect_slice(nests[i].open, text_slice(&fake.output), SLICE("here\n"));
        shell_free(shell);
        text_deinit(&script);
        fake_world_deinit(&fake);
    }
}

static void a_script_that_is_too_large_is_refused(void **state)
{
    (void)state;
    struct fake_world fake;
    struct world world;
    struct shell_limits limits = {.memory_max = MEMORY_MAX, .steps_max = STEPS_MAX};
    struct text script = text_with_ceiling(12 << 20);
    fake_world_init(&fake, &world, OUTPUT_MAX);
    struct shell *shell = shell_new(&world, &limits);
    while (script.len < 10 << 20)
        text_append_c(&script, "'a line of a large script'\n");
    shell_run(shell, text_slice(&script), false);
    row_expect("10 MB", "says so", slice_contains(text_slice(&fake.errors), SLICE("4 MB")), true);
    shell_run(shell, SLICE("'here'"), false);
    row_expect_slice("10 MB", text_slice(&fake.output), SLICE("here\n"));
    shell_free(shell);
    text_deinit(&script);
    fake_world_deinit(&fake);
}

/* Objects pass one at a time: what a million of them need is not more than what ten need. */
static void a_million_objects_need_little_memory(void **state)
{
    (void)state;
    struct fake_world fake;
    struct world world;
    struct shell_limits limits = {.memory_max = 2 * MEMORY_MAX, .steps_max = UINT64_MAX};
    fake_world_init(&fake, &world, OUTPUT_MAX);
    struct shell *shell = shell_new(&world, &limits);
    assert_non_null(shell);
    shell_run(shell,
              SLICE("1..1000000 | % { [pscustomobject]@{ N = $_; Text = \"number $_\" } } |\n"
                    "  ? { $_.Text -like '*99999' } | select -ExpandProperty N"),
              false);
    row_expect_slice("errors", text_slice(&fake.errors), SLICE(""));
    row_expect_slice("output", text_slice(&fake.output),
                     SLICE("99999\n199999\n299999\n399999\n499999\n599999\n699999\n799999\n"
                           "899999\n999999\n"));
    shell_free(shell);
    fake_world_deinit(&fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_limit_ends_a_script_but_not_the_session),
        cmocka_unit_test(a_long_chain_ends_or_is_refused),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(a_script_that_is_too_large_is_refused),
        cmocka_unit_test(a_million_objects_need_little_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
