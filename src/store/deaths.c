/* SPDX-License-Identifier: Apache-2.0 */
/* deaths - when this store stopped for EIO, a line each, so that the next life can be careful. */
#include "base/number.h"
#include "store/engine.h"

#include <fcntl.h>
#include <unistd.h>

enum { REMEMBERED_MS = 10 * 60 * 1000, READ_MAX = 4096 };

static const char deaths_file[] = "deaths";

static struct slice read_lines(const struct disk *disk, char *storage)
{
    CLEANUP(disk_close) int fd = -1;
    if (disk_open_read(disk, deaths_file, &fd) < 0)
        return slice_bytes(NULL, 0);
    ssize_t got = pread(fd, storage, READ_MAX, 0);
    return slice_bytes(storage, got > 0 ? (size_t)got : 0);
}

static void append_recent(const struct disk *disk, int64_t now_ms, struct text *out_lines,
                          unsigned *out_count)
{
    char storage[READ_MAX];
    struct slice rest = read_lines(disk, storage);
    struct slice line;
    int64_t at_ms;
    while (slice_take_until(&rest, '\n', &line)) {
        if (!number_parse_i64(line, 0, INT64_MAX, &at_ms) || at_ms > now_ms ||
            now_ms - at_ms > REMEMBERED_MS)
            continue;
        (*out_count)++;
        text_append(out_lines, line);
        text_append_byte(out_lines, '\n');
    }
}

unsigned deaths_recent(const struct disk *disk, int64_t now_ms)
{
    char storage[READ_MAX];
    struct text lines = text_over(storage, sizeof storage);
    unsigned count = 0;
    append_recent(disk, now_ms, &lines, &count);
    return count;
}

/* Done as well as a dying disk lets it: the machine goes on, so the page cache will do. */
void deaths_record(const struct disk *disk, int64_t now_ms)
{
    char storage[READ_MAX];
    struct text lines = text_over(storage, sizeof storage);
    unsigned count = 0;
    append_recent(disk, now_ms, &lines, &count);
    text_append_i64(&lines, now_ms);
    text_append_byte(&lines, '\n');
    CLEANUP(disk_close)
    int fd = openat(disk->folder_fd, deaths_file,
                    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 && pwrite(fd, lines.at, lines.len, 0) < 0)
        return;
}
