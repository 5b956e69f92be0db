/* SPDX-License-Identifier: Apache-2.0 */
/* A folder looked at again and again. What it holds is a text of names, sizes and times (also that
 * of the last change of rights): two looks that give the same text saw the same files, finished by
 * then. */
#include "operations/operation.h"
#include "os/descriptor.h"
#include "programs/postern/certificate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LOOK_MAX_BYTES = 1 << 20, FILE_MAX_BYTES = 1 << 20, FILES_MAX = 64 };

struct look {
    int error;        /* errno of the folder; 0: it could be read */
    struct text text; /* what tells two looks apart */
};

struct watching {
    const struct place *place;
    const char *folder;
    struct look seen;    /* the last time */
    struct look settled; /* what was deployed or refused */
};

static bool is_ours(const char *name)
{
    static const char *const endings[] = {".pem", ".crt", ".cer", ".key"};
    for (size_t i = 0; name[0] != '.' && i < COUNT_OF(endings); i++)
        if (slice_ends_nocase(slice_of(name), slice_of(endings[i])))
            return true;
    return name[0] != '.' && certificate_is_response(name);
}

static int choose(const struct dirent *entry)
{
    return entry->d_type != DT_DIR && is_ours(entry->d_name);
}

/* Runs `use` on each file of ours, in the order of their names. 0 or -errno. */
static int each_file(const char *folder, int (*use)(int folder_fd, const char *name, void *context),
                     void *context)
{
    struct dirent **names;
    CLEANUP(close_fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int count = scandirat(fd, ".", &names, choose, alphasort);
    int result = count < 0 ? -errno : count > FILES_MAX ? -E2BIG : 0;
    for (int i = 0; i < count; i++) {
        if (result == 0)
            result = use(fd, names[i]->d_name, context);
        free(names[i]);
    }
    if (count >= 0)
        free(names);
    return result;
}

/* --- looking --- */

static int note_file(int folder_fd, const char *name, void *context)
{
    struct look *look = context;
    struct stat facts;
    if (fstatat(folder_fd, name, &facts, 0) < 0)
        return errno == ENOENT ? 0 : -errno; /* it is being exchanged */
    text_append_format(&look->text, "%s %llu %llu %lld.%09ld %lld.%09ld\n", name,
                       (unsigned long long)facts.st_ino, (unsigned long long)facts.st_size,
                       (long long)facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec,
                       (long long)facts.st_ctim.tv_sec, facts.st_ctim.tv_nsec);
    return look->text.truncated ? -E2BIG : 0;
}

static struct look look_at(const char *folder)
{
    struct look look = {.text = text_with_ceiling(LOOK_MAX_BYTES)};
    look.error = -each_file(folder, note_file, &look);
    return look;
}

static bool same(const struct look *a, const struct look *b)
{
    return a->error == b->error && slice_equal(text_slice(&a->text), text_slice(&b->text));
}

static void keep(struct look *kept, struct look *look_taken)
{
    text_deinit(&kept->text);
    *kept = *look_taken;
}

/* --- deploying --- */

struct deploying {
    const struct place *place;
    struct text bytes;
    int exit_code;           /* of the last response */
    char file[NAME_MAX + 1]; /* the last that was looked at: what went wrong is its */
};

static void note_name(struct deploying *deploying, const char *name)
{
    snprintf(deploying->file, sizeof deploying->file, "%s", name);
}

static int append_file(int folder_fd, const char *name, void *context)
{
    struct deploying *deploying = context;
    if (certificate_is_response(name))
        return 0;
    note_name(deploying, name);
    int result = file_read(folder_fd, name, &deploying->bytes);
    return result == 0 && !text_append_byte(&deploying->bytes, '\n') ? -EFBIG : result;
}

/* One that is refused is no reason to keep the others back. */
static int import_response(int folder_fd, const char *name, void *context)
{
    struct deploying *deploying = context;
    if (!certificate_is_response(name) || deploying->exit_code == OPERATION_UNREACHABLE)
        return 0;
    struct text bytes = text_with_ceiling(FILE_MAX_BYTES);
    note_name(deploying, name);
    int result = file_read(folder_fd, name, &bytes);
    if (result == 0)
        deploying->exit_code = certificate_import_bytes(deploying->place, &bytes);
    text_deinit(&bytes);
    return result;
}

static void say(const struct watching *watching, const char *file, int result)
{
    if (result)
        fprintf(stderr, "postern: %s%s%s: %s\n", watching->folder, file[0] ? "/" : "", file,
                result == -ENODATA ? "there is no .pem, .crt, .cer, .key or .ocsp file"
                : result == -E2BIG
                    ? "more files than can be looked at: give each certificate a folder"
                    : strerror(-result));
}

/* False: nobody was there to take it; it is tried again. */
static bool deploy(const struct watching *watching)
{
    struct deploying deploying = {
        .place = watching->place, .bytes = text_with_ceiling(FILE_MAX_BYTES), .exit_code = -1};
    int result = each_file(watching->folder, append_file, &deploying);
    if (result == 0 && deploying.bytes.len > 0)
        deploying.exit_code = certificate_import_bytes(watching->place, &deploying.bytes);
    if (deploying.bytes.at)
        explicit_bzero(deploying.bytes.at, deploying.bytes.capacity);
    text_deinit(&deploying.bytes);
    if (result == 0)
        result = each_file(watching->folder, import_response, &deploying);
    if (result == 0 && deploying.exit_code < 0)
        say(watching, "", -ENODATA);
    else
        say(watching, deploying.file, result);
    return deploying.exit_code != OPERATION_UNREACHABLE;
}

/* What has just changed may be half written: it is taken at the second look. */
static void look_again(struct watching *watching)
{
    struct look now = look_at(watching->folder);
    bool news = !same(&now, &watching->settled);
    bool steady = same(&now, &watching->seen);
    if (news && steady && deploy(watching))
        keep(&watching->settled, &now);
    else
        keep(&watching->seen, &now);
}

int certificate_watch(const struct place *place, const char *folder, unsigned every_s)
{
    struct watching watching = {
        .place = place, .folder = folder, .seen = {.error = -1}, .settled = {.error = -1}};
    struct look first = look_at(folder);
    if (first.error) {
        fprintf(stderr, "postern: %s: %s\n", folder, strerror(first.error));
        text_deinit(&first.text);
        return OPERATION_USAGE;
    }
    keep(&watching.seen, &first);
    for (;;) {
        look_again(&watching);
        poll(NULL, 0, (int)every_s * 1000);
    }
}
