/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/supervisor.h"

#include "os/clock.h"
#include "os/process.h"
#include "supervisor/ending.h"
#include "supervisor/folder.h"
#include "supervisor/wiring.h"
#include "wire/role.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LISTEN_AGAIN_MS = 1000 };

/* The tally first: without it an edge takes no connection. */
static void equip_edge(struct supervisor *s, struct child *edge)
{
    int result = tallies_announce(&s->tallies, edge, s->children, s->count);
    if (result < 0)
        fprintf(stderr, "supervisor: no memory for what edge %u counts: %s\n", edge->index,
                strerror(-result));
    listeners_announce(&s->listeners, &edge->channel);
}

void start_child(struct supervisor *s, struct child *child)
{
    int result = child_start(child, s->options, s->loop, &s->owner);
    if (result < 0) {
        fprintf(stderr, "cannot start %s: %s\n", wire_role_names[child->role], strerror(-result));
        timer_set(&child->restart, 1000);
        return;
    }
    wiring_add(s, child);
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
    ending_begin(s);
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
