/* SPDX-License-Identifier: Apache-2.0 */
/* Where-Object, ForEach-Object, Select-Object. */
#include "shell/cmdlets.h"
#include "shell/convert.h"
#include "shell/pattern.h"

#include <string.h>

/* --- Where-Object --- */

enum { WHERE_PROPERTY, WHERE_VALUE, WHERE_FILTER, WHERE_OPERATOR };

static const enum operator_kind where_operators[] = {
    OPERATOR_EQUAL, OPERATOR_NOT_EQUAL,  OPERATOR_GREATER,  OPERATOR_GREATER_EQUAL,
    OPERATOR_LESS,  OPERATOR_LESS_EQUAL, OPERATOR_LIKE,     OPERATOR_NOT_LIKE,
    OPERATOR_MATCH, OPERATOR_NOT_MATCH,  OPERATOR_CONTAINS, OPERATOR_NOT_CONTAINS,
    OPERATOR_IN,    OPERATOR_NOT_IN};

static enum flow where_begin(struct stage *stage)
{
    struct datum *filter = &stage->arguments[WHERE_FILTER];
    if (!stage_has(stage, WHERE_FILTER) && stage->arguments[WHERE_PROPERTY].kind == DATUM_BLOCK)
        *filter = stage->arguments[WHERE_PROPERTY];
    if (filter->kind == DATUM_BLOCK || stage->arguments[WHERE_PROPERTY].kind == DATUM_TEXT)
        return FLOW_ON;
    return machine_fail(stage->machine, stage->node, OPERATION_USAGE, "InvalidArgument",
                        "Where-Object takes a block { $_.Name -eq \"x\" }, or Name -eq x");
}

/* Name -eq x */
static enum flow where_simple(struct stage *stage, struct datum value, bool *out)
{
    struct node comparison = *stage->node;
    struct datum property = datum_null(), verdict = datum_null();
    enum flow flow = property_value(stage, stage->arguments[WHERE_PROPERTY], value, &property);
    *out = datum_is_true(property);
    for (size_t i = 0; flow == FLOW_ON && i < COUNT_OF(where_operators); i++) {
        if (!stage_switch(stage, WHERE_OPERATOR + i))
            continue;
        comparison.action = where_operators[i];
        comparison.flag = false;
        flow = operate_binary(stage->machine, &comparison, property, stage->arguments[WHERE_VALUE],
                              &verdict);
        *out = datum_is_true(verdict);
    }
    if (flow == FLOW_FAULT) /* the node of the comparison is gone when this returns */
        stage->machine->fault.node = stage->node;
    return flow;
}

static enum flow where_take(struct stage *stage, struct datum value)
{
    struct datum filter = stage->arguments[WHERE_FILTER], verdict = datum_null();
    bool yes = false;
    enum flow flow;
    if (filter.kind == DATUM_BLOCK) {
        flow = block_value(stage->machine, filter.block, &value, &verdict);
        yes = datum_is_true(verdict);
    } else
        flow = where_simple(stage, value, &yes);
    return flow == FLOW_ON && yes ? stage_give(stage, value) : flow;
}

/* --- ForEach-Object --- */

enum { EACH_PROCESS, EACH_BEGIN, EACH_END };

static enum flow each_part(struct stage *stage, size_t part)
{
    struct datum block = stage->arguments[part];
    if (!stage_has(stage, part))
        return FLOW_ON;
    if (block.kind == DATUM_BLOCK)
        return run_block(stage->machine, block.block, NULL, stage->out);
    return machine_fail(stage->machine, stage->node, OPERATION_USAGE, "InvalidArgument",
                        "ForEach-Object takes a block { ... }");
}

static enum flow each_begin(struct stage *stage)
{
    return each_part(stage, EACH_BEGIN);
}

static enum flow each_take(struct stage *stage, struct datum value)
{
    struct datum process = stage->arguments[EACH_PROCESS], result = datum_null();
    if (process.kind == DATUM_BLOCK)
        return run_block(stage->machine, process.block, &value, stage->out);
    enum flow flow = property_value(stage, process, value, &result);
    return flow == FLOW_ON ? emit(stage->machine, stage->out, result) : flow;
}

static enum flow each_end(struct stage *stage)
{
    return each_part(stage, EACH_END);
}

/* --- Select-Object --- */

enum {
    SELECT_PROPERTY,
    SELECT_FIRST,
    SELECT_LAST,
    SELECT_SKIP,
    SELECT_EXPAND,
    SELECT_UNIQUE,
    SELECT_EXCLUDE
};
enum { SELECT_SEEN, SELECT_TAIL };

static enum flow number_of(struct stage *stage, size_t parameter, int64_t *out)
{
    if (!stage_has(stage, parameter) ||
        (datum_to_integer(stage->arguments[parameter], out) && *out >= 0))
        return FLOW_ON;
    return machine_fail(stage->machine, stage->node, OPERATION_USAGE, "InvalidArgument",
                        "-%s takes a number", stage->cmdlet->parameters[parameter].name);
}

static enum flow select_begin(struct stage *stage)
{
    int64_t unused;
    enum flow flow = FLOW_ON;
    for (size_t i = SELECT_FIRST; flow == FLOW_ON && i <= SELECT_SKIP; i++)
        flow = number_of(stage, i, &unused);
    stage->held[SELECT_SEEN] = heap_map(&stage->machine->heap, DATUM_TABLE, SLICE(""));
    stage->held[SELECT_TAIL] = heap_list(&stage->machine->heap, 0);
    return flow;
}

static bool is_excluded(struct stage *stage, struct slice name)
{
    struct datum list = stage->arguments[SELECT_EXCLUDE];
    size_t count = list.kind == DATUM_LIST ? list.list->count : list.kind == DATUM_TEXT ? 1 : 0;
    for (size_t i = 0; i < count; i++) {
        struct datum one = list.kind == DATUM_LIST ? list.list->at[i] : list;
        if (one.kind == DATUM_TEXT && wildcard_match(datum_slice(one), name, false))
            return true;
    }
    return false;
}

/* A new object with the chosen properties. */
static enum flow choose(struct stage *stage, struct datum value, struct datum *out)
{
    struct machine *m = stage->machine;
    struct datum properties = datum_null(), object = heap_map(&m->heap, DATUM_OBJECT, SLICE(""));
    struct datum wanted = stage_has(stage, SELECT_PROPERTY) ? stage->arguments[SELECT_PROPERTY]
                                                            : heap_text(&m->heap, SLICE("*"));
    heap_keep(&m->heap, object);
    enum flow flow = property_list(stage, wanted, value, &properties);
    for (size_t i = 0; flow == FLOW_ON && i < properties.list->count; i++) {
        struct datum result = datum_null();
        if (is_excluded(stage, property_name(stage, properties.list->at[i])))
            continue;
        flow = property_value(stage, properties.list->at[i], value, &result);
        if (flow == FLOW_ON && object.kind == DATUM_OBJECT)
            map_set(&m->heap, object.map, property_name(stage, properties.list->at[i]), result);
    }
    *out = object;
    return flow;
}

/* A table finds those that differ in case at most; case matters to -Unique. */
static bool seen_before(struct stage *stage, struct datum value)
{
    struct machine *m = stage->machine;
    struct datum text = datum_to_text(m, value), seen = stage->held[SELECT_SEEN];
    if (text.kind != DATUM_TEXT || seen.kind != DATUM_TABLE)
        return false;
    const struct datum *there = map_find(&m->heap, seen.map, datum_slice(text));
    struct datum spellings = there ? *there : heap_list(&m->heap, 1);
    for (size_t i = 0; spellings.kind == DATUM_LIST && i < spellings.list->count; i++)
        if (datum_equal(spellings.list->at[i], text, true))
            return true;
    heap_append(&m->heap, spellings, text);
    map_set(&m->heap, seen.map, datum_slice(text), spellings);
    return false;
}

static enum flow select_one(struct stage *stage, struct datum value)
{
    enum flow flow = FLOW_ON;
    if (stage_has(stage, SELECT_EXPAND)) {
        struct datum result = datum_null();
        flow = property_value(stage, stage->arguments[SELECT_EXPAND], value, &result);
        return flow == FLOW_ON ? emit(stage->machine, stage->out, result) : flow;
    }
    if (stage_has(stage, SELECT_PROPERTY) || stage_has(stage, SELECT_EXCLUDE)) {
        flow = choose(stage, value, &value);
        heap_keep(&stage->machine->heap, value);
    }
    if (flow != FLOW_ON || (stage_switch(stage, SELECT_UNIQUE) && seen_before(stage, value)))
        return flow;
    return stage_give(stage, value);
}

static enum flow select_take(struct stage *stage, struct datum value)
{
    int64_t first = INT64_MAX, last = 0, skip = 0;
    number_of(stage, SELECT_FIRST, &first);
    number_of(stage, SELECT_LAST, &last);
    number_of(stage, SELECT_SKIP, &skip);
    stage->count++;
    if (stage->count <= skip)
        return FLOW_ON;
    if (last > 0) {
        struct list_cell *tail = stage->held[SELECT_TAIL].list;
        if ((int64_t)tail->count == last) {
            memmove(tail->at, tail->at + 1, (tail->count - 1) * sizeof(*tail->at));
            tail->count--;
        }
        heap_append(&stage->machine->heap, stage->held[SELECT_TAIL], value);
        return machine_memory(stage->machine);
    }
    enum flow flow = stage->count - skip <= first ? select_one(stage, value) : FLOW_ON;
    if (flow != FLOW_ON || stage->count - skip < first)
        return flow;
    stage->done = true;
    return FLOW_ENOUGH;
}

static enum flow select_end(struct stage *stage)
{
    struct datum tail = stage->held[SELECT_TAIL];
    enum flow flow = FLOW_ON;
    for (size_t i = 0; flow == FLOW_ON && tail.kind == DATUM_LIST && i < tail.list->count; i++)
        flow = select_one(stage, tail.list->at[i]);
    return flow;
}

/* clang-format off */
#define SWITCH(word) {.name = word, .kind = ARGUMENT_SWITCH}
const struct cmdlet filter_cmdlets[] = {
    {"Where-Object", "where ?", where_begin, where_take, NULL,
     {{.name = "Property", .positional = true}, {.name = "Value", .positional = true}, {.name = "FilterScript"},
      SWITCH("EQ"), SWITCH("NE"), SWITCH("GT"), SWITCH("GE"), SWITCH("LT"), SWITCH("LE"), SWITCH("Like"), SWITCH("NotLike"),
      SWITCH("Match"), SWITCH("NotMatch"), SWITCH("Contains"), SWITCH("NotContains"), SWITCH("In"), SWITCH("NotIn")},
     "Lets the objects pass for which a block gives $true.", "Get-ReceiveConnector | where { $_.Bindings -like \"*:587\" }"},
    {"ForEach-Object", "foreach %", each_begin, each_take, each_end,
     {{.name = "Process", .positional = true, .required = true}, {.name = "Begin"}, {.name = "End"}},
     "Runs a block for each object, which it calls $_, or gives one of its properties.", "Get-ReceiveConnector | % { $_.Name.ToUpper() }"},
    {"Select-Object", "select", select_begin, select_take, select_end,
     {{.name = "Property", .positional = true}, {.name = "First"}, {.name = "Last"}, {.name = "Skip"}, {.name = "ExpandProperty"},
      SWITCH("Unique"), {.name = "ExcludeProperty"}},
     "Takes some of the objects, or some of their properties.", "Get-ExchangeCertificate | select -First 1 -ExpandProperty Thumbprint"},
    {0},
};
/* clang-format on */
