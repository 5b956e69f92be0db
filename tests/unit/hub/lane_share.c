/* SPDX-License-Identifier: Apache-2.0 */
/* hub/transport/lane_share: what does not answer leaves room for the others. */
#include "hub/transport/lane_share.h"

#include "base/attributes.h"
#include "support/rows.h"

static void each_has_his_part(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        size_t failed, new, proven;
        enum lane_trust trust;
        bool room;
    } rows[] = {
        {"the first", 0, 0, 0, LANE_FAILED, true},
        {"the last of a quarter", 249, 0, 0, LANE_FAILED, true},
        {"one more than a quarter", 250, 0, 0, LANE_FAILED, false},
        {"a new one beside dead ones", 250, 0, 0, LANE_NEW, true},
        {"the last of a half", 250, 249, 0, LANE_NEW, true},
        {"one more than a half", 250, 250, 0, LANE_NEW, false},
        {"new ones leave no room for dead ones", 0, 500, 0, LANE_FAILED, false},
        {"proven ones beside all of these", 250, 250, 0, LANE_PROVEN, true},
        {"proven ones do not count against the others", 0, 0, 999, LANE_FAILED, true},
        {"the last of all", 250, 250, 499, LANE_PROVEN, true},
        {"one too many", 250, 250, 500, LANE_PROVEN, false},
        {"one too many, of a new one", 0, 1, 999, LANE_NEW, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct lane_share share = {{rows[i].failed, rows[i].new, rows[i].proven}};
        row_expect(rows[i].label, "room", lane_share_has_room(&share, 1000, rows[i].trust),
                   rows[i].room);
        row_expect(rows[i].label, "count", (long long)lane_share_count(&share),
                   (long long)(rows[i].failed + rows[i].new + rows[i].proven));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_has_his_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
