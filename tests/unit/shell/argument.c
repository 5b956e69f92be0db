/* SPDX-License-Identifier: Apache-2.0 */
/* What operations/argument writes is what the shell reads, whatever the text holds. */
#include "operations/argument.h"
#include "base/quoted.h"
#include "operations/command.h"

#include "support/rows.h"

#include "support/fake_world.h"

enum {
    OUTPUT_MAX = 1 << 20,
    MEMORY_MAX = 24 << 20,
    STEPS_MAX = 300000,
    TEXTS = 4000,
    PIECES_MAX = 12
};

/* clang-format off */
static const char *const pieces[] = {
    "'", "\"", "`", "$", "$(", ")", "${", "}", "#", ";", ",", "|", "&", "@", "-", " ", "\n", "\r\n", "\t", "\x01",
    "\x1b", "\x7f", "\a", "`n", "$x", "@{", "a", "Z", "7", "\\", "%", "<I>", "\xc3\xbc", "\xe6\xbc\xa2", "\xe2\x80\x98",
    "\xe2\x80\x99", "\xe2\x80\x9a", "\xe2\x80\x9b", "\xe2\x80\x9c", "\xe2\x80\x9d", "\xe2\x80\x9e", "\xe2\x80\x9f", "\xe2\x80\x93", "\xc2\xa0", "\xef\xbb\xbf",
};
/* clang-format on */

static json_t *taken;

static json_t *take(void *context, const struct operation *operation, json_t *parameters,
                    enum operation_error *out_outcome, struct text *error)
{
    (void)context, (void)operation, (void)error;
    *out_outcome = OPERATION_OK;
    json_decref(taken);
    taken = json_copy(parameters);
    return json_pack("{s:[]}", "objects");
}

static struct slice taken_text(const char *name)
{
    const json_t *value = json_object_get(taken, name);
    return slice_bytes(json_string_value(value), json_string_length(value));
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void every_text_comes_back(void **state)
{
    (void)state;
    struct fake_world fake;
    struct world world;
    struct shell_limits limits = {.memory_max = MEMORY_MAX, .steps_max = STEPS_MAX};
    fake_world_init(&fake, &world, OUTPUT_MAX);
    world.call = take;
    struct shell *shell = shell_new(&world, &limits);
    uint32_t seed = 7;
    for (size_t i = 0; i < TEXTS; i++) {
        struct text value = text_with_ceiling(OUTPUT_MAX), script = text_with_ceiling(OUTPUT_MAX);
        for (size_t count = 1 + next_random(&seed) % PIECES_MAX; count > 0; count--)
            text_append_c(&value, pieces[next_random(&seed) % COUNT_OF(pieces)]);
        text_append_c(&script, "Set-Mailbox -Identity x -DisplayName ");
        assert_true(quoted_append(&script, text_slice(&value)));
        text_append_c(&script, " -Enabled $true");
        shell_run(shell, text_slice(&script), false);
        row_expect_slice("errors", text_slice(&fake.errors), SLICE(""));
        row_expect_slice(text_c_string(&script), taken_text("DisplayName"), text_slice(&value));
        row_expect_slice("the parameter behind it", taken_text("Enabled"), SLICE("$true"));
        text_deinit(&value);
        text_deinit(&script);
    }
    json_decref(taken);
    taken = NULL;
    shell_free(shell);
    fake_world_deinit(&fake);
}

static json_t *random_text(uint32_t *seed)
{
    struct text value = text_with_ceiling(OUTPUT_MAX);
    for (size_t count = 1 + next_random(seed) % PIECES_MAX; count > 0; count--)
        text_append_c(&value, pieces[next_random(seed) % COUNT_OF(pieces)]);
    json_t *json = json_stringn(value.at, value.len);
    text_deinit(&value);
    return json;
}

/* A command of the audit trail can be pasted: it means what was run. */
static void every_command_comes_back(void **state)
{
    (void)state;
    struct fake_world fake;
    struct world world;
    struct shell_limits limits = {.memory_max = MEMORY_MAX, .steps_max = STEPS_MAX};
    fake_world_init(&fake, &world, OUTPUT_MAX);
    world.call = take;
    struct shell *shell = shell_new(&world, &limits);
    uint32_t seed = 11;
    for (size_t i = 0; i < TEXTS; i++) {
        json_t *run = json_pack("{s:o, s:{s:[o], s:[o, o]}, s:s}", "Identity", random_text(&seed),
                                "EmailAddresses", "Add", random_text(&seed), "Remove",
                                random_text(&seed), random_text(&seed), "Enabled", "$true");
        struct text script = text_with_ceiling(OUTPUT_MAX);
        assert_true(operation_append_command(&script, &operations[OPERATION_SET_MAILBOX], run));
        shell_run(shell, text_slice(&script), false);
        row_expect_slice(text_c_string(&script), text_slice(&fake.errors), SLICE(""));
        row_expect(text_c_string(&script), "as it was run", json_equal(taken, run), 1);
        json_decref(run);
        text_deinit(&script);
    }
    json_decref(taken);
    taken = NULL;
    shell_free(shell);
    fake_world_deinit(&fake);
}

static void it_is_known_where_a_cmdlet_stands(void **state)
{
    (void)state;
    struct fake_world fake;
    struct world world;
    struct shell_limits limits = {.memory_max = MEMORY_MAX, .steps_max = STEPS_MAX};
    fake_world_init(&fake, &world, OUTPUT_MAX);
    world.call = take;
    struct shell *shell = shell_new(&world, &limits);
    shell_run(shell, SLICE("# one\n  Set-Mailbox a\n"), false);
    assert_int_equal(shell_position(shell), 8);
    shell_run(shell, SLICE("if ($true) { Set-Mailbox b }"), false);
    assert_int_equal(shell_position(shell), 13);
    json_decref(taken);
    taken = NULL;
    shell_free(shell);
    fake_world_deinit(&fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_text_comes_back),
                                       cmocka_unit_test(every_command_comes_back),
                                       cmocka_unit_test(it_is_known_where_a_cmdlet_stands)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
