/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/configuration/group.h"

#include "hub/certificates/presentation.h"
#include "hub/configuration/audit.h"
#include "hub/control.h"
#include "hub/handlers/object.h"
#include "operations/command.h"

#include <stdlib.h>
#include <string.h>

enum { CMDLET_MAX = 128, ERROR_MAX = 4096 };

enum part_state { PART_OPEN, PART_MADE, PART_ENDED };

struct group {
    struct call *whole;
    json_t *each, *replies;
    bool stop;
    char cmdlet[CMDLET_MAX];
    size_t at;   /* the first part that has no reply yet */
    size_t span; /* how many are tried together from there */
    struct call **parts;
    size_t count; /* parts of this attempt */
    enum part_state *states;
    struct change *change;
    struct name_index *names;
    enum model_kind names_kind;
    struct deferred again;
};

static size_t left(const struct group *group)
{
    return json_array_size(group->each) - group->at;
}

static void forget_parts(struct group *group)
{
    for (size_t i = 0; i < group->count; i++)
        call_free(group->parts[i]);
    group->count = 0;
}

static void forget_names(struct group *group)
{
    name_index_free(group->names);
    group->names = NULL;
}

/* The model that the index is of goes with the change. */
static void forget_certificates(struct group *group)
{
    for (size_t i = 0; i < group->count; i++)
        group->parts[i]->certificates = NULL;
}

void group_free(struct group *group)
{
    if (!group)
        return;
    loop_defer_cancel(group->whole->hub->role.loop, &group->again);
    forget_parts(group);
    forget_names(group);
    change_abandon(group->change);
    json_decref(group->each);
    json_decref(group->replies);
    free(group->parts);
    free(group->states);
    free(group);
}

/* --- the parts --- */

struct change *group_change(struct group *group)
{
    return group->change;
}

/* A removal moves what stands behind it. */
const struct name_index *group_names(struct group *group, const struct model *model,
                                     enum model_kind kind)
{
    if (!group->change || change_draft(group->change) != model ||
        strcmp(group->whole->operation->verb, "Remove") == 0)
        return NULL;
    if (!group->names || group->names_kind != kind) {
        forget_names(group);
        group->names = name_index_new(model, kind);
        group->names_kind = kind;
    }
    return group->names;
}

static void set_state(struct call *part, enum part_state state)
{
    enum part_state *last = &part->group->states[part->group->count - 1];
    if (*last == PART_OPEN) /* parts run one after the other */
        *last = state;
}

void group_part_made(struct call *part)
{
    set_state(part, PART_MADE);
}

void group_part_ended(struct call *part)
{
    set_state(part, PART_ENDED);
}

/* False: it failed. */
static bool run_part(struct group *group, size_t number)
{
    struct call *whole = group->whole;
    struct call *part = call_new(whole->who, NULL);
    if (!part) /* a hub without memory for this is better started again */
        abort();
    part->group = group;
    part->certificates = presentation_index(whole->hub); /* no part changes a certificate */
    part->parameters = json_copy(whole->parameters);
    json_object_update(part->parameters, json_array_get(group->each, number));
    group->states[group->count] = PART_OPEN;
    group->parts[group->count++] = part;
    call_dispatch(part, slice_of(group->cmdlet));
    return !part->error;
}

/* --- after an attempt --- */

static void finish(struct group *group)
{
    struct call *whole = group->whole;
    whole->whole_reply = json_pack("{s:O}", "replies", group->replies);
    control_call_ended(whole);
}

static void take_replies(struct group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        struct call *part = group->parts[i];
        if (!part->properties && !part->error)
            part->properties = json_incref(group->whole->properties);
        audit_record(part);
        json_array_append_new(group->replies, call_reply(part));
    }
    group->at += group->count;
}

static void go_on(struct group *group)
{
    bool failed = group->count == 1 && group->parts[0]->error;
    take_replies(group);
    forget_parts(group);
    group->span = failed ? 1 : group->span * 2;
    if (left(group) == 0 || (failed && group->stop))
        finish(group);
    else
        loop_defer(group->whole->hub->role.loop, &group->again);
}

/* Nothing was changed: try `span` of them, or take it as the error of the only one. */
static void try_fewer(struct group *group, size_t span, enum operation_error error,
                      struct slice why)
{
    if (group->count == 1) {
        if (!group->parts[0]->error)
            operation_fail_change(group->parts[0], error, why);
        go_on(group);
        return;
    }
    forget_parts(group);
    group->span = span;
    loop_defer(group->whole->hub->role.loop, &group->again);
}

static bool is_made(const struct group *group, size_t index)
{
    return group->states[index] == PART_MADE;
}

static void on_committed(void *context, const struct change_receipt *receipt)
{
    struct group *group = context;
    if (receipt->outcome != CHANGE_DONE) {
        try_fewer(group, group->count / 2, operation_error_of_change(receipt->outcome),
                  receipt->error);
        return;
    }
    size_t last = group->count;
    while (!is_made(group, last - 1))
        last--;
    operation_inform_receipt(group->parts[last - 1], receipt);
    for (size_t i = 0; i < group->count; i++) {
        const struct work *work = group->parts[i]->scratch;
        if (is_made(group, i) && work->after)
            work->after(group->parts[i]);
    }
    go_on(group);
}

static void end_dry(struct group *group)
{
    char storage[ERROR_MAX];
    struct text error = text_over(storage, sizeof(storage));
    bool good = change_validate(group->change, &error);
    change_abandon(group->change);
    group->change = NULL;
    if (!good) {
        try_fewer(group, group->count / 2, OPERATION_USAGE, text_slice(&error));
        return;
    }
    for (size_t i = 0; i < group->count; i++)
        if (is_made(group, i))
            operation_inform_dry(group->parts[i]);
    go_on(group);
}

/* --- an attempt --- */

/* What the trail says of the change: the cmdlet with all it is for, as far as there is room. */
static void write_command(struct group *group, struct text *text)
{
    json_t *parameters = json_copy(group->whole->parameters);
    for (size_t i = group->at; i < group->at + group->span; i++) {
        const char *name;
        json_t *value;
        json_object_foreach(json_array_get(group->each, i), name, value)
        {
            if (!json_object_get(parameters, name))
                json_object_set_new(parameters, name, json_array());
            json_array_append(json_object_get(parameters, name), value);
        }
    }
    operation_append_command(text, group->whole->operation, parameters);
    json_decref(parameters);
}

static bool begin(struct group *group)
{
    struct call *whole = group->whole;
    text_clear(&whole->command_text);
    write_command(group, &whole->command_text);
    group->change = change_begin(whole->hub, whole->actor, text_slice(&whole->command_text));
    if (group->change)
        change_share(group->change);
    return group->change != NULL;
}

static void commit(struct group *group)
{
    struct change *change = group->change;
    bool made = false;
    for (size_t i = 0; i < group->count; i++)
        made = made || is_made(group, i);
    if (made && operation_is_dry(group->parts[0])) {
        end_dry(group);
        return;
    }
    group->change = NULL;
    if (made) {
        forget_certificates(group);
        audit_note_change(group->whole, change);
        change_commit(change, on_committed, group);
    } else {
        change_abandon(change);
        go_on(group);
    }
}

static void attempt(void *context)
{
    struct group *group = context;
    if (group->span > left(group))
        group->span = left(group);
    if (!begin(group)) {
        change_when_free(group->whole->hub, attempt, group);
        return;
    }
    bool good = true;
    while (good && group->count < group->span)
        good = run_part(group, group->at + group->count);
    forget_names(group);
    if (good) {
        commit(group);
        return;
    }
    change_abandon(group->change);
    group->change = NULL;
    try_fewer(group, group->count - 1, OPERATION_FAILED, SLICE(""));
}

/* --- the whole --- */

static bool all_take_many(const struct call *whole, json_t *each)
{
    bool many = operation_takes_many(whole->operation, whole->parameters);
    for (size_t i = 0; i < json_array_size(each); i++)
        many = many && operation_takes_many(whole->operation, json_array_get(each, i));
    return many;
}

static bool is_for_many(struct call *whole, struct slice cmdlet, json_t *each)
{
    char storage[512];
    struct text error = text_over(storage, sizeof(storage));
    size_t count = json_array_size(each);
    whole->operation = operation_find(cmdlet, &error);
    if (!whole->operation)
        call_fail(whole, OPERATION_USAGE, "%.*s", SLICE_ARG(text_slice(&error)));
    else if (!all_take_many(whole, each))
        call_fail(whole, OPERATION_USAGE, "%s-%s is for one object at a time here",
                  whole->operation->verb, whole->operation->noun);
    else if (count == 0 || count > OPERATION_OBJECTS_MAX)
        call_fail(whole, OPERATION_USAGE, "an operation is for 1 to %d objects at a time",
                  OPERATION_OBJECTS_MAX);
    else
        return true;
    return false;
}

void group_dispatch(struct call *whole, struct slice cmdlet, json_t *each, bool stop)
{
    if (!is_for_many(whole, cmdlet, each))
        return;
    size_t count = json_array_size(each);
    struct group *group = calloc(1, sizeof *group);
    if (!group)
        abort();
    *group = (struct group){.whole = whole,
                            .each = json_incref(each),
                            .replies = json_array(),
                            .stop = stop,
                            .span = count,
                            .parts = calloc(count, sizeof *group->parts),
                            .states = calloc(count, sizeof *group->states),
                            .again = {.run = attempt, .context = group}};
    if (!group->parts || !group->states)
        abort();
    struct text name = text_over(group->cmdlet, sizeof group->cmdlet);
    text_append(&name, cmdlet);
    if (!text_c_string(&name))
        abort(); /* it is one that was found */
    whole->whole = group;
    attempt(group);
}
