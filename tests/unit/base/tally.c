/* SPDX-License-Identifier: Apache-2.0 */
/* tally and siphash: counts by key in memory that one process writes and others read. */
#include "base/tally.h"
#include "base/attributes.h"
#include "support/rows.h"

#include <stdlib.h>

/* The first bytes 0, 1, 2 ... under the key 00 01 .. 0f: vectors of the authors' paper. */
static void siphash_gives_the_published_values(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t len;
        uint64_t hash;
    } rows[] = {
        {"nothing", 0, 0x726fdb47dd0e0e31u},
        {"one byte", 1, 0x74f839c593dc67fdu},
        {"one word", 8, 0x93f5f5799a932462u},
        {"fifteen bytes", 15, 0xa129ca6149be45e5u},
    };
    const struct siphash_key key = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
    char bytes[16];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)i;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        row_expect(rows[i].name, "hash",
                   (long long)siphash(&key, (struct slice){bytes, rows[i].len}),
                   (long long)rows[i].hash);
}

static int make(void **state)
{
    *state = calloc(1, sizeof(struct tally));
    return *state ? 0 : -1;
}

static int drop(void **state)
{
    free(*state);
    return 0;
}

static void what_is_open_is_counted(void **state)
{
    struct tally *tally = *state;
    for (int i = 0; i < 3; i++)
        assert_true(tally_open(tally, 7, 0)); /* also within the first minute of the clock */
    assert_true(tally_open(tally, 8, 0));
    assert_int_equal(tally_count(tally, 7), 3);
    tally_close(tally, 7);
    assert_int_equal(tally_count(tally, 7), 2);
    assert_int_equal(tally_count(tally, 8), 1);
    assert_int_equal(tally_count(tally, 9), 0);
    tally_close(tally, 9); /* never opened: nothing happens */
    assert_int_equal(tally_count(tally, 9), 0);
}

static void the_last_minute_slides(void **state)
{
    struct tally *tally = *state;
    static const struct {
        const char *name;
        uint64_t at_ms;
        uint64_t recent_ms; /* times TALLY_MINUTE_MS */
    } rows[] = {
        {"in the same minute", 600000 + 59999, 10 * 60000},
        {"as the next begins", 660000, 10 * 60000},
        {"a quarter into it", 675000, 10 * 45000},
        {"at its end", 719999, 10},
        {"a minute later", 720000, 0},
        {"long after", 7200000, 0},
    };
    for (int i = 0; i < 10; i++)
        assert_true(tally_note(tally, 7, 600000 + (uint64_t)i));
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        row_expect(rows[i].name, "recent", (long long)tally_recent(tally, 7, rows[i].at_ms),
                   (long long)rows[i].recent_ms);
    assert_true(tally_note(tally, 7, 675000));
    assert_int_equal(tally_recent(tally, 7, 675000), 10 * 45000 + 60000);
    assert_true(tally_note(tally, 7, 800000));
    assert_int_equal(tally_recent(tally, 7, 800000), 60000);
}

/* Keys that want the same place: all are counted while there is room, and what says nothing any
 * more makes room, but what is open or was noted lately does not. */
static void a_full_neighbourhood_refuses_and_recovers(void **state)
{
    struct tally *tally = *state;
    const uint64_t now_ms = 600000;
    for (uint64_t i = 0; i < TALLY_PROBES; i++) {
        uint64_t key = 5 + (i + 1) * TALLY_SLOTS;
        assert_true(i % 2 ? tally_open(tally, key, now_ms) : tally_note(tally, key, now_ms));
    }
    assert_false(tally_open(tally, 5, now_ms));
    assert_false(tally_note(tally, 5, now_ms + TALLY_MINUTE_MS));
    tally_close(tally, 5 + 2 * TALLY_SLOTS);
    assert_true(tally_open(tally, 5, now_ms));
    assert_int_equal(tally_count(tally, 5), 1);
    assert_int_equal(tally_count(tally, 5 + 2 * TALLY_SLOTS), 0);
    assert_int_equal(tally_count(tally, 5 + 4 * TALLY_SLOTS), 1);
    assert_true(tally_note(tally, 6 + 99 * (uint64_t)TALLY_SLOTS, now_ms + 2 * TALLY_MINUTE_MS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(siphash_gives_the_published_values),
        cmocka_unit_test_setup_teardown(what_is_open_is_counted, make, drop),
        cmocka_unit_test_setup_teardown(the_last_minute_slides, make, drop),
        cmocka_unit_test_setup_teardown(a_full_neighbourhood_refuses_and_recovers, make, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
