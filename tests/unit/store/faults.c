/* SPDX-License-Identifier: Apache-2.0 */
/* A disk that fails, fills up, lies or is not ours: what the embedded store makes of it. */
#include "unit/store/harness.h"

#include "store/disk.h"
#include "store/segment.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>

/* Refuses what matches, from the `after`-th time on, `times` times; errors of 0 only count. */
struct breaker {
    pthread_mutex_t lock;
    enum store_disk_operation operation;
    const char *file; /* a part of the name */
    unsigned after, times;
    int error;
    unsigned seen, refused;
    bool armed;
};

struct broken {
    struct harness h;
    struct breaker breaker;
};

static int breaker_hook(void *context, const struct store_disk_event *event)
{
    struct breaker *breaker = context;
    int result = 0;
    pthread_mutex_lock(&breaker->lock);
    if (breaker->armed && event->operation == breaker->operation &&
        strstr(event->file, breaker->file)) {
        breaker->seen++;
        if (breaker->seen > breaker->after && breaker->refused < breaker->times) {
            breaker->refused++;
            result = -breaker->error;
        }
    }
    pthread_mutex_unlock(&breaker->lock);
    return result;
}

static void arm(struct broken *b, enum store_disk_operation operation, const char *file, int error,
                unsigned times)
{
    pthread_mutex_lock(&b->breaker.lock);
    b->breaker.operation = operation;
    b->breaker.file = file;
    b->breaker.error = error;
    b->breaker.times = times;
    b->breaker.after = b->breaker.seen = b->breaker.refused = 0;
    b->breaker.armed = true;
    pthread_mutex_unlock(&b->breaker.lock);
}

static void disarm(struct broken *b)
{
    pthread_mutex_lock(&b->breaker.lock);
    b->breaker.armed = false;
    pthread_mutex_unlock(&b->breaker.lock);
}

/* Lets the keeper make its spare segment, so that it does not meet what is armed for another. */
static void open_quietly(struct broken *b)
{
    harness_open(&b->h);
    usleep(60000);
}

static void reopen_quietly(struct broken *b)
{
    store_close(b->h.store);
    open_quietly(b);
}

static int set_up(void **state)
{
    static struct broken b;
    b = (struct broken){.h.options = harness_options()};
    pthread_mutex_init(&b.breaker.lock, NULL);
    b.h.options.disk_hook = breaker_hook;
    b.h.options.disk_context = &b.breaker;
    harness_folder(b.h.folder);
    open_quietly(&b);
    *state = &b;
    return 0;
}

static int tear_down(void **state)
{
    struct broken *b = *state;
    harness_end(&b->h);
    pthread_mutex_destroy(&b->breaker.lock);
    return 0;
}

static enum store_outcome apply_config(struct harness *h)
{
    struct config_change change = {
        .kind = SLICE("k"), .name = SLICE("n"), .expected_version = CONFIG_VERSION_ANY};
    struct config_batch batch = {&change, 1, SLICE(""), SLICE(""), 0};
    struct answer answer = {0};
    int result = config_apply(h->store, &batch, answer_done, &answer);
    return result == STORE_OK ? harness_wait(h, &answer) : (enum store_outcome)result;
}

static void expect_stopped(struct broken *b)
{
    struct body *body = NULL;
    struct answer answer = {0};
    struct delivery_outcome outcome = {.message = 1};
    assert_true(store_stopped(b->h.store));
    assert_true(strlen(store_stop_reason(b->h.store)) > 0);
    assert_int_equal(body_begin(b->h.store, 0, &body), STORE_STOPPED);
    assert_int_equal(queue_finish(b->h.store, &outcome, 1, answer_done, &answer), STORE_STOPPED);
    assert_int_equal(apply_config(&b->h), STORE_STOPPED);
}

/* --- the first EIO --------------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum store_disk_operation operation;
    const char *file;
    size_t len;
} eio_rows[] = {
    {"flush of the log", STORE_DISK_SYNC, "queue.db-wal", 100},
    {"write of the log", STORE_DISK_WRITE, "queue.db-wal", 100},
    {"flush of a segment", STORE_DISK_SYNC, ".seg", 5000},
    {"write of a segment", STORE_DISK_WRITE, ".seg", 5000},
    {"flush of a long body", STORE_DISK_SYNC, ".seg", 30000},
};

static void the_first_eio_stops_the_store(void **state)
{
    struct broken *b = *state;
    for (size_t i = 0; i < COUNT_OF(eio_rows); i++) {
        assert_int_equal(harness_accept(&b->h, 100 + i, 200, 1, "d"), STORE_OK);
        arm(b, eio_rows[i].operation, eio_rows[i].file, EIO, 1);
        row_expect(eio_rows[i].name, "outcome",
                   harness_accept(&b->h, 1 + i, eio_rows[i].len, 1, "d"), STORE_FAILED);
        row_expect(eio_rows[i].name, "refused", b->breaker.refused, 1);
        expect_stopped(b);
        disarm(b);
        reopen_quietly(b);
        assert_int_equal(harness_check_body(b->h.store, 100 + i, 200), STORE_OK);
        row_expect(eio_rows[i].name, "after", harness_accept(&b->h, 200 + i, 5000, 1, "d"),
                   STORE_OK);
    }
}

static void eio_while_a_body_streams_stops_the_store(void **state)
{
    struct broken *b = *state;
    arm(b, STORE_DISK_WRITE, ".seg", EIO, 1);
    assert_null(harness_body(b->h.store, 30000, 1));
    expect_stopped(b);
    disarm(b);
}

static void eio_in_the_configuration_stops_the_store(void **state)
{
    struct broken *b = *state;
    arm(b, STORE_DISK_SYNC, "config.db-wal", EIO, 1);
    assert_int_equal(apply_config(&b->h), STORE_FAILED);
    expect_stopped(b);
    disarm(b);
}

static void nothing_is_flushed_after_the_first_eio(void **state)
{
    struct broken *b = *state;
    arm(b, STORE_DISK_SYNC, "", EIO, 1);
    assert_int_equal(harness_accept(&b->h, 1, 100, 1, "d"), STORE_FAILED);
    unsigned seen = b->breaker.seen;
    assert_int_equal(harness_accept(&b->h, 2, 100, 1, "d"), STORE_STOPPED);
    store_close(b->h.store);
    assert_int_equal(b->breaker.seen, seen);
    disarm(b);
    harness_open(&b->h);
}

/* Two: when the log begins anew, its head goes first. */
static void a_commit_writes_its_log_in_one_go(void **state)
{
    struct broken *b = *state;
    assert_int_equal(harness_accept(&b->h, 1, 100, 1, "d"), STORE_OK);
    arm(b, STORE_DISK_WRITE, "queue.db-wal", 0, 0);
    assert_int_equal(harness_accept(&b->h, 2, 5000, 10, "d"), STORE_OK);
    assert_in_range(b->breaker.seen, 1, 2);
    disarm(b);
}

static void what_was_handed_in_behind_an_eio_is_answered(void **state)
{
    struct broken *b = *state;
    struct answer answers[60] = {0};
    arm(b, STORE_DISK_SYNC, "queue.db-wal", EIO, 1);
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        int result = harness_submit(&b->h, i + 1, 50, 1, "d", &answers[i]);
        if (result == STORE_STOPPED)
            answers[i].calls = answers[i].outcome = STORE_STOPPED;
    }
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        while (answers[i].calls == 0)
            store_dispatch(b->h.store);
        assert_true(answers[i].outcome == STORE_FAILED || answers[i].outcome == STORE_STOPPED);
    }
    disarm(b);
}

static void two_deaths_in_ten_minutes_end_accepting(void **state)
{
    struct broken *b = *state;
    for (int death = 1; death <= 2; death++) {
        assert_true(store_accepting(b->h.store));
        arm(b, STORE_DISK_SYNC, "queue.db-wal", EIO, 1);
        assert_int_equal(harness_accept(&b->h, (uint64_t)death, 100, 1, "d"), STORE_FAILED);
        disarm(b);
        reopen_quietly(b);
    }
    assert_false(store_accepting(b->h.store));
    char path[128];
    snprintf(path, sizeof path, "%s/deaths", b->h.folder);
    FILE *deaths = fopen(path, "w");
    fprintf(deaths, "1000\n2000\nrubbish\n");
    fclose(deaths);
    harness_reopen(&b->h);
    assert_true(store_accepting(b->h.store));
}

/* --- a full disk ----------------------------------------------------------------------------- */

static off_t size_of(struct broken *b, const char *file)
{
    char path[128];
    struct stat facts;
    snprintf(path, sizeof path, "%s/%s", b->h.folder, file);
    assert_int_equal(stat(path, &facts), 0);
    return facts.st_size;
}

static void a_full_segment_is_full_and_no_more(void **state)
{
    struct broken *b = *state;
    b->h.options.free_high_bytes = UINT64_MAX / 4; /* no room: the keeper may not make it anew */
    harness_reopen(&b->h);
    assert_int_equal(size_of(b, "ballast"), 64 << 10);
    arm(b, STORE_DISK_WRITE, ".seg", ENOSPC, 1);
    assert_int_equal(harness_accept(&b->h, 1, 5000, 1, "d"), STORE_FULL);
    assert_int_equal(size_of(b, "ballast"), 0);
    disarm(b);
    assert_false(store_stopped(b->h.store));
    assert_int_equal(harness_accept(&b->h, 2, 5000, 1, "d"), STORE_OK);
    assert_int_equal(harness_check_body(b->h.store, 2, 5000), STORE_OK);
    assert_int_equal(harness_list(&b->h, (struct queue_filter){0}).items, 1);
}

static void a_full_log_refuses_mail_and_still_deletes(void **state)
{
    struct broken *b = *state;
    assert_int_equal(harness_accept(&b->h, 1, 100, 1, "d"), STORE_OK);
    assert_int_equal(harness_accept(&b->h, 2, 100, 1, "d"), STORE_OK);
    struct delivery_outcome outcome = {.message = 1, .verdict = DELIVERY_DONE};
    struct answer finish = {0};
    struct answer accept = {0};
    arm(b, STORE_DISK_WRITE, "queue.db-wal", ENOSPC, 1);
    assert_int_equal(queue_finish(b->h.store, &outcome, 1, answer_done, &finish), STORE_OK);
    assert_int_equal(harness_submit(&b->h, 3, 100, 1, "d", &accept), STORE_OK);
    assert_int_equal(harness_wait(&b->h, &accept), STORE_FULL);
    assert_int_equal(harness_wait(&b->h, &finish), STORE_OK);
    disarm(b);
    harness_reopen(&b->h);
    struct count count = harness_list(&b->h, (struct queue_filter){0});
    assert_int_equal(count.items, 1);
    assert_int_equal(count.last_message, 2);
}

static void a_claim_on_a_full_disk_is_written_later(void **state)
{
    struct broken *b = *state;
    assert_int_equal(harness_accept(&b->h, 1, 100, 1, "d"), STORE_OK);
    assert_int_equal(harness_finish(&b->h, 1, 0, DELIVERY_RELEASED, 10), STORE_OK);
    arm(b, STORE_DISK_WRITE, "queue.db-wal", ENOSPC, 3);
    assert_int_equal(harness_claim(&b->h, 10, 1).items, 1);
    for (int i = 0; i < 500 && b->breaker.refused < 3; i++) {
        usleep(10000);
        store_dispatch(b->h.store);
    }
    assert_int_equal(b->breaker.refused, 3);
    disarm(b);
    assert_int_equal(harness_claim(&b->h, 10, 1).items, 0);
    assert_int_equal(harness_accept(&b->h, 2, 100, 1, "d"), STORE_OK);
    assert_int_equal(harness_accept(&b->h, 3, 100, 1, "d"), STORE_OK);
    assert_int_equal(harness_finish(&b->h, 1, 0, DELIVERY_DONE, 0), STORE_OK);
}

static void a_body_that_finds_no_space_is_refused_alone(void **state)
{
    struct broken *b = *state;
    struct body *body = NULL;
    char bytes[9000] = {0};
    assert_int_equal(body_begin(b->h.store, 0, &body), STORE_OK);
    arm(b, STORE_DISK_WRITE, ".seg", ENOSPC, 1);
    assert_int_equal(body_write(body, (struct slice){bytes, sizeof bytes}), STORE_FULL);
    disarm(b);
    body_abandon(body);
    assert_int_equal(harness_accept(&b->h, 1, 30000, 1, "d"), STORE_OK);
}

static void a_full_disk_leaves_the_configuration_as_it_was(void **state)
{
    struct broken *b = *state;
    uint64_t sequence;
    arm(b, STORE_DISK_WRITE, "config.db-wal", ENOSPC, 1);
    assert_int_equal(apply_config(&b->h), STORE_FULL);
    disarm(b);
    assert_int_equal(config_sequence(b->h.store, &sequence), STORE_OK);
    assert_int_equal(sequence, 0);
    assert_int_equal(apply_config(&b->h), STORE_OK);
}

/* --- damage ---------------------------------------------------------------------------------- */

static void scribble(struct broken *b)
{
    char path[128];
    snprintf(path, sizeof path, "%s/segments", b->h.folder);
    DIR *stream = opendir(path);
    const struct dirent *entry;
    while ((entry = readdir(stream))) {
        int fd = openat(dirfd(stream), entry->d_name, O_RDWR | O_CLOEXEC);
        if (fd < 0)
            continue;
        assert_int_equal(pwrite(fd, "?", 1, SEGMENT_HEAD_BYTES + 4321), 1);
        close(fd);
    }
    closedir(stream);
}

static void a_damaged_body_is_not_lent_and_is_listed(void **state)
{
    struct broken *b = *state;
    assert_int_equal(harness_accept(&b->h, 1, 5000, 1, "d"), STORE_OK);
    harness_reopen(&b->h);
    scribble(b);
    assert_int_equal(harness_check_body(b->h.store, 1, 5000), STORE_DAMAGED);
    for (int i = 0; i < 200 && !harness_list(&b->h, (struct queue_filter){0}).damaged; i++)
        usleep(10000);
    assert_true(harness_list(&b->h, (struct queue_filter){0}).damaged);
    assert_int_equal(harness_claim(&b->h, INT64_MAX, 10).items, 0);
    assert_int_equal(harness_list(&b->h, (struct queue_filter){0}).items, 1);
}

static void a_lost_segment_is_damage_not_an_error(void **state)
{
    struct broken *b = *state;
    assert_int_equal(harness_accept(&b->h, 1, 30000, 1, "d"), STORE_OK);
    store_close(b->h.store);
    char path[128];
    snprintf(path, sizeof path, "%s/segments", b->h.folder);
    harness_remove_folder(path);
    harness_open(&b->h);
    assert_int_equal(harness_check_body(b->h.store, 1, 30000), STORE_DAMAGED);
}

/* --- segments -------------------------------------------------------------------------------- */

static unsigned count_segments(struct broken *b)
{
    char path[128];
    unsigned count = 0;
    snprintf(path, sizeof path, "%s/segments", b->h.folder);
    DIR *stream = opendir(path);
    const struct dirent *entry;
    while ((entry = readdir(stream)))
        count += entry->d_name[0] != '.';
    closedir(stream);
    return count;
}

static void segments_are_used_again(void **state)
{
    struct broken *b = *state;
    for (uint64_t i = 1; i <= 300; i++) {
        size_t len = i % 3 ? 6000 : 20000;
        assert_int_equal(harness_accept(&b->h, i, len, 1, "d"), STORE_OK);
        assert_int_equal(harness_finish(&b->h, i, 0, DELIVERY_DONE, 0), STORE_OK);
    }
    usleep(50000);
    assert_in_range(count_segments(b), 1, 8); /* 3.2 MB went through segments of 64 KiB */
    harness_reopen(&b->h);
    assert_int_equal(harness_accept(&b->h, 999, 6000, 1, "d"), STORE_OK);
}

/* The records of a segment, found without the database. */
static unsigned walk_segment(const char *bytes, size_t len, uint32_t number, uint64_t *out_ids)
{
    unsigned count = 0;
    size_t at = 0;
    struct segment_head head;
    while (len - at >= SEGMENT_HEAD_BYTES &&
           segment_head_read((const unsigned char *)bytes + at, &head) && head.segment == number) {
        const char *body = bytes + at + SEGMENT_HEAD_BYTES;
        const char *envelope = body + head.body_bytes;
        assert_int_equal(head.body_checksum,
                         checksum_crc32c(0, (struct slice){body, (size_t)head.body_bytes}));
        assert_int_equal(head.envelope_checksum,
                         checksum_crc32c(0, (struct slice){envelope, (size_t)head.envelope_bytes}));
        assert_true(slice_contains((struct slice){envelope, (size_t)head.envelope_bytes},
                                   SLICE("s@example.com")));
        out_ids[count++] = head.message;
        at += (size_t)segment_record_bytes(head.body_bytes, head.envelope_bytes);
    }
    return count;
}

static void a_segment_can_be_read_without_the_database(void **state)
{
    struct broken *b = *state;
    uint64_t ids[64];
    unsigned found = 0;
    for (uint64_t i = 1; i <= 10; i++)
        assert_int_equal(harness_accept(&b->h, i, i % 2 ? 3000 : 9000, 1, "d"), STORE_OK);
    char path[128];
    snprintf(path, sizeof path, "%s/segments", b->h.folder);
    DIR *stream = opendir(path);
    const struct dirent *entry;
    char *bytes = calloc(1, 128 << 10);
    while ((entry = readdir(stream))) {
        int fd = openat(dirfd(stream), entry->d_name, O_RDONLY | O_CLOEXEC);
        ssize_t len = pread(fd, bytes, 128 << 10, 0);
        close(fd);
        if (len > 0)
            found += walk_segment(bytes, (size_t)len, (uint32_t)strtoul(entry->d_name, NULL, 10),
                                  ids + found);
    }
    closedir(stream);
    free(bytes);
    assert_int_equal(found, 10);
}

/* --- the folder ------------------------------------------------------------------------------ */

static void files_are_for_their_owner_alone(void **state)
{
    struct broken *b = *state;
    static const char *const files[] = {"config.db", "queue.db", "queue.db-wal", "ballast",
                                        "segments/00000001.seg"};
    assert_int_equal(harness_accept(&b->h, 1, 5000, 1, "d"), STORE_OK);
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        char path[128];
        struct stat facts;
        snprintf(path, sizeof path, "%s/%s", b->h.folder, files[i]);
        row_expect(files[i], "there", stat(path, &facts), 0);
        row_expect(files[i], "mode", facts.st_mode & 0777, 0600);
    }
}

static void a_folder_that_others_may_write_is_refused(void **state)
{
    struct broken *b = *state;
    struct store *store = NULL;
    char folder[64];
    harness_folder(folder);
    for (mode_t mode = 0720; mode >= 0702; mode -= 016) {
        assert_int_equal(chmod(folder, mode), 0);
        assert_int_equal(store_open(folder, &b->h.options, &store), -EPERM);
    }
    harness_remove_folder(folder);
    assert_int_equal(store_open(folder, &b->h.options, &store), -ENOENT);
}

static void a_link_in_place_of_a_file_is_refused(void **state)
{
    struct broken *b = *state;
    static const char *const files[] = {"config.db", "queue.db", "ballast", "queue.db-wal"};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        struct store *store = NULL;
        char folder[64];
        char path[128];
        harness_folder(folder);
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        assert_int_equal(symlink("/dev/null", path), 0);
        row_expect(files[i], "opened", store_open(folder, &b->h.options, &store) < 0, true);
        harness_remove_folder(folder);
    }
}

static void a_newer_schema_is_refused_when_it_says_so(void **state)
{
    struct broken *b = *state;
    static const struct {
        const char *sql;
        int result;
    } rows[] = {
        {"INSERT INTO schema_version VALUES(900, 1)", STORE_OK},
        {"INSERT INTO schema_version VALUES(901, 900)", -ENOTSUP},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char path[128];
        sqlite3 *database = NULL;
        store_close(b->h.store);
        b->h.store = NULL;
        snprintf(path, sizeof path, "%s/queue.db", b->h.folder);
        assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
        assert_int_equal(sqlite3_exec(database, rows[i].sql, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(database);
        row_expect(rows[i].sql, "opened", store_open(b->h.folder, &b->h.options, &b->h.store),
                   rows[i].result);
    }
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_first_eio_stops_the_store),
        CASE(eio_while_a_body_streams_stops_the_store),
        CASE(eio_in_the_configuration_stops_the_store),
        CASE(nothing_is_flushed_after_the_first_eio),
        CASE(a_commit_writes_its_log_in_one_go),
        CASE(what_was_handed_in_behind_an_eio_is_answered),
        CASE(two_deaths_in_ten_minutes_end_accepting),
        CASE(a_full_segment_is_full_and_no_more),
        CASE(a_full_log_refuses_mail_and_still_deletes),
        CASE(a_claim_on_a_full_disk_is_written_later),
        CASE(a_body_that_finds_no_space_is_refused_alone),
        CASE(a_full_disk_leaves_the_configuration_as_it_was),
        CASE(a_damaged_body_is_not_lent_and_is_listed),
        CASE(a_lost_segment_is_damage_not_an_error),
        CASE(segments_are_used_again),
        CASE(a_segment_can_be_read_without_the_database),
        CASE(files_are_for_their_owner_alone),
        CASE(a_folder_that_others_may_write_is_refused),
        CASE(a_link_in_place_of_a_file_is_refused),
        CASE(a_newer_schema_is_refused_when_it_says_so),
    };
    return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
