/* SPDX-License-Identifier: Apache-2.0 */
/* worker: work runs elsewhere, is handed back on the loop exactly once, and the queue has an end.
 */
#include "os/worker.h"
#include "support/rows.h"

#include <pthread.h>
#include <semaphore.h>

enum { PIECES = 40 };

struct piece {
    struct work work;
    struct loop *loop;
    size_t *done_count;
    size_t stop_at;
    sem_t *gate; /* waited for on the thread, when there is one */
    sem_t *entered;
    pthread_t ran_on;
    unsigned runs, dones, skipped;
};

static void run_piece(void *context)
{
    struct piece *piece = context;
    piece->ran_on = pthread_self();
    piece->runs++;
    if (piece->entered)
        sem_post(piece->entered);
    if (piece->gate)
        sem_wait(piece->gate);
}

static void piece_done(void *context, bool ran)
{
    struct piece *piece = context;
    piece->dones++;
    piece->skipped += !ran;
    if (++*piece->done_count == piece->stop_at)
        loop_stop(piece->loop);
}

static struct piece piece_for(struct loop *loop, size_t *done_count, size_t stop_at)
{
    return (struct piece){
        .work = {.run = run_piece, .done = piece_done},
        .loop = loop,
        .done_count = done_count,
        .stop_at = stop_at,
    };
}

static void every_piece_runs_on_a_thread_and_is_handed_back_once(void **state)
{
    (void)state;
    struct loop *loop;
    struct worker_pool *pool;
    assert_int_equal(loop_new(&loop), 0);
    assert_int_equal(worker_pool_new(loop, 3, PIECES, &pool), 0);
    struct piece pieces[PIECES];
    size_t done_count = 0;
    for (size_t i = 0; i < PIECES; i++) {
        pieces[i] = piece_for(loop, &done_count, PIECES);
        pieces[i].work.context = &pieces[i];
        assert_true(worker_pool_submit(pool, &pieces[i].work));
    }
    assert_int_equal(loop_run(loop), 0);
    for (size_t i = 0; i < PIECES; i++) {
        assert_int_equal(pieces[i].runs, 1);
        assert_int_equal(pieces[i].dones, 1);
        assert_int_equal(pieces[i].skipped, 0);
        assert_false(pthread_equal(pieces[i].ran_on, pthread_self()));
    }
    assert_int_equal(worker_pool_waiting(pool), 0);
    worker_pool_free(pool);
    loop_free(loop);
}

static void a_full_queue_refuses_and_an_ending_pool_hands_back_what_never_ran(void **state)
{
    (void)state;
    struct loop *loop;
    struct worker_pool *pool;
    sem_t gate, entered;
    sem_init(&gate, 0, 0);
    sem_init(&entered, 0, 0);
    assert_int_equal(loop_new(&loop), 0);
    assert_int_equal(worker_pool_new(loop, 1, 2, &pool), 0);
    struct piece pieces[4];
    size_t done_count = 0;
    for (size_t i = 0; i < 4; i++) {
        pieces[i] = piece_for(loop, &done_count, 0);
        pieces[i].work.context = &pieces[i];
    }
    pieces[0].gate = &gate;
    pieces[0].entered = &entered;
    assert_true(worker_pool_submit(pool, &pieces[0].work));
    sem_wait(&entered); /* it is on the thread now, the queue is empty */
    assert_true(worker_pool_submit(pool, &pieces[1].work));
    assert_true(worker_pool_submit(pool, &pieces[2].work));
    assert_int_equal(worker_pool_waiting(pool), 2);
    assert_false(worker_pool_submit(pool, &pieces[3].work));
    pieces[1].gate = pieces[2].gate = NULL;
    sem_post(&gate);
    worker_pool_free(pool);
    assert_int_equal(done_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(pieces[i].dones, 1);
        assert_int_equal(pieces[i].runs + pieces[i].skipped, 1);
    }
    assert_int_equal(pieces[0].runs, 1);
    assert_int_equal(pieces[3].dones, 0);
    loop_free(loop);
    sem_destroy(&gate);
    sem_destroy(&entered);
}

static void an_idle_pool_and_none_at_all_end_quietly(void **state)
{
    (void)state;
    struct loop *loop;
    struct worker_pool *pool;
    assert_int_equal(loop_new(&loop), 0);
    assert_int_equal(worker_pool_new(loop, 0, 1, &pool), 0);
    worker_pool_free(pool);
    worker_pool_free(NULL);
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_piece_runs_on_a_thread_and_is_handed_back_once),
        cmocka_unit_test(a_full_queue_refuses_and_an_ending_pool_hands_back_what_never_ran),
        cmocka_unit_test(an_idle_pool_and_none_at_all_end_quietly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
