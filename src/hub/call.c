/* SPDX-License-Identifier: Apache-2.0 */
/* A call from its making to its reply, and what handlers write into it. */
#include "hub/call.h"

#include "hub/configuration/audit.h"
#include "hub/configuration/group.h"
#include "hub/control.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD_BYTES = 4, COMMAND_MAX = 4096 };

struct call *call_new(const struct caller *who, struct connected *connected)
{
    struct call *call = calloc(1, sizeof *call);
    if (!call)
        return NULL;
    call->hub = who->hub;
    call->connected = connected;
    call->who = who;
    call->actor = slice_of(who->actor);
    call->parameters = json_object();
    call->objects = json_array();
    call->warnings = json_array();
    call->information = json_array();
    call->file.fd = -1;
    call->command_text = text_with_ceiling(COMMAND_MAX);
    return call;
}

void call_free(struct call *call)
{
    group_free(call->whole);
    json_decref(call->whole_reply);
    json_decref(call->parameters);
    json_decref(call->objects);
    json_decref(call->warnings);
    json_decref(call->information);
    json_decref(call->error);
    json_decref(call->modified);
    json_decref(call->properties);
    json_decref(call->kept);
    text_deinit(&call->command_text);
    body_loan_return(call->hub->store, &call->file);
    free(call->scratch);
    free(call);
}

/* --- the reply --- */

json_t *call_reply(const struct call *call)
{
    if (call->whole_reply)
        return json_incref(call->whole_reply);
    json_t *reply = json_object();
    json_object_set(reply, "objects", call->objects);
    json_object_set(reply, "warnings", call->warnings);
    json_object_set(reply, "information", call->information);
    if (call->noun)
        json_object_set_new(reply, "noun", json_string(call->noun));
    if (call->error)
        json_object_set(reply, "error", call->error);
    if (call->file.fd >= 0)
        json_object_set_new(reply, "file", json_integer((json_int_t)call->file.length));
    return reply;
}

bool call_append_reply(struct text *output, const struct call *call)
{
    json_t *reply = call_reply(call);
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

/* --- what handlers write --- */

static json_t *vtext(const char *format, va_list arguments)
{
    char line[2048];
    int len = vsnprintf(line, sizeof line, format, arguments);
    json_t *string = len < 0 ? NULL : json_string(line);
    return string ? string : json_string("(text that is no UTF-8)");
}

/* A part of a call for many objects may be tried again: hub/configuration/group records it when it
 * is settled. */
static void end(struct call *call)
{
    if (!call->group)
        audit_record(call);
    control_call_ended(call);
}

void call_done(struct call *call)
{
    end(call);
}

static void set_error(struct call *call, enum operation_error error, json_t *message_taken)
{
    call->error = json_object();
    json_object_set_new(call->error, "message", message_taken);
    json_object_set_new(call->error, "category", json_string(operation_error_category(error)));
    json_object_set_new(call->error, "code", json_integer(error));
    if (call->fix)
        json_object_set_new(call->error, "fix", json_string(call->fix));
}

void call_set_error(struct call *call, enum operation_error error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set_error(call, error, vtext(format, arguments));
    va_end(arguments);
}

void call_fail(struct call *call, enum operation_error error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set_error(call, error, vtext(format, arguments));
    va_end(arguments);
    end(call);
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
