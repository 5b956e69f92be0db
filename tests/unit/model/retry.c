/* SPDX-License-Identifier: Apache-2.0 */
/* retry: when it is tried again, and that neither the notice of delay nor the expiry is slept over.
 */
#include "support/rows.h"

#include "base/attributes.h"
#include "model/retry.h"

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

static const int64_t arrived = 1000000;

static struct retry of(int64_t due_at_ms, uint32_t attempts)
{
    return (struct retry){.received_at_ms = arrived,
                          .expires_at_ms = arrived + 2 * DAY,
                          .due_at_ms = due_at_ms,
                          .attempts = attempts};
}

static void it_waits_longer_each_time(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t attempts;
        int64_t delay;
    } rows[] = {{"first", 0, MINUTE},      {"second", 1, 2 * MINUTE}, {"fifth", 4, 16 * MINUTE},
                {"sixth", 5, 32 * MINUTE}, {"seventh", 6, HOUR},      {"many", 4000000000u, HOUR}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct retry retry = of(0, rows[i].attempts);
        int64_t now = arrived + 10 * HOUR, spread = rows[i].delay / 5;
        row_expect(rows[i].name, "sooner", retry_next_ms(&retry, now, 0),
                   now + rows[i].delay - spread);
        row_expect(rows[i].name, "in the middle", retry_next_ms(&retry, now, (uint64_t)spread),
                   now + rows[i].delay);
        for (uint64_t chance = 0; chance < UINT64_MAX / 2; chance = chance * 7 + 12345) {
            int64_t next = retry_next_ms(&retry, now, chance);
            assert_true(next >= now + rows[i].delay - spread &&
                        next < now + rows[i].delay + spread);
        }
    }
}

/* Plays a recipient that is never delivered: one notice of delay, one end, at their moments
 * exactly, or when the attempt ends that is under way then. */
static void play(uint64_t seed, bool no_way, int64_t takes_ms)
{
    struct retry retry = of(0, 0);
    int64_t now = arrived;
    unsigned told = 0, attempts = 0;
    while (!retry_is_over(&retry, now)) {
        now += takes_ms;
        if (retry_is_over(&retry, now))
            break;
        told += retry_tells_delay(&retry, now);
        if (retry_tells_delay(&retry, now))
            assert_in_range(now - arrived, 4 * HOUR, 4 * HOUR + takes_ms);
        int64_t next = no_way ? retry_wait_ms(&retry, now) : retry_next_ms(&retry, now, seed);
        assert_true(next > now);
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        now = retry.due_at_ms = next;
        retry.attempts++;
        assert_true(++attempts < 100);
    }
    row_expect("all", "notices", told, 1);
    assert_in_range(now - arrived, 2 * DAY, 2 * DAY + takes_ms);
    if (no_way)
        row_expect("no way", "attempts", attempts, 2);
}

static void no_moment_is_slept_over(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 1000; seed++)
        play(seed * 0x9e3779b97f4a7c15u, seed % 4 == 0, seed % 3 ? 0 : (int64_t)seed * 700);
}

/* A server that was off for days: what is over is over, what is not goes on. */
static void a_late_attempt(void **state)
{
    (void)state;
    struct retry retry = of(arrived + 4 * HOUR, 3);
    assert_true(retry_tells_delay(&retry, arrived + 5 * HOUR));
    assert_false(retry_tells_delay(&retry, arrived + 4 * HOUR - 1));
    retry.due_at_ms++;
    assert_false(retry_tells_delay(&retry, arrived + 5 * HOUR));
    assert_false(retry_is_over(&retry, arrived + 2 * DAY - 1));
    assert_true(retry_is_over(&retry, arrived + 9 * DAY));
    assert_true(retry_wait_ms(&retry, arrived + 9 * DAY) > arrived + 9 * DAY);
}

static void a_next_hop_is_tried_less_and_less_often(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t failures;
        int64_t delay;
    } rows[] = {{"first", 0, MINUTE},          {"fourth", 3, MINUTE},
                {"fifth", 4, 5 * MINUTE},      {"tenth", 9, 5 * MINUTE},
                {"eleventh", 10, 10 * MINUTE}, {"many", UINT32_MAX, 10 * MINUTE}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t spread = rows[i].delay / 5;
        row_expect(rows[i].name, "sooner", retry_hop_ms(rows[i].failures, arrived, 0),
                   arrived + rows[i].delay - spread);
        row_expect(rows[i].name, "later",
                   retry_hop_ms(rows[i].failures, arrived, (uint64_t)(2 * spread - 1)),
                   arrived + rows[i].delay + spread - 1);
    }
}

/* With its hop, but neither its notice of delay nor its end is slept over. */
static void a_message_waits_with_its_hop(void **state)
{
    (void)state;
    struct retry retry = of(0, 1);
    int64_t end = arrived + 2 * DAY;
    row_expect("soon", "with it", retry_at_hop_ms(&retry, arrived, arrived + MINUTE),
               arrived + MINUTE);
    row_expect("long", "notice", retry_at_hop_ms(&retry, arrived, arrived + 9 * HOUR),
               arrived + 4 * HOUR);
    row_expect("for ever", "end", retry_at_hop_ms(&retry, arrived + 5 * HOUR, arrived + 9 * DAY),
               end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_waits_longer_each_time),
        cmocka_unit_test(no_moment_is_slept_over),
        cmocka_unit_test(a_late_attempt),
        cmocka_unit_test(a_next_hop_is_tried_less_and_less_often),
        cmocka_unit_test(a_message_waits_with_its_hop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
