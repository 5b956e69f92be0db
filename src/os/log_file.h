/* SPDX-License-Identifier: Apache-2.0 */
/* log_file - one series of files in a folder: PREFIXyyyymmdd-n.log (UTC), appended to, followed by
 * the next when full or when its day is over, and deleted when old or when all together are too
 * much.
 *
 * What is appended is whole rows. A write that fails half way is taken back, so that a file never
 * ends within a row; what a crash left at the end of a file is ended with a line feed. Files that
 * somebody deletes are made anew. All calls may block on the disk: they are for a thread that may.
 * One thread appends; others may read the same folder.
 *
 * Results below zero are -errno.
 */
#ifndef OS_LOG_FILE_H
#define OS_LOG_FILE_H

#include "base/attributes.h"
#include "base/text.h"

struct log_file_rules {
    const char *folder; /* below the parent; "" is the parent itself */
    const char *prefix;
    uint64_t file_max_bytes, folder_max_bytes;
    int64_t age_max_ms;
    /* What a new file begins with. */
    bool (*append_header)(struct text *text, const void *context, int64_t at_ms);
    const void *context;
};

struct log_file {
    struct log_file_rules rules;
    int folder_fd, fd; /* -1: none is open */
    int64_t day;       /* since 1970, in the name of the open file */
    uint64_t number, size;
};

/* Makes the folder when it is missing; opens no file before something is appended. */
MUST_USE int log_file_open(struct log_file *file, int parent_fd,
                           const struct log_file_rules *rules);
void log_file_close(struct log_file *file); /* accepts a zeroed one */
MUST_USE int log_file_append(struct log_file *file, struct slice rows, int64_t now_ms);
/* Deletes what is too old or too much; done by itself whenever a new file begins. */
MUST_USE int log_file_retain(struct log_file *file, int64_t now_ms);

/* A line without its line end; false ends the reading. */
typedef bool log_line_fn(void *context, struct slice line);
/* The lines of all files of the series from one day to another (both included), oldest first, in
 * bounded memory. A line longer than LOG_LINE_MAX is left out. */
MUST_USE int log_files_read(int folder_fd, const char *prefix, int64_t first_day, int64_t last_day,
                            log_line_fn *each, void *context);
int64_t log_day(int64_t at_ms);

enum { LOG_LINE_MAX = 128 << 10 };

#endif
