/* SPDX-License-Identifier: Apache-2.0 */
/* tallies - the memory in which each edge counts its connections and messages (base/tally), made
 * anew with the edge and shown to all others.
 */
#ifndef SUPERVISOR_TALLIES_H
#define SUPERVISOR_TALLIES_H

#include "base/siphash.h"
#include "supervisor/child.h"

struct tallies {
    struct siphash_key hash;     /* the same in all of them */
    int readers[WIRE_EDGES_MAX]; /* by index of the edge; -1: none */
};

void tallies_init(struct tallies *tallies);
/* `edge` has just started: it gets its own, the others of `children` get to read it, and it theirs.
 */
MUST_USE int tallies_announce(struct tallies *tallies, struct child *edge, struct child *children,
                              size_t count);
void tallies_close(struct tallies *tallies);

#endif
