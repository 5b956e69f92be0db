/* SPDX-License-Identifier: Apache-2.0 */
#include "store/fault_vfs.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fault_vfs {
    sqlite3_vfs vfs; /* first: SQLite hands it back */
    sqlite3_vfs *real;
    const struct disk *disk;
    const char *folder_path;
    char name[32];
};

struct fault_file {
    sqlite3_file base; /* first */
    const struct disk *disk;
    const char *name; /* NULL: a temporary file, not shown */
    sqlite3_file *real;
};

static struct fault_file *file_of(sqlite3_file *base)
{
    return (struct fault_file *)(void *)base;
}

static sqlite3_file *real_of(sqlite3_file *base)
{
    return file_of(base)->real;
}

static int shown(sqlite3_file *base, enum store_disk_operation operation, uint64_t offset,
                 struct slice bytes)
{
    struct fault_file *file = file_of(base);
    if (!file->name)
        return 0;
    return disk_show(file->disk, &(struct store_disk_event){.operation = operation,
                                                            .file = file->name,
                                                            .offset = offset,
                                                            .bytes = bytes});
}

static int fault_close(sqlite3_file *base)
{
    return real_of(base)->pMethods ? real_of(base)->pMethods->xClose(real_of(base)) : SQLITE_OK;
}

static int fault_read(sqlite3_file *base, void *at, int len, sqlite3_int64 offset)
{
    return real_of(base)->pMethods->xRead(real_of(base), at, len, offset);
}

static int fault_write(sqlite3_file *base, const void *at, int len, sqlite3_int64 offset)
{
    int refused = shown(base, STORE_DISK_WRITE, (uint64_t)offset, slice_bytes(at, (size_t)len));
    if (refused < 0)
        return disk_is_full(refused) ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    return real_of(base)->pMethods->xWrite(real_of(base), at, len, offset);
}

static int fault_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    if (shown(base, STORE_DISK_TRUNCATE, (uint64_t)size, slice_bytes(NULL, 0)) < 0)
        return SQLITE_IOERR_TRUNCATE;
    return real_of(base)->pMethods->xTruncate(real_of(base), size);
}

static int fault_sync(sqlite3_file *base, int flags)
{
    if (shown(base, STORE_DISK_SYNC, 0, slice_bytes(NULL, 0)) < 0)
        return SQLITE_IOERR_FSYNC;
    return real_of(base)->pMethods->xSync(real_of(base), flags);
}

static int fault_size(sqlite3_file *base, sqlite3_int64 *out_size)
{
    return real_of(base)->pMethods->xFileSize(real_of(base), out_size);
}

static int fault_lock(sqlite3_file *base, int level)
{
    return real_of(base)->pMethods->xLock(real_of(base), level);
}

static int fault_unlock(sqlite3_file *base, int level)
{
    return real_of(base)->pMethods->xUnlock(real_of(base), level);
}

static int fault_check_lock(sqlite3_file *base, int *out_locked)
{
    return real_of(base)->pMethods->xCheckReservedLock(real_of(base), out_locked);
}

static int fault_control(sqlite3_file *base, int operation, void *argument)
{
    return real_of(base)->pMethods->xFileControl(real_of(base), operation, argument);
}

static int fault_sector(sqlite3_file *base)
{
    return real_of(base)->pMethods->xSectorSize(real_of(base));
}

static int fault_device(sqlite3_file *base)
{
    return real_of(base)->pMethods->xDeviceCharacteristics(real_of(base));
}

static int fault_shm_map(sqlite3_file *base, int page, int size, int extend, void volatile **out)
{
    return real_of(base)->pMethods->xShmMap(real_of(base), page, size, extend, out);
}

static int fault_shm_lock(sqlite3_file *base, int offset, int count, int flags)
{
    return real_of(base)->pMethods->xShmLock(real_of(base), offset, count, flags);
}

static void fault_shm_barrier(sqlite3_file *base)
{
    real_of(base)->pMethods->xShmBarrier(real_of(base));
}

static int fault_shm_unmap(sqlite3_file *base, int remove)
{
    return real_of(base)->pMethods->xShmUnmap(real_of(base), remove);
}

static const sqlite3_io_methods fault_methods = {
    .iVersion = 2, /* with shared memory, without memory-mapped reads */
    .xClose = fault_close,
    .xRead = fault_read,
    .xWrite = fault_write,
    .xTruncate = fault_truncate,
    .xSync = fault_sync,
    .xFileSize = fault_size,
    .xLock = fault_lock,
    .xUnlock = fault_unlock,
    .xCheckReservedLock = fault_check_lock,
    .xFileControl = fault_control,
    .xSectorSize = fault_sector,
    .xDeviceCharacteristics = fault_device,
    .xShmMap = fault_shm_map,
    .xShmLock = fault_shm_lock,
    .xShmBarrier = fault_shm_barrier,
    .xShmUnmap = fault_shm_unmap,
};

static struct fault_vfs *vfs_of(sqlite3_vfs *vfs)
{
    return (struct fault_vfs *)(void *)vfs;
}

static const char *name_below(const struct fault_vfs *fault, const char *path)
{
    size_t len = strlen(fault->folder_path);
    if (!path || strncmp(path, fault->folder_path, len) != 0 || path[len] != '/')
        return NULL;
    return path + len + 1;
}

static int fault_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags,
                      int *out_flags)
{
    struct fault_vfs *fault = vfs_of(vfs);
    struct fault_file *file = file_of(base);
    *file = (struct fault_file){
        .disk = fault->disk,
        .name = name_below(fault, path),
        .real = (sqlite3_file *)(void *)((char *)base + sizeof *file),
    };
    memset(file->real, 0, (size_t)fault->real->szOsFile);
    /* Not by xAccess, to which an empty file is none. */
    bool made = file->name && (flags & SQLITE_OPEN_CREATE) != 0 && access(path, F_OK) < 0;
    if (made && shown(base, STORE_DISK_CREATE, 0, slice_bytes(NULL, 0)) < 0)
        return SQLITE_CANTOPEN;
    int code = fault->real->xOpen(fault->real, path, file->real, flags, out_flags);
    base->pMethods = file->real->pMethods ? &fault_methods : NULL;
    return code;
}

static int fault_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
    struct fault_vfs *fault = vfs_of(vfs);
    const char *name = name_below(fault, path);
    struct store_disk_event event = {.operation = STORE_DISK_UNLINK, .file = name};
    if (name && disk_show(fault->disk, &event) < 0)
        return SQLITE_IOERR_DELETE;
    return fault->real->xDelete(fault->real, path, sync_folder);
}

int fault_vfs_new(const struct disk *disk, const char *folder_path, struct fault_vfs **out_vfs)
{
    struct fault_vfs *fault = calloc(1, sizeof *fault);
    if (!fault)
        return -ENOMEM;
    fault->real = sqlite3_vfs_find(NULL);
    fault->disk = disk;
    fault->folder_path = folder_path;
    snprintf(fault->name, sizeof fault->name, "fault-%p", (void *)fault);
    fault->vfs = *fault->real;
    fault->vfs.szOsFile = fault->real->szOsFile + (int)sizeof(struct fault_file);
    fault->vfs.zName = fault->name;
    fault->vfs.pNext = NULL;
    fault->vfs.xOpen = fault_open;
    fault->vfs.xDelete = fault_delete;
    if (sqlite3_vfs_register(&fault->vfs, 0) != SQLITE_OK) {
        free(fault);
        return -ENOMEM;
    }
    *out_vfs = fault;
    return 0;
}

void fault_vfs_free(struct fault_vfs *vfs)
{
    if (!vfs)
        return;
    sqlite3_vfs_unregister(&vfs->vfs);
    free(vfs);
}

const char *fault_vfs_name(const struct fault_vfs *vfs)
{
    return vfs ? vfs->name : NULL;
}
