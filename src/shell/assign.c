/* SPDX-License-Identifier: Apache-2.0 */
/* $x = ..., $x.Property += ..., $x[0] = ..., [int]$x = ..., $a, $b = ... */
#include "shell/convert.h"

static enum flow combine(struct machine *m, const struct node *node, struct datum old,
                         struct datum value, struct datum *out)
{
    heap_keep(&m->heap, old);
    heap_keep(&m->heap, value);
    return operate_arithmetic(m, node, node->action, old, value, out);
}

static enum flow to_variable(struct machine *m, const struct node *node, const struct node *target,
                             struct datum value)
{
    enum flow flow = FLOW_ON;
    const struct datum *there = variable_find(m, target->text);
    if (node->action != OPERATOR_NONE)
        flow = combine(m, node, there ? *there : datum_null(), value, &value);
    if (flow != FLOW_ON)
        return flow;
    if (value.kind == DATUM_NULL)
        variable_note_cause(m, target->text, node->second);
    else
        map_remove(&m->heap, m->causes.map, target->text);
    return variable_set(m, node, target->text, value);
}

static enum flow to_member(struct machine *m, const struct node *node, struct datum value)
{
    const struct node *target = node->first;
    struct datum object = datum_null(), old = datum_null(), name = datum_null();
    heap_keep(&m->heap, value);
    enum flow flow = evaluate(m, target->first, &object);
    heap_keep(&m->heap, object);
    if (flow == FLOW_ON && target->second)
        flow = evaluate(m, target->second, &name);
    name = datum_to_text(m, name);
    if (flow != FLOW_ON || name.kind != DATUM_TEXT)
        return flow != FLOW_ON ? flow : machine_memory(m);
    heap_keep(&m->heap, name);
    struct slice written = target->second ? datum_slice(name) : target->text;
    if (node->action != OPERATOR_NONE)
        flow = member_get(m, target, object, written, &old);
    if (flow == FLOW_ON && node->action != OPERATOR_NONE)
        flow = combine(m, node, old, value, &value);
    return flow == FLOW_ON ? member_set(m, target, object, written, value) : flow;
}

static enum flow to_element(struct machine *m, const struct node *node, struct datum value)
{
    const struct node *target = node->first;
    struct datum object = datum_null(), index = datum_null(), old = datum_null();
    heap_keep(&m->heap, value);
    enum flow flow = evaluate(m, target->first, &object);
    heap_keep(&m->heap, object);
    if (flow == FLOW_ON)
        flow = evaluate(m, target->second, &index);
    heap_keep(&m->heap, index);
    if (flow == FLOW_ON && node->action != OPERATOR_NONE) {
        flow = index_get(m, target, object, index, &old);
        if (flow == FLOW_ON)
            flow = combine(m, node, old, value, &value);
    }
    return flow == FLOW_ON ? index_set(m, target, object, index, value) : flow;
}

/* The last variable takes what is left. */
static enum flow to_several(struct machine *m, const struct node *node, struct datum value)
{
    size_t at = 0, count = value.kind == DATUM_LIST ? value.list->count : 1;
    enum flow flow = FLOW_ON;
    heap_keep(&m->heap, value);
    for (const struct node *target = node->first->first; flow == FLOW_ON && target;
         target = target->next, at++) {
        struct datum part = datum_null();
        if (at < count && (target->next || at + 1 == count))
            part = value.kind == DATUM_LIST ? value.list->at[at] : value;
        else if (at < count) {
            part = heap_list(&m->heap, count - at);
            for (size_t i = at; i < count; i++)
                heap_append(&m->heap, part, value.list->at[i]);
        }
        flow = to_variable(m, node, target, part);
    }
    return flow;
}

static enum flow assign(struct machine *m, const struct node *node, struct datum value)
{
    switch ((int)node->first->kind) {
    case NODE_VARIABLE:
        return to_variable(m, node, node->first, value);
    case NODE_MEMBER:
        return to_member(m, node, value);
    case NODE_INDEX:
        return to_element(m, node, value);
    case NODE_LIST:
        return to_several(m, node, value);
    default: { /* a cast in front of a variable */
        enum flow flow = datum_cast(m, node->first, value, type_of(node->first->text), &value);
        return flow == FLOW_ON ? to_variable(m, node, node->first->first, value) : flow;
    }
    }
}

enum flow run_assignment(struct machine *m, const struct node *node, struct datum *out)
{
    struct datum value = datum_null();
    size_t level = heap_level(&m->heap);
    enum flow flow = evaluate_statement(m, node->second, &value);
    if (flow == FLOW_ON)
        flow = assign(m, node, value);
    if (flow == FLOW_FAULT && node->first->kind == NODE_VARIABLE &&
        !variable_find(m, node->first->text))
        variable_note_cause(m, node->first->text, node->second);
    heap_release(&m->heap, level);
    *out = value;
    return flow;
}
