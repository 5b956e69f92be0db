/* SPDX-License-Identifier: Apache-2.0 */
#include "os/standard_error.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* $JOURNAL_STREAM is DEVICE:INODE of the stream that leads to the journal; another one may have
 * taken its place since. */
static bool is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat status;
    return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
           fstat(STDERR_FILENO, &status) == 0 && status.st_dev == device && status.st_ino == inode;
}

void standard_error_line(enum standard_error_priority priority, struct slice line)
{
    static enum { NOT_ASKED, JOURNAL, PLAIN } kind; /* of one process, which never changes it */
    if (kind == NOT_ASKED)
        kind = is_journal() ? JOURNAL : PLAIN;
    if (kind == JOURNAL)
        fprintf(stderr, "<%d>%.*s\n", (int)priority, SLICE_ARG(line));
    else
        fprintf(stderr, "%.*s\n", SLICE_ARG(line));
}
