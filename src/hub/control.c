/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/control.h"

#include "hub/audit.h"
#include "os/descriptor.h"
#include "os/socket.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CALLERS_MAX = 64, REQUEST_WITHIN_MS = 10000, HEAD_BYTES = 4 };

struct connected { /* one caller */
    struct control *control;
    struct connected *next;
    int fd; /* -1: has gone, its call is still running */
    struct watch watch, limit;
    struct text input, output;
    struct call *call; /* the one being run */
    char actor[32];
    bool allowed;
};

struct control {
    struct hub *hub;
    int fd;
    struct watch watch;
    struct connected *callers;
    size_t count;
};

static void on_ready(void *context, unsigned events);

static void release(struct connected *caller)
{
    struct connected **link = &caller->control->callers;
    while (*link != caller)
        link = &(*link)->next;
    *link = caller->next;
    caller->control->count--;
    watch_set(&caller->control->watch, LOOP_READ);
    free(caller);
}

static void hang_up(struct connected *caller)
{
    watch_stop(&caller->watch);
    timer_stop(&caller->limit);
    close_fd(&caller->fd);
    if (caller->input.at)
        explicit_bzero(caller->input.at, caller->input.capacity);
    text_deinit(&caller->input);
    text_deinit(&caller->output);
    if (!caller->call)
        release(caller);
}

static void on_limit(void *context, unsigned events)
{
    (void)events;
    hang_up(context);
}

/* --- one call --- */

static void call_free(struct call *call)
{
    json_decref(call->parameters);
    json_decref(call->objects);
    json_decref(call->warnings);
    json_decref(call->information);
    json_decref(call->error);
    json_decref(call->modified);
    json_decref(call->properties);
    json_decref(call->kept);
    text_deinit(&call->command_text);
    free(call->scratch);
    free(call);
}

static json_t *reply_of(const struct call *call)
{
    json_t *reply = json_object();
    json_object_set(reply, "objects", call->objects);
    json_object_set(reply, "warnings", call->warnings);
    json_object_set(reply, "information", call->information);
    if (call->noun)
        json_object_set_new(reply, "noun", json_string(call->noun));
    if (call->error)
        json_object_set(reply, "error", call->error);
    return reply;
}

static bool append_reply(struct text *output, const struct call *call)
{
    json_t *reply = reply_of(call);
    char *written = json_dumps(reply, JSON_COMPACT);
    json_decref(reply);
    if (!written)
        return false;
    size_t len = strlen(written);
    char head[HEAD_BYTES];
    for (size_t i = 0; i < sizeof head; i++)
        head[i] = (char)(len >> 8 * i & 255);
    bool good = text_append(output, (struct slice){head, sizeof head}) &&
                text_append(output, (struct slice){written, len});
    free(written);
    return good;
}

static void flush(struct connected *caller)
{
    while (caller->output.len) {
        ssize_t sent =
            send(caller->fd, caller->output.at, caller->output.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EINTR && errno != EAGAIN) {
            hang_up(caller);
            return;
        }
        if (sent < 0 && errno == EAGAIN)
            break;
        if (sent > 0)
            text_consume(&caller->output, (size_t)sent);
    }
    unsigned wanted = caller->output.len ? LOOP_WRITE : caller->call ? 0u : LOOP_READ;
    watch_set(&caller->watch, wanted);
}

void control_call_ended(struct call *call)
{
    struct connected *caller = call->connected;
    caller->call = NULL;
    bool good = caller->fd >= 0 && append_reply(&caller->output, call);
    call_free(call);
    if (caller->fd < 0)
        release(caller);
    else if (!good)
        hang_up(caller);
    else
        flush(caller);
}

static struct call *call_new(struct connected *caller)
{
    struct call *call = calloc(1, sizeof *call);
    if (!call)
        return NULL;
    call->hub = caller->control->hub;
    call->connected = caller;
    call->actor = slice_of(caller->actor);
    call->right = OPERATION_ADMINISTER;
    call->objects = json_array();
    call->warnings = json_array();
    call->information = json_array();
    call->command_text = text_with_ceiling(4096);
    return call;
}

static void run_request(struct connected *caller, struct slice request)
{
    struct call *call = call_new(caller);
    if (!call) {
        hang_up(caller);
        return;
    }
    caller->call = call;
    json_error_t problem;
    json_t *root = json_loadb(request.at, request.len, JSON_REJECT_DUPLICATES, &problem);
    const char *cmdlet = json_string_value(json_object_get(root, "cmdlet"));
    json_t *parameters = json_object_get(root, "parameters");
    call->parameters = json_is_object(parameters) ? json_incref(parameters) : json_object();
    char name[128] = "";
    if (cmdlet)
        snprintf(name, sizeof name, "%s", cmdlet);
    json_decref(root);
    if (!caller->allowed && cmdlet) /* what they tried is worth knowing */
        call->operation = operation_find(slice_of(name), NULL);
    if (!caller->allowed)
        call_fail(call, OPERATION_DENIED, "Only root and the user of the server may manage it");
    else if (!cmdlet)
        call_fail(call, OPERATION_USAGE, "The request is not one: %s", problem.text);
    else
        call_dispatch(call, slice_of(name));
}

/* --- bytes --- */

static size_t request_max(const struct connected *caller)
{
    return caller->allowed ? OPERATION_REQUEST_MAX : OPERATION_STRANGER_MAX;
}

static void take_request(struct connected *caller)
{
    if (caller->call || caller->input.len < HEAD_BYTES)
        return;
    size_t len = 0;
    for (size_t i = HEAD_BYTES; i > 0; i--)
        len = len << 8 | (unsigned char)caller->input.at[i - 1];
    if (len > request_max(caller)) {
        hang_up(caller);
        return;
    }
    if (caller->input.len - HEAD_BYTES < len)
        return;
    timer_stop(&caller->limit);
    watch_set(&caller->watch, 0);
    struct text request = caller->input;
    caller->input = text_with_ceiling(request_max(caller) + HEAD_BYTES);
    run_request(caller, (struct slice){request.at + HEAD_BYTES, len});
    explicit_bzero(request.at, request.len);
    text_deinit(&request);
}

static void receive(struct connected *caller)
{
    char piece[65536];
    ssize_t got = recv(caller->fd, piece, sizeof piece, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0 || !text_append(&caller->input, (struct slice){piece, (size_t)got})) {
        hang_up(caller);
        return;
    }
    if (!timer_is_set(&caller->limit))
        timer_set(&caller->limit, REQUEST_WITHIN_MS);
    take_request(caller);
    explicit_bzero(piece, (size_t)got);
}

static void on_ready(void *context, unsigned events)
{
    struct connected *caller = context;
    if (events & LOOP_WRITE)
        flush(caller);
    else
        receive(caller);
}

static void on_acceptable(void *context, unsigned events)
{
    (void)events;
    struct control *control = context;
    struct ip_endpoint nobody;
    uid_t uid = 0;
    gid_t gid;
    pid_t pid;
    int fd;
    if (socket_accept(control->fd, &fd, &nobody) < 0)
        return;
    struct connected *caller = calloc(1, sizeof *caller);
    if (!caller || socket_peer_user(fd, &uid, &gid, &pid) < 0) {
        free(caller);
        close_fd(&fd);
        return;
    }
    *caller = (struct connected){.control = control, .next = control->callers, .fd = fd};
    caller->allowed = uid == 0 || uid == geteuid();
    struct text actor = text_over(caller->actor, sizeof caller->actor);
    text_append_format(&actor, "uid %u", (unsigned)uid);
    (void)text_c_string(&actor);
    caller->input = text_with_ceiling(request_max(caller) + HEAD_BYTES);
    caller->output = text_with_ceiling(OPERATION_REPLY_MAX);
    timer_init(&caller->limit, control->hub->role.loop, on_limit, caller);
    watch_init(&caller->watch, control->hub->role.loop, fd, on_ready, caller);
    watch_set(&caller->watch, LOOP_READ);
    control->callers = caller;
    if (++control->count >= CALLERS_MAX)
        watch_set(&control->watch, 0);
}

int control_open(struct hub *hub, int listener)
{
    struct control *control = calloc(1, sizeof *control);
    if (!control)
        return -ENOMEM;
    control->hub = hub;
    control->fd = listener;
    watch_init(&control->watch, hub->role.loop, listener, on_acceptable, control);
    watch_set(&control->watch, LOOP_READ);
    hub->control = control;
    return 0;
}

void control_close(struct hub *hub)
{
    struct control *control = hub->control;
    if (!control)
        return;
    watch_stop(&control->watch);
    while (control->callers) {
        struct connected *caller = control->callers;
        struct call *call = caller->call;
        caller->call = NULL;
        if (call)
            call_free(call);
        hang_up(caller);
    }
    close_fd(&control->fd);
    free(control);
    hub->control = NULL;
}

/* --- what handlers write --- */

static json_t *vtext(const char *format, va_list arguments)
{
    char line[2048];
    int len = vsnprintf(line, sizeof line, format, arguments);
    json_t *string = len < 0 ? NULL : json_string(line);
    return string ? string : json_string("(text that is no UTF-8)");
}

void call_done(struct call *call)
{
    audit_record(call);
    control_call_ended(call);
}

void call_fail(struct call *call, enum operation_error error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    call->error = json_object();
    json_object_set_new(call->error, "message", vtext(format, arguments));
    va_end(arguments);
    json_object_set_new(call->error, "category", json_string(operation_error_category(error)));
    json_object_set_new(call->error, "code", json_integer(error));
    if (call->fix)
        json_object_set_new(call->error, "fix", json_string(call->fix));
    audit_record(call);
    control_call_ended(call);
}

void call_emit(struct call *call, json_t *object)
{
    json_array_append_new(call->objects, object);
}

void call_warn(struct call *call, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    json_array_append_new(call->warnings, vtext(format, arguments));
    va_end(arguments);
}

void call_inform(struct call *call, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    json_array_append_new(call->information, vtext(format, arguments));
    va_end(arguments);
}
