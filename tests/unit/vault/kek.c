/* SPDX-License-Identifier: Apache-2.0 */
/* kek: made once however many start at once, taken from credentials when given, and what one number
 * closed another does not open. */
#include "vault/kek.h"
#include "os/descriptor.h"
#include "support/rows.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STARTERS = 8 };

static const struct slice id = SLICE_INIT("0123456789abcdef");
static const struct slice label = SLICE_INIT("account");

static char folder[64];

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/kek-test-XXXXXX");
    unsetenv("CREDENTIALS_DIRECTORY");
    char path[128];
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/vault", folder);
    return mkdir(path, 0700);
}

static int tear_down(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static void put_file(const char *name, unsigned mode, char byte, size_t len)
{
    char path[128], bytes[64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    memset(bytes, byte, sizeof bytes);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(fd_write_all(fd, (struct slice){bytes, len}), 0);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

/* Waits for the others, opens, and tells the parent which key it got. */
static void start_one(int gate, int report)
{
    char go;
    if (read(gate, &go, 1) < 0)
        _exit(1);
    struct kek *kek;
    if (kek_open(folder, &kek) < 0)
        _exit(2);
    bool told = write(report, kek->keys[0].bytes, SEAL_KEK_BYTES) == SEAL_KEK_BYTES;
    kek_close(kek);
    _exit(told ? 0 : 3);
}

static void eight_that_start_at_once_have_one_key(void **state)
{
    (void)state;
    int gate[2], report[2];
    assert_int_equal(pipe(gate), 0);
    assert_int_equal(pipe(report), 0);
    for (int i = 0; i < STARTERS; i++) {
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            close(gate[1]);
            start_one(gate[0], report[1]);
        }
    }
    close(gate[0]);
    close(gate[1]); /* all of them read end of file now */
    unsigned char first[SEAL_KEK_BYTES], next[SEAL_KEK_BYTES];
    for (int i = 0; i < STARTERS; i++) {
        assert_int_equal(read(report[0], i ? next : first, SEAL_KEK_BYTES), SEAL_KEK_BYTES);
        if (i)
            assert_memory_equal(next, first, SEAL_KEK_BYTES);
        int status;
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    close(report[0]);
    close(report[1]);
    char path[128];
    struct stat facts;
    snprintf(path, sizeof path, "%s/vault/kek", folder);
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    assert_int_equal(facts.st_nlink, 1);
    assert_int_equal(facts.st_size, SEAL_KEK_BYTES);
}

static void the_local_key_stays_and_opens_what_it_closed(void **state)
{
    (void)state;
    struct kek *kek;
    assert_int_equal(kek_open(folder, &kek), 0);
    assert_true(kek->local);
    assert_int_equal(kek->keys[0].id, 0);
    struct text sealed = text_with_ceiling(1000), plain = text_with_ceiling(1000);
    assert_int_equal(kek_seal(kek, id, label, SLICE("secret"), &sealed), SEAL_OK);
    kek_close(kek);
    assert_int_equal(kek_open(folder, &kek), 0);
    assert_int_equal(kek_unseal(kek, id, label, text_slice(&sealed), &plain), SEAL_OK);
    row_expect_slice("opened", text_slice(&plain), SLICE("secret"));
    assert_int_equal(kek_unseal(kek, id, SLICE("certificate"), text_slice(&sealed), &plain),
                     SEAL_REFUSED);
    assert_int_equal(kek_unseal(kek, SLICE("0123456789abcdeg"), label, text_slice(&sealed), &plain),
                     SEAL_REFUSED);
    assert_int_equal(kek_unseal(kek, id, label, SLICE("short"), &plain), SEAL_DAMAGED);
    kek_close(kek);
    text_deinit(&sealed);
    text_deinit(&plain);
}

static void unfit_files_are_refused(void **state)
{
    (void)state;
    struct kek *kek;
    put_file("vault/kek", 0640, 'a', SEAL_KEK_BYTES);
    assert_int_equal(kek_open(folder, &kek), -EPERM);
    put_file("vault/kek", 0600, 'a', SEAL_KEK_BYTES - 1);
    assert_int_equal(kek_open(folder, &kek), -EINVAL);
    put_file("vault/kek", 0600, 'a', SEAL_KEK_BYTES + 1);
    assert_int_equal(kek_open(folder, &kek), -EINVAL);
    put_file("vault/kek", 0600, 'a', SEAL_KEK_BYTES);
    assert_int_equal(kek_open(folder, &kek), 0);
    kek_close(kek);
    assert_int_equal(kek_open("/nonexistent", &kek), -ENOENT);
}

static void the_highest_credential_closes_and_all_open(void **state)
{
    (void)state;
    struct kek *kek;
    struct text local = text_with_ceiling(1000), old = text_with_ceiling(1000);
    struct text newest = text_with_ceiling(1000), plain = text_with_ceiling(1000);
    assert_int_equal(kek_open(folder, &kek), 0);
    assert_int_equal(kek_seal(kek, id, label, SLICE("local"), &local), SEAL_OK);
    kek_close(kek);

    setenv("CREDENTIALS_DIRECTORY", folder, 1);
    put_file("kek.9", 0400, '9', SEAL_KEK_BYTES);
    assert_int_equal(kek_open(folder, &kek), 0);
    assert_false(kek->local);
    assert_int_equal(kek_seal(kek, id, label, SLICE("old"), &old), SEAL_OK);
    kek_close(kek);

    put_file("kek.10", 0400, 'x', SEAL_KEK_BYTES);
    put_file("kek.x", 0400, 'y', 5);
    put_file("other", 0400, 'z', 5);
    assert_int_equal(kek_open(folder, &kek), 0);
    assert_int_equal(kek->count, 3);
    assert_int_equal(kek->keys[0].id, 10);
    assert_int_equal(kek_seal(kek, id, label, SLICE("new"), &newest), SEAL_OK);
    uint32_t number;
    assert_true(seal_kek_id(text_slice(&newest), &number));
    assert_int_equal(number, 10);
    assert_int_equal(kek_unseal(kek, id, label, text_slice(&local), &plain), SEAL_OK);
    assert_int_equal(kek_unseal(kek, id, label, text_slice(&old), &plain), SEAL_OK);
    assert_int_equal(kek_unseal(kek, id, label, text_slice(&newest), &plain), SEAL_OK);
    row_expect_slice("all", text_slice(&plain), SLICE("localoldnew"));
    kek_close(kek);

    put_file("kek.11", 0400, 'y', 5);
    assert_int_equal(kek_open(folder, &kek), -EINVAL);
    unsetenv("CREDENTIALS_DIRECTORY");
    assert_int_equal(kek_open(folder, &kek), 0);
    assert_int_equal(kek_unseal(kek, id, label, text_slice(&old), &plain), SEAL_OTHER_KEK);
    kek_close(kek);
    text_deinit(&local);
    text_deinit(&old);
    text_deinit(&newest);
    text_deinit(&plain);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(eight_that_start_at_once_have_one_key),
        IN_FOLDER(the_local_key_stays_and_opens_what_it_closed),
        IN_FOLDER(unfit_files_are_refused),
        IN_FOLDER(the_highest_credential_closes_and_all_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
