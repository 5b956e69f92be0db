/* SPDX-License-Identifier: Apache-2.0 */
/* How long responders are left in peace. */
#include "hub/certificates/responder_patience.h"

#include "base/attributes.h"
#include "support/rows.h"

#include <stdlib.h>

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

static struct object_id id_of(unsigned number)
{
    return (struct object_id){{(uint8_t)(number >> 8), (uint8_t)number}};
}

static void failures_are_asked_again_less_and_less_often(void **state)
{
    (void)state;
    static const uint64_t pauses[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
    struct responder_patience *patience = calloc(1, sizeof *patience);
    uint64_t now_ms = 5;
    assert_non_null(patience);
    assert_int_equal(patience_until(patience, id_of(1)), 0);
    for (size_t i = 0; i < COUNT_OF(pauses); i++) {
        assert_int_equal(patience_failed(patience, id_of(1), now_ms), i == 0);
        assert_int_equal(patience_until(patience, id_of(1)), now_ms + pauses[i] * MINUTE);
        now_ms += pauses[i] * MINUTE;
    }
    assert_int_equal(patience_until(patience, id_of(2)), 0);
    assert_true(patience_answered(patience, id_of(1), 7LL * DAY, now_ms));
    assert_true(patience_failed(patience, id_of(1), now_ms)); /* the first one again */
    assert_false(patience_failed(patience, id_of(1), now_ms));
    patience_pardon(patience);
    assert_int_equal(patience_until(patience, id_of(1)), 0);
    assert_true(patience_failed(patience, id_of(1), now_ms)); /* it is said anew */
    patience_pardon(patience);
    assert_true(patience_answered(patience, id_of(1), DAY, now_ms));
    assert_false(patience_answered(patience, id_of(1), DAY, now_ms));
    free(patience);
}

static void answers_are_kept_for_a_while(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t life_ms;
        uint64_t pause_ms;
    } rows[] = {{"a week", 7LL * DAY, HOUR},
                {"four hours", 4LL * HOUR, 30LL * MINUTE},
                {"a minute", MINUTE, 10LL * SECOND},
                {"none", 0, 10LL * SECOND}};
    struct responder_patience *patience = calloc(1, sizeof *patience);
    assert_non_null(patience);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_false(patience_answered(patience, id_of(1), rows[i].life_ms, 7));
        row_expect(rows[i].name, "pause", (long long)patience_until(patience, id_of(1)),
                   (long long)rows[i].pause_ms + 7);
    }
    free(patience);
}

static void the_oldest_makes_room(void **state)
{
    (void)state;
    struct responder_patience *patience = calloc(1, sizeof *patience);
    assert_non_null(patience);
    for (unsigned i = 0; i <= PATIENCE_MAX; i++)
        (void)patience_failed(patience, id_of(i), 7);
    assert_int_equal(patience_until(patience, id_of(0)), 0);
    assert_int_equal(patience_until(patience, id_of(1)), 7 + MINUTE);
    assert_int_equal(patience_until(patience, id_of(PATIENCE_MAX)), 7 + MINUTE);
    free(patience);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failures_are_asked_again_less_and_less_often),
        cmocka_unit_test(answers_are_kept_for_a_while),
        cmocka_unit_test(the_oldest_makes_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
