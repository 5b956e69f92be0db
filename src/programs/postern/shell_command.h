/* SPDX-License-Identifier: Apache-2.0 */
/* shell_command - `postern shell`: the management language, with the server and files in its reach.
 */
#ifndef PROGRAMS_POSTERN_SHELL_COMMAND_H
#define PROGRAMS_POSTERN_SHELL_COMMAND_H

#include "programs/postern/place.h"

extern const char shell_usage[];

/* The words behind `shell`: -c TEXT, a file, or nothing for standard input. Returns the exit code
 * of the last error. */
int shell_command_run(const struct place *place, const char *const *words, size_t count);

#endif
