/* SPDX-License-Identifier: Apache-2.0 */
/* hub/transport/lane_index: whatever comes and goes, each is found by its number and by walking
 * over all. */
#include "hub/transport/hop.h"
#include "support/rows.h"

enum { MANY = 3 * LANE_BUCKETS + 7 };

static struct lane lanes[MANY];
static struct lane_index list;

static void expect(bool (*is_there)(size_t))
{
    size_t there = 0, walked = 0;
    for (size_t i = 0; i < MANY; i++) {
        bool found = lane_index_find(&list, i + 1) == &lanes[i];
        assert_int_equal(found, is_there(i));
        assert_true(found || !lane_index_find(&list, i + 1));
        there += found;
    }
    for (struct lane *lane = list.all, *before = NULL; lane;
         before = lane, lane = lane->node.next) {
        assert_ptr_equal(lane->node.before, before);
        assert_true(is_there((size_t)(lane - lanes)));
        walked++;
    }
    assert_int_equal(walked, there);
}

static bool all(size_t i)
{
    (void)i;
    return true;
}

static bool without_thirds(size_t i)
{
    return i % 3 != 0;
}

static bool none(size_t i)
{
    (void)i;
    return false;
}

static void each_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        lanes[i].node.relay = i + 1;
        lane_index_add(&list, &lanes[i]);
    }
    expect(all);
    for (size_t i = 0; i < MANY; i += 3)
        lane_index_remove(&list, &lanes[i]);
    expect(without_thirds);
    for (size_t i = 0; i < MANY; i++)
        if (without_thirds(i))
            lane_index_remove(&list, &lanes[i]);
    expect(none);
    assert_null(list.all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_is_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
