/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments of a function of the script. */
#include "shell/cmdlet.h"
#include "shell/convert.h"

enum { SHOWN = 60 };

static const struct node *declared_at(const struct stage *stage, size_t index)
{
    const struct node *node = stage->block->second;
    while (node && index-- > 0)
        node = node->next;
    return node;
}

static bool is_switch(const struct node *declared)
{
    return declared->second && slice_equal_nocase(declared->second->text, SLICE("switch"));
}

static bool find(struct target *target, struct slice name, size_t *out_index, bool *out_is_switch,
                 struct text *error)
{
    size_t index = 0, begins = 0;
    for (const struct node *node = target->stage->block->second; node; node = node->next, index++) {
        bool exact = slice_equal_nocase(node->text, name);
        if (!exact && !slice_starts_nocase(node->text, name))
            continue;
        begins = exact ? 1 : begins + 1;
        *out_index = index;
        *out_is_switch = is_switch(node);
        if (exact)
            break;
    }
    if (begins == 1)
        return true;
    text_append_format(error, begins ? "-%.*s is ambiguous" : "there is no parameter -%.*s",
                       SLICE_ARG(slice_first(name, SHOWN)));
    return false;
}

static struct datum *there(struct target *target, const struct node *declared)
{
    return map_find(&target->stage->machine->heap, target->stage->scope.variables.map,
                    declared->text);
}

static bool next(struct target *target, size_t *out_index)
{
    const struct node *node;
    for (size_t i = 0; (node = declared_at(target->stage, i)); i++) {
        if (is_switch(node) || there(target, node))
            continue;
        *out_index = i;
        return true;
    }
    *out_index = SIZE_MAX; /* into $args */
    return target->stage->block->second == NULL;
}

static enum flow set(struct target *target, const struct node *node, size_t index,
                     struct datum value)
{
    struct machine *m = target->stage->machine;
    struct map_cell *variables = target->stage->scope.variables.map;
    const struct node *declared = index == SIZE_MAX ? NULL : declared_at(target->stage, index);
    enum flow flow = FLOW_ON;
    if (!declared) {
        const struct datum *arguments = map_find(&m->heap, variables, SLICE("args"));
        heap_append(&m->heap, *arguments, value);
        return machine_memory(m);
    }
    if (there(target, declared))
        return machine_fail(m, node, OPERATION_USAGE, "ParameterAlreadyBound",
                            "-%.*s is given twice", SLICE_ARG(declared->text));
    if (declared->second)
        flow = datum_cast(m, declared->second, value, type_of(declared->second->text), &value);
    if (flow == FLOW_ON)
        map_set(&m->heap, variables, declared->text, value);
    return flow == FLOW_ON ? machine_memory(m) : flow;
}

static enum flow set_default(struct stage *stage, const struct node *declared)
{
    struct machine *m = stage->machine;
    struct datum value = is_switch(declared) ? datum_bool(false) : datum_null();
    enum flow flow = FLOW_ON;
    if (declared->first)
        flow = evaluate(m, declared->first, &value);
    else if (declared->flag)
        flow = machine_fail(m, stage->node, OPERATION_USAGE, "MissingMandatoryParameter",
                            "-%.*s is missing", SLICE_ARG(declared->text));
    if (flow == FLOW_ON)
        map_set(&m->heap, stage->scope.variables.map, declared->text, value);
    return flow;
}

enum flow bind_block(struct stage *stage)
{
    struct target target = {.stage = stage, .find = find, .next = next, .set = set};
    struct scope *inner = stage->machine->scope;
    stage->machine->scope = inner->outer; /* arguments are the caller's */
    enum flow flow = bind_arguments(&target);
    stage->machine->scope = inner;
    for (const struct node *node = stage->block->second; flow == FLOW_ON && node; node = node->next)
        if (!there(&target, node))
            flow = set_default(stage, node);
    return flow;
}
