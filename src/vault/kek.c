/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/kek.h"

#include "base/number.h"
#include "os/descriptor.h"
#include "os/random.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEK_PAGE_BYTES = 4096, BIND_MAX = 256 };
_Static_assert(sizeof(struct kek) <= KEK_PAGE_BYTES, "all keys fit the locked page");

static struct kek *page_new(void)
{
    void *page =
        mmap(NULL, KEK_PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return NULL;
    if (mlock(page, KEK_PAGE_BYTES) < 0)
        fprintf(stderr, "vault: the key-encryption key could not be locked in memory: %s\n",
                strerror(errno));
    if (madvise(page, KEK_PAGE_BYTES, MADV_DONTDUMP) < 0) {
        munmap(page, KEK_PAGE_BYTES);
        return NULL;
    }
    return page;
}

void kek_close(struct kek *kek)
{
    if (!kek)
        return;
    explicit_bzero(kek, sizeof *kek);
    munmap(kek, KEK_PAGE_BYTES);
}

/* Exactly 32 bytes, straight into their place. */
static int read_key(int folder_fd, const char *name, bool private_only, struct kek_key *out)
{
    int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | (private_only ? O_NOFOLLOW : 0);
    CLEANUP(close_fd) int fd = openat(folder_fd, name, flags);
    struct stat facts;
    if (fd < 0 || fstat(fd, &facts) < 0)
        return -errno;
    if (!S_ISREG(facts.st_mode) || facts.st_size != SEAL_KEK_BYTES)
        return -EINVAL;
    if (private_only && (facts.st_mode & 077))
        return -EPERM;
    size_t have = 0;
    while (have < SEAL_KEK_BYTES) {
        ssize_t got = read(fd, out->bytes + have, SEAL_KEK_BYTES - have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : -EINVAL;
        have += (size_t)got;
    }
    return 0;
}

/* --- the local key --- */

static int write_draft(int folder_fd, const char *draft)
{
    CLEANUP(close_fd)
    int fd = openat(folder_fd, draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -errno;
    unsigned char key[SEAL_KEK_BYTES];
    random_bytes(key, sizeof key);
    int result = fd_write_all(fd, slice_bytes(key, sizeof key));
    explicit_bzero(key, sizeof key);
    if (result < 0)
        return result;
    return fsync(fd) < 0 ? -errno : 0;
}

/* Written whole under a name of its own, then linked to the real name: whoever links first has made
 * the key, the others find it there. */
static int create_local(int folder_fd)
{
    char draft[64];
    snprintf(draft, sizeof draft, "kek.%016llx.new", (unsigned long long)random_u64());
    int result = write_draft(folder_fd, draft);
    if (result == 0 && linkat(folder_fd, draft, folder_fd, "kek", 0) < 0 && errno != EEXIST)
        result = -errno;
    unlinkat(folder_fd, draft, 0);
    if (result == 0 && fsync(folder_fd) < 0)
        result = -errno;
    return result;
}

static int open_local(const char *data, bool create, struct kek *kek)
{
    CLEANUP(close_fd) int data_fd = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (data_fd < 0)
        return -errno;
    CLEANUP(close_fd)
    int fd = openat(data_fd, "vault", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    struct kek_key *key = &kek->keys[kek->count];
    int result = read_key(fd, "kek", true, key);
    if (result == -ENOENT && create) {
        result = create_local(fd);
        if (result == 0)
            result = read_key(fd, "kek", true, key);
    }
    if (result == 0) {
        key->id = 0;
        kek->count++;
    }
    return result;
}

/* --- credentials --- */

static bool credential_number(const char *name, uint32_t *out_number)
{
    struct slice rest = slice_of(name);
    uint64_t number;
    if (!slice_take_prefix(&rest, SLICE("kek.")) || !number_parse_u64(rest, UINT32_MAX, &number))
        return false;
    *out_number = (uint32_t)number;
    return number > 0;
}

static int newest_first(const void *a, const void *b)
{
    const struct kek_key *left = a, *right = b;
    return left->id < right->id ? 1 : left->id > right->id ? -1 : 0;
}

static int read_credentials(DIR *folder, struct kek *kek)
{
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        uint32_t number;
        if (!credential_number(entry->d_name, &number))
            continue;
        if (kek->count == KEK_COUNT_MAX - 1) /* the last place is the local key's */
            return -E2BIG;
        int result = read_key(dirfd(folder), entry->d_name, false, &kek->keys[kek->count]);
        if (result < 0)
            return result;
        kek->keys[kek->count++].id = number;
    }
    qsort(kek->keys, kek->count, sizeof kek->keys[0], newest_first);
    return 0;
}

static int open_credentials(struct kek *kek)
{
    const char *path = getenv("CREDENTIALS_DIRECTORY");
    DIR *folder = path ? opendir(path) : NULL;
    if (!folder)
        return path && errno != ENOENT ? -errno : 0;
    int result = read_credentials(folder, kek);
    closedir(folder);
    return result;
}

int kek_open(const char *data, struct kek **out_kek)
{
    struct kek *kek = page_new();
    if (!kek)
        return -ENOMEM;
    int result = open_credentials(kek);
    if (result == 0) {
        kek->local = kek->count == 0;
        result = open_local(data, kek->local, kek);
        if (!kek->local && result == -ENOENT)
            result = 0;
    }
    if (result < 0) {
        kek_close(kek);
        return result;
    }
    *out_kek = kek;
    return 0;
}

/* --- use --- */

enum seal_outcome kek_seal(const struct kek *kek, struct slice object_id, struct slice label,
                           struct slice plain, struct text *out_sealed)
{
    char storage[BIND_MAX];
    struct text bound = text_over(storage, sizeof storage);
    if (!seal_bind(&bound, object_id, label))
        return SEAL_NO_ROOM;
    const struct kek_key *key = &kek->keys[0];
    return seal_close(key->bytes, key->id, text_slice(&bound), plain, out_sealed);
}

enum seal_outcome kek_unseal(const struct kek *kek, struct slice object_id, struct slice label,
                             struct slice sealed, struct text *out_plain)
{
    char storage[BIND_MAX];
    struct text bound = text_over(storage, sizeof storage);
    uint32_t id;
    if (!seal_kek_id(sealed, &id))
        return SEAL_DAMAGED;
    if (!seal_bind(&bound, object_id, label))
        return SEAL_NO_ROOM;
    for (size_t i = 0; i < kek->count; i++)
        if (kek->keys[i].id == id)
            return seal_open(kek->keys[i].bytes, id, text_slice(&bound), sealed, out_plain);
    return SEAL_OTHER_KEK;
}
