/* SPDX-License-Identifier: Apache-2.0 */
/* ending - children that die, and the orderly end of all.
 *
 * One that dies is started again, after a pause that grows (supervisor/child). At the end the edges
 * go first, so that what they have accepted still finds a hub; who does not go in time is killed.
 */
#ifndef SUPERVISOR_ENDING_H
#define SUPERVISOR_ENDING_H

#include "supervisor/state.h"

/* From here on SIGCHLD, SIGTERM and SIGINT are heard. */
void ending_begin(struct supervisor *s);

#endif
