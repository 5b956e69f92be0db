/* SPDX-License-Identifier: Apache-2.0 */
#include "os/root_files.h"

#include "os/descriptor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static const char *const bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt", /* Debian, Arch, Alpine */
    "/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora */
    "/etc/ssl/ca-bundle.pem",             /* openSUSE */
};

static int take_file(int folder_fd, const char *name, root_file_fn *take, void *context,
                     bool *out_useful)
{
    CLEANUP(text_deinit) struct text pem = text_with_ceiling(ROOT_FILE_MAX_BYTES);
    int result = file_read(folder_fd, name, &pem);
    *out_useful = result == 0 && take(context, text_slice(&pem));
    return result;
}

void root_files_of_system(root_file_fn *take, void *context)
{
    bool useful = false;
    for (size_t i = 0; i < COUNT_OF(bundles) && !useful; i++)
        (void)!take_file(AT_FDCWD, bundles[i], take, context, &useful);
}

static void close_folder(DIR **folder)
{
    if (*folder)
        closedir(*folder);
}

/* What is no file, or of no use, is stepped over: folders hold README files, too. */
static int take_folder(const char *path, root_file_fn *take, void *context)
{
    CLEANUP(close_folder) DIR *folder = opendir(path);
    if (!folder)
        return -errno;
    const struct dirent *entry;
    bool useful;
    for (size_t files = 0; files < ROOT_FOLDER_FILES_MAX && (entry = readdir(folder)); files++)
        if (entry->d_name[0] != '.')
            (void)!take_file(dirfd(folder), entry->d_name, take, context, &useful);
    return 0;
}

int root_files_of_path(const char *path, root_file_fn *take, void *context)
{
    struct stat facts;
    bool useful;
    if (stat(path, &facts) < 0)
        return -errno;
    return S_ISDIR(facts.st_mode) ? take_folder(path, take, context)
                                  : take_file(AT_FDCWD, path, take, context, &useful);
}
