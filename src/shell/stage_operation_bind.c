/* SPDX-License-Identifier: Apache-2.0 */
/* The parameters of an operation: from its arguments, and from what the pipeline brings. */
#include "base/base64.h"
#include "shell/cmdlet.h"
#include "shell/convert.h"
#include "shell/stage_operation.h"

#include <string.h>

enum { WHY_MAX = 2000, FILE_MAX_BYTES = 1 << 20 };
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
        flow = operation_run_for(stage, own);
    else
        flow = complain(stage, stage->node, name, &error);
    json_decref(own);
    return flow;
}

/* --- */

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
