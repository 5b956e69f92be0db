/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/control.h"

#include "hub/configuration/group.h"
#include "hub/places.h"
#include "hub/refusal.h"
#include "hub/reply.h"
#include "operations/access.h"
#include "os/descriptor.h"
#include "os/socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    REQUEST_WITHIN_MS = 10000,
    STRANGER_WITHIN_MS = 5000, /* from the moment he connects */
    READ_WITHIN_MS = 10000,    /* the next piece of a reply */
    WRONG_TOKEN_MS = 1000,
    HEAD_BYTES = 4,
};

struct connected { /* one caller */
    struct control *control;
    struct connected *next;
    int fd; /* -1: has gone, its call is still running */
    struct watch watch, limit;
    struct text input;
    struct reply reply;
    struct call *call; /* the one being run */
    struct caller who;
    bool stranger;           /* came without a role: counted as such until he goes */
    enum caller_token wrong; /* not ACCEPTED: the reply that says so waits */
    bool ends;               /* with the reply that is being written */
};

struct control {
    struct hub *hub;
    int fd;
    struct watch watch;
    struct connected *callers;
    size_t count;
    struct refusals refusals;
};

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
    reply_deinit(&caller->reply);
    if (!caller->call)
        release(caller);
}

static void flush(struct connected *caller)
{
    enum reply_outcome outcome = reply_flush(&caller->reply, caller->fd);
    bool waits = outcome == REPLY_WAITS;
    if (outcome == REPLY_BROKEN || (caller->ends && !waits)) {
        hang_up(caller);
        return;
    }
    if (waits)
        timer_set(&caller->limit, READ_WITHIN_MS);
    else if (caller->stranger)
        timer_set(&caller->limit, STRANGER_WITHIN_MS);
    else
        timer_stop(&caller->limit);
    watch_set(&caller->watch, waits ? LOOP_WRITE : caller->call ? 0u : LOOP_READ);
}

void control_call_ended(struct call *call)
{
    if (call->group) {
        group_part_ended(call);
        return;
    }
    struct connected *caller = call->connected;
    caller->call = NULL;
    bool good = caller->fd >= 0 && call_append_reply(&caller->reply.bytes, call);
    if (good && call->file.fd >= 0)
        reply_add_file(&caller->reply, &call->file);
    call_free(call);
    if (caller->fd < 0) {
        release(caller);
    } else if (!good) {
        hang_up(caller);
    } else {
        flush(caller);
    }
}

/* --- refusing --- */

/* What he tried is worth knowing, in the audit log, too: as often as it is in the other. */
static void refuse_stranger(struct connected *caller, struct call *call, const char *cmdlet)
{
    caller->ends = true;
    if (refusal_log(&caller->control->refusals, &caller->who, "no role") && cmdlet)
        call->operation = operation_find(slice_of(cmdlet), NULL);
    refusal_of_stranger(call);
}

/* Who guesses has to wait, and to come again. */
static void refuse_token_later(struct connected *caller, enum caller_token wrong)
{
    caller->wrong = wrong;
    caller->ends = true;
    refusal_log(&caller->control->refusals, &caller->who, caller_token_sentence(wrong));
    timer_set(&caller->limit, WRONG_TOKEN_MS);
}

static void on_limit(void *context, unsigned events)
{
    (void)events;
    struct connected *caller = context;
    if (caller->call && caller->wrong != CALLER_TOKEN_ACCEPTED)
        refusal_of_token(caller->call, caller->wrong);
    else
        hang_up(caller);
}

/* --- one request --- */

static void run_request(struct connected *caller, struct call *call, json_t *root)
{
    json_t *token = json_object_get(root, "token");
    json_t *parameters = json_object_get(root, "parameters");
    const char *cmdlet = json_string_value(json_object_get(root, "cmdlet"));
    struct slice written = {json_string_value(token), json_string_length(token)};
    enum caller_token judged = caller_judge(&caller->who);
    if (token)
        judged = caller_take_token(&caller->who, written);
    if (json_is_object(parameters))
        json_object_update(call->parameters, parameters);
    call->actor = slice_of(caller->who.actor);
    json_t *each = json_object_get(root, "each");
    call->names_only = json_is_true(json_object_get(root, "names"));
    if (judged != CALLER_TOKEN_ACCEPTED)
        refuse_token_later(caller, judged);
    else if (!caller->who.role_groups && !caller->who.with_token)
        refuse_stranger(caller, call, cmdlet);
    else if (cmdlet && each)
        group_dispatch(call, slice_of(cmdlet), each, json_is_true(json_object_get(root, "stop")));
    else if (cmdlet)
        call_dispatch(call, slice_of(cmdlet));
    else if (token && !json_object_get(root, "cmdlet"))
        call_done(call);
    else
        call_fail(call, OPERATION_USAGE, "The request is not one: it names no cmdlet");
}

static void take_json(struct connected *caller, struct slice request)
{
    struct call *call = call_new(&caller->who, caller);
    if (!call) {
        hang_up(caller);
        return;
    }
    caller->call = call;
    json_error_t problem = {.text = ""};
    json_t *root = json_loadb(request.at, request.len, JSON_REJECT_DUPLICATES, &problem);
    if (root || !caller->who.role_groups)
        run_request(caller, call, root);
    else
        call_fail(call, OPERATION_USAGE, "The request is not one: %s", problem.text);
    json_decref(root);
}

/* --- bytes --- */

/* Only certificates and the configuration may be large. */
static size_t request_max(const struct connected *caller)
{
    uint32_t groups = caller->who.role_groups;
    if (access_allowed(groups, OPERATION_ADMINISTER))
        return OPERATION_REQUEST_MAX;
    if (access_allowed(groups, OPERATION_CERTIFICATES))
        return OPERATION_FILE_MAX;
    return groups ? OPERATION_SMALL_MAX : OPERATION_STRANGER_MAX;
}

/* He has announced more than he may send: nothing of it is read. */
static void refuse_length(struct connected *caller, size_t len)
{
    struct call *call = len > OPERATION_REQUEST_MAX ? NULL : call_new(&caller->who, caller);
    if (!call) {
        hang_up(caller);
        return;
    }
    timer_stop(&caller->limit);
    watch_set(&caller->watch, 0);
    caller->call = call;
    caller->ends = true;
    if (!caller->who.role_groups)
        refuse_stranger(caller, call, NULL);
    else if (call_may(call, OPERATION_CERTIFICATES, SLICE("A request of more than 64 KiB")) &&
             call_may(call, OPERATION_ADMINISTER, SLICE("A request of more than 4 MiB")))
        call_fail(call, OPERATION_USAGE, "The request is too large");
}

static void take_request(struct connected *caller)
{
    if (caller->call || caller->input.len < HEAD_BYTES)
        return;
    size_t len = 0;
    for (size_t i = HEAD_BYTES; i > 0; i--)
        len = len << 8 | (unsigned char)caller->input.at[i - 1];
    if (len > request_max(caller)) {
        refuse_length(caller, len);
        return;
    }
    if (caller->input.len - HEAD_BYTES < len)
        return;
    timer_stop(&caller->limit);
    watch_set(&caller->watch, 0);
    struct text request = caller->input;
    caller->input = text_with_ceiling(OPERATION_REQUEST_MAX + HEAD_BYTES);
    take_json(caller, (struct slice){request.at + HEAD_BYTES, len});
    explicit_bzero(request.at, request.len);
    text_deinit(&request);
}

static void receive(struct connected *caller)
{
    char piece[65536];
    size_t room = request_max(caller) + HEAD_BYTES - caller->input.len;
    ssize_t got = recv(caller->fd, piece, room < sizeof piece ? room : sizeof piece, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0 || !text_append(&caller->input, (struct slice){piece, (size_t)got})) {
        hang_up(caller);
        return;
    }
    if (!timer_is_set(&caller->limit))
        timer_set(&caller->limit, caller->stranger ? STRANGER_WITHIN_MS : REQUEST_WITHIN_MS);
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

/* --- who comes --- */

static enum place find_place(const struct control *control, const struct caller *who)
{
    struct places_taken taken = {.all = control->count};
    for (const struct connected *one = control->callers; one; one = one->next) {
        taken.strangers += one->stranger;
        taken.of_this_user += one->who.uid == who->uid;
    }
    return place_for(&taken, who->built_in, !who->role_groups);
}

static void refuse_place(struct control *control, const struct caller *who, int fd,
                         enum place place)
{
    refusal_log(&control->refusals, who, "too many connections");
    refusal_of_place(who, fd, place);
}

static void welcome(struct control *control, const struct caller *who, int fd)
{
    struct connected *caller = calloc(1, sizeof *caller);
    if (!caller) {
        close_fd(&fd);
        return;
    }
    *caller = (struct connected){.control = control,
                                 .next = control->callers,
                                 .fd = fd,
                                 .who = *who,
                                 .stranger = !who->role_groups};
    caller->input = text_with_ceiling(OPERATION_REQUEST_MAX + HEAD_BYTES);
    reply_init(&caller->reply, control->hub->store, OPERATION_REPLY_MAX);
    timer_init(&caller->limit, control->hub->role.loop, on_limit, caller);
    watch_init(&caller->watch, control->hub->role.loop, fd, on_ready, caller);
    watch_set(&caller->watch, LOOP_READ);
    if (caller->stranger)
        timer_set(&caller->limit, STRANGER_WITHIN_MS);
    control->callers = caller;
    if (++control->count >= PLACES_ALL)
        watch_set(&control->watch, 0);
}

static void on_acceptable(void *context, unsigned events)
{
    (void)events;
    struct control *control = context;
    struct ip_endpoint nobody;
    struct caller who;
    int fd;
    if (socket_accept(control->fd, &fd, &nobody) < 0)
        return;
    if (caller_begin(&who, control->hub, fd) < 0) {
        close_fd(&fd);
        return;
    }
    (void)caller_judge(&who);
    enum place place = find_place(control, &who);
    if (place == PLACE_FREE)
        welcome(control, &who, fd);
    else
        refuse_place(control, &who, fd, place);
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

void control_drop_files(struct hub *hub)
{
    struct connected *next, *caller = hub->control ? hub->control->callers : NULL;
    for (; caller; caller = next) {
        next = caller->next;
        if (caller->reply.file.fd >= 0)
            hang_up(caller);
    }
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
