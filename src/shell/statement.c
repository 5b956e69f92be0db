/* SPDX-License-Identifier: Apache-2.0 */
/* Statements. */
#include "shell/convert.h"
#include "shell/pattern.h"

typedef enum flow run_fn(struct machine *m, const struct node *node, struct sink *out);

enum { EXIT_MAX = 255 };

/* --- values of statements --- */

enum flow evaluate_statement(struct machine *m, const struct node *node, struct datum *out)
{
    const struct node *only = node->first;
    if (node->kind == NODE_ASSIGN)
        return run_assignment(m, node, out);
    if (node->kind == NODE_PIPELINE && !only->next && only->kind != NODE_COMMAND)
        return evaluate(m, only, out);
    size_t level = heap_level(&m->heap);
    struct collector collector;
    collector_init(m, &collector);
    enum flow flow = run_statement(m, node, &collector.sink);
    *out = collector_value(&collector);
    heap_release(&m->heap, level);
    return flow;
}

static enum flow is_true(struct machine *m, const struct node *condition, bool *out)
{
    struct datum value = datum_null();
    enum flow flow = evaluate_statement(m, condition, &value);
    *out = flow == FLOW_ON && datum_is_true(value);
    return flow;
}

/* --- choices --- */

static enum flow run_if(struct machine *m, const struct node *node, struct sink *out)
{
    for (; node; node = node->third) {
        bool yes = true;
        if (node->kind != NODE_IF)
            return run_sequence(m, node->first, out);
        enum flow flow = is_true(m, node->first, &yes);
        if (flow != FLOW_ON)
            return flow;
        if (yes)
            return run_sequence(m, node->second->first, out);
    }
    return FLOW_ON;
}

static enum flow matches(struct machine *m, const struct node *node, const struct node *pattern,
                         struct datum value, bool *out)
{
    struct datum wanted = datum_null();
    enum flow flow = evaluate(m, pattern, &wanted);
    if (flow != FLOW_ON)
        return flow;
    if (wanted.kind == DATUM_BLOCK) {
        struct datum verdict = datum_null();
        flow = block_value(m, wanted.block, &value, &verdict);
        *out = datum_is_true(verdict);
        return flow;
    }
    if (slice_equal_nocase(node->text, SLICE("regex")))
        return operate_match(m, pattern, value, wanted, out);
    if (slice_equal_nocase(node->text, SLICE("wildcard"))) {
        struct datum text = datum_to_text(m, value), form = datum_to_text(m, wanted);
        *out = text.kind == DATUM_TEXT && form.kind == DATUM_TEXT &&
               wildcard_match(datum_slice(form), datum_slice(text), false);
        return machine_memory(m);
    }
    *out = datum_equal(value, wanted, false);
    return FLOW_ON;
}

static enum flow switch_on(struct machine *m, const struct node *node, struct datum value,
                           struct sink *out)
{
    bool any = false;
    enum flow flow = FLOW_ON;
    m->item = value;
    for (const struct node *one = node->second; flow == FLOW_ON && one; one = one->next) {
        bool yes = !one->first && !any && !one->next;
        if (one->first)
            flow = matches(m, node, one->first, value, &yes);
        any = any || yes;
        if (flow == FLOW_ON && yes)
            flow = run_sequence(m, one->second->first, out);
    }
    return flow;
}

static enum flow run_switch(struct machine *m, const struct node *node, struct sink *out)
{
    struct datum value = datum_null(), saved = m->item;
    size_t level = heap_level(&m->heap);
    heap_keep(&m->heap, saved);
    enum flow flow = evaluate_statement(m, node->first, &value);
    heap_keep(&m->heap, value);
    if (flow == FLOW_ON && value.kind == DATUM_LIST)
        for (size_t i = 0; flow == FLOW_ON && i < value.list->count; i++) {
            flow = switch_on(m, node, value.list->at[i], out);
            flow = flow == FLOW_CONTINUE ? FLOW_ON : flow; /* with the next value */
        }
    else if (flow == FLOW_ON)
        flow = switch_on(m, node, value, out);
    m->item = saved;
    heap_release(&m->heap, level);
    return flow == FLOW_BREAK || flow == FLOW_CONTINUE ? FLOW_ON : flow;
}

/* --- loops --- */

/* What the body of a loop gave; true: the loop goes on. */
static bool goes_on(enum flow *flow)
{
    if (*flow == FLOW_CONTINUE)
        *flow = FLOW_ON;
    if (*flow == FLOW_ON)
        return true;
    if (*flow == FLOW_BREAK)
        *flow = FLOW_ON;
    return false;
}

static enum flow run_foreach(struct machine *m, const struct node *node, struct sink *out)
{
    struct datum list = datum_null();
    size_t level = heap_level(&m->heap);
    enum flow flow = evaluate_statement(m, node->first, &list);
    heap_keep(&m->heap, list);
    bool one = list.kind != DATUM_LIST && list.kind != DATUM_NULL;
    size_t count = list.kind == DATUM_LIST ? list.list->count : one ? 1 : 0;
    for (size_t i = 0; flow == FLOW_ON && i < count; i++) {
        flow = machine_step(m);
        if (list.kind == DATUM_LIST && i >= list.list->count)
            break; /* the body made it shorter */
        if (flow == FLOW_ON)
            flow = variable_set(m, node, node->text, one ? list : list.list->at[i]);
        if (flow == FLOW_ON)
            flow = run_sequence(m, node->second->first, out);
        if (!goes_on(&flow))
            break;
    }
    heap_release(&m->heap, level);
    return flow;
}

static enum flow run_loop(struct machine *m, const struct node *condition, bool until,
                          bool body_first, const struct node *body, const struct node *step,
                          struct sink *out)
{
    bool yes = true;
    for (bool first = true;; first = false) {
        enum flow flow = machine_step(m);
        if (flow == FLOW_ON && condition && !(first && body_first))
            flow = is_true(m, condition, &yes);
        if (flow != FLOW_ON || (!(first && body_first) && yes == until))
            return flow;
        flow = run_sequence(m, body->first, out);
        if (!goes_on(&flow))
            return flow;
        if (step && step->first)
            flow = run_statement(m, step->first, out);
        if (flow != FLOW_ON)
            return flow;
    }
}

static enum flow run_while(struct machine *m, const struct node *node, struct sink *out)
{
    return run_loop(m, node->first, false, false, node->second, NULL, out);
}

static enum flow run_do(struct machine *m, const struct node *node, struct sink *out)
{
    return run_loop(m, node->first, node->flag, true, node->second, NULL, out);
}

static enum flow run_for(struct machine *m, const struct node *node, struct sink *out)
{
    const struct node *begin = node->first, *condition = begin->next, *step = condition->next;
    enum flow flow = begin->first ? run_statement(m, begin->first, out) : FLOW_ON;
    return flow == FLOW_ON ? run_loop(m, condition->first, false, false, node->second, step, out)
                           : flow;
}

/* --- errors --- */

static enum flow run_catch(struct machine *m, const struct node *body, struct sink *out)
{
    struct datum saved = m->item;
    size_t level = heap_level(&m->heap);
    heap_keep(&m->heap, saved);
    m->item = fault_record(m);
    enum flow flow = run_sequence(m, body->first, out);
    m->item = saved;
    heap_release(&m->heap, level);
    return flow;
}

static enum flow run_try(struct machine *m, const struct node *node, struct sink *out)
{
    m->catching += node->second ? 1 : 0;
    enum flow flow = run_sequence(m, node->first->first, out);
    m->catching -= node->second ? 1 : 0;
    if (flow == FLOW_FAULT && node->second)
        flow = run_catch(m, node->second, out);
    if (!node->third || flow == FLOW_LIMIT)
        return flow;
    enum flow last = run_sequence(m, node->third->first, out);
    return last != FLOW_ON ? last : flow;
}

static enum flow run_throw(struct machine *m, const struct node *node, struct sink *out)
{
    struct datum value = m->item;
    (void)out;
    enum flow flow = node->first ? evaluate_statement(m, node->first, &value) : FLOW_ON;
    value = datum_to_text(m, value);
    if (flow != FLOW_ON || value.kind != DATUM_TEXT)
        return flow != FLOW_ON ? flow : machine_memory(m);
    machine_fail(m, node, OPERATION_FAILED, "RuntimeException", "%.*s",
                 SLICE_ARG(datum_slice(value)));
    m->fault.thrown = true;
    return FLOW_FAULT;
}

/* --- leaving --- */

static enum flow run_return(struct machine *m, const struct node *node, struct sink *out)
{
    enum flow flow = node->first ? run_statement(m, node->first, out) : FLOW_ON;
    return flow == FLOW_ON ? FLOW_RETURN : flow;
}

static enum flow run_exit(struct machine *m, const struct node *node, struct sink *out)
{
    struct datum value = datum_integer(m->exit_code);
    int64_t code;
    (void)out;
    enum flow flow = node->first ? evaluate_statement(m, node->first, &value) : FLOW_ON;
    if (flow != FLOW_ON)
        return flow;
    if (!datum_to_integer(value, &code) || code < 0 || code > EXIT_MAX)
        return machine_fail(m, node, OPERATION_USAGE, "InvalidExitCode",
                            "exit takes a number from 0 to %d", EXIT_MAX);
    m->exit_code = (int)code;
    return FLOW_EXIT;
}

static enum flow run_break(struct machine *m, const struct node *node, struct sink *out)
{
    (void)m;
    (void)out;
    return node->kind == NODE_BREAK ? FLOW_BREAK : FLOW_CONTINUE;
}

static enum flow run_function(struct machine *m, const struct node *node, struct sink *out)
{
    (void)out;
    map_set(&m->heap, m->functions.map, node->text,
            (struct datum){.kind = DATUM_BLOCK, .block = node->first});
    return machine_memory(m);
}

static enum flow run_assign(struct machine *m, const struct node *node, struct sink *out)
{
    struct datum value;
    (void)out;
    return run_assignment(m, node, &value);
}

static run_fn *const runners[] = {
    [NODE_ASSIGN] = run_assign,  [NODE_PIPELINE] = run_pipeline,
    [NODE_IF] = run_if,          [NODE_FOREACH] = run_foreach,
    [NODE_FOR] = run_for,        [NODE_WHILE] = run_while,
    [NODE_DO] = run_do,          [NODE_SWITCH] = run_switch,
    [NODE_TRY] = run_try,        [NODE_FUNCTION] = run_function,
    [NODE_RETURN] = run_return,  [NODE_THROW] = run_throw,
    [NODE_EXIT] = run_exit,      [NODE_BREAK] = run_break,
    [NODE_CONTINUE] = run_break,
};

enum flow run_statement(struct machine *m, const struct node *node, struct sink *out)
{
    size_t level = heap_level(&m->heap);
    enum flow flow = machine_enter(m, node);
    if (flow != FLOW_ON)
        return flow;
    flow = machine_step(m);
    if (flow == FLOW_ON)
        flow = runners[node->kind](m, node, out);
    heap_release(&m->heap, level);
    machine_leave(m);
    return flow;
}

enum flow run_sequence(struct machine *m, const struct node *first, struct sink *out)
{
    enum flow flow = FLOW_ON;
    for (const struct node *node = first; flow == FLOW_ON && node; node = node->next) {
        flow = run_statement(m, node, out);
        if (flow == FLOW_FAULT && !m->fault.thrown && m->catching == 0)
            flow = fault_settle(m, &(enum error_action){ERROR_ACTION_DEFAULT});
    }
    return flow;
}

/* --- blocks --- */

enum flow run_block(struct machine *m, const struct node *block, const struct datum *item,
                    struct sink *out)
{
    struct datum saved = m->item;
    size_t level = heap_level(&m->heap);
    heap_keep(&m->heap, saved);
    if (item)
        m->item = *item;
    enum flow flow = run_sequence(m, block->first, out);
    m->item = saved;
    heap_release(&m->heap, level);
    return flow == FLOW_RETURN ? FLOW_ON : flow;
}

enum flow block_value(struct machine *m, const struct node *block, const struct datum *item,
                      struct datum *out)
{
    const struct node *only = block->first;
    struct datum saved = m->item;
    size_t level = heap_level(&m->heap);
    enum flow flow;
    heap_keep(&m->heap, saved);
    if (item)
        m->item = *item;
    if (only && !only->next && only->kind == NODE_PIPELINE) {
        flow = machine_step(m);
        if (flow == FLOW_ON)
            flow = evaluate_statement(m, only, out);
    } else {
        struct collector collector;
        collector_init(m, &collector);
        flow = run_sequence(m, only, &collector.sink);
        *out = collector_value(&collector);
    }
    m->item = saved;
    heap_release(&m->heap, level);
    return flow == FLOW_RETURN ? FLOW_ON : flow;
}
