/* SPDX-License-Identifier: Apache-2.0 */
/* output_file - what a cmdlet gives out (a key, a request), written to the file of -FileName.
 *
 * Readable by its owner alone, and never over another file unless -Force says so. That is looked at
 * before the server is asked, so that no request is made in vain.
 */
#ifndef PROGRAMS_POSTERN_OUTPUT_FILE_H
#define PROGRAMS_POSTERN_OUTPUT_FILE_H

#include "shell/arguments.h"

/* Whether the arguments ask for a file at all. */
bool output_file_wanted(const struct operation *operation, const struct arguments *arguments);
/* False: `error` says why the file could not be written. */
bool output_file_possible(const struct arguments *arguments, struct text *error);
/* Writes the FileData of the reply's first object, in the place of showing it: says so, takes the
 * objects out of the reply, returns the exit code. */
int output_file_save(json_t *reply, const struct arguments *arguments);

#endif
