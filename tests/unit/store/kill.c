/* SPDX-License-Identifier: Apache-2.0 */
/* SIGKILL in full flight: whatever a process was told is stored is there when the next one opens.
 */
#include "unit/store/harness.h"

#include <signal.h>
#include <sys/wait.h>

enum { KILLS = 20, PRODUCERS = 16, LENGTHS = 4, MESSAGES_MAX = 200000 };

static const size_t lengths[LENGTHS] = {300, 900, 5000, 20000};

struct producer {
    struct harness *h;
    int report_fd;
    uint64_t message;
    bool busy;
};

static void report(void *context, enum store_outcome outcome, uint64_t number)
{
    struct producer *producer = context;
    producer->busy = false;
    if (outcome == STORE_OK &&
        write(producer->report_fd, &number, sizeof number) != (ssize_t)sizeof number)
        _exit(1);
}

static size_t length_of(uint64_t message)
{
    return lengths[message / 7 % LENGTHS];
}

static void produce(struct producer *producer)
{
    struct envelope_recipient recipient = {SLICE("r@example.org"), SLICE("d"), 0, SLICE("")};
    struct envelope envelope = {.message = producer->message,
                                .sender = SLICE("s@example.com"),
                                .recipients = &recipient,
                                .recipient_count = 1};
    struct store *store = producer->h->store;
    struct body *body = harness_body(store, length_of(producer->message), producer->message);
    producer->busy = true;
    if (!body || queue_accept(store, body, &envelope, report, producer) != STORE_OK)
        _exit(2);
}

/* Never returns: 16 producers, each with one message under way, until the kill. */
static void run_child(struct harness *h, int report_fd, uint64_t first)
{
    struct producer producers[PRODUCERS];
    for (size_t i = 0; i < PRODUCERS; i++)
        producers[i] = (struct producer){.h = h, .report_fd = report_fd};
    if (store_open(h->folder, &h->options, &h->store) != STORE_OK)
        _exit(3);
    for (;;) {
        for (size_t i = 0; i < PRODUCERS; i++) {
            if (producers[i].busy)
                continue;
            producers[i].message = first++;
            produce(&producers[i]);
        }
        struct pollfd watch = {.fd = store_event_fd(h->store), .events = POLLIN};
        if (poll(&watch, 1, 10000) != 1)
            _exit(4);
        store_dispatch(h->store);
    }
}

static size_t kill_one(struct harness *h, uint64_t first, unsigned after_us, uint64_t *out_ids)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        run_child(h, ends[1], first);
    }
    close(ends[1]);
    size_t count = 0;
    uint64_t id;
    while (read(ends[0], &id, sizeof id) == (ssize_t)sizeof id && count < MESSAGES_MAX) {
        if (count == 0) {
            usleep(after_us);
            kill(child, SIGKILL);
        }
        out_ids[count++] = id;
    }
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    return count;
}

static void nothing_reported_is_missing_after_a_kill(void **state)
{
    (void)state;
    struct harness h = {.options = harness_options()};
    uint64_t *ids = calloc(MESSAGES_MAX, sizeof *ids);
    size_t total = 0;
    h.options.segment_bytes = 256 << 10;
    h.options.recent_bodies_bytes = 1;
    harness_folder(h.folder);
    for (uint64_t i = 0; i < KILLS; i++) {
        uint64_t first = i * 100000 + 1;
        size_t count = kill_one(&h, first, (unsigned)(3000 + i * 7919 % 60000), ids);
        assert_true(count > 0);
        total += count;
        harness_open(&h);
        for (size_t k = 0; k < count; k++)
            row_expect("message", "reported body",
                       harness_check_body(h.store, ids[k], length_of(ids[k])), STORE_OK);
        store_close(h.store);
    }
    print_message("# %zu messages reported before %d kills\n", total, KILLS);
    free(ids);
    harness_remove_folder(h.folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_reported_is_missing_after_a_kill),
    };
    return cmocka_run_group_tests_name("kill", tests, NULL, NULL);
}
