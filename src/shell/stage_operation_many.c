/* SPDX-License-Identifier: Apache-2.0 */
/* An operation for many objects of a pipeline: gathered, and sent as one. */
#include "operations/command.h"
#include "shell/stage_file.h"
#include "shell/stage_operation.h"

enum { WHY_MAX = 2000 };
enum { GATHERED_MAX = 500 }; /* objects that one call is for */

static bool is_told(const struct stage *stage, const char *name, bool value)
{
    json_t *told = json_object_get(stage->parameters, name);
    return told && json_is_true(told) == value;
}

/* Not when each of them, or an error of one, is a question to somebody. */
static bool gathers(const struct stage *stage)
{
    bool asks = stage->operation->asks_first
                    ? !is_told(stage, "Confirm", false) && !is_told(stage, "WhatIf", true) &&
                          !is_told(stage, "Force", true)
                    : is_told(stage, "Confirm", true);
    return stage->machine->world->call_each && !asks && stage_action(stage) != ERROR_INQUIRE &&
           operation_takes_many(stage->operation, stage->parameters);
}

static json_t *with(json_t *shared, json_t *own)
{
    json_t *parameters = json_copy(shared);
    json_object_update(parameters, own);
    return parameters;
}

static enum flow take_replies(struct stage *stage, json_t *replies, json_t *each,
                              struct stage_file *file)
{
    enum flow flow = FLOW_ON;
    for (size_t i = 0; flow == FLOW_ON && i < json_array_size(replies); i++) {
        json_t *parameters = with(stage->parameters, json_array_get(each, i));
        if (stage->verbose)
            operation_say_verbose(stage, parameters);
        json_decref(parameters);
        flow = operation_take_reply(stage, json_array_get(replies, i), file);
    }
    return flow;
}

static enum flow run_each(struct stage *stage, json_t *each)
{
    const struct world *world = stage->machine->world;
    enum operation_error outcome = OPERATION_OK;
    char storage[WHY_MAX];
    struct text error = text_over(storage, sizeof(storage));
    json_t *reply = world->call_each(world->context, stage->operation, stage->parameters, each,
                                     stage_action(stage) == ERROR_STOP, &outcome, &error);
    if (!reply)
        return stage_complain(stage, outcome, "ServerNotReached", "%.*s",
                              SLICE_ARG(text_slice(&error)));
    json_t *replies = json_object_get(reply, "replies");
    struct stage_file file;
    stage_file_init(&file, stage);
    enum flow flow = replies ? take_replies(stage, replies, each, &file)
                             : operation_take_reply(stage, reply, &file);
    stage_file_deinit(&file);
    json_decref(reply);
    return flow;
}

enum flow operation_flush(struct stage *stage)
{
    json_t *each = stage->gathered;
    enum flow flow = FLOW_ON;
    stage->gathered = NULL;
    if (json_array_size(each) == 1) {
        json_t *parameters = with(stage->parameters, json_array_get(each, 0));
        flow = operation_run(stage, parameters);
        json_decref(parameters);
    } else if (each) {
        flow = run_each(stage, each);
    }
    json_decref(each);
    return flow;
}

enum flow operation_run_for(struct stage *stage, json_t *own)
{
    if (stage->refused)
        return FLOW_ON;
    if (gathers(stage)) {
        if (!stage->gathered)
            stage->gathered = json_array();
        json_array_append(stage->gathered, own);
        return json_array_size(stage->gathered) < GATHERED_MAX ? FLOW_ON : operation_flush(stage);
    }
    json_t *parameters = with(stage->parameters, own);
    enum flow flow = operation_run(stage, parameters);
    json_decref(parameters);
    return flow;
}
