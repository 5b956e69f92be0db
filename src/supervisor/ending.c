/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/ending.h"

#include "os/process.h"
#include "wire/role.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

enum { DRAIN_EDGES_MS = 15000, DRAIN_ALL_MS = 5000 };

static size_t running(const struct supervisor *s, bool edges_only)
{
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++)
        count += s->children[i].pid && (!edges_only || s->children[i].role == ROLE_EDGE);
    return count;
}

static void drain_role(struct supervisor *s, enum wire_role role, bool all)
{
    for (size_t i = 0; i < s->count; i++)
        if (all || s->children[i].role == role)
            channel_send(&s->children[i].channel, WIRE_DRAIN, &(struct wire_nothing){0}, -1);
}

static void end_the_rest(struct supervisor *s)
{
    s->phase = PHASE_ENDING;
    drain_role(s, ROLE_HUB, true);
    timer_set(&s->drain_limit, DRAIN_ALL_MS);
    if (running(s, false) == 0)
        loop_stop(s->loop);
}

static void on_drain_limit(void *context, unsigned events)
{
    (void)events;
    struct supervisor *s = context;
    for (size_t i = 0; i < s->count; i++) {
        struct child *child = &s->children[i];
        if (s->phase == PHASE_ENDING || child->role == ROLE_EDGE)
            child_kill(child);
    }
}

static void on_stop_signal(void *context, unsigned events)
{
    (void)events;
    struct supervisor *s = context;
    if (s->phase >= PHASE_DRAINING_EDGES)
        return;
    service_notify("STOPPING=1\nSTATUS=Draining");
    s->phase = PHASE_DRAINING_EDGES;
    listeners_close(&s->listeners);
    drain_role(s, ROLE_EDGE, false);
    timer_set(&s->drain_limit, DRAIN_EDGES_MS);
    if (running(s, true) == 0)
        end_the_rest(s);
}

static void tell_hub(struct supervisor *s, enum wire_type type, const void *message)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->children[i].role == ROLE_HUB)
            channel_send(&s->children[i].channel, type, message, -1);
}

/* To standard error, and to the hub: for its log of events, and because it judges by the way a
 * courier ended. */
static void report_death(struct supervisor *s, const struct child *dead, int status)
{
    char storage[256];
    struct text line = text_over(storage, sizeof storage);
    text_append_format(&line, "%s %u (pid %d) ended ", wire_role_names[dead->role], dead->index,
                       (int)dead->pid);
    if (WIFSIGNALED(status))
        text_append_format(&line, "by signal %d (%s)", WTERMSIG(status),
                           strsignal(WTERMSIG(status)));
    else
        text_append_format(&line, "with status %d", WEXITSTATUS(status));
    text_append_c(&line, "; starting it again");
    struct wire_event event = {.level = WIRE_LEVEL_ERROR, .text = text_slice(&line)};
    role_print_event(&event);
    tell_hub(s, WIRE_EVENT, &event);
    bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    tell_hub(s, WIRE_PEER_ENDED,
             &(struct wire_peer_ended){.role = dead->role,
                                       .index = dead->index,
                                       .from_outside = killed && !dead->ended_by_us});
}

static void child_ended(struct supervisor *s, struct child *child, int status)
{
    channel_close(&child->channel);
    if (s->phase < PHASE_DRAINING_EDGES) {
        report_death(s, child, status);
        child->pid = 0;
        uint64_t pause = child_restart_pause_ms(child, loop_now_ms(s->loop));
        if (pause)
            timer_set(&child->restart, pause);
        else
            start_child(s, child);
        return;
    }
    child->pid = 0;
    if (s->phase == PHASE_DRAINING_EDGES && running(s, true) == 0)
        end_the_rest(s);
    else if (s->phase == PHASE_ENDING && running(s, false) == 0)
        loop_stop(s->loop);
}

static void on_child_signal(void *context, unsigned events)
{
    (void)events;
    struct supervisor *s = context;
    int status;
    pid_t pid;
    while ((pid = process_reap(&status)) > 0)
        for (size_t i = 0; i < s->count; i++)
            if (s->children[i].pid == pid)
                child_ended(s, &s->children[i], status);
}

void ending_begin(struct supervisor *s)
{
    signal_init(&s->on_child_signal, s->loop, SIGCHLD, on_child_signal, s);
    signal_init(&s->on_term, s->loop, SIGTERM, on_stop_signal, s);
    signal_init(&s->on_interrupt, s->loop, SIGINT, on_stop_signal, s);
    timer_init(&s->drain_limit, s->loop, on_drain_limit, s);
}
