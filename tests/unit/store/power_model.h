/* SPDX-License-Identifier: Apache-2.0 */
/* power_model - what a disk may hold after a power cut, from the record of all changes made to it.
 *
 * Every write, truncation, sync and change of a folder is recorded in order (record_event is the
 * store's disk_hook). Replaying the record up to any point gives, for each file, what is durable
 * and what is still on its way; model_build_image writes one of the states that a power cut at this
 * point may leave: of what is on its way, each change is dropped, done or torn at sectors, by a
 * seed. Folder entries follow in the order of their making, up to some point. A file's creation is
 * durable with the first sync of the file in the top folder, and only with a sync of the folder in
 * segments/.
 */
#ifndef TESTS_UNIT_STORE_POWER_MODEL_H
#define TESTS_UNIT_STORE_POWER_MODEL_H

#include "unit/store/harness.h"

#include "store/disk.h"

#include <pthread.h>

enum { RECORDED_MAX = 200000, MODEL_FILES_MAX = 512, SECTOR = 512, MARK_OPERATION = 100 };

struct recorded {
    int operation; /* enum store_disk_operation, or MARK_OPERATION */
    char file[40], to[40];
    uint64_t offset;
    char *bytes;
    size_t len;
    int mark; /* the test's own: what had been answered by then */
    uint64_t mark_value;
};

struct record {
    pthread_mutex_t lock;
    struct recorded *events;
    size_t count;
};

static inline void record_init(struct record *record)
{
    *record = (struct record){.events = calloc(RECORDED_MAX, sizeof(struct recorded))};
    assert_non_null(record->events);
    pthread_mutex_init(&record->lock, NULL);
}

static inline void record_deinit(struct record *record)
{
    for (size_t i = 0; i < record->count; i++)
        free(record->events[i].bytes);
    free(record->events);
    pthread_mutex_destroy(&record->lock);
}

static inline struct recorded *record_next(struct record *record)
{
    if (record->count == RECORDED_MAX)
        abort();
    return &record->events[record->count++];
}

static inline int record_event(void *context, const struct store_disk_event *event)
{
    struct record *record = context;
    pthread_mutex_lock(&record->lock);
    struct recorded *to = record_next(record);
    to->operation = (int)event->operation;
    snprintf(to->file, sizeof to->file, "%s", event->file);
    snprintf(to->to, sizeof to->to, "%s", event->to ? event->to : "");
    to->offset = event->offset;
    to->len = event->bytes.len;
    to->bytes = to->len ? malloc(to->len) : NULL;
    if (to->len)
        memcpy(to->bytes, event->bytes.at, to->len);
    pthread_mutex_unlock(&record->lock);
    return 0;
}

static inline void record_mark(struct record *record, int mark, uint64_t value)
{
    pthread_mutex_lock(&record->lock);
    struct recorded *to = record_next(record);
    to->operation = MARK_OPERATION;
    to->mark = mark;
    to->mark_value = value;
    pthread_mutex_unlock(&record->lock);
}

struct model_bytes {
    char *at;
    size_t len;
};

struct model_file {
    char name[40];         /* now */
    char durable_name[40]; /* "" when a power cut leaves no name for it */
    struct model_bytes durable;
    const struct recorded **pending;
    size_t pending_count, pending_capacity;
};

/* A change of a folder that is not durable yet. */
struct model_entry {
    struct model_file *file;
    char name[40]; /* the name it gets; "" when it goes */
    bool in_segments;
};

struct model {
    struct model_file *files[MODEL_FILES_MAX];
    size_t file_count;
    struct model_entry entries[MODEL_FILES_MAX];
    size_t entry_count;
};

static inline void bytes_resize(struct model_bytes *bytes, size_t len)
{
    char *grown = realloc(bytes->at, len + 1);
    assert_non_null(grown);
    if (len > bytes->len)
        memset(grown + bytes->len, 0, len - bytes->len);
    bytes->at = grown;
    bytes->len = len;
}

static inline void bytes_write(struct model_bytes *bytes, uint64_t offset, const char *at,
                               size_t len)
{
    if (offset + len > bytes->len)
        bytes_resize(bytes, (size_t)offset + len);
    if (len)
        memcpy(bytes->at + offset, at, len);
}

static inline void bytes_apply(struct model_bytes *bytes, const struct recorded *change)
{
    if (change->operation == STORE_DISK_TRUNCATE)
        bytes_resize(bytes, (size_t)change->offset);
    else
        bytes_write(bytes, change->offset, change->bytes, change->len);
}

static inline uint64_t model_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Some of its sectors only. */
static inline void bytes_tear(struct model_bytes *bytes, const struct recorded *change,
                              uint64_t *seed)
{
    uint64_t at = change->offset;
    uint64_t end = at + change->len;
    bool prefix = model_random(seed) % 2;
    while (at < end) {
        uint64_t next = (at / SECTOR + 1) * SECTOR;
        next = next < end ? next : end;
        bool done = model_random(seed) % 2;
        if (prefix && !done)
            return;
        if (done)
            bytes_write(bytes, at, change->bytes + (at - change->offset), (size_t)(next - at));
        at = next;
    }
}

static inline struct model_file *model_find(struct model *model, const char *name)
{
    for (size_t i = 0; i < model->file_count; i++)
        if (strcmp(model->files[i]->name, name) == 0)
            return model->files[i];
    return NULL;
}

static inline bool model_in_segments(const char *name)
{
    return strncmp(name, "segments", 8) == 0;
}

static inline void model_enter(struct model *model, struct model_file *file, const char *name)
{
    assert_true(model->entry_count < MODEL_FILES_MAX);
    struct model_entry *entry = &model->entries[model->entry_count++];
    entry->file = file;
    snprintf(entry->name, sizeof entry->name, "%s", name);
    entry->in_segments = model_in_segments(*name ? name : file->name);
    snprintf(file->name, sizeof file->name, "%s", name);
}

static inline struct model_file *model_add(struct model *model)
{
    assert_true(model->file_count < MODEL_FILES_MAX);
    struct model_file *file = calloc(1, sizeof *file);
    assert_non_null(file);
    model->files[model->file_count++] = file;
    return file;
}

static inline void entry_settle(const struct model_entry *entry)
{
    snprintf(entry->file->durable_name, sizeof entry->file->durable_name, "%s", entry->name);
}

/* The entries of one folder become durable, up to the last about `file` (NULL: all of them). */
static inline void model_settle_entries(struct model *model, bool in_segments,
                                        const struct model_file *file)
{
    size_t until = 0;
    size_t kept = 0;
    for (size_t i = 0; i < model->entry_count; i++)
        if (model->entries[i].in_segments == in_segments &&
            (!file || model->entries[i].file == file))
            until = i + 1;
    for (size_t i = 0; i < model->entry_count; i++) {
        if (i < until && model->entries[i].in_segments == in_segments)
            entry_settle(&model->entries[i]);
        else
            model->entries[kept++] = model->entries[i];
    }
    model->entry_count = kept;
}

static inline void model_pend(struct model_file *file, const struct recorded *change)
{
    if (file->pending_count == file->pending_capacity) {
        file->pending_capacity = file->pending_capacity * 2 + 16;
        void *grown = realloc(file->pending, file->pending_capacity * sizeof(void *));
        assert_non_null(grown);
        file->pending = grown;
    }
    file->pending[file->pending_count++] = change;
}

static inline void model_sync(struct model *model, struct model_file *file)
{
    for (size_t i = 0; i < file->pending_count; i++)
        bytes_apply(&file->durable, file->pending[i]);
    file->pending_count = 0;
    if (!model_in_segments(file->name))
        model_settle_entries(model, false, file);
}

static inline void model_step(struct model *model, const struct recorded *event)
{
    struct model_file *file = model_find(model, event->file);
    switch (event->operation) {
    case STORE_DISK_CREATE:
        assert_null(file); /* two of one name: the image would hold either */
        model_enter(model, model_add(model), event->file);
        return;
    case STORE_DISK_WRITE:
    case STORE_DISK_TRUNCATE:
        assert_non_null(file);
        model_pend(file, event);
        return;
    case STORE_DISK_SYNC:
        assert_non_null(file);
        model_sync(model, file);
        return;
    case STORE_DISK_RENAME:
        assert_non_null(file);
        model_enter(model, file, event->to);
        return;
    case STORE_DISK_UNLINK:
        if (file)
            model_enter(model, file, "");
        return;
    case STORE_DISK_SYNC_FOLDER:
        model_settle_entries(model, model_in_segments(event->file), NULL);
        return;
    default:
        return; /* a mark */
    }
}

static inline void model_deinit(struct model *model)
{
    for (size_t i = 0; i < model->file_count; i++) {
        free(model->files[i]->durable.at);
        free(model->files[i]->pending);
        free(model->files[i]);
    }
    *model = (struct model){0};
}

static inline void model_load_file(struct model *model, const char *folder, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    struct stat facts;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &facts) < 0 || !S_ISREG(facts.st_mode) || strstr(name, "-shm")) {
        if (fd >= 0)
            close(fd);
        return;
    }
    struct model_file *file = model_add(model);
    snprintf(file->name, sizeof file->name, "%.39s", name);
    snprintf(file->durable_name, sizeof file->durable_name, "%.39s", name);
    bytes_resize(&file->durable, (size_t)facts.st_size);
    assert_int_equal(pread(fd, file->durable.at, file->durable.len, 0), facts.st_size);
    close(fd);
}

/* What is in the folder now counts as durable. */
static inline void model_load(struct model *model, const char *folder)
{
    static const char *const inners[] = {"", "segments/"};
    for (size_t i = 0; i < COUNT_OF(inners); i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, inners[i]);
        DIR *stream = opendir(path);
        const struct dirent *entry;
        while (stream && (entry = readdir(stream))) {
            char name[300];
            snprintf(name, sizeof name, "%s%s", inners[i], entry->d_name);
            model_load_file(model, folder, name);
        }
        if (stream)
            closedir(stream);
    }
}

enum image_kind { IMAGE_DROPPED, IMAGE_DONE, IMAGE_TORN };

static inline void model_write_file(const struct model_file *file, const char *folder,
                                    enum image_kind kind, uint64_t *seed)
{
    char path[512];
    struct model_bytes bytes = {0};
    bytes_write(&bytes, 0, file->durable.at, file->durable.len);
    for (size_t i = 0; kind != IMAGE_DROPPED && i < file->pending_count; i++) {
        uint64_t fate = kind == IMAGE_DONE ? 0 : model_random(seed) % 3;
        bool whole = fate == 0;
        if (whole)
            bytes_apply(&bytes, file->pending[i]);
        else if (fate == 1 && file->pending[i]->operation == STORE_DISK_WRITE)
            bytes_tear(&bytes, file->pending[i], seed);
    }
    snprintf(path, sizeof path, "%s/%s", folder, file->durable_name);
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes.at, bytes.len, 0), (ssize_t)bytes.len);
    close(fd);
    free(bytes.at);
}

/* Of the entries under way a first part is done; the files themselves are kept as they are. */
static inline size_t entries_done(const struct model *model, enum image_kind kind, uint64_t *seed)
{
    switch (kind) {
    case IMAGE_DROPPED:
        return 0;
    case IMAGE_DONE:
        return model->entry_count;
    case IMAGE_TORN:
        break;
    }
    return (size_t)(model_random(seed) % (model->entry_count + 1));
}

static inline void model_build_image(const struct model *model, const char *folder,
                                     enum image_kind kind, uint64_t seed)
{
    char names[MODEL_FILES_MAX][40];
    char path[512];
    snprintf(path, sizeof path, "%s/segments", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    for (size_t i = 0; i < model->file_count; i++)
        memcpy(names[i], model->files[i]->durable_name, sizeof names[i]);
    size_t done = entries_done(model, kind, &seed);
    for (size_t i = 0; i < done; i++)
        entry_settle(&model->entries[i]);
    for (size_t i = 0; i < model->file_count; i++)
        if (*model->files[i]->durable_name)
            model_write_file(model->files[i], folder, kind, &seed);
    for (size_t i = 0; i < model->file_count; i++)
        memcpy(model->files[i]->durable_name, names[i], sizeof names[i]);
}

#endif
