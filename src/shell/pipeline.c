/* SPDX-License-Identifier: Apache-2.0 */
/* Pipelines: values are pushed one by one from stage to stage. */
#include "shell/cmdlet.h"
#include "shell/convert.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { SHOWN = 80, WHY_MAX = 1000 };

void stage_reach(struct heap *heap, const struct stage *stage)
{
    for (size_t i = 0; i < CMDLET_PARAMETERS_MAX; i++)
        heap_reach(heap, stage->arguments[i]);
    for (size_t i = 0; i < STAGE_HELD; i++)
        heap_reach(heap, stage->held[i]);
    heap_reach(heap, stage->scope.variables);
    heap_reach(heap, stage->tee.list);
    heap_reach(heap, stage->errors);
}

/* --- one stage --- */

static enum flow take_for_block(struct stage *stage, struct datum value)
{
    heap_append(&stage->machine->heap, stage->held[0], value);
    return machine_memory(stage->machine);
}

static enum flow stage_take(struct machine *m, struct sink *sink, struct datum value)
{
    struct stage *stage = (struct stage *)sink;
    if (stage->done)
        return FLOW_ENOUGH;
    size_t level = heap_level(&m->heap);
    heap_keep(&m->heap, value);
    enum flow flow = machine_step(m);
    if (flow == FLOW_ON)
        flow = stage->operation ? operation_take(stage, value)
               : stage->block   ? take_for_block(stage, value)
                                : stage->cmdlet->process(stage, value);
    if (flow == FLOW_FAULT && stage->cmdlet && !m->fault.thrown && m->catching == 0)
        flow = stage_settle(stage);
    heap_release(&m->heap, level);
    return flow;
}

static enum flow find_target(struct stage *stage)
{
    struct machine *m = stage->machine;
    struct slice name = stage->node->text;
    const struct datum *function = map_find(&m->heap, m->functions.map, name);
    if (function && function->kind == DATUM_BLOCK) {
        stage->block = function->block;
        return FLOW_ON;
    }
    stage->cmdlet = cmdlet_find(name);
    stage->operation = stage->cmdlet ? NULL : operation_find(name, NULL);
    if (stage->cmdlet || stage->operation)
        return FLOW_ON;
    char storage[WHY_MAX];
    struct text error = text_over(storage, sizeof(storage));
    cmdlet_say_nearest(m, name, &error);
    return machine_fail(m, stage->node, OPERATION_USAGE, "CommandNotFoundException", "%.*s",
                        SLICE_ARG(text_slice(&error)));
}

/* & $block, & { ... }, & "Get-Queue" */
static enum flow find_called(struct stage *stage)
{
    struct machine *m = stage->machine;
    struct datum value = datum_null();
    enum flow flow = evaluate(m, stage->node->first, &value);
    if (flow != FLOW_ON)
        return flow;
    if (value.kind != DATUM_BLOCK)
        return machine_fail(m, stage->node, OPERATION_USAGE, "BadExpression",
                            "& runs a block { ... }, not %s", datum_kind_word(value));
    stage->block = value.block;
    return FLOW_ON;
}

enum flow stage_open(struct stage *stage)
{
    stage->sink.take = stage_take;
    enum flow flow = stage->node->first ? find_called(stage) : find_target(stage);
    if (flow != FLOW_ON)
        return flow;
    if (!stage->first && stage->cmdlet && !stage->cmdlet->process)
        return machine_fail(stage->machine, stage->node, OPERATION_USAGE, "InputNotTaken",
                            "%s takes nothing from a pipeline", stage->cmdlet->name);
    if (stage->block)
        stage->held[0] = heap_list(&stage->machine->heap, 0);
    preference_before(stage);
    return stage->operation ? bind_operation(stage) : stage->cmdlet ? bind_cmdlet(stage) : FLOW_ON;
}

enum flow stage_begin(struct stage *stage)
{
    if (stage->operation)
        return operation_begin(stage);
    return stage->cmdlet && stage->cmdlet->begin ? stage->cmdlet->begin(stage) : FLOW_ON;
}

/* A function or block runs once, at the end, with what the pipeline brought as $input. */
static enum flow run_called(struct stage *stage)
{
    struct machine *m = stage->machine;
    if (!scope_push(m, &stage->scope))
        return machine_memory(m);
    map_set(&m->heap, stage->scope.variables.map, SLICE("input"), stage->held[0]);
    map_set(&m->heap, stage->scope.variables.map, SLICE("args"), heap_list(&m->heap, 0));
    enum flow flow = bind_block(stage);
    if (flow == FLOW_ON)
        flow = run_sequence(m, stage->block->first, stage->out);
    scope_pop(m);
    return flow == FLOW_RETURN ? FLOW_ON : flow;
}

enum flow stage_end(struct stage *stage)
{
    struct machine *m = stage->machine;
    enum flow flow = stage->operation                      ? operation_end(stage)
                     : stage->block                        ? run_called(stage)
                     : stage->cmdlet && stage->cmdlet->end ? stage->cmdlet->end(stage)
                                                           : FLOW_ON;
    if (flow == FLOW_FAULT && stage->cmdlet && !m->fault.thrown && m->catching == 0)
        flow = stage_settle(stage);
    return flow;
}

void stage_close(struct stage *stage)
{
    json_decref(stage->parameters);
    json_decref(stage->gathered);
}

/* --- for cmdlets --- */

enum flow stage_give(struct stage *stage, struct datum value)
{
    return stage->out->take(stage->machine, stage->out, value);
}

enum flow stage_gather_begin(struct stage *stage)
{
    stage->held[0] = heap_list(&stage->machine->heap, 0);
    return machine_memory(stage->machine);
}

enum flow stage_gather_take(struct stage *stage, struct datum value)
{
    heap_append(&stage->machine->heap, stage->held[0], value);
    return machine_memory(stage->machine);
}

bool stage_switch(const struct stage *stage, size_t parameter)
{
    return stage_has(stage, parameter) && datum_is_true(stage->arguments[parameter]);
}

struct slice stage_text(struct stage *stage, size_t parameter)
{
    struct datum *argument = &stage->arguments[parameter];
    if (!stage_has(stage, parameter))
        return SLICE("");
    *argument = datum_to_text(stage->machine, *argument);
    return argument->kind == DATUM_TEXT ? datum_slice(*argument) : SLICE("");
}

enum flow stage_settle(struct stage *stage)
{
    stage->machine->fault.command =
        stage->cmdlet ? slice_of(stage->cmdlet->name) : stage->node->text;
    common_note_error(stage);
    return fault_settle(stage->machine, &stage->action);
}

enum flow stage_complain(struct stage *stage, enum operation_error category, const char *id,
                         const char *format, ...)
{
    char message[MACHINE_MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    machine_fail(stage->machine, stage->node, category, id, "%s", message);
    return stage_settle(stage);
}

/* --- the whole --- */

static enum flow open_all(struct machine *m, struct stage *stages, size_t count,
                          const struct node *first, bool fed, struct sink *out)
{
    enum flow flow = FLOW_ON;
    const struct node *node = first;
    for (size_t i = 0; i < count; i++, node = node->next) {
        stages[i].machine = m;
        stages[i].node = node;
        stages[i].first = i == 0 && !fed;
        stages[i].hands_on = i + 1 < count;
        stages[i].out = i + 1 < count ? &stages[i + 1].sink : out;
        stages[i].outer = m->stages;
        m->stages = &stages[i];
    }
    for (size_t i = 0; flow == FLOW_ON && i < count; i++)
        flow = stage_open(&stages[i]);
    for (size_t i = 0; i + 1 < count; i++)
        stages[i].names_only =
            !stages[i].tee.into && operation_gives_names(&stages[i], &stages[i + 1]);
    for (size_t i = 0; flow == FLOW_ON && i < count; i++)
        flow = stage_begin(&stages[i]);
    return flow;
}

/* Whether it was a stage of this pipeline that had enough. */
static bool is_ours(const struct stage *stages, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (stages[i].done)
            return true;
    return false;
}

static enum flow feed(struct machine *m, const struct node *expression, struct stage *stages,
                      size_t count)
{
    struct datum value = datum_null();
    enum flow flow = FLOW_ON;
    if (expression) {
        flow = evaluate(m, expression, &value);
        if (flow == FLOW_ON)
            flow = emit(m, &stages[0].sink, value);
    }
    for (size_t i = 0; i < count; i++) {
        if (flow == FLOW_ENOUGH && is_ours(stages, count))
            flow = FLOW_ON;
        if (flow != FLOW_ON)
            break;
        flow = stage_end(&stages[i]);
    }
    return flow == FLOW_ENOUGH && is_ours(stages, count) ? FLOW_ON : flow;
}

/* A pipeline that ends early has still given what it gave: that is worked on, and then the fault
 * that ended it is told. */
static void flush_gathered(struct machine *m, struct stage *stages, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!stages[i].gathered)
            continue;
        struct fault ended = m->fault;
        m->fault = (struct fault){.message = text_with_ceiling(MACHINE_MESSAGE_MAX),
                                  .fix = text_with_ceiling(MACHINE_MESSAGE_MAX)};
        (void)operation_flush(&stages[i]);
        text_deinit(&m->fault.message);
        text_deinit(&m->fault.fix);
        m->fault = ended;
    }
}

static enum flow run_stages(struct machine *m, const struct node *expression,
                            const struct node *first, size_t count, struct sink *out)
{
    struct stage *saved = m->stages;
    struct stage *stages = calloc(count, sizeof(*stages));
    if (!stages) {
        m->heap.exhausted = true;
        return machine_memory(m);
    }
    m->last_good = true;
    enum flow flow = open_all(m, stages, count, first, expression != NULL, out);
    if (flow == FLOW_ON)
        flow = feed(m, expression, stages, count);
    if (flow != FLOW_LIMIT)
        flush_gathered(m, stages, count);
    m->stages = saved;
    for (size_t i = 0; i < count; i++)
        stage_close(&stages[i]);
    free(stages);
    return flow;
}

static bool is_step(const struct node *node)
{
    return node->kind == NODE_UNARY &&
           (node->action == OPERATOR_INCREMENT || node->action == OPERATOR_DECREMENT);
}

enum flow run_pipeline(struct machine *m, const struct node *pipeline, struct sink *out)
{
    const struct node *first = pipeline->first;
    const struct node *expression = first->kind == NODE_COMMAND ? NULL : first;
    struct datum value = datum_null();
    size_t count = 0;
    for (const struct node *node = expression ? first->next : first; node; node = node->next)
        count++;
    if (count > PIPELINE_STAGES_MAX)
        return machine_fail(m, pipeline, OPERATION_USAGE, "PipelineTooLong",
                            "a pipeline has at most %d parts", PIPELINE_STAGES_MAX);
    if (count > 0)
        return run_stages(m, expression, expression ? first->next : first, count, out);
    enum flow flow = evaluate(m, expression, &value);
    return flow == FLOW_ON && !is_step(expression) ? emit(m, out, value) : flow;
}
