/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/child.h"

#include "os/descriptor.h"
#include "os/process.h"
#include "os/socket.h"
#include "wire/role.h"

#include <signal.h>
#include <stdio.h>

enum { PAUSE_FIRST_MS = 100, PAUSE_MAX_MS = 10000, LIVED_LONG_MS = 5000 };

int child_start(struct child *child, const struct supervisor_options *options, struct loop *loop,
                const struct channel_owner *owner)
{
    int ends[2];
    int result = socket_pair(false, ends);
    if (result < 0)
        return result;
    char role[16], index[16];
    snprintf(role, sizeof role, "%d", (int)child->role);
    snprintf(index, sizeof index, "%u", child->index);
    const struct {
        const char *name, *value;
    } given[] = {
        {"--role", role},
        {"--index", index},
        {"--data", options->data},
        {"--port-offset", options->port_offset},
        {"--server", options->server},
        {"--bind", options->bind},
        {"--trust", options->trust},
        {"--name-server", options->name_server},
        {"--dns-anchor", options->dns_anchor},
        {"--policy-port", options->policy_port},
    };
    const char *arguments[2 * COUNT_OF(given) + 2] = {options->program};
    size_t count = 1;
    for (size_t i = 0; i < COUNT_OF(given); i++) {
        if (!given[i].value)
            continue;
        arguments[count++] = given[i].name;
        arguments[count++] = given[i].value;
    }
    result = process_spawn_self((char *const *)(uintptr_t)arguments, ends[1], ROLE_SUPERVISOR_FD,
                                &child->pid);
    close_fd(&ends[1]);
    if (result < 0) {
        close_fd(&ends[0]);
        return result;
    }
    child->ready = child->ended_by_us = false;
    child->started_ms = loop_now_ms(loop);
    return channel_open(&child->channel, loop, ends[0], child->role, child->index, owner);
}

void child_kill(struct child *child)
{
    if (!child->pid)
        return;
    child->ended_by_us = true;
    kill(child->pid, SIGKILL);
}

uint64_t child_restart_pause_ms(struct child *child, uint64_t now_ms)
{
    bool lived_long = now_ms - child->started_ms >= LIVED_LONG_MS;
    uint64_t pause = lived_long ? 0 : child->pause_ms;
    uint64_t next = pause ? pause * 2 : PAUSE_FIRST_MS;
    child->pause_ms = next > PAUSE_MAX_MS ? PAUSE_MAX_MS : next;
    return pause;
}
