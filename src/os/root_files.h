/* SPDX-License-Identifier: Apache-2.0 */
/* root_files - where a machine keeps the roots it trusts: files of PEM.
 *
 * It hands out the bytes of one file after the other and refuses to know what a certificate is.
 * Bytes are good until the function returns. To be called before a sandbox closes the file system.
 */
#ifndef OS_ROOT_FILES_H
#define OS_ROOT_FILES_H

#include "base/attributes.h"
#include "base/slice.h"

enum { ROOT_FILE_MAX_BYTES = 4 << 20, ROOT_FOLDER_FILES_MAX = 1024 };

typedef bool root_file_fn(void *context, struct slice pem); /* whether it was of use */

/* The bundle of the distribution: the first that is of use. */
void root_files_of_system(root_file_fn *take, void *context);
/* A file, or all files of a folder; those that cannot be read are stepped over there. 0 or -errno.
 */
MUST_USE int root_files_of_path(const char *path, root_file_fn *take, void *context);

#endif
