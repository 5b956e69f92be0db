/* SPDX-License-Identifier: Apache-2.0 */
/* The table of cmdlets: every row explains itself, and no two answer to one name. */
#include "support/rows.h"

#include "shell/cmdlet.h"
#include "shell/parser.h"

enum { MEMORY = 1 << 20 };

static void every_row_explains_itself(void **state)
{
    (void)state;
    const struct cmdlet *cmdlet;
    for (size_t i = 0; (cmdlet = cmdlet_at(i)); i++) {
        struct arena arena = arena_with_ceiling(MEMORY);
        struct text error = text_with_ceiling(MEMORY);
        struct parsed parsed;
        struct slice help = slice_of(cmdlet->help);
        if (help.len < 10 || help.at[help.len - 1] != '.')
            fail_msg("%s: its help is no sentence", cmdlet->name);
        if (!slice_contains(slice_of(cmdlet->example), slice_of(cmdlet->name)) && !*cmdlet->aliases)
            fail_msg("%s: its example is of something else", cmdlet->name);
        if (!parser_parse(slice_of(cmdlet->example), &arena, &parsed, &error))
            fail_msg("%s: its example: %.*s", cmdlet->name, SLICE_ARG(text_slice(&error)));
        if (!cmdlet->process && !cmdlet->end)
            fail_msg("%s does nothing", cmdlet->name);
        text_deinit(&error);
        arena_deinit(&arena);
    }
    assert_true(cmdlet_at(0) != NULL);
}

static void no_two_answer_to_one_name(void **state)
{
    (void)state;
    const struct cmdlet *cmdlet;
    for (size_t i = 0; (cmdlet = cmdlet_at(i)); i++) {
        struct slice rest = slice_of(cmdlet->aliases), alias;
        assert_ptr_equal(cmdlet_find(slice_of(cmdlet->name)), cmdlet);
        while (slice_take_word(&rest, &alias))
            if (cmdlet_find(alias) != cmdlet)
                fail_msg("%s is not alone with its alias %.*s", cmdlet->name, SLICE_ARG(alias));
        if (operation_find(slice_of(cmdlet->name), NULL))
            fail_msg("%s is an operation, too", cmdlet->name);
    }
    assert_null(cmdlet_find(SLICE("Get-Nothing")));
}

static void parameters_have_names_of_their_own(void **state)
{
    (void)state;
    const struct cmdlet *cmdlet;
    for (size_t i = 0; (cmdlet = cmdlet_at(i)); i++)
        for (const struct cmdlet_parameter *a = cmdlet->parameters; a->name; a++)
            for (const struct cmdlet_parameter *b = cmdlet->parameters; b != a; b++)
                if (slice_equal_nocase(slice_of(a->name), slice_of(b->name)))
                    fail_msg("%s has -%s twice", cmdlet->name, a->name);
    assert_true(cmdlet_at(0)->parameters[0].name != NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_row_explains_itself),
                                       cmocka_unit_test(no_two_answer_to_one_name),
                                       cmocka_unit_test(parameters_have_names_of_their_own)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
