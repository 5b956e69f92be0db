/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/role.h"

#include "os/standard_error.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ROLE_FIRST_UID = 60250 };

uid_t role_uid(enum wire_role role)
{
    return (uid_t)(ROLE_FIRST_UID + (role == ROLE_SIGNER ? ROLE_CHECKER : role));
}

static void on_message(void *context, struct channel *channel, const struct frame *frame, int fd)
{
    (void)channel;
    struct role *role = context;
    const struct role_handlers *handlers = role->handlers;
    if (frame->type == WIRE_PEER) {
        const struct wire_peer *peer = &frame->message.peer;
        handlers->peer(handlers->context, (enum wire_role)peer->role, (unsigned)peer->index, fd);
    } else if (frame->type == WIRE_DRAIN) {
        if (handlers->drain)
            handlers->drain(handlers->context);
        else
            loop_stop(role->loop);
    } else if (handlers->message) {
        handlers->message(handlers->context, frame, fd);
    }
}

static void on_closed(void *context, struct channel *channel, bool broken)
{
    (void)channel, (void)broken;
    struct role *role = context;
    loop_stop(role->loop);
}

int role_begin(struct role *role, const struct role_start *start,
               const struct role_handlers *handlers)
{
    *role = (struct role){.start = start, .handlers = handlers};
    role->owner =
        (struct channel_owner){.message = on_message, .closed = on_closed, .context = role};
    /* The time zone is read now, while files can be opened; named, it is never read again. */
    setenv("TZ", ":/etc/localtime", 0);
    tzset();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_IGN); /* Ctrl-C reaches the whole group: only the supervisor acts on it */
    signal(SIGTERM, SIG_IGN);
    int result = loop_new(&role->loop);
    if (result < 0)
        return result;
    return channel_open(&role->supervisor, role->loop, ROLE_SUPERVISOR_FD, ROLE_SUPERVISOR, 0,
                        &role->owner);
}

unsigned role_sandbox_calls(enum wire_role role)
{
    static const unsigned calls[ROLE_COUNT] = {
        [ROLE_EDGE] = SANDBOX_MESSAGES | SANDBOX_ACCEPT,
        [ROLE_SIGNER] = SANDBOX_MESSAGES,
        [ROLE_CHECKER] = SANDBOX_MESSAGES,
        [ROLE_HUB] = SANDBOX_MESSAGES | SANDBOX_ACCEPT | SANDBOX_FILES | SANDBOX_MEMORY_FILES |
                     SANDBOX_THREADS,
        [ROLE_COURIER] = SANDBOX_MESSAGES | SANDBOX_FILES | SANDBOX_SOCKETS,
        [ROLE_CONSOLE] = SANDBOX_MESSAGES | SANDBOX_ACCEPT,
    };
    return calls[role];
}

int role_confine(struct role *role, const struct sandbox_folder *folders, size_t folder_count)
{
    enum wire_role self = role->start->self;
    uid_t uid = role_uid(self);
    int result = role->start->drop_privileges ? privilege_drop(uid, uid) : 0;
    struct sandbox_rules rules = {.name = wire_role_names[self],
                                  .calls = role_sandbox_calls(self),
                                  .folders = folders,
                                  .folder_count = folder_count};
    struct sandbox_state state;
    if (result == 0)
        result = sandbox_enter(&rules, &state);
    if (result < 0)
        fprintf(stderr, "%s: cannot give up its rights: %s\n", rules.name, strerror(-result));
    return result;
}

void role_ready(struct role *role)
{
    channel_send(&role->supervisor, WIRE_READY, &(struct wire_nothing){0}, -1);
}

static struct {
    role_event_fn *hear;
    void *context;
} listener; /* one process, one role */

void role_event_also(role_event_fn *hear, void *context)
{
    listener.hear = hear;
    listener.context = context;
}

void role_print_event(const struct wire_event *event)
{
    static const enum standard_error_priority priorities[WIRE_LEVELS] = {
        [WIRE_LEVEL_INFORMATION] = PRIORITY_INFORMATION,
        [WIRE_LEVEL_WARNING] = PRIORITY_WARNING,
        [WIRE_LEVEL_ERROR] = PRIORITY_ERROR,
    };
    standard_error_line(priorities[event->level], event->text);
}

static uint64_t left_out; /* events, since the hub was told last */

/* Strangers choose how many there are; a hub that is behind must not be given up for them. */
static bool is_left_out(const struct channel *hub)
{
    bool behind = hub && channel_alive(hub) && channel_behind(hub);
    left_out += behind;
    return behind;
}

static bool tell(struct channel *hub, const struct wire_event *event)
{
    return hub && channel_send(hub, WIRE_EVENT, event, -1);
}

static void tell_left_out(struct channel *hub)
{
    char line[96];
    struct text text = text_over(line, sizeof line);
    text_append_format(&text, "%llu events were left out while the hub was behind",
                       (unsigned long long)left_out);
    if (left_out &&
        tell(hub, &(struct wire_event){.level = WIRE_LEVEL_WARNING, .text = text_slice(&text)}))
        left_out = 0;
}

void role_event(struct channel *hub, enum wire_level level, unsigned id, const char *format, ...)
{
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (len < 0 || is_left_out(hub))
        return;
    tell_left_out(hub);
    size_t shown = (size_t)len < sizeof line ? (size_t)len : sizeof line - 1;
    struct wire_event event = {.level = level, .id = id, .text = {line, shown}};
    if (tell(hub, &event))
        return;
    role_print_event(&event);
    if (listener.hear)
        listener.hear(listener.context, &event);
}

int role_run(struct role *role)
{
    int result = loop_run(role->loop);
    channel_close(&role->supervisor);
    return result;
}
