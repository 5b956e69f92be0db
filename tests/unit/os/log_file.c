/* SPDX-License-Identifier: Apache-2.0 */
/* log_file: names, the next file, old files, what a crash left, what a full disk does. */
#include "support/rows.h"

#include "base/text.h"
#include "os/descriptor.h"
#include "os/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t day_ms = 86400000, noon_ms = 1772539200000; /* 2026-03-03T12:00:00Z */

struct place {
    char path[64];
    int fd;
    struct log_file file;
};

static bool append_header(struct text *text, const void *context, int64_t at_ms)
{
    (void)context, (void)at_ms;
    return text_append_c(text, "#head\r\n");
}

static struct log_file_rules rules(const char *folder, uint64_t file_max, uint64_t folder_max)
{
    return (struct log_file_rules){.folder = folder,
                                   .prefix = "TEST",
                                   .file_max_bytes = file_max,
                                   .folder_max_bytes = folder_max,
                                   .age_max_ms = 30 * day_ms,
                                   .append_header = append_header};
}

static struct place place_make(uint64_t file_max, uint64_t folder_max)
{
    struct place place = {.path = "/tmp/postern-log-XXXXXX"};
    struct log_file_rules some = rules("part", file_max, folder_max);
    assert_non_null(mkdtemp(place.path));
    place.fd = open(place.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(log_file_open(&place.file, place.fd, &some), 0);
    return place;
}

static void place_remove(struct place *place)
{
    char command[100];
    log_file_close(&place->file);
    close_fd(&place->fd);
    snprintf(command, sizeof command, "rm -r %s", place->path);
    assert_int_equal(system(command), 0);
}

static void expect_file(const struct place *place, const char *name, const char *content)
{
    struct text seen = text_with_ceiling(1 << 20);
    int result = file_read(place->file.folder_fd, name, &seen);
    row_expect(name, "can be read", result, content ? 0 : -ENOENT);
    if (content)
        row_expect_slice(name, text_slice(&seen), slice_of(content));
    text_deinit(&seen);
}

static void append(struct place *place, const char *rows, int64_t at_ms)
{
    assert_int_equal(log_file_append(&place->file, slice_of(rows), at_ms), 0);
}

static void put_file(const struct place *place, const char *name, const char *content)
{
    assert_int_equal(file_replace(place->file.folder_fd, name, 0600, slice_of(content)), 0);
}

static void files_follow_each_other_by_size_and_by_day(void **state)
{
    (void)state;
    struct place place = place_make(20, 1000);
    append(&place, "1\r\n", noon_ms);
    append(&place, "2\r\n", noon_ms);
    append(&place, "3456789\r\n", noon_ms);
    append(&place, "next day\r\n", noon_ms + day_ms);
    expect_file(&place, "TEST20260303-1.log", "#head\r\n1\r\n2\r\n");
    expect_file(&place, "TEST20260303-2.log", "#head\r\n3456789\r\n");
    expect_file(&place, "TEST20260304-1.log", "#head\r\nnext day\r\n");
    place_remove(&place);
}

static void a_new_writer_goes_on_where_the_last_one_ended(void **state)
{
    (void)state;
    struct place place = place_make(100, 1000);
    struct log_file_rules same = place.file.rules;
    put_file(&place, "TEST20260303-9.log", "#head\r\nold\r\n");
    put_file(&place, "TEST20260303-10.log", "#head\r\nwhole\r\nhalf a ro");
    append(&place, "new\r\n", noon_ms);
    expect_file(&place, "TEST20260303-10.log", "#head\r\nwhole\r\nhalf a ro\r\nnew\r\n");
    log_file_close(&place.file);
    assert_int_equal(log_file_open(&place.file, place.fd, &same), 0);
    append(&place, "newer\r\n", noon_ms);
    expect_file(&place, "TEST20260303-10.log", "#head\r\nwhole\r\nhalf a ro\r\nnew\r\nnewer\r\n");
    place_remove(&place);
}

static void old_files_go(void **state)
{
    (void)state;
    struct place place = place_make(100, 1000);
    put_file(&place, "TEST20260131-1.log", "31 days old\r\n");
    put_file(&place, "TEST20260201-1.log", "of the last hour that is kept\r\n");
    put_file(&place, "OTHER20200101-1.log", "not ours\r\n");
    put_file(&place, "TEST20200101-x.log", "no name of ours\r\n");
    append(&place, "new\r\n", noon_ms);
    expect_file(&place, "TEST20260131-1.log", NULL);
    expect_file(&place, "TEST20260201-1.log", "of the last hour that is kept\r\n");
    expect_file(&place, "OTHER20200101-1.log", "not ours\r\n");
    expect_file(&place, "TEST20200101-x.log", "no name of ours\r\n");
    assert_int_equal(log_file_retain(&place.file, noon_ms + 100 * day_ms), 0);
    expect_file(&place, "TEST20260201-1.log", NULL);
    expect_file(&place, "TEST20260303-1.log", "#head\r\nnew\r\n"); /* it is open */
    place_remove(&place);
}

static void the_folder_stays_below_its_limit(void **state)
{
    (void)state;
    struct place place = place_make(40, 100);
    for (int i = 0; i < 20; i++)
        append(&place, "12345678901234567890123456789\r\n", noon_ms);
    expect_file(&place, "TEST20260303-18.log", NULL);
    expect_file(&place, "TEST20260303-19.log", "#head\r\n12345678901234567890123456789\r\n");
    expect_file(&place, "TEST20260303-20.log", "#head\r\n12345678901234567890123456789\r\n");
    place_remove(&place);
}

static void a_file_that_is_deleted_is_made_anew(void **state)
{
    (void)state;
    struct place place = place_make(100, 1000);
    append(&place, "gone\r\n", noon_ms);
    assert_int_equal(unlinkat(place.file.folder_fd, "TEST20260303-1.log", 0), 0);
    append(&place, "kept\r\n", noon_ms);
    expect_file(&place, "TEST20260303-1.log", "#head\r\nkept\r\n");
    place_remove(&place);
}

/* RLIMIT_FSIZE cuts a write short just as a full disk does. */
static void a_write_that_is_cut_short_leaves_no_half_row(void **state)
{
    (void)state;
    struct rlimit before, small = {0};
    struct place place = place_make(1000, 10000);
    append(&place, "first\r\n", noon_ms);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){.rlim_cur = 20, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int result = log_file_append(&place.file, SLICE("a row beyond the limit\r\n"), noon_ms);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(result, -EFBIG);
    expect_file(&place, "TEST20260303-1.log", "#head\r\nfirst\r\n");
    append(&place, "second\r\n", noon_ms);
    expect_file(&place, "TEST20260303-1.log", "#head\r\nfirst\r\nsecond\r\n");
    place_remove(&place);
}

static bool collect(void *context, struct slice line)
{
    struct text *seen = context;
    text_append(seen, slice_first(line, 20));
    text_append_byte(seen, '|');
    return !slice_equal(line, SLICE("stop"));
}

static void expect_lines(const struct place *place, int64_t first_ms, int64_t last_ms,
                         const char *expected)
{
    struct text seen = text_with_ceiling(1 << 20);
    assert_int_equal(log_files_read(place->file.folder_fd, "TEST", log_day(first_ms),
                                    log_day(last_ms), collect, &seen),
                     0);
    row_expect_slice(expected, text_slice(&seen), slice_of(expected));
    text_deinit(&seen);
}

static void lines_are_read_in_order(void **state)
{
    (void)state;
    struct place place = place_make(100, 1000);
    put_file(&place, "TEST20260302-2.log", "b\r\nc");
    put_file(&place, "TEST20260302-1.log", "a\r\n\r\n");
    put_file(&place, "TEST20260303-2.log", "d\n");
    put_file(&place, "TEST20260303-10.log", "e\r\nstop\r\nnever\r\n");
    expect_lines(&place, noon_ms - day_ms, noon_ms, "a||b|d|e|stop|");
    expect_lines(&place, noon_ms - day_ms, noon_ms - day_ms, "a||b|");
    expect_lines(&place, noon_ms + day_ms, noon_ms + day_ms, "");
    place_remove(&place);
}

static void lines_of_any_length_are_read(void **state)
{
    (void)state;
    struct place place = place_make(1 << 20, 1 << 22);
    struct text rows = text_with_ceiling(1 << 20);
    for (size_t i = 0; i < 3 * LOG_LINE_MAX; i++)
        text_append_byte(&rows, 'x');
    text_append_c(&rows, "\r\nshort\r\n");
    for (size_t i = 0; i < LOG_LINE_MAX - 1; i++)
        text_append_byte(&rows, 'y');
    text_append_c(&rows, "\r\nlast\r\n");
    assert_int_equal(log_file_append(&place.file, text_slice(&rows), noon_ms), 0);
    expect_lines(&place, noon_ms, noon_ms, "#head|short|yyyyyyyyyyyyyyyyyyyy|last|");
    text_deinit(&rows);
    place_remove(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_follow_each_other_by_size_and_by_day),
        cmocka_unit_test(a_new_writer_goes_on_where_the_last_one_ended),
        cmocka_unit_test(old_files_go),
        cmocka_unit_test(the_folder_stays_below_its_limit),
        cmocka_unit_test(a_file_that_is_deleted_is_made_anew),
        cmocka_unit_test(a_write_that_is_cut_short_leaves_no_half_row),
        cmocka_unit_test(lines_are_read_in_order),
        cmocka_unit_test(lines_of_any_length_are_read),
    };
    return cmocka_run_group_tests_name("os/log_file", tests, NULL, NULL);
}
