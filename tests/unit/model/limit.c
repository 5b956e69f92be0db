/* SPDX-License-Identifier: Apache-2.0 */
/* Which limit stands in the way of one more connection or message. */
#include "model/limit.h"
#include "support/rows.h"

static void the_first_limit_that_is_reached_is_named(void **state)
{
    (void)state;
    static const int64_t unlimited = INT64_MAX;
    static const struct {
        const char *name;
        int64_t max, per_source, percentage, open, of_source;
        enum limit_verdict verdict;
        int64_t most;
    } rows[] = {
        {"an empty server", 5000, 20, 2, 0, 0, LIMIT_NONE, 0},
        {"the twentieth of a source", 5000, 20, 2, 19, 19, LIMIT_NONE, 0},
        {"the twenty-first", 5000, 20, 2, 20, 20, LIMIT_SOURCE, 20},
        {"the last place", 5000, 20, 2, 4999, 0, LIMIT_NONE, 0},
        {"a full connector", 5000, 20, 2, 5000, 0, LIMIT_CONNECTIONS, 5000},
        {"two percent of 500 left", 5000, 20, 2, 4500, 9, LIMIT_NONE, 0},
        {"and one more", 5000, 20, 2, 4500, 10, LIMIT_SHARE, 10},
        {"less than one connection counts as one", 5000, 20, 2, 4990, 0, LIMIT_NONE, 0},
        {"but as no more than one", 5000, 20, 2, 4990, 1, LIMIT_SHARE, 1},
        {"all that is left", 100, unlimited, 100, 40, 40, LIMIT_NONE, 0},
        {"more than is left", 100, unlimited, 100, 60, 40, LIMIT_SHARE, 40},
        {"no share of what has no end", unlimited, 20, 1, 1 << 20, 19, LIMIT_NONE, 0},
        {"but a limit for each source", unlimited, 20, 1, 1 << 20, 20, LIMIT_SOURCE, 20},
        {"no limit at all", unlimited, unlimited, 1, 1 << 30, 1 << 30, LIMIT_NONE, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct receive_connector connector = {
            .max_inbound_connection = rows[i].max,
            .max_inbound_connection_per_source = rows[i].per_source,
            .max_inbound_connection_percentage_per_source = rows[i].percentage};
        struct limit_answer answer =
            limit_check_connection(&connector, rows[i].open, rows[i].of_source);
        row_expect(rows[i].name, "verdict", answer.verdict, rows[i].verdict);
        row_expect(rows[i].name, "most", answer.most, rows[i].most);
        row_expect(rows[i].name, "setting", answer.setting != NULL, rows[i].verdict != LIMIT_NONE);
    }
}

static void a_rate_is_reached_and_not_passed(void **state)
{
    (void)state;
    struct receive_connector connector = {.message_rate_limit = 5};
    assert_false(limit_rate_exceeded(&connector, 4));
    assert_true(limit_rate_exceeded(&connector, 5));
    connector.message_rate_limit = INT64_MAX;
    assert_false(limit_rate_exceeded(&connector, 1 << 30));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_limit_that_is_reached_is_named),
        cmocka_unit_test(a_rate_is_reached_and_not_passed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
