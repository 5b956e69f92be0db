/* SPDX-License-Identifier: Apache-2.0 */
/* shell_world - what a script of `postern shell` reaches: the hub, files, the terminal, the clock.
 */
#ifndef PROGRAMS_POSTERN_SHELL_WORLD_H
#define PROGRAMS_POSTERN_SHELL_WORLD_H

#include "programs/postern/place.h"
#include "shell/world.h"

struct world shell_world(const struct place *place); /* borrowed */

#endif
