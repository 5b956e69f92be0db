/* SPDX-License-Identifier: Apache-2.0 */
/* An operation of the hub as a part of a pipeline: it is sent, and its reply is taken. */
#include "shell/stage_operation.h"

#include "operations/command.h"
#include "shell/convert.h"
#include "shell/stage_file.h"
#include "shell/value.h"

#include <string.h>

enum { WHY_MAX = 2000, COMMAND_MAX = 16384 };

static enum flow give_objects(struct stage *stage, json_t *reply, struct stage_file *file)
{
    struct machine *m = stage->machine;
    json_t *objects = json_object_get(reply, "objects");
    enum flow flow = FLOW_ON;
    if (stage_file_is_written(stage) && json_array_size(objects) > 0)
        return stage_file_write(file, reply);
    for (size_t i = 0; flow == FLOW_ON && i < json_array_size(objects); i++) {
        struct datum object =
            datum_from_json(m, json_array_get(objects, i), value_text(reply, "noun"));
        stage_file_give(file, object);
        flow = machine_memory(m);
        if (flow == FLOW_ON)
            flow = stage_give(stage, object);
    }
    return flow;
}

static void print_lines(struct stage *stage, json_t *lines, const char *before)
{
    size_t index;
    json_t *line;
    json_array_foreach(lines, index, line)
    {
        struct text text = text_with_ceiling(1 << 20);
        text_append_c(&text, before);
        value_append(&text, line);
        text_append_byte(&text, '\n');
        machine_print(stage->machine, *before ? WORLD_ERRORS : WORLD_OUTPUT, text_slice(&text));
        text_deinit(&text);
    }
}

static enum flow complain_reply(struct stage *stage, json_t *reply)
{
    struct machine *m = stage->machine;
    json_t *error = json_object_get(reply, "error");
    struct slice message = value_text(error, "message");
    enum operation_error category = operation_error_of_category(value_text(error, "category"));
    machine_fail(m, stage->node, category, operation_error_category(category), "%.*s",
                 SLICE_ARG(message));
    text_append(&m->fault.fix, value_text(error, "fix"));
    return stage_settle(stage);
}

void operation_say_verbose(struct stage *stage, json_t *parameters)
{
    struct text line = text_with_ceiling(COMMAND_MAX);
    text_append_c(&line, "VERBOSE: ");
    operation_append_command(&line, stage->operation, parameters);
    text_append_byte(&line, '\n');
    machine_print(stage->machine, WORLD_ERRORS, text_slice(&line));
    text_deinit(&line);
}

static void print_said(struct stage *stage, json_t *reply)
{
    print_lines(stage, json_object_get(reply, "information"), "");
    if (!stage->quiet)
        print_lines(stage, json_object_get(reply, "warnings"), "WARNING: ");
}

enum flow operation_take_reply(struct stage *stage, json_t *reply, struct stage_file *file)
{
    /* What a later part does with these objects comes behind what was done here. */
    bool first = stage->hands_on && stage->operation->changes;
    if (first)
        print_said(stage, reply);
    enum flow flow = give_objects(stage, reply, file);
    if (!first)
        print_said(stage, reply);
    if (flow == FLOW_ON && json_object_get(reply, "error"))
        flow = complain_reply(stage, reply);
    return flow;
}

bool operation_gives_names(const struct stage *stage, const struct stage *into)
{
    return stage->operation && into->operation && strcmp(stage->operation->verb, "Get") == 0;
}

static json_t *call_hub(struct stage *stage, json_t *parameters, struct stage_file *file,
                        enum operation_error *out_outcome, struct text *error)
{
    const struct world *world = stage->machine->world;
    if (stage->operation->file_follows && world->call_file)
        return world->call_file(world->context, stage->operation, parameters, stage_file_take, file,
                                out_outcome, error);
    return stage->names_only && world->call_names
               ? world->call_names(world->context, stage->operation, parameters, out_outcome, error)
               : world->call(world->context, stage->operation, parameters, out_outcome, error);
}

enum flow operation_run(struct stage *stage, json_t *parameters)
{
    struct machine *m = stage->machine;
    enum operation_error outcome = OPERATION_OK;
    char storage[WHY_MAX];
    struct text error = text_over(storage, sizeof(storage));
    if (stage->operation->asks_first) /* what comes before stands above the question */
        machine_print(m, WORLD_OUTPUT, SLICE(""));
    if (stage->verbose)
        operation_say_verbose(stage, parameters);
    m->asking = stage->node->at;
    struct stage_file file;
    stage_file_init(&file, stage);
    json_t *reply = call_hub(stage, parameters, &file, &outcome, &error);
    if (json_is_true(json_object_get(reply, "yes-to-all")))
        json_object_set_new(stage->parameters, "Confirm", json_false());
    stage->refused = json_is_true(json_object_get(reply, "no-to-all"));
    enum flow flow = reply ? operation_take_reply(stage, reply, &file)
                           : stage_complain(stage, outcome, "ServerNotReached", "%.*s",
                                            SLICE_ARG(text_slice(&error)));
    stage_file_deinit(&file);
    json_decref(reply);
    return flow;
}

enum flow operation_end(struct stage *stage)
{
    return stage->first ? operation_run(stage, stage->parameters) : operation_flush(stage);
}
