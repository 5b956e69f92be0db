/* SPDX-License-Identifier: Apache-2.0 */
/* state - the supervisor's own, to the files of this room. */
#ifndef SUPERVISOR_STATE_H
#define SUPERVISOR_STATE_H

#include "supervisor/child.h"
#include "supervisor/listeners.h"
#include "supervisor/tallies.h"

enum phase { PHASE_STARTING, PHASE_SERVING, PHASE_DRAINING_EDGES, PHASE_ENDING };

struct supervisor {
    const struct supervisor_options *options;
    struct loop *loop;
    struct child *children;
    size_t count;
    struct channel_owner owner;
    struct listeners listeners;
    struct tallies tallies;
    int control_fd; /* the UNIX socket of management */
    struct watch on_child_signal, on_term, on_interrupt, drain_limit, listen_again;
    enum phase phase;
    uint64_t started_ms;
};

/* Starts it with its wires; when that fails, it is tried again a second later. */
void start_child(struct supervisor *s, struct child *child);

#endif
