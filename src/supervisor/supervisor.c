/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/supervisor.h"

#include "os/clock.h"
#include "os/descriptor.h"
#include "os/process.h"
#include "os/socket.h"
#include "supervisor/child.h"
#include "supervisor/folder.h"
#include "supervisor/listeners.h"
#include "supervisor/tallies.h"
#include "wire/role.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { DRAIN_EDGES_MS = 15000, DRAIN_ALL_MS = 5000, LISTEN_AGAIN_MS = 1000 };

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

/* Which processes of two roles talk to each other. */
enum pairing {
    PAIR_ALL,
    PAIR_SAME_INDEX,
    PAIR_LAST, /* all with the last one of the second role */
};

/* Who talks to whom. One wire per row and pair of processes. Edge 1 has signer 1; the couriers, who
 * sign as clients and seldom, share the last signer, which no edge has. */
static const struct relation {
    enum wire_role a, b;
    enum pairing pairing;
    bool packets;
} relations[] = {
    {ROLE_EDGE, ROLE_SIGNER, PAIR_SAME_INDEX, .packets = true},
    {ROLE_COURIER, ROLE_SIGNER, PAIR_LAST, .packets = true},
    {ROLE_EDGE, ROLE_CHECKER, PAIR_ALL, false},
    {ROLE_EDGE, ROLE_HUB, PAIR_ALL, false},
    {ROLE_CHECKER, ROLE_HUB, PAIR_ALL, false},
    {ROLE_SIGNER, ROLE_HUB, PAIR_ALL, false},
    {ROLE_COURIER, ROLE_HUB, PAIR_ALL, false},
    {ROLE_CONSOLE, ROLE_HUB, PAIR_ALL, false},
};

static void wire_together(struct child *a, struct child *b, bool packets)
{
    int ends[2];
    if (socket_pair(packets, ends) < 0)
        return;
    struct wire_peer for_a = {.role = b->role, .index = b->index};
    struct wire_peer for_b = {.role = a->role, .index = a->index};
    channel_send(&a->channel, WIRE_PEER, &for_a, ends[0]);
    channel_send(&b->channel, WIRE_PEER, &for_b, ends[1]);
    close_fd(&ends[0]);
    close_fd(&ends[1]);
}

static bool is_last(const struct supervisor *s, const struct child *child)
{
    const struct child *next = child + 1;
    return next == s->children + s->count || next->role != child->role;
}

static bool are_paired(const struct supervisor *s, const struct relation *relation,
                       const struct child *one, const struct child *other)
{
    switch (relation->pairing) {
    case PAIR_ALL:
        return true;
    case PAIR_SAME_INDEX:
        return one->index == other->index;
    case PAIR_LAST:
        return is_last(s, one->role == relation->b ? one : other);
    }
    return false;
}

/* Wires a child that has just started to all its peers that run; later starters find it in turn. */
static void wire_child(struct supervisor *s, struct child *child)
{
    for (size_t r = 0; r < COUNT_OF(relations); r++) {
        const struct relation *relation = &relations[r];
        if (relation->a != child->role && relation->b != child->role)
            continue;
        enum wire_role other = relation->a == child->role ? relation->b : relation->a;
        for (size_t i = 0; i < s->count; i++) {
            struct child *peer = &s->children[i];
            if (peer->role == other && peer->pid && are_paired(s, relation, child, peer))
                wire_together(child, peer, relation->packets);
        }
    }
}

/* The tally first: without it an edge takes no connection. */
static void equip_edge(struct supervisor *s, struct child *edge)
{
    int result = tallies_announce(&s->tallies, edge, s->children, s->count);
    if (result < 0)
        fprintf(stderr, "supervisor: no memory for what edge %u counts: %s\n", edge->index,
                strerror(-result));
    listeners_announce(&s->listeners, &edge->channel);
}

static void start_child(struct supervisor *s, struct child *child)
{
    int result = child_start(child, s->options, s->loop, &s->owner);
    if (result < 0) {
        fprintf(stderr, "cannot start %s: %s\n", wire_role_names[child->role], strerror(-result));
        timer_set(&child->restart, 1000);
        return;
    }
    wire_child(s, child);
    if (child->role == ROLE_EDGE)
        equip_edge(s, child);
    if (child->role == ROLE_HUB)
        channel_send(&child->channel, WIRE_CONTROL, &(struct wire_nothing){0}, s->control_fd);
}

static void on_restart(void *context, unsigned events)
{
    (void)events;
    struct child *child = context;
    if (child->supervisor->phase < PHASE_DRAINING_EDGES)
        start_child(child->supervisor, child);
}

/* --- frames from the children --- */

static void on_listener_opened(void *context, const struct listener *listener)
{
    struct supervisor *s = context;
    for (size_t i = 0; i < s->count; i++) {
        struct child *child = &s->children[i];
        struct wire_binding_state state = {.address = listener->endpoint.address,
                                           .port = listener->endpoint.port,
                                           .error = (uint64_t)listener->error};
        if (child->role == ROLE_EDGE)
            listener_announce(listener, &child->channel);
        if (child->role == ROLE_HUB)
            channel_send(&child->channel, WIRE_BINDING_STATE, &state, -1);
    }
}

static void on_listener_closed(void *context, const struct listener *listener)
{
    struct supervisor *s = context;
    struct wire_listener_gone gone = {.listener = listener->id};
    for (size_t i = 0; i < s->count; i++)
        if (s->children[i].role == ROLE_EDGE)
            channel_send(&s->children[i].channel, WIRE_LISTENER_GONE, &gone, -1);
}

static void on_listen_again(void *context, unsigned events)
{
    (void)events;
    struct supervisor *s = context;
    struct listeners_events told = {on_listener_opened, on_listener_closed, s};
    if (s->phase < PHASE_DRAINING_EDGES && listeners_retry(&s->listeners, &told))
        timer_set(&s->listen_again, LISTEN_AGAIN_MS);
}

static void apply_bindings(struct supervisor *s, struct slice endpoints)
{
    struct listeners_events told = {on_listener_opened, on_listener_closed, s};
    if (!listeners_apply(&s->listeners, endpoints, &told))
        fprintf(stderr, "supervisor: no memory for listeners\n");
    timer_set(&s->listen_again, LISTEN_AGAIN_MS);
}

static struct child *child_of(struct channel *channel)
{
    return (struct child *)(void *)((char *)channel - offsetof(struct child, channel));
}

static void announce_ready(struct supervisor *s)
{
    s->phase = PHASE_SERVING;
    char line[128];
    snprintf(line, sizeof line, "%zu listeners, %u edges, %llu ms", s->listeners.count,
             s->options->edges, (unsigned long long)(clock_monotonic_ms() - s->started_ms));
    printf("ready %s\n", line);
    fflush(stdout);
    char state[200];
    snprintf(state, sizeof state, "READY=1\nSTATUS=Serving: %s", line);
    service_notify(state);
}

static void end_child(struct supervisor *s, const struct wire_peer *peer)
{
    for (size_t i = 0; i < s->count; i++) {
        struct child *child = &s->children[i];
        if (child->role == peer->role && child->index == peer->index)
            child_kill(child);
    }
}

/* One that has died is on its way back already. */
static void start_when_needed(struct supervisor *s, const struct wire_peer *peer)
{
    for (size_t i = 0; i < s->count; i++) {
        struct child *child = &s->children[i];
        if (child->role == peer->role && child->index == peer->index && child->when_needed &&
            !child->started_ms && s->phase < PHASE_DRAINING_EDGES)
            start_child(s, child);
    }
}

static void on_message(void *context, struct channel *channel, const struct frame *frame, int fd)
{
    (void)fd; /* children send no descriptors: the table says so */
    struct supervisor *s = context;
    struct child *child = child_of(channel);
    if (frame->type == WIRE_READY) {
        child->ready = true;
        if (child->role == ROLE_HUB && s->phase == PHASE_STARTING)
            announce_ready(s);
    } else if (frame->type == WIRE_BINDINGS) {
        apply_bindings(s, frame->message.bindings.endpoints);
    } else if (frame->type == WIRE_END_PEER) {
        end_child(s, &frame->message.peer);
    } else if (frame->type == WIRE_START_PEER) {
        start_when_needed(s, &frame->message.peer);
    } else if (frame->type == WIRE_STATUS) {
        char state[1100];
        snprintf(state, sizeof state, "STATUS=%.*s", SLICE_ARG(frame->message.status.text));
        service_notify(state);
    } else if (frame->type == WIRE_EVENT) {
        role_print_event(&frame->message.event);
    }
}

static void on_closed(void *context, struct channel *channel, bool broken)
{
    (void)context;
    struct child *child = child_of(channel);
    if (broken)
        child_kill(child);
}

/* --- death and the end --- */

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

/* Edges first, so that what they have accepted still finds a hub; then all the others. */
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

/* --- life --- */

static void add_child(struct supervisor *s, enum wire_role role, unsigned index, bool when_needed)
{
    struct child *child = &s->children[s->count++];
    *child =
        (struct child){.role = role, .index = index, .when_needed = when_needed, .supervisor = s};
    timer_init(&child->restart, s->loop, on_restart, child);
}

static void add_children(struct supervisor *s, enum wire_role role, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        add_child(s, role, i, false);
}

static bool make_children(struct supervisor *s)
{
    unsigned edges = s->options->edges, couriers = s->options->couriers;
    s->children = calloc(2 * (size_t)edges + couriers + WIRE_ISOLATORS + 3, sizeof *s->children);
    if (!s->children)
        return false;
    add_children(s, ROLE_CHECKER, 1);
    add_children(s, ROLE_SIGNER, edges + 1);
    add_children(s, ROLE_HUB, 1);
    add_children(s, ROLE_EDGE, edges);
    add_children(s, ROLE_COURIER, couriers);
    for (unsigned i = 0; i < WIRE_ISOLATORS; i++)
        add_child(s, ROLE_COURIER, WIRE_ISOLATOR_FIRST + i, true);
    return true;
}

static int begin(struct supervisor *s)
{
    int result = loop_new(&s->loop);
    if (result < 0)
        return result;
    signal(SIGPIPE, SIG_IGN);
    s->owner = (struct channel_owner){.message = on_message, .closed = on_closed, .context = s};
    signal_init(&s->on_child_signal, s->loop, SIGCHLD, on_child_signal, s);
    signal_init(&s->on_term, s->loop, SIGTERM, on_stop_signal, s);
    signal_init(&s->on_interrupt, s->loop, SIGINT, on_stop_signal, s);
    timer_init(&s->drain_limit, s->loop, on_drain_limit, s);
    timer_init(&s->listen_again, s->loop, on_listen_again, s);
    tallies_init(&s->tallies);
    result = folder_prepare(s->options->data, &s->control_fd);
    if (result < 0)
        return result;
    return make_children(s) ? 0 : -ENOMEM;
}

int supervisor_run(const struct supervisor_options *options)
{
    struct supervisor s = {
        .options = options, .control_fd = -1, .started_ms = clock_monotonic_ms()};
    int result = begin(&s);
    if (result == 0) {
        for (size_t i = 0; i < s.count; i++)
            if (!s.children[i].when_needed)
                start_child(&s, &s.children[i]);
        result = loop_run(s.loop);
    } else {
        fprintf(stderr, "cannot start: %s\n", strerror(-result));
    }
    folder_release(options->data, &s.control_fd);
    tallies_close(&s.tallies);
    free(s.children);
    loop_free(s.loop);
    return result < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
