/* SPDX-License-Identifier: Apache-2.0 */
#include "store/disk_vfs.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GATHERED_MAX = 64 << 10 };

struct disk_vfs {
    sqlite3_vfs vfs; /* first: SQLite hands it back */
    sqlite3_vfs *real;
    const struct disk *disk;
    const char *folder_path;
    char name[32];
};

struct store_file {
    sqlite3_file base; /* first */
    const struct disk *disk;
    const char *name; /* NULL: a temporary file, not shown */
    sqlite3_file *real;
    bool gathers;   /* it is a log */
    char *gathered; /* NULL until the first write */
    size_t gathered_len;
    sqlite3_int64 gathered_at;
};

static struct store_file *file_of(sqlite3_file *base)
{
    return (struct store_file *)(void *)base;
}

static sqlite3_file *real_of(sqlite3_file *base)
{
    return file_of(base)->real;
}

static int shown(sqlite3_file *base, enum store_disk_operation operation, uint64_t offset,
                 struct slice bytes)
{
    struct store_file *file = file_of(base);
    if (!file->name)
        return 0;
    return disk_show(file->disk, &(struct store_disk_event){.operation = operation,
                                                            .file = file->name,
                                                            .offset = offset,
                                                            .bytes = bytes});
}

/* --- writing --- */

static int write_through(sqlite3_file *base, const void *at, int len, sqlite3_int64 offset)
{
    int refused = shown(base, STORE_DISK_WRITE, (uint64_t)offset, slice_bytes(at, (size_t)len));
    if (refused < 0)
        return disk_is_full(refused) ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    return real_of(base)->pMethods->xWrite(real_of(base), at, len, offset);
}

static int pass_on(sqlite3_file *base)
{
    struct store_file *file = file_of(base);
    int len = (int)file->gathered_len;
    file->gathered_len = 0; /* what fails is not tried again: the transaction ends with it */
    return len ? write_through(base, file->gathered, len, file->gathered_at) : SQLITE_OK;
}

static bool can_gather(struct store_file *file, size_t len)
{
    if (!file->gathers || len > GATHERED_MAX)
        return false;
    if (!file->gathered)
        file->gathered = malloc(GATHERED_MAX);
    return file->gathered != NULL;
}

static bool follows(const struct store_file *file, size_t len, sqlite3_int64 offset)
{
    return offset == file->gathered_at + (sqlite3_int64)file->gathered_len &&
           file->gathered_len + len <= GATHERED_MAX;
}

static int vfs_write(sqlite3_file *base, const void *at, int len, sqlite3_int64 offset)
{
    struct store_file *file = file_of(base);
    int code = follows(file, (size_t)len, offset) ? SQLITE_OK : pass_on(base);
    if (code != SQLITE_OK)
        return code;
    if (!can_gather(file, (size_t)len))
        return write_through(base, at, len, offset);
    if (file->gathered_len == 0)
        file->gathered_at = offset;
    memcpy(file->gathered + file->gathered_len, at, (size_t)len);
    file->gathered_len += (size_t)len;
    return SQLITE_OK;
}

static int vfs_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    int code = pass_on(base);
    if (code != SQLITE_OK)
        return code;
    if (shown(base, STORE_DISK_TRUNCATE, (uint64_t)size, slice_bytes(NULL, 0)) < 0)
        return SQLITE_IOERR_TRUNCATE;
    return real_of(base)->pMethods->xTruncate(real_of(base), size);
}

static int vfs_sync(sqlite3_file *base, int flags)
{
    int code = pass_on(base);
    if (code != SQLITE_OK)
        return code;
    if (shown(base, STORE_DISK_SYNC, 0, slice_bytes(NULL, 0)) < 0)
        return SQLITE_IOERR_FSYNC;
    return real_of(base)->pMethods->xSync(real_of(base), flags);
}

/* --- reading --- */

/* What was gathered and never flushed belongs to nobody. */
static int vfs_close(sqlite3_file *base)
{
    free(file_of(base)->gathered);
    return real_of(base)->pMethods ? real_of(base)->pMethods->xClose(real_of(base)) : SQLITE_OK;
}

static int vfs_read(sqlite3_file *base, void *at, int len, sqlite3_int64 offset)
{
    int code = pass_on(base);
    return code == SQLITE_OK ? real_of(base)->pMethods->xRead(real_of(base), at, len, offset)
                             : code;
}

static int vfs_size(sqlite3_file *base, sqlite3_int64 *out_size)
{
    int code = pass_on(base);
    return code == SQLITE_OK ? real_of(base)->pMethods->xFileSize(real_of(base), out_size) : code;
}

/* --- what is only handed on --- */

static int vfs_lock(sqlite3_file *base, int level)
{
    return real_of(base)->pMethods->xLock(real_of(base), level);
}

static int vfs_unlock(sqlite3_file *base, int level)
{
    return real_of(base)->pMethods->xUnlock(real_of(base), level);
}

static int vfs_check_lock(sqlite3_file *base, int *out_locked)
{
    return real_of(base)->pMethods->xCheckReservedLock(real_of(base), out_locked);
}

static int vfs_control(sqlite3_file *base, int operation, void *argument)
{
    return real_of(base)->pMethods->xFileControl(real_of(base), operation, argument);
}

static int vfs_sector(sqlite3_file *base)
{
    return real_of(base)->pMethods->xSectorSize(real_of(base));
}

static int vfs_device(sqlite3_file *base)
{
    return real_of(base)->pMethods->xDeviceCharacteristics(real_of(base));
}

static int vfs_shm_map(sqlite3_file *base, int page, int size, int extend, void volatile **out)
{
    return real_of(base)->pMethods->xShmMap(real_of(base), page, size, extend, out);
}

static int vfs_shm_lock(sqlite3_file *base, int offset, int count, int flags)
{
    return real_of(base)->pMethods->xShmLock(real_of(base), offset, count, flags);
}

static void vfs_shm_barrier(sqlite3_file *base)
{
    real_of(base)->pMethods->xShmBarrier(real_of(base));
}

static int vfs_shm_unmap(sqlite3_file *base, int remove)
{
    return real_of(base)->pMethods->xShmUnmap(real_of(base), remove);
}

static const sqlite3_io_methods vfs_methods = {
    .iVersion = 2, /* with shared memory, without memory-mapped reads */
    .xClose = vfs_close,
    .xRead = vfs_read,
    .xWrite = vfs_write,
    .xTruncate = vfs_truncate,
    .xSync = vfs_sync,
    .xFileSize = vfs_size,
    .xLock = vfs_lock,
    .xUnlock = vfs_unlock,
    .xCheckReservedLock = vfs_check_lock,
    .xFileControl = vfs_control,
    .xSectorSize = vfs_sector,
    .xDeviceCharacteristics = vfs_device,
    .xShmMap = vfs_shm_map,
    .xShmLock = vfs_shm_lock,
    .xShmBarrier = vfs_shm_barrier,
    .xShmUnmap = vfs_shm_unmap,
};

static struct disk_vfs *vfs_of(sqlite3_vfs *vfs)
{
    return (struct disk_vfs *)(void *)vfs;
}

static const char *name_below(const struct disk_vfs *own, const char *path)
{
    size_t len = strlen(own->folder_path);
    if (!path || strncmp(path, own->folder_path, len) != 0 || path[len] != '/')
        return NULL;
    return path + len + 1;
}

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags,
                    int *out_flags)
{
    struct disk_vfs *own = vfs_of(vfs);
    struct store_file *file = file_of(base);
    *file = (struct store_file){
        .disk = own->disk,
        .name = name_below(own, path),
        .real = (sqlite3_file *)(void *)((char *)base + sizeof *file),
        .gathers = (flags & SQLITE_OPEN_WAL) != 0,
    };
    memset(file->real, 0, (size_t)own->real->szOsFile);
    /* Not by xAccess, to which an empty file is none. */
    bool made = file->name && (flags & SQLITE_OPEN_CREATE) != 0 && access(path, F_OK) < 0;
    if (made && shown(base, STORE_DISK_CREATE, 0, slice_bytes(NULL, 0)) < 0)
        return SQLITE_CANTOPEN;
    int code = own->real->xOpen(own->real, path, file->real, flags, out_flags);
    base->pMethods = file->real->pMethods ? &vfs_methods : NULL;
    return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
    struct disk_vfs *own = vfs_of(vfs);
    const char *name = name_below(own, path);
    struct store_disk_event event = {.operation = STORE_DISK_UNLINK, .file = name};
    if (name && disk_show(own->disk, &event) < 0)
        return SQLITE_IOERR_DELETE;
    return own->real->xDelete(own->real, path, sync_folder);
}

int disk_vfs_new(const struct disk *disk, const char *folder_path, struct disk_vfs **out_vfs)
{
    struct disk_vfs *own = calloc(1, sizeof *own);
    if (!own)
        return -ENOMEM;
    own->real = sqlite3_vfs_find(NULL);
    own->disk = disk;
    own->folder_path = folder_path;
    snprintf(own->name, sizeof own->name, "store-%p", (void *)own);
    own->vfs = *own->real;
    own->vfs.szOsFile = own->real->szOsFile + (int)sizeof(struct store_file);
    own->vfs.zName = own->name;
    own->vfs.pNext = NULL;
    own->vfs.xOpen = vfs_open;
    own->vfs.xDelete = vfs_delete;
    if (sqlite3_vfs_register(&own->vfs, 0) != SQLITE_OK) {
        free(own);
        return -ENOMEM;
    }
    *out_vfs = own;
    return 0;
}

void disk_vfs_free(struct disk_vfs *vfs)
{
    if (!vfs)
        return;
    sqlite3_vfs_unregister(&vfs->vfs);
    free(vfs);
}

const char *disk_vfs_name(const struct disk_vfs *vfs)
{
    return vfs ? vfs->name : NULL;
}
