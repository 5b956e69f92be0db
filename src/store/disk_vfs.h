/* SPDX-License-Identifier: Apache-2.0 */
/* disk_vfs - SQLite's file layer, as the store uses it.
 *
 * Each change is shown to the disk hook first, if there is one (store/disk.h). What SQLite writes
 * to a log, a head of 24 bytes and a page in turn, is gathered and passed on in one go: when the
 * log is flushed, at the latest. A commit of the store flushes (synchronous=FULL) before others
 * look, so nobody misses what is still here.
 */
#ifndef STORE_DISK_VFS_H
#define STORE_DISK_VFS_H

#include "store/disk.h"

struct disk_vfs;

/* `folder_path` is cut off the names shown to the hook; both are borrowed until _free. */
MUST_USE int disk_vfs_new(const struct disk *disk, const char *folder_path,
                          struct disk_vfs **out_vfs);
void disk_vfs_free(struct disk_vfs *vfs);              /* accepts NULL */
const char *disk_vfs_name(const struct disk_vfs *vfs); /* NULL for NULL */

#endif
