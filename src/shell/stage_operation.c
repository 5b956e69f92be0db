/* SPDX-License-Identifier: Apache-2.0 */
/* An operation of the hub as a part of a pipeline. */
#include "base/base64.h"
#include "operations/command.h"
#include "shell/cmdlet.h"
#include "shell/convert.h"
#include "shell/stage_file.h"
#include "shell/value.h"

#include <string.h>

enum { WHY_MAX = 2000, FILE_MAX_BYTES = 1 << 20, COMMAND_MAX = 16384 };
enum { GATHERED_MAX = 500 }; /* objects that one call is for */
/* What the client does itself stands behind the parameters of the operation. */
enum { INDEX_FILE_NAME = OPERATION_PARAMETERS_MAX };

/* --- binding --- */

static bool takes_file_name(const struct operation *operation)
{
    struct operation_parameter unused;
    return operation->writes_file ||
           operation_parameter_find(operation, SLICE("FileData"), &unused, NULL);
}

static bool parameter_at(const struct operation *operation, size_t index,
                         struct operation_parameter *out)
{
    struct operation_parameter all[OPERATION_PARAMETERS_MAX];
    size_t count = operation_parameters(operation, all, OPERATION_PARAMETERS_MAX);
    if (index >= count)
        return false;
    *out = all[index];
    return true;
}

static size_t index_of(const struct operation *operation, const char *name)
{
    struct operation_parameter all[OPERATION_PARAMETERS_MAX];
    size_t count = operation_parameters(operation, all, OPERATION_PARAMETERS_MAX), i = 0;
    while (i < count && strcmp(all[i].name, name) != 0)
        i++;
    return i;
}

static bool find(struct target *target, struct slice name, size_t *out_index, bool *out_is_switch,
                 struct text *error)
{
    const struct operation *operation = target->stage->operation;
    struct operation_parameter parameter;
    *out_is_switch = false;
    *out_index = INDEX_FILE_NAME;
    if (slice_equal_nocase(name, SLICE("FileName")) && takes_file_name(operation))
        return true;
    if (!operation_parameter_find(operation, name, &parameter, error))
        return false;
    *out_is_switch = parameter.kind == PARAMETER_SWITCH;
    *out_index = index_of(operation, parameter.name);
    return true;
}

static bool next(struct target *target, size_t *out_index)
{
    struct operation_parameter parameter;
    while (operation_positional(target->stage->operation, target->positionals++, &parameter)) {
        if (json_object_get(target->stage->parameters, parameter.name))
            continue;
        *out_index = index_of(target->stage->operation, parameter.name);
        return true;
    }
    return false;
}

static enum flow complain(struct stage *stage, const struct node *node, const char *name,
                          const struct text *error)
{
    return machine_fail(stage->machine, node, OPERATION_USAGE, "InvalidArgument", "-%s: %.*s", name,
                        SLICE_ARG(text_slice(error)));
}

/* The bytes of a file as the value of a parameter. */
static enum flow set_file(struct stage *stage, const struct node *node, const char *parameter,
                          struct datum path)
{
    struct machine *m = stage->machine;
    char storage[WHY_MAX];
    struct text error = text_over(storage, sizeof(storage));
    struct text bytes = text_with_ceiling(FILE_MAX_BYTES);
    struct text encoded = text_with_ceiling(FILE_MAX_BYTES * 2);
    struct datum name = datum_to_text(m, path);
    bool good = name.kind == DATUM_TEXT &&
                m->world->read_file(m->world->context, datum_slice(name), &bytes, &error) &&
                base64_append(&encoded, text_slice(&bytes)) &&
                json_object_set_new(stage->parameters, parameter,
                                    json_stringn(encoded.len ? encoded.at : "", encoded.len)) == 0;
    if (bytes.at)
        explicit_bzero(bytes.at, bytes.capacity);
    if (encoded.at)
        explicit_bzero(encoded.at, encoded.capacity);
    text_deinit(&bytes);
    text_deinit(&encoded);
    return good ? FLOW_ON : complain(stage, node, parameter, &error);
}

static enum flow set(struct target *target, const struct node *node, size_t index,
                     struct datum value)
{
    struct stage *stage = target->stage;
    struct operation_parameter parameter;
    char storage[WHY_MAX];
    struct text error = text_over(storage, sizeof(storage));
    if (index == INDEX_FILE_NAME) {
        stage->arguments[0] = datum_to_text(stage->machine, value);
        return stage->operation->writes_file ? FLOW_ON : set_file(stage, node, "FileData", value);
    }
    if (!parameter_at(stage->operation, index, &parameter))
        return FLOW_ON;
    if (json_object_get(stage->parameters, parameter.name))
        return machine_fail(stage->machine, node, OPERATION_USAGE, "ParameterAlreadyBound",
                            "-%s is given twice", parameter.name);
    if (parameter.kind == PARAMETER_FILE_AT)
        return set_file(stage, node, parameter.name, value);
    json_t *json = datum_to_parameter(stage->machine, &parameter, value, &error);
    if (json && json_object_set_new(stage->parameters, parameter.name, json) == 0)
        return FLOW_ON;
    return complain(stage, node, parameter.name, &error);
}

enum flow bind_operation(struct stage *stage)
{
    struct target target = {.stage = stage, .find = find, .next = next, .set = set};
    stage->parameters = json_object();
    enum flow flow = bind_arguments(&target);
    if (flow == FLOW_ON)
        preference_after(stage);
    return flow;
}

/* --- what the pipeline brings --- */

static const struct datum *property(struct stage *stage, struct datum value, const char *name)
{
    const struct datum *found = map_find(&stage->machine->heap, value.map, slice_of(name));
    return found && found->kind != DATUM_NULL ? found : NULL;
}

/* A Queue for -Queue, a ReceiveConnector for -ReceiveConnector; else what names the object: the
 * first parameter for an identity that the object has a property for. */
static const struct datum *bind_object(struct stage *stage, struct datum value,
                                       const char **out_name)
{
    struct operation_parameter all[OPERATION_PARAMETERS_MAX];
    size_t count = operation_parameters(stage->operation, all, OPERATION_PARAMETERS_MAX);
    for (size_t i = 0; value.map->noun.len > 0 && i < count; i++) {
        *out_name = all[i].name;
        if (slice_equal_nocase(slice_of(all[i].name), value.map->noun) &&
            property(stage, value, "Identity"))
            return property(stage, value, "Identity");
    }
    for (size_t i = 0; i < count; i++) {
        *out_name = all[i].name;
        if (all[i].kind == PARAMETER_IDENTITY && property(stage, value, all[i].name))
            return property(stage, value, all[i].name);
    }
    *out_name = "Identity"; /* some kinds of objects go by their name alone */
    bool takes_identity =
        operation_parameter_find(stage->operation, SLICE("Identity"), &all[0], NULL) &&
        all[0].kind == PARAMETER_IDENTITY;
    return takes_identity && value.map->noun.len > 0 ? property(stage, value, "Name") : NULL;
}

static bool first_identity(struct stage *stage, const char **out_name)
{
    struct operation_parameter all[OPERATION_PARAMETERS_MAX];
    size_t count = operation_parameters(stage->operation, all, OPERATION_PARAMETERS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (all[i].kind != PARAMETER_IDENTITY)
            continue;
        *out_name = all[i].name;
        return true;
    }
    return false;
}

static enum flow run_for(struct stage *stage, json_t *own);

enum flow operation_take(struct stage *stage, struct datum value)
{
    const char *name = "";
    char storage[WHY_MAX];
    struct text error = text_over(storage, sizeof(storage));
    const struct datum *identity = NULL;
    if (datum_is_map(value))
        identity = bind_object(stage, value, &name);
    else if (value.kind == DATUM_TEXT && first_identity(stage, &name))
        identity = &value;
    if (!identity)
        return stage_complain(stage, OPERATION_USAGE, "InputObjectNotBound",
                              "%s from the pipeline names no object for %s-%s",
                              datum_kind_word(value), stage->operation->verb,
                              stage->operation->noun);
    struct operation_parameter parameter = {.name = name, .kind = PARAMETER_IDENTITY};
    json_t *json = datum_to_parameter(stage->machine, &parameter, *identity, &error);
    json_t *own = json_object();
    enum flow flow = FLOW_ON;
    if (json && json_object_set_new(own, name, json) == 0)
        flow = run_for(stage, own);
    else
        flow = complain(stage, stage->node, name, &error);
    json_decref(own);
    return flow;
}

/* --- running it --- */

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

static void say_verbose(struct stage *stage, json_t *parameters)
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

static enum flow take_reply(struct stage *stage, json_t *reply, struct stage_file *file)
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

static enum flow run(struct stage *stage, json_t *parameters)
{
    struct machine *m = stage->machine;
    enum operation_error outcome = OPERATION_OK;
    char storage[WHY_MAX];
    struct text error = text_over(storage, sizeof(storage));
    if (stage->operation->asks_first) /* what comes before stands above the question */
        machine_print(m, WORLD_OUTPUT, SLICE(""));
    if (stage->verbose)
        say_verbose(stage, parameters);
    m->asking = stage->node->at;
    struct stage_file file;
    stage_file_init(&file, stage);
    json_t *reply = call_hub(stage, parameters, &file, &outcome, &error);
    if (json_is_true(json_object_get(reply, "yes-to-all")))
        json_object_set_new(stage->parameters, "Confirm", json_false());
    stage->refused = json_is_true(json_object_get(reply, "no-to-all"));
    enum flow flow = reply ? take_reply(stage, reply, &file)
                           : stage_complain(stage, outcome, "ServerNotReached", "%.*s",
                                            SLICE_ARG(text_slice(&error)));
    stage_file_deinit(&file);
    json_decref(reply);
    return flow;
}

/* --- for many at once --- */

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
            say_verbose(stage, parameters);
        json_decref(parameters);
        flow = take_reply(stage, json_array_get(replies, i), file);
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
    enum flow flow =
        replies ? take_replies(stage, replies, each, &file) : take_reply(stage, reply, &file);
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
        flow = run(stage, parameters);
        json_decref(parameters);
    } else if (each) {
        flow = run_each(stage, each);
    }
    json_decref(each);
    return flow;
}

static enum flow run_for(struct stage *stage, json_t *own)
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
    enum flow flow = run(stage, parameters);
    json_decref(parameters);
    return flow;
}

enum flow operation_begin(struct stage *stage)
{
    struct operation_parameter parameter;
    for (size_t i = 0; stage->first && parameter_at(stage->operation, i, &parameter); i++)
        if (parameter.required && !json_object_get(stage->parameters, parameter.name))
            return machine_fail(stage->machine, stage->node, OPERATION_USAGE,
                                "MissingMandatoryParameter", "%s-%s needs -%s",
                                stage->operation->verb, stage->operation->noun, parameter.name);
    return FLOW_ON;
}

enum flow operation_end(struct stage *stage)
{
    return stage->first ? run(stage, stage->parameters) : operation_flush(stage);
}
