/* SPDX-License-Identifier: Apache-2.0 */
/* hub/transport/clock_jumps: what a clock jumps over makes nothing older; what passes does, asleep
 * or not. */
#include "hub/transport/clock_jumps.h"

#include "support/rows.h"

#define HOUR INT64_C(3600000)
#define NOON INT64_C(1790000000000)

static const char boot[] = "5a2c1f0e-0000-4000-8000-000000000001";

static struct clock_jumps begun(void)
{
    struct clock_jumps jumps;
    clock_jumps_begin(&jumps, SLICE(""), boot, NOON, HOUR);
    return jumps;
}

static void time_that_passes_is_time(void **state)
{
    (void)state;
    struct clock_jumps jumps = begun();
    assert_int_equal(clock_jumps_look(&jumps, NOON + HOUR, 2 * HOUR), 0);
    /* asleep for a week, and an adjustment of some seconds */
    assert_int_equal(clock_jumps_look(&jumps, NOON + 169 * HOUR + 5000, 170 * HOUR), 0);
    assert_int_equal(clock_jumps_between(&jumps, NOON, NOON + 169 * HOUR), 0);
    assert_false(clock_jumps_drifted(&jumps));
    assert_int_equal(clock_jumps_look(&jumps, NOON + 169 * HOUR + 10000, 170 * HOUR), 0);
    assert_true(clock_jumps_drifted(&jumps));
}

static void a_jump_forward_is_taken_off(void **state)
{
    (void)state;
    struct clock_jumps jumps = begun();
    assert_int_equal(clock_jumps_look(&jumps, NOON + 73 * HOUR, 2 * HOUR), 72 * HOUR);
    assert_int_equal(clock_jumps_look(&jumps, NOON + 74 * HOUR, 3 * HOUR), 0);
    /* came in before it, meanwhile by another's clock, behind it */
    assert_int_equal(clock_jumps_between(&jumps, NOON, NOON + 74 * HOUR), 72 * HOUR);
    assert_int_equal(clock_jumps_between(&jumps, NOON + 50 * HOUR, NOON + 74 * HOUR), 23 * HOUR);
    assert_int_equal(clock_jumps_between(&jumps, NOON + 73 * HOUR, NOON + 74 * HOUR), 0);
    /* and once more */
    assert_int_equal(clock_jumps_look(&jumps, NOON + 84 * HOUR, 3 * HOUR), 10 * HOUR);
    assert_int_equal(clock_jumps_between(&jumps, NOON, NOON + 84 * HOUR), 82 * HOUR);
}

static void what_is_set_back_passes_after_all(void **state)
{
    (void)state;
    struct clock_jumps jumps = begun();
    clock_jumps_look(&jumps, NOON + 72 * HOUR, HOUR);
    assert_int_equal(clock_jumps_look(&jumps, NOON + HOUR, 2 * HOUR), -72 * HOUR);
    clock_jumps_look(&jumps, NOON + 80 * HOUR, 81 * HOUR);
    assert_int_equal(clock_jumps_between(&jumps, NOON, NOON + 80 * HOUR), HOUR);
    struct clock_jumps all = begun();
    clock_jumps_look(&all, NOON + 72 * HOUR, HOUR);
    clock_jumps_look(&all, NOON - HOUR, HOUR);
    assert_int_equal(all.count, 0);
}

static void a_restart_knows(void **state)
{
    (void)state;
    char storage[CLOCK_JUMPS_TEXT];
    struct text text = text_over(storage, sizeof storage);
    struct clock_jumps jumps = begun(), next;
    clock_jumps_look(&jumps, NOON + 72 * HOUR, HOUR);
    assert_true(clock_jumps_append(&text, &jumps));
    /* the clock has jumped by another day while nobody looked */
    clock_jumps_begin(&next, text_slice(&text), boot, NOON + 97 * HOUR, 2 * HOUR);
    assert_int_equal(clock_jumps_look(&next, NOON + 97 * HOUR, 2 * HOUR), 24 * HOUR);
    assert_int_equal(clock_jumps_between(&next, NOON, NOON + 97 * HOUR), 96 * HOUR);
    /* the machine was off for a day: that did pass */
    clock_jumps_begin(&next, text_slice(&text), "another", NOON + 97 * HOUR, 1000);
    assert_int_equal(clock_jumps_look(&next, NOON + 97 * HOUR, 1000), 0);
    assert_int_equal(clock_jumps_between(&next, NOON, NOON + 97 * HOUR), 72 * HOUR);
    /* nobody knows which start it is: the clock is believed, too */
    clock_jumps_begin(&next, SLICE(" 5\n"), "", NOON, 1000);
    assert_int_equal(clock_jumps_look(&next, NOON, 1000), 0);
}

static void what_is_kept_may_be_broken(void **state)
{
    (void)state;
    static const char *const broken[] = {"x", "x y\n", "5a2c 1\n7 3\n", "5a2c 1\na b\n",
                                         "5a2c 1\n99999999999999999999 1\n"};
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        struct clock_jumps jumps;
        clock_jumps_begin(&jumps, slice_of(broken[i]), boot, NOON, HOUR);
        assert_int_equal(clock_jumps_look(&jumps, NOON, HOUR), 0);
        assert_int_equal(jumps.count, 0);
    }
}

static void there_is_an_end_to_them(void **state)
{
    (void)state;
    char storage[CLOCK_JUMPS_TEXT];
    struct text text = text_over(storage, sizeof storage);
    struct clock_jumps jumps = begun();
    for (int64_t i = 1; i < 30; i++)
        assert_int_equal(clock_jumps_look(&jumps, NOON + i * HOUR, HOUR), HOUR);
    assert_int_equal(jumps.count, CLOCK_GAPS_MAX);
    assert_int_equal(clock_jumps_between(&jumps, NOON, NOON + 29 * HOUR), CLOCK_GAPS_MAX * HOUR);
    assert_true(clock_jumps_append(&text, &jumps));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_that_passes_is_time),
        cmocka_unit_test(a_jump_forward_is_taken_off),
        cmocka_unit_test(what_is_set_back_passes_after_all),
        cmocka_unit_test(a_restart_knows),
        cmocka_unit_test(what_is_kept_may_be_broken),
        cmocka_unit_test(there_is_an_end_to_them),
    };
    return cmocka_run_group_tests_name("hub/transport/clock_jumps", tests, NULL, NULL);
}
