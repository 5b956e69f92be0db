/* SPDX-License-Identifier: Apache-2.0 */
#include "os/log_file.h"

#include "base/calendar.h"
#include "base/number.h"
#include "os/descriptor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_BYTES = 64, HEADER_MAX = 4096, DAY_MS = 86400000, READ_BYTES = 2 * LOG_LINE_MAX };

int64_t log_day(int64_t at_ms)
{
    return at_ms / DAY_MS;
}

/* --- names --- */

struct entry {
    int64_t day;
    uint64_t number;
};

static const char *entry_name(const char *prefix, struct entry entry, char out[NAME_BYTES])
{
    struct text name = text_over(out, NAME_BYTES);
    struct calendar_time date = calendar_from_ms(entry.day * DAY_MS, 0);
    text_append_format(&name, "%s%04d%02d%02d-%llu.log", prefix, date.year, date.month, date.day,
                       (unsigned long long)entry.number);
    return text_c_string(&name);
}

static bool take_number(struct slice *rest, size_t digits, uint64_t *out_number)
{
    bool good = number_parse_u64(slice_first(*rest, digits), UINT32_MAX, out_number);
    *rest = slice_after(*rest, digits);
    return good;
}

static bool entry_parse(const char *prefix, const char *name, struct entry *out_entry)
{
    struct slice rest = slice_of(name), number;
    uint64_t year, month, day;
    if (!slice_take_prefix(&rest, slice_of(prefix)) || !take_number(&rest, 4, &year) ||
        !take_number(&rest, 2, &month) || !take_number(&rest, 2, &day) ||
        !slice_take_prefix(&rest, SLICE("-")) || !slice_take_until(&rest, '.', &number) ||
        !slice_equal(rest, SLICE("log")) ||
        !number_parse_u64(number, UINT32_MAX, &out_entry->number))
        return false;
    struct calendar_time date = {.year = (int)year, .month = (int)month, .day = (int)day};
    out_entry->day = log_day(calendar_to_ms(&date));
    return true;
}

/* --- the folder --- */

enum { ENTRIES_MAX = 1 << 20 };

struct entries {
    struct entry *at;
    size_t count, capacity;
};

static void entries_deinit(struct entries *entries)
{
    free(entries->at);
}

static bool entries_add(struct entries *entries, struct entry entry)
{
    if (entries->count == entries->capacity) {
        size_t capacity = entries->capacity ? entries->capacity * 2 : 64;
        struct entry *grown =
            capacity > ENTRIES_MAX ? NULL : realloc(entries->at, capacity * sizeof *grown);
        if (!grown)
            return false;
        entries->at = grown;
        entries->capacity = capacity;
    }
    entries->at[entries->count++] = entry;
    return true;
}

static int by_age(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* The files of the series, oldest first. */
static int entries_read(int folder_fd, const char *prefix, struct entries *out)
{
    int fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    if (!folder) {
        int result = -errno;
        close_fd(&fd);
        return result;
    }
    bool room = true;
    struct entry entry;
    for (struct dirent *found; room && (found = readdir(folder));)
        if (entry_parse(prefix, found->d_name, &entry))
            room = entries_add(out, entry);
    closedir(folder);
    if (out->count)
        qsort(out->at, out->count, sizeof *out->at, by_age);
    return room ? 0 : -ENOMEM;
}

static uint64_t size_of(int folder_fd, const char *name)
{
    struct stat facts;
    bool found = fstatat(folder_fd, name, &facts, AT_SYMLINK_NOFOLLOW) == 0;
    return found && facts.st_size > 0 ? (uint64_t)facts.st_size : 0;
}

static uint64_t total_of(const struct log_file *file, const struct entries *entries)
{
    char name[NAME_BYTES];
    uint64_t total = 0;
    for (size_t i = 0; i < entries->count; i++)
        total += size_of(file->folder_fd, entry_name(file->rules.prefix, entries->at[i], name));
    return total;
}

/* Room is made for a whole file more, so that the folder stays below its limit while that one
 * grows. */
static int retain(const struct log_file *file, const struct entries *entries, int64_t now_ms)
{
    const struct log_file_rules *rules = &file->rules;
    uint64_t total = total_of(file, entries) + rules->file_max_bytes;
    int result = 0;
    for (size_t i = 0; i < entries->count; i++) {
        struct entry entry = entries->at[i];
        char storage[NAME_BYTES];
        const char *name = entry_name(rules->prefix, entry, storage);
        bool open = file->fd >= 0 && entry.day == file->day && entry.number == file->number;
        bool old = now_ms - (entry.day + 1) * DAY_MS >= rules->age_max_ms;
        if (open || (!old && total <= rules->folder_max_bytes))
            continue;
        total -= size_of(file->folder_fd, name);
        if (unlinkat(file->folder_fd, name, 0) < 0 && errno != ENOENT)
            result = -errno;
    }
    return result;
}

int log_file_retain(struct log_file *file, int64_t now_ms)
{
    CLEANUP(entries_deinit) struct entries entries = {0};
    int result = entries_read(file->folder_fd, file->rules.prefix, &entries);
    return result < 0 ? result : retain(file, &entries, now_ms);
}

/* --- the open file --- */

/* A write that was cut short is taken back: half a row is none. */
static int write_rows(struct log_file *file, struct slice rows)
{
    int result = fd_write_all(file->fd, rows);
    if (result == 0) {
        file->size += rows.len;
        return 0;
    }
    if (ftruncate(file->fd, (off_t)file->size) < 0) /* then a new file is begun */
        close_fd(&file->fd);
    return result;
}

/* What a crash has left at the end is no row, and the next one must not be its end. */
static int end_last_line(struct log_file *file)
{
    char last = '\n';
    if (file->size && pread(file->fd, &last, 1, (off_t)file->size - 1) < 0)
        return -errno;
    return last == '\n' ? 0 : write_rows(file, SLICE("\r\n"));
}

static int open_entry(struct log_file *file, struct entry entry, bool make)
{
    char name[NAME_BYTES];
    int flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | (make ? O_CREAT | O_EXCL : 0);
    struct stat facts;
    file->fd = openat(file->folder_fd, entry_name(file->rules.prefix, entry, name), flags, 0600);
    if (file->fd < 0 || fstat(file->fd, &facts) < 0) {
        int result = -errno;
        close_fd(&file->fd);
        return result;
    }
    file->day = entry.day;
    file->number = entry.number;
    file->size = (uint64_t)facts.st_size;
    return 0;
}

static int begin_file(struct log_file *file, struct entry entry, int64_t now_ms)
{
    char name[NAME_BYTES], storage[HEADER_MAX];
    struct text header = text_over(storage, sizeof storage);
    int result = open_entry(file, entry, true);
    if (result < 0)
        return result;
    bool good = file->rules.append_header(&header, file->rules.context, now_ms);
    result = good ? write_rows(file, text_slice(&header)) : -E2BIG;
    if (result < 0) {
        unlinkat(file->folder_fd, entry_name(file->rules.prefix, entry, name), 0);
        close_fd(&file->fd);
    }
    return result;
}

/* Goes on with the last file of the day when there is room in it, else begins the next. */
static int choose_file(struct log_file *file, size_t more, int64_t now_ms)
{
    CLEANUP(entries_deinit) struct entries entries = {0};
    close_fd(&file->fd);
    int result = entries_read(file->folder_fd, file->rules.prefix, &entries);
    if (result < 0)
        return result;
    struct entry next = {.day = log_day(now_ms), .number = 1};
    struct entry last = entries.count ? entries.at[entries.count - 1] : (struct entry){0};
    if (entries.count && last.day >= next.day) { /* greater: the clock was set back */
        result = open_entry(file, last, false);
        if (result == 0 && file->size + more <= file->rules.file_max_bytes)
            return end_last_line(file);
        close_fd(&file->fd);
        next = (struct entry){last.day, last.number + 1};
    }
    result = retain(file, &entries, now_ms);
    return result < 0 ? result : begin_file(file, next, now_ms);
}

/* Nobody reads a file without a name. */
static bool was_deleted(const struct log_file *file)
{
    struct stat facts;
    return fstat(file->fd, &facts) < 0 || facts.st_nlink == 0;
}

int log_file_append(struct log_file *file, struct slice rows, int64_t now_ms)
{
    bool good = file->fd >= 0 && file->day >= log_day(now_ms) &&
                file->size + rows.len <= file->rules.file_max_bytes && !was_deleted(file);
    int result = good ? 0 : choose_file(file, rows.len, now_ms);
    return result < 0 ? result : write_rows(file, rows);
}

int log_file_open(struct log_file *file, int parent_fd, const struct log_file_rules *rules)
{
    const char *folder = rules->folder[0] ? rules->folder : ".";
    *file = (struct log_file){.rules = *rules, .folder_fd = -1, .fd = -1};
    if (rules->folder[0] && mkdirat(parent_fd, folder, 0700) < 0 && errno != EEXIST)
        return -errno;
    file->folder_fd = openat(parent_fd, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return file->folder_fd < 0 ? -errno : 0;
}

void log_file_close(struct log_file *file)
{
    if (!file->rules.prefix)
        return;
    close_fd(&file->fd);
    close_fd(&file->folder_fd);
}

/* --- reading --- */

struct reading {
    log_line_fn *each;
    void *context;
    char *buffer;
    size_t len;
    bool skipping; /* within a line that is too long */
};

/* Hands over the whole lines at the front of the buffer and keeps the rest. */
static bool hand_over_lines(struct reading *reading)
{
    struct slice rest = {reading->buffer, reading->len}, line;
    while (slice_take_until(&rest, '\n', &line)) {
        bool skipped = reading->skipping || line.len > LOG_LINE_MAX;
        reading->skipping = false;
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
        if (!skipped && !reading->each(reading->context, line))
            return false;
    }
    if (rest.len > LOG_LINE_MAX) {
        reading->skipping = true;
        rest.len = 0;
    }
    if (rest.len)
        memmove(reading->buffer, rest.at, rest.len);
    reading->len = rest.len;
    return true;
}

/* 1: go on with the next file; 0: enough. */
static int read_file(struct reading *reading, int folder_fd, const char *name)
{
    CLEANUP(close_fd) int fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? 1 : -errno; /* deleted a moment ago: it was old */
    reading->len = 0;
    reading->skipping = false;
    for (;;) {
        ssize_t got = read(fd, reading->buffer + reading->len, READ_BYTES - reading->len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : 1;
        reading->len += (size_t)got;
        if (!hand_over_lines(reading))
            return 0;
    }
}

int log_files_read(int folder_fd, const char *prefix, int64_t first_day, int64_t last_day,
                   log_line_fn *each, void *context)
{
    CLEANUP(entries_deinit) struct entries entries = {0};
    struct reading reading = {.each = each, .context = context, .buffer = malloc(READ_BYTES)};
    int result = reading.buffer ? entries_read(folder_fd, prefix, &entries) : -ENOMEM;
    bool more = result == 0;
    for (size_t i = 0; more && i < entries.count; i++) {
        char name[NAME_BYTES];
        if (entries.at[i].day < first_day || entries.at[i].day > last_day)
            continue;
        result = read_file(&reading, folder_fd, entry_name(prefix, entries.at[i], name));
        more = result > 0;
    }
    free(reading.buffer);
    return result < 0 ? result : 0;
}
