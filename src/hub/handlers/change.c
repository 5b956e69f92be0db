/* SPDX-License-Identifier: Apache-2.0 */
/* The changing half of operation_object: from a draft to the reply. */
#include "hub/handlers/object.h"

#include "base/calendar.h"
#include "hub/certificates/probe.h"
#include "hub/configuration/audit.h"
#include "hub/configuration/difference.h"
#include "hub/configuration/group.h"
#include "hub/handlers/parameters.h"
#include "os/clock.h"
#include "os/random.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct work *call_work(struct call *call, struct slice bytes)
{
    struct work *old = call->scratch;
    if (old && bytes.len == 0)
        return old;
    struct work *work = calloc(1, sizeof(*work) + bytes.len);
    if (!work) {
        call_fail(call, OPERATION_FAILED, "there is no memory for the operation");
        return NULL;
    }
    if (old)
        *work = *old;
    if (bytes.len > 0)
        memcpy(work->bytes, bytes.at, bytes.len);
    work->len = bytes.len;
    call->scratch = work;
    free(old);
    return work;
}

struct slice work_bytes(const struct call *call)
{
    const struct work *work = call->scratch;
    return work ? slice_bytes(work->bytes, work->len) : SLICE("");
}

void call_fail_fix(struct call *call, enum operation_error error, const char *fix,
                   const char *format, ...)
{
    char line[1536];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    if (!call->scratch)
        call->scratch = calloc(1, sizeof(struct work));
    struct work *work = call->scratch;
    if (work && fix && fix[0]) {
        snprintf(work->fix, sizeof(work->fix), "%s", fix);
        call->fix = work->fix;
    }
    call_fail(call, error, "%s", len < 0 ? "" : line);
}

static void fill_random(void *context, void *out_bytes, size_t len)
{
    (void)context;
    random_bytes(out_bytes, len);
}

struct object_id operation_new_id(void)
{
    return object_id_new(fill_random, NULL);
}

bool operation_is_dry(const struct call *call)
{
    return call_switch(call, "WhatIf");
}

static void try_change(void *context)
{
    struct call *call = context;
    struct work *work = call->scratch;
    struct change *change = change_begin(call->hub, call->actor, text_slice(&call->command_text));
    if (change)
        work->edit(call, change);
    else
        change_when_free(call->hub, try_change, call);
}

void operation_change(struct call *call, work_edit_fn *edit, work_after_fn *after)
{
    struct work *work = call_work(call, SLICE(""));
    if (!work)
        return;
    work->edit = edit;
    work->after = after;
    if (call->group)
        edit(call, group_change(call->group));
    else
        try_change(call);
}

void operation_refuse(struct change *change)
{
    if (!change_is_shared(change))
        change_abandon(change);
}

bool operation_may_remove(struct call *call, const struct model *draft, enum model_kind kind,
                          const void *object)
{
    char storage[1024];
    struct text error = text_over(storage, sizeof(storage));
    if (model_validate_removal(draft, kind, object, &error))
        return true;
    call_fail(call, OPERATION_CONFLICT, "%.*s", SLICE_ARG(text_slice(&error)));
    return false;
}

bool operation_is_free(struct call *call, const struct model *draft, enum model_kind kind,
                       const char *name)
{
    char fix[96];
    void *taken;
    struct slice written = call_text(call, name);
    bool pattern = slice_contains(written, SLICE("*")) || slice_contains(written, SLICE("?"));
    if (pattern || model_find(draft, kind, written, &taken, 1) == 0)
        return true;
    struct text command = text_over(fix, sizeof(fix));
    text_append_format(&command, "Get-%s", model_kind_facts(kind)->noun);
    call_fail_fix(call, OPERATION_CONFLICT, text_c_string(&command),
                  "the %s \"%.*s\" is there already", model_kind_facts(kind)->noun,
                  SLICE_ARG(slice_first(written, 120)));
    return false;
}

/* --- the answer to a change --- */

void operation_inform_receipt(struct call *call, const struct change_receipt *receipt)
{
    int64_t at_ms = receipt->in_force_since_ms;
    struct calendar_time at = calendar_from_ms(at_ms, clock_offset_minutes(at_ms));
    char storage[96];
    struct text older = text_over(storage, sizeof(storage));
    if (receipt->sessions_older > 0)
        text_append_format(&older, "; %llu session%s still live%s on an older one",
                           (unsigned long long)receipt->sessions_older,
                           receipt->sessions_older == 1 ? "" : "s",
                           receipt->sessions_older == 1 ? "s" : "");
    call_inform(call, "revision %llu, in force since %02d:%02d:%02d%.*s",
                (unsigned long long)receipt->revision, at.hour, at.minute, at.second,
                SLICE_ARG(text_slice(&older)));
    if (receipt->seen)
        probe_inform(call, receipt->seen);
}

enum operation_error operation_error_of_change(enum change_outcome outcome)
{
    switch (outcome) {
    case CHANGE_INVALID:
        return OPERATION_USAGE;
    case CHANGE_CONFLICT:
        return OPERATION_CONFLICT;
    case CHANGE_DONE:
    case CHANGE_STORE_FAILED:
        break;
    }
    return OPERATION_FAILED;
}

/* What was said of the effects of a change is not true when it is refused. */
void operation_fail_change(struct call *call, enum operation_error error, struct slice why)
{
    json_array_clear(call->information);
    json_array_clear(call->warnings);
    call_fail(call, error, "%.*s", SLICE_ARG(why));
}

static void on_committed(void *context, const struct change_receipt *receipt)
{
    struct call *call = context;
    if (receipt->outcome != CHANGE_DONE) {
        operation_fail_change(call, operation_error_of_change(receipt->outcome), receipt->error);
        return;
    }
    const struct work *work = call->scratch;
    operation_inform_receipt(call, receipt);
    if (work->after)
        work->after(call);
    call_done(call);
}

void operation_inform_dry(struct call *call)
{
    call_inform(call, "WhatIf: nothing was changed");
}

static void end_dry(struct call *call, struct change *change)
{
    struct text error = text_with_ceiling(4096);
    bool good = change_validate(change, &error);
    change_abandon(change);
    if (good) {
        operation_inform_dry(call);
        call_done(call);
    } else {
        operation_fail_change(call, OPERATION_USAGE, text_slice(&error));
    }
    text_deinit(&error);
}

void operation_commit(struct call *call, struct change *change)
{
    if (call->group)
        group_part_made(call);
    else if (operation_is_dry(call))
        end_dry(call, change);
    else {
        audit_note_change(call, change);
        change_commit(change, on_committed, call);
    }
}

static void inform_line(void *context, const struct difference *difference)
{
    struct call *call = context;
    call_inform(call, "WhatIf: %s: %.*s -> %.*s", difference->name, SLICE_ARG(difference->before),
                SLICE_ARG(difference->after));
}

void operation_inform_difference(struct call *call, enum model_kind kind, const void *before,
                                 const void *after)
{
    if (operation_is_dry(call))
        difference_each(kind, before, after, inform_line, call);
}

void operation_emit_changed(struct call *call, enum model_kind kind, object_json_fn *json_of)
{
    const struct work *work = call->scratch;
    const void *object = model_by_id(call->hub->model, kind, work->id);
    if (object)
        call_emit(call, json_of(call, object));
}
