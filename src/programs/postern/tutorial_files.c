/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/tutorial_files.h"

#include "base/hex.h"
#include "base/pem.h"
#include "os/clock.h"
#include "os/descriptor.h"
#include "tls/certificate_facts.h"
#include "tls/export.h"
#include "tls/library.h"
#include "tls/make.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_BYTES_MAX = 65536, ARENA_MAX = 1 << 20, VALUE_MAX = 4096, DAYS = 90 };

static struct text *add_name(struct tutorial_files *files, const char *name)
{
    files->names[files->count].name = name;
    files->names[files->count].value = text_with_ceiling(VALUE_MAX);
    return &files->names[files->count++].value;
}

void tutorial_files_deinit(struct tutorial_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        text_deinit(&files->names[i].value);
    files->count = 0;
}

/* --- making --- */

struct making {
    int folder_fd;
    struct arena arena;
    struct made authority;
    struct tutorial_files *files;
};

static int write_authority(struct making *making)
{
    struct make_settings settings = {.key = MAKE_KEY_P256,
                                     .common_name = SLICE("Tutorial CA"),
                                     .organization = SLICE("Contoso"),
                                     .days = 2 * DAYS,
                                     .now_ms = clock_wall_ms()};
    struct text pem = text_with_ceiling(FILE_BYTES_MAX);
    int result = make_authority(&settings, &making->arena, &making->authority);
    if (result == 0)
        result = pem_append(&pem, "CERTIFICATE", making->authority.certificate)
                     ? file_replace(making->folder_fd, "ca.crt", 0644, text_slice(&pem))
                     : -ENOMEM;
    text_deinit(&pem);
    return result;
}

static int append_thumbprint(struct making *making, struct slice der, struct text *out)
{
    struct certificate_facts facts;
    if (certificate_facts_read(der, NULL, 0, &making->arena, &facts) != CERTIFICATE_OK)
        return -EINVAL;
    return hex_append_upper(out, slice_bytes(facts.thumbprint, sizeof facts.thumbprint)) ? 0
                                                                                         : -ENOMEM;
}

struct leaf {
    const char *name, *file, *host;
    int64_t newer_ms;
};

static int write_leaf(struct making *making, const struct leaf *leaf)
{
    struct slice host = slice_of(leaf->host);
    struct make_settings settings = {.key = MAKE_KEY_RSA_2048,
                                     .common_name = host,
                                     .names = &host,
                                     .name_count = 1,
                                     .days = DAYS,
                                     .now_ms = clock_wall_ms() + leaf->newer_ms};
    struct made made;
    struct text file = text_with_ceiling(FILE_BYTES_MAX);
    int result = make_issued(&settings, &making->authority, &making->arena, &made);
    struct export_parts parts = {.certificate = made.certificate,
                                 .private_key = made.private_key,
                                 .friendly_name = slice_of(leaf->name)};
    if (result == 0)
        result = export_pkcs12(&parts, SLICE("tutorial"), &file);
    made_wipe(&made);
    if (result == 0)
        result = file_replace(making->folder_fd, leaf->file, 0600, text_slice(&file));
    if (result == 0)
        result = append_thumbprint(making, parts.certificate, add_name(making->files, leaf->name));
    text_deinit(&file);
    return result;
}

static int write_all(struct making *making)
{
    static const struct leaf leaves[] = {
        {"mail", "mail.pfx", "mail.contoso.com", 0},
        {"renewed", "renewed.pfx", "mail.contoso.com", 60000},
        {"wildcard", "wildcard.pfx", "*.contoso.com", 0},
    };
    int result = tls_library_start() < 0 ? -EIO : write_authority(making);
    for (size_t i = 0; result == 0 && i < COUNT_OF(leaves); i++)
        result = write_leaf(making, &leaves[i]);
    made_wipe(&making->authority);
    return result;
}

static int open_folder(const char *path)
{
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return -errno;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static void add_names(struct tutorial_files *files, const char *folder, struct slice server)
{
    text_append_c(add_name(files, "folder"), folder);
    text_append(add_name(files, "server"), server);
    text_append_format(add_name(files, "connector"), "%.*s\\Client Frontend %.*s",
                       SLICE_ARG(server), SLICE_ARG(server));
    text_append_format(add_name(files, "implicit"), "%.*s\\Client Implicit %.*s", SLICE_ARG(server),
                       SLICE_ARG(server));
}

bool tutorial_files_make(const struct place *place, struct slice server, struct tutorial_files *out,
                         struct text *error)
{
    char path[VALUE_MAX];
    struct text folder = text_over(path, sizeof path);
    struct making making = {.arena = arena_with_ceiling(ARENA_MAX), .files = out};
    *out = (struct tutorial_files){0};
    text_append_format(&folder, "%s/../tutorial", place->data);
    const char *name = text_c_string(&folder);
    making.folder_fd = name ? open_folder(name) : -ENAMETOOLONG;
    char whole[PATH_MAX];
    if (making.folder_fd >= 0 && realpath(name, whole))
        name = whole;
    int result = making.folder_fd < 0 ? making.folder_fd : write_all(&making);
    if (result < 0)
        text_append_format(error, "%s: %s", name ? name : place->data, strerror(-result));
    else
        add_names(out, name, server);
    if (making.folder_fd >= 0)
        close_fd(&making.folder_fd);
    arena_deinit(&making.arena);
    return result == 0;
}

/* --- names in a script --- */

static const struct text *value_of(const struct tutorial_files *files, struct slice name)
{
    for (size_t i = 0; i < files->count; i++)
        if (slice_equal(name, slice_of(files->names[i].name)))
            return &files->names[i].value;
    return NULL;
}

/* Braces that hold no name, as those of a script block, stay. */
bool tutorial_files_fill(const struct tutorial_files *files, const char *script, struct text *out)
{
    struct slice rest = slice_of(script), piece;
    size_t open, close;
    while (slice_find(rest, '{', &open)) {
        piece = slice_after(rest, open + 1);
        const struct text *value =
            slice_find(piece, '}', &close) ? value_of(files, slice_first(piece, close)) : NULL;
        text_append(out, slice_first(rest, value ? open : open + 1));
        if (value)
            text_append(out, text_slice(value));
        rest = slice_after(rest, value ? open + close + 2 : open + 1);
    }
    return text_append(out, rest);
}
