/* SPDX-License-Identifier: Apache-2.0 */
/* hub/transport/courier_load: suspects travel in small company, then alone, and whoever has no
 * memory rests.
 */
#include "hub/transport/courier_load.h"

#include "base/attributes.h"
#include "support/rows.h"

static void who_may_have_what(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        struct courier_load load;
        bool innocent, suspect, alone; /* may be given to it */
    } rows[] = {
        {"idle", {0}, true, true, true},
        {"busy", {.messages = 1}, true, true, false},
        {"one suspect less than most",
         {.messages = 99, .suspects = COURIER_SUSPECTS_MAX - 1},
         true,
         true,
         false},
        {"as many suspects as may be",
         {.messages = 99, .suspects = COURIER_SUSPECTS_MAX},
         true,
         false,
         false},
        {"somebody is alone with it", {.messages = 1, .alone = true}, false, false, false},
        {"it is emptied for somebody", {.messages = 3, .reserved = true}, false, false, false},
        {"it is empty for somebody", {.reserved = true}, false, false, true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct courier_load *load = &rows[i].load;
        row_expect(rows[i].label, "innocent", courier_load_takes(load, 0), rows[i].innocent);
        row_expect(rows[i].label, "suspect", courier_load_takes(load, 1), rows[i].suspect);
        row_expect(rows[i].label, "alone", courier_load_takes(load, 2), rows[i].alone);
        row_expect(rows[i].label, "saturated", courier_load_takes(load, 255), rows[i].alone);
    }
}

static void what_goes_leaves_nothing_behind(void **state)
{
    (void)state;
    for (uint32_t deaths = 0; deaths < 4; deaths++) {
        struct courier_load load = {.reserved = deaths >= SUSPECT_ALONE_DEATHS};
        assert_true(courier_load_takes(&load, deaths));
        courier_load_add(&load, deaths);
        assert_int_equal(load.messages, 1);
        assert_int_equal(load.suspects, deaths > 0);
        assert_int_equal(courier_load_takes(&load, 0), deaths < SUSPECT_ALONE_DEATHS);
        courier_load_done(&load, deaths);
        assert_true(load.messages == 0 && load.suspects == 0 && !load.alone && !load.reserved);
        assert_true(courier_load_takes(&load, 0));
    }
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
        cmocka_unit_test(who_may_have_what),
        cmocka_unit_test(what_goes_leaves_nothing_behind),
        cmocka_unit_test(a_courier_without_memory_rests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
