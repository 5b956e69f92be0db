/* SPDX-License-Identifier: Apache-2.0 */
/* fault_vfs - SQLite's file layer with the disk hook in front. Registered only when there is a
 * hook.
 */
#ifndef STORE_FAULT_VFS_H
#define STORE_FAULT_VFS_H

#include "store/disk.h"

struct fault_vfs;

/* `folder_path` is cut off the names shown to the hook; both are borrowed until _free. */
MUST_USE int fault_vfs_new(const struct disk *disk, const char *folder_path,
                           struct fault_vfs **out_vfs);
void fault_vfs_free(struct fault_vfs *vfs);              /* accepts NULL */
const char *fault_vfs_name(const struct fault_vfs *vfs); /* NULL for NULL: SQLite's default */

#endif
