/* SPDX-License-Identifier: Apache-2.0 */
/* The writer thread: one batch after the other, each durable before anybody hears of it. */
#include "store/placement.h"
#include "store/sqlite_queue.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

typedef int write_fn(struct store *store, struct request *request);

static write_fn *const queue_writes[] = {
    [REQUEST_ACCEPT] = queue_write_accept,
    [REQUEST_FINISH] = queue_write_finish,
    [REQUEST_OWN] = queue_write_own,
    [REQUEST_MOVE] = queue_write_move,
    [REQUEST_EXCHANGE] = queue_write_exchange,
    [REQUEST_DESTINATION] = queue_write_destination,
    [REQUEST_MESSAGE] = queue_write_message,
    [REQUEST_ASIDE] = queue_write_aside,
    [REQUEST_DAMAGED] = queue_write_damaged,
    [REQUEST_CONFIG] = NULL,  /* in its own database */
    [REQUEST_COMPACT] = NULL, /* in a transaction of its own, behind the others */
};

enum which { ALL, WITHOUT_ACCEPTS };

static bool is_meant(const struct request *request, enum which which)
{
    return queue_writes[request->kind] != NULL && (which == ALL || request->kind != REQUEST_ACCEPT);
}

static bool has_any(const struct request_list *batch, enum which which)
{
    for (const struct request *request = batch->first; request; request = request->next)
        if (is_meant(request, which))
            return true;
    return false;
}

static void answer(const struct request_list *batch, enum which which, enum store_outcome outcome)
{
    for (struct request *request = batch->first; request; request = request->next) {
        if (!is_meant(request, which))
            continue;
        request->outcome = outcome;
        if (request->kind == REQUEST_ACCEPT)
            request->accept.inserted = false;
    }
}

static void answer_accepts(const struct request_list *batch, enum store_outcome outcome)
{
    for (struct request *request = batch->first; request; request = request->next) {
        if (request->kind != REQUEST_ACCEPT)
            continue;
        request->outcome = outcome;
        request->accept.inserted = false;
    }
}

/* All of it or, after any error, nothing. */
static int run_transaction(struct store *store, const struct request_list *batch, enum which which)
{
    struct database *database = &store->queue_writer;
    answer(batch, which, STORE_OK);
    int code = database_step(queue_statement(store, WRITE_BEGIN));
    for (struct request *request = batch->first; request && code == SQLITE_OK;
         request = request->next)
        if (is_meant(request, which))
            code = queue_writes[request->kind](store, request);
    if (code == SQLITE_OK)
        code = database_step(queue_statement(store, WRITE_COMMIT));
    if (code == SQLITE_OK)
        return SQLITE_OK;
    answer(batch, which, database_outcome(code));
    destination_forget(store);
    if (database_code_is_fatal(code))
        store_stop(store, "writing the queue", code);
    else if (!sqlite3_get_autocommit(database->handle))
        (void)database_run(database, "ROLLBACK");
    return code;
}

static bool placed(struct store *store, const struct request_list *batch,
                   struct placement *placement)
{
    int result = placement_write(store, batch, placement);
    if (result == 0)
        return true;
    answer_accepts(batch, disk_is_full(result) ? STORE_FULL : STORE_FAILED);
    placement_settle(store, batch, placement, false);
    if (disk_is_full(result))
        ballast_release(store);
    else if (result != -ENOMEM && result != -EMFILE && result != -ENFILE)
        store_stop(store, "writing a segment", -result);
    return false;
}

static void write_rows(struct store *store, const struct request_list *batch,
                       const struct placement *placement, enum which which)
{
    if (!has_any(batch, which))
        return;
    int code = run_transaction(store, batch, which);
    if (which == ALL)
        placement_settle(store, batch, placement, code == SQLITE_OK);
    if (database_outcome(code) != STORE_FULL)
        return;
    ballast_release(store);
    if (has_any(batch, WITHOUT_ACCEPTS))
        (void)run_transaction(store, batch, WITHOUT_ACCEPTS);
}

static void write_configuration(struct store *store, const struct request_list *batch)
{
    for (struct request *request = batch->first; request; request = request->next) {
        if (request->kind != REQUEST_CONFIG)
            continue;
        request->outcome = STORE_STOPPED;
        if (!store_stopped(store))
            config_write(store, request);
    }
}

static void write_compaction(struct store *store, const struct request_list *batch)
{
    for (struct request *request = batch->first; request; request = request->next) {
        if (request->kind != REQUEST_COMPACT)
            continue;
        request->outcome = STORE_STOPPED;
        if (!store_stopped(store))
            compaction_write(store, request);
    }
}

static void note_latency(struct store *store, uint64_t took_ms)
{
    pthread_mutex_lock(&store->lock);
    store->latencies[store->latency_count++ % LATENCIES_MAX] =
        (struct latency){(int64_t)store_monotonic_ms(), (unsigned)took_ms};
    pthread_mutex_unlock(&store->lock);
}

static void write_batch(struct store *store, const struct request_list *batch)
{
    struct placement placement = {0};
    uint64_t started = store_monotonic_ms();
    if (store_stopped(store)) {
        answer(batch, ALL, STORE_STOPPED);
    } else {
        bool complete = placed(store, batch, &placement);
        enum which which = complete ? ALL : WITHOUT_ACCEPTS;
        if (store_stopped(store))
            answer(batch, which, STORE_FAILED);
        else
            write_rows(store, batch, &placement, which);
    }
    write_configuration(store, batch);
    write_compaction(store, batch);
    note_latency(store, store_monotonic_ms() - started);
}

/* Under lock. Waits until there is something to do now; false when the store closes. */
static bool wait_for_work(struct store *store)
{
    while (!store->pending.first && !store->closing)
        pthread_cond_wait(&store->work, &store->lock);
    if (!store->pending.first)
        return false;
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)(store->options.finish_delay_ms % 1000) * 1000000;
    until.tv_sec += store->options.finish_delay_ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    int waited = 0;
    while (store->pending_urgent == 0 && !store->closing && waited == 0)
        waited = pthread_cond_timedwait(&store->work, &store->lock, &until);
    return true;
}

/* Under lock. */
static void take_batch(struct store *store, struct request_list *batch)
{
    size_t count = 0;
    size_t bytes = 0;
    while (store->pending.first && count < store->options.batch_max_messages &&
           (count == 0 || bytes + store->pending.first->weight <= store->options.batch_max_bytes)) {
        struct request *request = request_list_take(&store->pending);
        count++;
        bytes += request->weight;
        store->pending_urgent -= !request->lazy;
        request_list_add(batch, request);
    }
}

static void hand_back(struct store *store, struct request_list *batch)
{
    pthread_mutex_lock(&store->lock);
    for (const struct request *request = batch->first; request; request = request->next) {
        store->pending_count--;
        store->pending_messages -= request->kind == REQUEST_ACCEPT;
        store->pending_bytes -= request->weight;
    }
    request_list_append(&store->finished, batch);
    pthread_mutex_unlock(&store->lock);
    uint64_t one = 1;
    if (write(store->event_fd, &one, sizeof one) < 0)
        return; /* the counter is full: it is readable already */
}

void store_checkpoint(struct store *store, struct database *database)
{
    int code =
        sqlite3_wal_checkpoint_v2(database->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (database_outcome(code) == STORE_FULL)
        ballast_release(store);
    else if (database_code_is_fatal(code))
        store_stop(store, "moving the log into its database", code);
}

static void checkpoint_when_long(struct store *store, struct database *database, int *pages)
{
    if (*pages < store->options.log_pages_max || store_stopped(store))
        return;
    *pages = 0;
    store_checkpoint(store, database);
}

void *writer_main(void *context)
{
    struct store *store = context;
    pthread_mutex_lock(&store->lock);
    while (wait_for_work(store)) {
        struct request_list batch = {0};
        take_batch(store, &batch);
        pthread_mutex_unlock(&store->lock);
        write_batch(store, &batch);
        hand_back(store, &batch);
        checkpoint_when_long(store, &store->queue_writer, &store->log_pages);
        checkpoint_when_long(store, &store->config_writer, &store->config_log_pages);
        pthread_mutex_lock(&store->lock);
    }
    pthread_mutex_unlock(&store->lock);
    return NULL;
}
