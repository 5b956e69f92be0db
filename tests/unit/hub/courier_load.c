/* SPDX-License-Identifier: Apache-2.0 */
/* hub/transport/courier_load: suspects travel in small company, nobody stops them for ever, and
 * whoever has no memory rests. */
#include "hub/transport/courier_load.h"

#include "base/attributes.h"
#include "support/rows.h"

static void who_may_have_one_more(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        struct courier_load load;
        bool may;
    } rows[] = {
        {"for everybody", {.messages = 10000}, true},
        {"in company, one less", {.isolation = ISOLATION_COMPANY, .messages = 29}, true},
        {"in company", {.isolation = ISOLATION_COMPANY, .messages = 30}, false},
        {"for one, idle", {.isolation = ISOLATION_ALONE}, true},
        {"for one", {.isolation = ISOLATION_ALONE, .messages = 1}, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        row_expect(rows[i].label, "may", courier_load_takes(&rows[i].load, 0), rows[i].may);
}

static void who_takes_long_gets_company(void **state)
{
    (void)state;
    struct courier_load load = {.isolation = ISOLATION_ALONE};
    courier_load_add(&load, 100);
    assert_false(courier_load_takes(&load, 100 + COURIER_STUCK_MS - 1));
    assert_true(courier_load_takes(&load, 100 + COURIER_STUCK_MS));
    courier_load_add(&load, 100 + COURIER_STUCK_MS); /* one, not all that wait */
    assert_false(courier_load_takes(&load, 101 + COURIER_STUCK_MS));
    courier_load_done(&load);
    assert_false(courier_load_takes(&load, 101 + COURIER_STUCK_MS));
    courier_load_done(&load);
    assert_true(courier_load_takes(&load, 101 + COURIER_STUCK_MS));
}

static void suspects_hold_few_connections(void **state)
{
    (void)state;
    struct courier_load load = {.isolation = ISOLATION_ALONE};
    load.lanes.held[LANE_FAILED] = isolation_lanes(ISOLATION_ALONE) / 4;
    assert_false(courier_load_opens(&load, LANE_FAILED, 0));
    assert_true(courier_load_opens(&load, LANE_PROVEN, 0));
    load.lanes.held[LANE_PROVEN] = isolation_lanes(ISOLATION_ALONE) * 3 / 4;
    assert_false(courier_load_opens(&load, LANE_PROVEN, 0));
    for (int i = 0; i < ISOLATIONS; i++)
        assert_true(isolation_lanes((enum isolation)i) <= COURIER_LANES_MAX);
}

static void a_courier_without_memory_rests(void **state)
{
    (void)state;
    struct courier_load load = {.rests_until_ms = 5000};
    assert_false(courier_load_opens(&load, LANE_PROVEN, 4999));
    assert_true(courier_load_opens(&load, LANE_PROVEN, 5000));
    load.lanes.held[LANE_FAILED] = COURIER_LANES_MAX / 4;
    assert_false(courier_load_opens(&load, LANE_FAILED, 5000));
    assert_true(courier_load_opens(&load, LANE_NEW, 5000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_may_have_one_more),
        cmocka_unit_test(who_takes_long_gets_company),
        cmocka_unit_test(suspects_hold_few_connections),
        cmocka_unit_test(a_courier_without_memory_rests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
