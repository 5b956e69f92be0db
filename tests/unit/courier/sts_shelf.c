/* SPDX-License-Identifier: Apache-2.0 */
/* Policies on disk: what was written comes back, and what is over or not whole does not. */
#include "courier/sts_shelf.h"

#include "base/attributes.h"
#include "os/descriptor.h"
#include "support/rows.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct folder {
    char path[64];
    int fd;
};

static int setup(void **state)
{
    struct folder *folder = calloc(1, sizeof *folder);
    snprintf(folder->path, sizeof folder->path, "/tmp/postern-shelf-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    folder->fd = open(folder->path, O_RDONLY | O_DIRECTORY);
    *state = folder;
    return 0;
}

static int teardown(void **state)
{
    struct folder *folder = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder->path);
    int status = system(command);
    close_fd(&folder->fd);
    free(folder);
    return status;
}

/* clang-format off */
static const struct row {
    const char *file;
    bool whole;
    const char *id, *policy;
    int64_t fetched_ms, until_ms;
} rows[] = {
    {"STSv1 a1 5 10 3\nx\ny",         true,  "a1", "x\ny", 5, 10},
    {"STSv1 a1 5 10 0\n",             true,  "a1", "", 5, 10},
    {"STSv1 a1 5 10 3\nx\n",          false, NULL, NULL, 0, 0},
    {"STSv1 a1 5 10 3\nx\nyz",        false, NULL, NULL, 0, 0},
    {"STSv1 a1 5 10 3",               false, NULL, NULL, 0, 0},
    {"STSv2 a1 5 10 1\nx",            false, NULL, NULL, 0, 0},
    {"STSv1 a1 5 -1 1\nx",            false, NULL, NULL, 0, 0},
    {"STSv1 a1 5 1\nx",               false, NULL, NULL, 0, 0},
    {"STSv1 a1 5 10 1 7\nx",          false, NULL, NULL, 0, 0},
    {"STSv1 123456789012345678901234567890123 5 10 1\nx", false, NULL, NULL, 0, 0},
    {"",                              false, NULL, NULL, 0, 0},
};
/* clang-format on */

static void files_are_whole_or_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct sts_shelved policy;
        bool whole = sts_shelved_parse(slice_of(rows[i].file), &policy);
        row_expect(rows[i].file, "whole", whole, rows[i].whole);
        if (!whole)
            continue;
        row_expect_slice(rows[i].file, policy.id, slice_of(rows[i].id));
        row_expect_slice(rows[i].file, policy.policy, slice_of(rows[i].policy));
        row_expect(rows[i].file, "fetched", policy.fetched_ms, rows[i].fetched_ms);
        row_expect(rows[i].file, "until", policy.until_ms, rows[i].until_ms);
    }
}

static bool comes_back(const struct sts_shelf *shelf, const char *domain, int64_t now_ms)
{
    CLEANUP(text_deinit) struct text storage = {0};
    struct sts_shelved policy;
    bool found = sts_shelf_read(shelf, slice_of(domain), now_ms, &storage, &policy);
    if (found)
        row_expect_slice(domain, policy.policy, SLICE("version: STSv1\n"));
    return found;
}

static void what_was_written_comes_back(void **state)
{
    const struct folder *folder = *state;
    const struct sts_shelved policy = {SLICE("1"), SLICE("version: STSv1\n"), 100, 200};
    struct sts_shelf shelf, next;
    sts_shelf_open(&shelf, folder->fd, 100);
    assert_false(comes_back(&shelf, "a.example", 100));
    sts_shelf_write(&shelf, SLICE("A.example"), &policy);
    sts_shelf_write(&shelf, SLICE("a.example"), &policy);
    assert_int_equal(shelf.count, 1);
    assert_true(comes_back(&shelf, "a.Example", 199));
    assert_false(comes_back(&shelf, "a.example", 200));
    sts_shelf_open(&next, folder->fd, 199);
    assert_int_equal(next.count, 1);
    assert_true(comes_back(&next, "a.example", 199));
    sts_shelf_open(&next, folder->fd, 200);
    assert_int_equal(next.count, 0);
    assert_int_equal(faccessat(folder->fd, "a.example.policy", F_OK, 0), -1);
}

static void a_full_shelf_takes_no_more(void **state)
{
    const struct folder *folder = *state;
    const struct sts_shelved policy = {SLICE("1"), SLICE("version: STSv1\n"), 100, 200};
    struct sts_shelf shelf = {.folder_fd = folder->fd, .count = STS_SHELF_MAX};
    sts_shelf_write(&shelf, SLICE("b.example"), &policy);
    assert_false(comes_back(&shelf, "b.example", 100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_whole_or_nothing),
        cmocka_unit_test_setup_teardown(what_was_written_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_shelf_takes_no_more, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
