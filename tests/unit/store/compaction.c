/* SPDX-License-Identifier: Apache-2.0 */
/* Segments in which little is left are emptied, and nothing that somebody reads is touched. */
#include "unit/store/harness.h"

#include <sqlite3.h>
#include <time.h>

enum { MESSAGES = 40, LEN = 6000, EACH = 10, STEPS_MAX = 500, LATER = 1000 };

/* What one question about the queue says, of another connection. */
static long long ask(const struct harness *h, const char *sql)
{
    char path[128];
    sqlite3 *handle = NULL;
    sqlite3_stmt *statement = NULL;
    snprintf(path, sizeof path, "%s/queue.db", h->folder);
    assert_int_equal(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    long long number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(handle);
    return number;
}

static long long segment_of(const struct harness *h, size_t message)
{
    char sql[80];
    snprintf(sql, sizeof sql, "SELECT segment FROM message WHERE id = %zu", message);
    return ask(h, sql);
}

static long long segments(const struct harness *h)
{
    return ask(h, "SELECT count(DISTINCT segment) FROM message");
}

static void dispatch(struct harness *h)
{
    struct pollfd watch = {.fd = store_event_fd(h->store), .events = POLLIN};
    assert_int_equal(poll(&watch, 1, 20000), 1);
    store_dispatch(h->store);
}

/* Until every segment was looked at, and more. */
static size_t compact(struct harness *h)
{
    size_t steps = 0;
    for (int i = 0; i < STEPS_MAX; i++) {
        struct timespec pause = {.tv_nsec = 20000};
        if (store_compact(h->store)) {
            dispatch(h);
            steps++;
        }
        (void)nanosleep(&pause, NULL);
    }
    return steps;
}

/* Several segments, each with the last of ten messages; in nobody's hand, or in ours. */
static void begin_sparse(struct harness *h, bool deferred)
{
    harness_begin(h);
    for (uint64_t message = 1; message <= MESSAGES; message++)
        assert_int_equal(harness_accept(h, message, LEN, 1, "a"), STORE_OK);
    for (uint64_t message = 1; message <= MESSAGES; message++) {
        if (message % EACH)
            assert_int_equal(harness_finish(h, message, 0, DELIVERY_DONE, 0), STORE_OK);
        else if (deferred)
            assert_int_equal(harness_finish(h, message, 0, DELIVERY_DEFERRED, INT64_MAX / 2),
                             STORE_OK);
    }
    /* one more segment, so that none of those is being filled */
    for (uint64_t message = LATER; message < LATER + EACH + 1; message++)
        assert_int_equal(harness_accept(h, message, LEN, 1, "b"), STORE_OK);
}

static void check_bodies(struct harness *h)
{
    for (uint64_t message = EACH; message <= MESSAGES; message += EACH)
        assert_int_equal(harness_check_body(h->store, message, LEN), STORE_OK);
}

static void sparse_segments_are_emptied(void **state)
{
    (void)state;
    struct harness h;
    begin_sparse(&h, true);
    long long before = segments(&h);
    assert_true(compact(&h) > 0);
    assert_true(segments(&h) <= before - 3);
    check_bodies(&h);
    harness_reopen(&h);
    check_bodies(&h);
    for (uint64_t message = EACH; message <= MESSAGES; message += EACH) {
        struct answer answer = {0};
        assert_int_equal(message_set(h.store, message, QUEUE_REMOVE, 0, answer_done, &answer),
                         STORE_OK);
        assert_int_equal(harness_wait(&h, &answer), STORE_OK);
    }
    harness_end(&h);
}

static void what_is_in_hand_stays(void **state)
{
    (void)state;
    struct harness h;
    begin_sparse(&h, false);
    long long before = segments(&h);
    (void)compact(&h);
    assert_int_equal(segments(&h), before);
    check_bodies(&h);
    harness_end(&h);
}

static void a_full_segment_stays(void **state)
{
    (void)state;
    struct harness h;
    harness_begin(&h);
    for (uint64_t message = 1; message <= MESSAGES; message++) {
        assert_int_equal(harness_accept(&h, message, LEN, 1, "a"), STORE_OK);
        assert_int_equal(harness_finish(&h, message, 0, DELIVERY_DEFERRED, INT64_MAX / 2),
                         STORE_OK);
    }
    assert_int_equal(compact(&h), 0);
    harness_end(&h);
}

/* Whoever got a body while its step was under way reads it to its end, whatever is written then. */
static void what_was_lent_meanwhile_stays_readable(void **state)
{
    (void)state;
    struct harness h;
    char wanted[LEN], got[LEN];
    long long places[MESSAGES / EACH];
    size_t moved = 0;
    int copies[MESSAGES / EACH];
    struct body_loan loans[MESSAGES / EACH];
    begin_sparse(&h, true);
    harness_reopen(&h); /* nothing is in memory any more */
    h.options.memory_body_max_bytes = 1;
    h.options.segments_kept_free = 16; /* one that is unlinked would show its old bytes */
    harness_reopen(&h);                /* and all bodies are lent from their segments */
    for (int i = 0; i < STEPS_MAX && !store_compact(h.store); i++)
        (void)nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
    for (size_t i = 0; i < COUNT_OF(copies); i++) {
        struct body_loan *loan = &loans[i];
        assert_int_equal(body_lend(h.store, (i + 1) * EACH, loan), STORE_OK);
        assert_true(loan->segment != 0);
        places[i] = loan->segment;
        copies[i] = fcntl(loan->fd, F_DUPFD_CLOEXEC, 0);
        body_loan_close(loan);
    }
    dispatch(&h);
    while (moved < COUNT_OF(copies) && segment_of(&h, (moved + 1) * EACH) == places[moved])
        moved++;
    assert_true(moved < COUNT_OF(copies));
    for (uint64_t message = 2 * LATER; message < 2 * LATER + 3 * MESSAGES; message++)
        assert_int_equal(harness_accept(&h, message, 4 * LEN, 1, "c"), STORE_OK);
    harness_fill(wanted, LEN, (moved + 1) * EACH);
    assert_int_equal(pread(copies[moved], got, LEN, (off_t)loans[moved].offset), LEN);
    assert_memory_equal(got, wanted, LEN);
    for (size_t i = 0; i < COUNT_OF(copies); i++) {
        body_loan_return(h.store, &loans[i]);
        close(copies[i]);
    }
    check_bodies(&h);
    harness_end(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sparse_segments_are_emptied),
        cmocka_unit_test(what_is_in_hand_stays),
        cmocka_unit_test(a_full_segment_stays),
        cmocka_unit_test(what_was_lent_meanwhile_stays_readable),
    };
    return cmocka_run_group_tests_name("store/compaction", tests, NULL, NULL);
}
