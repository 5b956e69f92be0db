/* SPDX-License-Identifier: Apache-2.0 */
/* secrets - what a cmdlet needs from outside the command line: a file, a password. */
#ifndef PROGRAMS_POSTERN_SECRETS_H
#define PROGRAMS_POSTERN_SECRETS_H

#include "shell/arguments.h"

/* Reads -FileName into FileData and asks for `-Password -`. False: `error` says why not. A password
 * on the command line works, with a warning on standard error. */
bool secrets_fetch(const struct operation *operation, struct arguments *arguments,
                   struct text *error);

#endif
