/* SPDX-License-Identifier: Apache-2.0 */
/* child - one role's process as the supervisor sees it. */
#ifndef SUPERVISOR_CHILD_H
#define SUPERVISOR_CHILD_H

#include "supervisor/supervisor.h"
#include "wire/channel.h"

#include <sys/types.h>

struct child {
    enum wire_role role;
    unsigned index;
    pid_t pid; /* 0: not running */
    bool ready;
    bool ended_by_us; /* we have killed it: it hangs, or broke a rule */
    bool when_needed; /* not started before the hub asks for it */
    struct channel channel;
    struct watch restart;          /* timer */
    uint64_t started_ms, pause_ms; /* 0: never */
    struct supervisor *supervisor;
};

/* Starts the process with its wire to us; the channel reports to `owner`. */
MUST_USE int child_start(struct child *child, const struct supervisor_options *options,
                         struct loop *loop, const struct channel_owner *owner);
void child_kill(struct child *child);
/* How long to wait before a child that has just died is started again. */
uint64_t child_restart_pause_ms(struct child *child, uint64_t now_ms);

#endif
