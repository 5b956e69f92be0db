/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/machine.h"

#include "shell/cmdlet.h"
#include "shell/convert.h"
#include "shell/pattern.h"
#include "shell/printer.h"

static void reach_roots(struct heap *heap, void *context)
{
    struct machine *m = context;
    const struct datum roots[] = {m->functions, m->causes, m->item, m->matches, m->result};
    for (size_t i = 0; i < COUNT_OF(roots); i++)
        heap_reach(heap, roots[i]);
    for (const struct scope *scope = m->scope; scope; scope = scope->outer)
        heap_reach(heap, scope->variables);
    if (m->printer)
        heap_reach(heap, m->printer->held);
    for (const struct stage *stage = m->stages; stage; stage = stage->outer)
        stage_reach(heap, stage);
}

bool machine_init(struct machine *m, const struct world *world, size_t memory_max,
                  uint64_t steps_max)
{
    *m = (struct machine){
        .world = world, .steps_max = steps_max, .depth_max = MACHINE_DEPTH_MAX, .last_good = true};
    heap_init(&m->heap, memory_max, reach_roots, m);
    m->fault.message = text_with_ceiling(MACHINE_MESSAGE_MAX);
    m->fault.fix = text_with_ceiling(MACHINE_MESSAGE_MAX);
    m->functions = heap_map(&m->heap, DATUM_TABLE, SLICE(""));
    m->causes = heap_map(&m->heap, DATUM_TABLE, SLICE(""));
    return !m->heap.exhausted;
}

void machine_deinit(struct machine *m)
{
    pattern_cache_free(m->patterns);
    heap_deinit(&m->heap);
    text_deinit(&m->fault.message);
    text_deinit(&m->fault.fix);
}

enum flow machine_memory(struct machine *m)
{
    if (!m->heap.exhausted)
        return FLOW_ON;
    machine_fail(m, NULL, OPERATION_FAILED, "OutOfMemory",
                 "the script needs more than %zu MB of memory, and may not have them",
                 m->heap.ceiling >> 20);
    return FLOW_LIMIT;
}

enum flow machine_step(struct machine *m)
{
    heap_collect_if_due(&m->heap);
    if (m->steps < m->steps_max) {
        m->steps++;
        return machine_memory(m);
    }
    machine_fail(m, NULL, OPERATION_FAILED, "TooManySteps",
                 "the script was ended: it took more than %llu steps",
                 (unsigned long long)m->steps_max);
    return FLOW_LIMIT;
}

enum flow machine_enter(struct machine *m, const struct node *node)
{
    if (m->depth < m->depth_max) {
        m->depth++;
        return FLOW_ON;
    }
    machine_fail(m, node, OPERATION_FAILED, "TooDeep",
                 "the script was ended: expressions or calls are nested too deeply");
    return FLOW_LIMIT;
}

void machine_leave(struct machine *m)
{
    m->depth--;
}

void machine_print(struct machine *m, enum world_stream stream, struct slice bytes)
{
    if (m->printer)
        printer_flush(m, m->printer);
    if (rows_are_for(m->world->form)) /* nothing may stand between the rows */
        stream = WORLD_ERRORS;
    m->world->print(m->world->context, stream, bytes);
}

/* --- collecting what is given --- */

static enum flow collect(struct machine *m, struct sink *sink, struct datum value)
{
    struct collector *collector = (struct collector *)sink;
    heap_append(&m->heap, collector->list, value);
    return machine_memory(m);
}

void collector_init(struct machine *m, struct collector *collector)
{
    collector->sink = (struct sink){collect};
    collector->list = heap_list(&m->heap, 0);
    heap_keep(&m->heap, collector->list);
}

struct datum collector_value(const struct collector *collector)
{
    if (collector->list.kind != DATUM_LIST || collector->list.list->count == 0)
        return datum_null();
    return collector->list.list->count == 1 ? collector->list.list->at[0] : collector->list;
}

enum flow emit(struct machine *m, struct sink *out, struct datum value)
{
    if (value.kind == DATUM_NULL)
        return FLOW_ON;
    if (value.kind != DATUM_LIST)
        return out->take(m, out, value);
    enum flow flow = FLOW_ON;
    size_t level = heap_level(&m->heap);
    heap_keep(&m->heap, value);
    for (size_t i = 0; flow == FLOW_ON && i < value.list->count; i++)
        flow = out->take(m, out, value.list->at[i]);
    heap_release(&m->heap, level);
    return flow;
}
