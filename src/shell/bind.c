/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments of a command, by their names, abbreviations and places. */
#include "operations/nearest.h"
#include "shell/cmdlet.h"
#include "shell/convert.h"

enum { SHOWN = 60, WHY_MAX = 2000 };

/* --- values --- */

/* An argument that is empty although somebody expected a result there would clear a setting. */
static enum flow argument_value(struct machine *m, const struct node *node, struct datum *out)
{
    char storage[WHY_MAX];
    struct text why = text_over(storage, sizeof(storage));
    enum flow flow = evaluate(m, node, out);
    if (flow != FLOW_ON || out->kind != DATUM_NULL || node->kind != NODE_VARIABLE)
        return flow;
    variable_append_cause(m, node->text, &why);
    if (why.len == 0)
        return FLOW_ON;
    return machine_fail(m, node, OPERATION_USAGE, "VariableIsEmpty",
                        "the variable $%.*s is empty%.*s. To clear a setting, write $null",
                        SLICE_ARG(slice_first(node->text, SHOWN)), SLICE_ARG(text_slice(&why)));
}

static bool is_value(const struct node *node)
{
    return node && node->kind != NODE_PARAMETER && node->kind != NODE_SPLAT;
}

/* The value of -Name: behind its colon, or the next argument, which is then used up. */
static enum flow value_of(struct target *target, const struct node **at, bool is_switch,
                          struct datum *out)
{
    const struct node *parameter = *at;
    struct machine *m = target->stage->machine;
    if (parameter->first)
        return argument_value(m, parameter->first, out);
    if (is_switch) {
        *out = datum_bool(true);
        return FLOW_ON;
    }
    if (!is_value(parameter->next))
        return machine_fail(m, parameter, OPERATION_USAGE, "MissingArgument", "-%.*s needs a value",
                            SLICE_ARG(parameter->text));
    *at = parameter->next;
    return argument_value(m, *at, out);
}

static enum flow find_named(struct target *target, const struct node *node, struct slice name,
                            size_t *out_index, bool *out_is_switch)
{
    char storage[WHY_MAX];
    struct text error = text_over(storage, sizeof(storage));
    if (target->find(target, name, out_index, out_is_switch, &error))
        return FLOW_ON;
    target->stage->machine->steps += MACHINE_SUGGESTION_STEPS;
    if (slice_equal_nocase(name, SLICE("o")))
        return machine_fail(target->stage->machine, node, OPERATION_USAGE, "NamedParameterNotFound",
                            "-o is for the command line: postern %.*s -o list. In this shell: | "
                            "Format-List, | Format-Table or | ConvertTo-Json",
                            SLICE_ARG(target->stage->node->text));
    return machine_fail(target->stage->machine, node, OPERATION_USAGE, "NamedParameterNotFound",
                        "%.*s", SLICE_ARG(text_slice(&error)));
}

static enum flow bind_named(struct target *target, const struct node **at)
{
    const struct node *node = *at;
    struct datum value = datum_null();
    enum common common;
    size_t index = 0;
    bool is_switch = false;
    enum flow flow = FLOW_ON;
    bool is_common = common_find(node->text, &common);
    if (is_common)
        is_switch = common == COMMON_VERBOSE;
    else
        flow = find_named(target, node, node->text, &index, &is_switch);
    if (flow == FLOW_ON)
        flow = value_of(target, at, is_switch, &value);
    if (flow != FLOW_ON)
        return flow;
    return is_common ? common_set(target->stage, node, common, value)
                     : target->set(target, node, index, value);
}

static enum flow bind_positional(struct target *target, const struct node *node, struct datum value)
{
    size_t index;
    if (target->next(target, &index))
        return target->set(target, node, index, value);
    struct slice written = node_source(node);
    return machine_fail(target->stage->machine, node, OPERATION_USAGE,
                        "PositionalParameterNotFound",
                        "what is %.*s? A parameter begins with a dash; a name with blanks needs "
                        "quotes",
                        SLICE_ARG(slice_first(written, SHOWN)));
}

/* One entry of a table as a named argument. */
static enum flow bind_entry(struct target *target, const struct node *splat,
                            const struct entry *entry)
{
    struct machine *m = target->stage->machine;
    struct node named = *splat;
    struct datum value = entry->value;
    enum common common;
    size_t index;
    bool is_switch;
    named.text = name_slice(entry->name);
    enum flow flow = FLOW_ON;
    if (common_find(named.text, &common))
        flow = common_set(target->stage, &named, common, value);
    else {
        flow = find_named(target, splat, named.text, &index, &is_switch);
        if (flow == FLOW_ON)
            flow = target->set(target, splat, index, value);
    }
    if (m->fault.node == &named) /* which is gone when this returns */
        m->fault.node = splat;
    return flow;
}

/* @name: a table gives named arguments, a list the others. */
static enum flow bind_splat(struct target *target, const struct node *node)
{
    struct machine *m = target->stage->machine;
    struct datum values = datum_null();
    enum flow flow = variable_get(m, node, node->text, &values);
    if (flow != FLOW_ON)
        return flow;
    heap_keep(&m->heap, values);
    if (values.kind == DATUM_LIST)
        for (size_t i = 0; flow == FLOW_ON && i < values.list->count; i++)
            flow = bind_positional(target, node, values.list->at[i]);
    else if (values.kind != DATUM_TABLE)
        return machine_fail(m, node, OPERATION_USAGE, "InvalidSplat",
                            "@%.*s takes a table @{ Name = value } or a list",
                            SLICE_ARG(node->text));
    else
        for (size_t i = 0; flow == FLOW_ON && i < values.map->count; i++)
            flow = bind_entry(target, node, &values.map->at[i]);
    return flow;
}

enum flow bind_arguments(struct target *target)
{
    struct machine *m = target->stage->machine;
    size_t level = heap_level(&m->heap);
    enum flow flow = FLOW_ON;
    for (const struct node *at = target->stage->node->second; flow == FLOW_ON && at;
         at = at->next) {
        struct datum value = datum_null();
        if (at->kind == NODE_PARAMETER)
            flow = bind_named(target, &at);
        else if (at->kind == NODE_SPLAT)
            flow = bind_splat(target, at);
        else {
            flow = argument_value(m, at, &value);
            if (flow == FLOW_ON)
                flow = bind_positional(target, at, value);
        }
    }
    heap_release(&m->heap, level);
    if (flow == FLOW_FAULT && !target->stage->block && m->fault.command.len == 0)
        m->fault.command = target->stage->node->text;
    return flow;
}

/* --- cmdlets of the language --- */

static size_t parameter_count(const struct cmdlet *cmdlet)
{
    size_t count = 0;
    while (cmdlet->parameters[count].name)
        count++;
    return count;
}

static void say_no_parameter(const struct cmdlet *cmdlet, struct slice name, struct text *error)
{
    const char *nearest = NULL;
    size_t smallest = SIZE_MAX;
    for (size_t i = 0; i < parameter_count(cmdlet); i++) {
        size_t distance = name_distance(name, slice_of(cmdlet->parameters[i].name));
        if (distance >= smallest)
            continue;
        smallest = distance;
        nearest = cmdlet->parameters[i].name;
    }
    text_append_format(error, "%s has no parameter -", cmdlet->name);
    text_append_escaped(error, name, SHOWN);
    if (nearest && name_near_enough(smallest, name.len))
        text_append_format(error, ". Did you mean -%s?", nearest);
}

static bool cmdlet_parameter(struct target *target, struct slice name, size_t *out_index,
                             bool *out_is_switch, struct text *error)
{
    const struct cmdlet *cmdlet = target->stage->cmdlet;
    size_t begins = 0;
    *out_index = 0;
    for (size_t i = 0; i < parameter_count(cmdlet); i++) {
        struct slice full = slice_of(cmdlet->parameters[i].name);
        if (!slice_starts_nocase(full, name))
            continue;
        *out_index = i;
        begins++;
        if (full.len != name.len)
            continue;
        begins = 1;
        break;
    }
    *out_is_switch = begins == 1 && cmdlet->parameters[*out_index].kind == ARGUMENT_SWITCH;
    if (begins > 1)
        text_append_format(error, "-%.*s is ambiguous for %s", SLICE_ARG(name), cmdlet->name);
    else if (begins == 0)
        say_no_parameter(cmdlet, name, error);
    return begins == 1;
}

static bool cmdlet_next(struct target *target, size_t *out_index)
{
    const struct stage *stage = target->stage;
    for (size_t i = 0; i < parameter_count(stage->cmdlet); i++) {
        const struct cmdlet_parameter *row = &stage->cmdlet->parameters[i];
        if (!row->positional || (stage_has(stage, i) && !row->rest))
            continue;
        *out_index = i;
        return true;
    }
    return false;
}

static enum flow cmdlet_set(struct target *target, const struct node *node, size_t index,
                            struct datum value)
{
    struct stage *stage = target->stage;
    const struct cmdlet_parameter *row = &stage->cmdlet->parameters[index];
    if (row->rest && node->kind != NODE_PARAMETER) {
        if (!stage_has(stage, index))
            stage->arguments[index] = heap_list(&stage->machine->heap, 0);
        heap_append(&stage->machine->heap, stage->arguments[index], value);
    } else if (stage_has(stage, index))
        return machine_fail(stage->machine, node, OPERATION_USAGE, "ParameterAlreadyBound",
                            "-%s is given twice", row->name);
    else
        stage->arguments[index] = value;
    stage->given |= 1u << index;
    return machine_memory(stage->machine);
}

enum flow bind_cmdlet(struct stage *stage)
{
    struct target target = {
        .stage = stage, .find = cmdlet_parameter, .next = cmdlet_next, .set = cmdlet_set};
    enum flow flow = bind_arguments(&target);
    for (size_t i = 0; flow == FLOW_ON && i < parameter_count(stage->cmdlet); i++)
        if (stage->cmdlet->parameters[i].required && !stage_has(stage, i))
            flow = machine_fail(stage->machine, stage->node, OPERATION_USAGE,
                                "MissingMandatoryParameter", "%s needs -%s", stage->cmdlet->name,
                                stage->cmdlet->parameters[i].name);
    return flow;
}
