/* SPDX-License-Identifier: Apache-2.0 */
/* output_file - what a cmdlet gives out (a key, a request), written to the file of -FileName.
 *
 * Readable by its owner alone, and never over another file unless -Force says so. That is looked at
 * before the server is asked, so that no request is made in vain.
 */
#ifndef PROGRAMS_POSTERN_OUTPUT_FILE_H
#define PROGRAMS_POSTERN_OUTPUT_FILE_H

#include "shell/arguments.h"

/* Whether the arguments ask for a file at all; one that follows its reply goes nowhere else. */
bool output_file_wanted(const struct operation *operation, const struct arguments *arguments);
/* False: `error` says why the file could not be written. */
bool output_file_possible(const struct arguments *arguments, struct text *error);
/* Writes the FileData of the reply's first object, in the place of showing it: says so, takes the
 * objects out of the reply, returns the exit code. */
int output_file_save(json_t *reply, const struct arguments *arguments);

/* A file that comes piece by piece: made with the first of them, taken away again when it is not
 * whole in the end. */
struct output_stream {
    const struct arguments *arguments;
    int fd;     /* -1: nothing has come */
    int result; /* 0 or -errno */
};

void output_stream_init(struct output_stream *stream, const struct arguments *arguments);
/* One piece of the context, an output_stream. False: it cannot be written. */
bool output_stream_take(void *context, struct slice piece);
/* `reply`, when all of it came. Says how it went; returns the exit code. */
int output_stream_end(struct output_stream *stream, json_t *reply);

#endif
