/* SPDX-License-Identifier: Apache-2.0 */
#include "os/worker.h"

#include "os/descriptor.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct work_queue {
    struct work *first, **last;
};

struct worker_pool {
    struct watch watch;
    int wake_fd; /* an eventfd: something is finished */
    pthread_mutex_t mutex;
    pthread_cond_t more, started;
    struct work_queue waiting, finished; /* these five are guarded by the mutex */
    size_t waiting_count;
    unsigned started_count;
    bool ending;
    size_t waiting_max;
    unsigned thread_count;
    pthread_t threads[WORKER_THREADS_MAX];
};

static void queue_put(struct work_queue *queue, struct work *work)
{
    work->next = NULL;
    *queue->last = work;
    queue->last = &work->next;
}

static struct work *queue_take(struct work_queue *queue)
{
    struct work *work = queue->first;
    if (!work)
        return NULL;
    queue->first = work->next;
    if (!queue->first)
        queue->last = &queue->first;
    return work;
}

/* The first use of the allocator by a thread may look at the machine; later ones do not. */
static void warm_up(struct worker_pool *pool)
{
    void *volatile piece = malloc(64);
    free(piece);
    pthread_mutex_lock(&pool->mutex);
    pool->started_count++;
    pthread_cond_signal(&pool->started);
    pthread_mutex_unlock(&pool->mutex);
}

/* Under the mutex; NULL when the pool ends. */
static struct work *wait_for_work(struct worker_pool *pool)
{
    while (!pool->ending && !pool->waiting.first)
        pthread_cond_wait(&pool->more, &pool->mutex);
    if (pool->ending)
        return NULL;
    pool->waiting_count--;
    return queue_take(&pool->waiting);
}

static void wake_loop(struct worker_pool *pool)
{
    uint64_t one = 1;
    while (write(pool->wake_fd, &one, sizeof one) < 0 && errno == EINTR)
        continue;
}

static void *worker_main(void *context)
{
    struct worker_pool *pool = context;
    warm_up(pool);
    pthread_mutex_lock(&pool->mutex);
    struct work *work;
    while ((work = wait_for_work(pool)) != NULL) {
        pthread_mutex_unlock(&pool->mutex);
        work->run(work->context);
        pthread_mutex_lock(&pool->mutex);
        work->ran = true;
        queue_put(&pool->finished, work);
        wake_loop(pool);
    }
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

static void hand_back(struct worker_pool *pool, struct work_queue *queue)
{
    for (;;) {
        pthread_mutex_lock(&pool->mutex);
        struct work *work = queue_take(queue);
        pthread_mutex_unlock(&pool->mutex);
        if (!work)
            return;
        work->done(work->context, work->ran);
    }
}

static void on_finished(void *context, unsigned events)
{
    (void)events;
    struct worker_pool *pool = context;
    uint64_t count;
    if (read(pool->wake_fd, &count, sizeof count) == sizeof count)
        hand_back(pool, &pool->finished);
}

static int start_threads(struct worker_pool *pool, unsigned count)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals belong to the loop's thread */
    int result = 0;
    while (result == 0 && pool->thread_count < count) {
        result = pthread_create(&pool->threads[pool->thread_count], NULL, worker_main, pool);
        pool->thread_count += result == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_mutex_lock(&pool->mutex);
    while (pool->started_count < pool->thread_count)
        pthread_cond_wait(&pool->started, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
    return -result;
}

int worker_pool_new(struct loop *loop, unsigned threads, size_t waiting_max,
                    struct worker_pool **out_pool)
{
    struct worker_pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return -ENOMEM;
    pool->waiting_max = waiting_max;
    pool->waiting.last = &pool->waiting.first;
    pool->finished.last = &pool->finished.first;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->more, NULL);
    pthread_cond_init(&pool->started, NULL);
    pool->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int result = pool->wake_fd < 0 ? -errno : 0;
    if (result == 0) {
        watch_init(&pool->watch, loop, pool->wake_fd, on_finished, pool);
        watch_set(&pool->watch, LOOP_READ);
        unsigned wanted = threads < 1 ? 1 : threads;
        result = start_threads(pool, wanted > WORKER_THREADS_MAX ? WORKER_THREADS_MAX : wanted);
    }
    if (result < 0) {
        worker_pool_free(pool);
        return result;
    }
    *out_pool = pool;
    return 0;
}

void worker_pool_free(struct worker_pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->mutex);
    pool->ending = true;
    pthread_cond_broadcast(&pool->more);
    pthread_mutex_unlock(&pool->mutex);
    for (unsigned i = 0; i < pool->thread_count; i++)
        pthread_join(pool->threads[i], NULL);
    hand_back(pool, &pool->finished);
    hand_back(pool, &pool->waiting);
    watch_stop(&pool->watch);
    close_fd(&pool->wake_fd);
    pthread_cond_destroy(&pool->started);
    pthread_cond_destroy(&pool->more);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}

bool worker_pool_submit(struct worker_pool *pool, struct work *work)
{
    pthread_mutex_lock(&pool->mutex);
    bool taken = !pool->ending && pool->waiting_count < pool->waiting_max;
    if (taken) {
        work->ran = false;
        queue_put(&pool->waiting, work);
        pool->waiting_count++;
        pthread_cond_signal(&pool->more);
    }
    pthread_mutex_unlock(&pool->mutex);
    return taken;
}

size_t worker_pool_waiting(struct worker_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    size_t count = pool->waiting_count;
    pthread_mutex_unlock(&pool->mutex);
    return count;
}
