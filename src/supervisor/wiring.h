/* SPDX-License-Identifier: Apache-2.0 */
/* wiring - which processes have a wire to each other (ARCHITECTURE.md). */
#ifndef SUPERVISOR_WIRING_H
#define SUPERVISOR_WIRING_H

#include "supervisor/state.h"

/* A child that has just started, to all its peers that run; later starters find it in turn. */
void wiring_add(struct supervisor *s, struct child *child);

#endif
