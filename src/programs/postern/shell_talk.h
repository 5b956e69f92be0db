/* SPDX-License-Identifier: Apache-2.0 */
/* shell_talk - the management shell with a person in front of it. */
#ifndef PROGRAMS_POSTERN_SHELL_TALK_H
#define PROGRAMS_POSTERN_SHELL_TALK_H

#include "programs/postern/place.h"
#include "shell/shell.h"

/* Until the person ends it; the exit code of the last error. */
int shell_talk(struct shell *shell, const struct place *place);

#endif
