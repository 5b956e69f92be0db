/* SPDX-License-Identifier: Apache-2.0 */
/* hub/transport/quarantine: one courier at a time, not for long, and not over and over. */
#include "hub/transport/quarantine.h"

#include "hub/transport/courier_load.h"
#include "support/rows.h"

static void one_courier_is_emptied_and_occupied(void **state)
{
    (void)state;
    struct quarantine quarantine = {0};
    struct courier_load one = {.messages = 2}, other = {.messages = 1};
    assert_false(quarantine_takes(&quarantine, &one, 2, 0));
    quarantine_reserve(&quarantine, &one, 0);
    quarantine_reserve(&quarantine, &other, 0);
    assert_true(one.reserved && !other.reserved);
    assert_false(quarantine_takes(&quarantine, &one, 0, 1));
    assert_true(quarantine_takes(&quarantine, &other, 0, 1));
    one.messages = other.messages = 0;
    assert_true(quarantine_takes(&quarantine, &one, 2, 2));
    assert_false(quarantine_takes(&quarantine, &other, 2, 2)); /* one after the other */
    quarantine_add(&quarantine, &one, 2, 2);
    assert_true(one.alone && !one.reserved);
    quarantine_look(&quarantine, 3);
    assert_false(quarantine_takes(&quarantine, &one, 0, 3));
    courier_load_done(&one, 2);
    quarantine_look(&quarantine, 4);
    assert_true(quarantine_takes(&quarantine, &one, 0, 4));
    assert_true(quarantine_takes(&quarantine, &other, 2, 4)); /* the next one at once */
}

static void who_is_not_emptied_in_time_is_left(void **state)
{
    (void)state;
    struct quarantine quarantine = {0};
    struct courier_load load = {.messages = 1};
    quarantine_reserve(&quarantine, &load, 100);
    quarantine_look(&quarantine, 100 + QUARANTINE_EMPTY_MS - 1);
    assert_true(load.reserved);
    quarantine_look(&quarantine, 100 + QUARANTINE_EMPTY_MS);
    assert_false(load.reserved);
    int64_t again_ms = 100 + QUARANTINE_EMPTY_MS + QUARANTINE_PAUSE_MS;
    quarantine_reserve(&quarantine, &load, again_ms - 1);
    assert_false(load.reserved);
    quarantine_reserve(&quarantine, &load, again_ms);
    assert_true(load.reserved);
}

static void who_takes_long_gets_company(void **state)
{
    (void)state;
    struct quarantine quarantine = {0};
    struct courier_load load = {0};
    quarantine_add(&quarantine, &load, 2, 0);
    quarantine_look(&quarantine, QUARANTINE_ALONE_MS - 1);
    assert_false(quarantine_takes(&quarantine, &load, 0, QUARANTINE_ALONE_MS - 1));
    quarantine_look(&quarantine, QUARANTINE_ALONE_MS);
    assert_true(quarantine_takes(&quarantine, &load, 0, QUARANTINE_ALONE_MS));
    assert_int_equal(load.messages, 1);
}

static void a_courier_that_dies_leaves_it(void **state)
{
    (void)state;
    struct quarantine quarantine = {0};
    struct courier_load one = {0}, other = {0};
    quarantine_add(&quarantine, &one, 2, 0);
    quarantine_lost(&quarantine, &other);
    assert_false(quarantine_takes(&quarantine, &other, 2, 1));
    quarantine_lost(&quarantine, &one);
    assert_true(quarantine_takes(&quarantine, &other, 2, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_courier_is_emptied_and_occupied),
        cmocka_unit_test(who_is_not_emptied_in_time_is_left),
        cmocka_unit_test(who_takes_long_gets_company),
        cmocka_unit_test(a_courier_that_dies_leaves_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
