/* SPDX-License-Identifier: Apache-2.0 */
/* A message in a Maildir: whole, once, and never outside the mail root. */
#include "courier/maildir.h"
#include "os/descriptor.h"
#include "support/rows.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
    char path[64];
    int fd, body_fd;
};

static int setup(void **state)
{
    struct folder *folder = calloc(1, sizeof *folder);
    snprintf(folder->path, sizeof folder->path, "/tmp/postern-maildir-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    folder->fd = open(folder->path, O_RDONLY | O_DIRECTORY);
    assert_int_equal(
        memory_file_sealed("body", SLICE("xxSubject: a\r\n\r\nb\r\nyy"), &folder->body_fd), 0);
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
    close_fd(&folder->body_fd);
    free(folder);
    return status;
}

static struct maildir_message a_message(const struct folder *folder)
{
    return (struct maildir_message){.message = 0x2a,
                                    .number = 3,
                                    .sender = SLICE("a@b.test"),
                                    .recipient = SLICE("demo@localhost"),
                                    .body_fd = folder->body_fd,
                                    .offset = 2,
                                    .length = 17};
}

static void expect_file(const struct folder *folder, const char *name, struct slice expected)
{
    struct text content = text_with_ceiling(10000);
    assert_int_equal(file_read(folder->fd, name, &content), 0);
    row_expect_slice(name, text_slice(&content), expected);
    text_deinit(&content);
}

static void the_loan_is_copied_behind_the_return_path(void **state)
{
    struct folder *folder = *state;
    struct maildir_message message = a_message(folder);
    assert_int_equal(maildir_deliver(folder->fd, SLICE("demo"), &message), MAILDIR_DELIVERED);
    expect_file(
        folder, "demo/new/000000000000002a.3.postern",
        SLICE(
            "Return-Path: <a@b.test>\r\nDelivered-To: demo@localhost\r\nSubject: a\r\n\r\nb\r\n"));
}

static void a_repeated_delivery_finds_its_own_file(void **state)
{
    struct folder *folder = *state;
    struct maildir_message message = a_message(folder);
    assert_int_equal(maildir_deliver(folder->fd, SLICE("demo"), &message), MAILDIR_DELIVERED);
    assert_int_equal(maildir_deliver(folder->fd, SLICE("demo"), &message), MAILDIR_ALREADY_THERE);
    assert_int_equal(renameat(folder->fd, "demo/new/000000000000002a.3.postern", folder->fd,
                              "demo/cur/000000000000002a.3.postern:2,S"),
                     0);
    message.repeat = true;
    assert_int_equal(maildir_deliver(folder->fd, SLICE("demo"), &message), MAILDIR_ALREADY_THERE);
}

static void names_that_are_paths_are_refused(void **state)
{
    struct folder *folder = *state;
    struct maildir_message message = a_message(folder);
    const char *names[] = {"",     ".",       "..",   "../x", "a/b",
                           "/etc", ".hidden", "a\nb", "a b",  "\xc3\xa9"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        row_expect(names[i], "outcome", maildir_deliver(folder->fd, slice_of(names[i]), &message),
                   MAILDIR_BAD_NAME);
}

static void a_link_in_the_way_is_not_followed(void **state)
{
    struct folder *folder = *state;
    struct maildir_message message = a_message(folder);
    assert_int_equal(symlinkat("/tmp", folder->fd, "demo"), 0);
    assert_true(maildir_deliver(folder->fd, SLICE("demo"), &message) < 0);
}

static void a_body_shorter_than_its_loan_is_no_delivery(void **state)
{
    struct folder *folder = *state;
    struct maildir_message message = a_message(folder);
    message.length = 1000;
    assert_true(maildir_deliver(folder->fd, SLICE("demo"), &message) < 0);
    struct stat facts;
    assert_int_not_equal(fstatat(folder->fd, "demo/new/000000000000002a.3.postern", &facts, 0), 0);
    assert_int_not_equal(fstatat(folder->fd, "demo/tmp/000000000000002a.3.postern", &facts, 0), 0);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(the_loan_is_copied_behind_the_return_path),
        WITH_FOLDER(a_repeated_delivery_finds_its_own_file),
        WITH_FOLDER(names_that_are_paths_are_refused),
        WITH_FOLDER(a_link_in_the_way_is_not_followed),
        WITH_FOLDER(a_body_shorter_than_its_loan_is_no_delivery),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
