/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/trust_store.h"

#include "os/descriptor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/* Where distributions keep the bundle; the first that is there is read. */
static const char *const bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt", /* Debian, Arch, Alpine */
    "/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora */
    "/etc/ssl/ca-bundle.pem",             /* openSUSE */
};

static int add_file(struct tls_trust *trust, int folder_fd, const char *name, size_t *count)
{
    CLEANUP(text_deinit) struct text pem = text_with_ceiling(TRUST_FILE_MAX_BYTES);
    int result = file_read(folder_fd, name, &pem);
    if (result == 0)
        *count += tls_trust_add_pem(trust, text_slice(&pem));
    return result;
}

static void close_folder(DIR **folder)
{
    if (*folder)
        closedir(*folder);
}

/* What is no file, or holds no certificate, is stepped over: folders hold README files, too. */
static int add_folder(struct tls_trust *trust, const char *path, size_t *count)
{
    CLEANUP(close_folder) DIR *folder = opendir(path);
    if (!folder)
        return -errno;
    const struct dirent *entry;
    for (size_t files = 0; files < TRUST_FOLDER_FILES_MAX && (entry = readdir(folder)); files++)
        if (entry->d_name[0] != '.')
            (void)!add_file(trust, dirfd(folder), entry->d_name, count);
    return 0;
}

static int add_house(struct trust_store *store, const char *path)
{
    struct stat facts;
    if (stat(path, &facts) < 0)
        return -errno;
    int result = S_ISDIR(facts.st_mode)
                     ? add_folder(store->house, path, &store->house_count)
                     : add_file(store->house, AT_FDCWD, path, &store->house_count);
    return result == 0 && store->house_count == 0 ? -ENODATA : result;
}

int trust_store_open(const char *house, struct trust_store *out)
{
    *out = (struct trust_store){.system = tls_trust_new(), .house = tls_trust_new()};
    if (!out->system || !out->house) {
        trust_store_close(out);
        return -ENOMEM;
    }
    for (size_t i = 0; i < COUNT_OF(bundles) && out->system_count == 0; i++)
        (void)!add_file(out->system, AT_FDCWD, bundles[i], &out->system_count);
    return house ? add_house(out, house) : 0;
}

void trust_store_close(struct trust_store *store)
{
    tls_trust_free(store->system);
    tls_trust_free(store->house);
    *store = (struct trust_store){0};
}
