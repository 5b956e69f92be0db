/* SPDX-License-Identifier: Apache-2.0 */
/* Sort-Object, Group-Object, Measure-Object, Compare-Object: they need all objects at once. */
#include "shell/cmdlets.h"
#include "shell/convert.h"

#include <stdlib.h>

enum { HELD_VALUES, HELD_KEYS, HELD_GROUPS };

static enum flow gather_begin(struct stage *stage)
{
    for (size_t i = HELD_VALUES; i <= HELD_GROUPS; i++)
        stage->held[i] = heap_list(&stage->machine->heap, 0);
    return machine_memory(stage->machine);
}

/* The values of the properties, or the object itself. */
static enum flow key_of(struct stage *stage, size_t parameter, struct datum value,
                        struct datum *out)
{
    struct machine *m = stage->machine;
    struct datum property = stage->arguments[parameter];
    bool several = property.kind == DATUM_LIST;
    *out = value;
    if (!stage_has(stage, parameter))
        return FLOW_ON;
    if (!several)
        return property_value(stage, property, value, out);
    enum flow flow = FLOW_ON;
    *out = heap_list(&m->heap, property.list->count);
    heap_keep(&m->heap, *out);
    for (size_t i = 0; flow == FLOW_ON && i < property.list->count; i++) {
        struct datum part = datum_null();
        flow = property_value(stage, property.list->at[i], value, &part);
        heap_append(&m->heap, *out, part);
    }
    return flow;
}

static enum flow gather_take(struct stage *stage, struct datum value)
{
    struct datum key = datum_null();
    enum flow flow = key_of(stage, 0, value, &key);
    if (flow != FLOW_ON)
        return flow;
    heap_append(&stage->machine->heap, stage->held[HELD_VALUES], value);
    heap_append(&stage->machine->heap, stage->held[HELD_KEYS], key);
    return machine_memory(stage->machine);
}

/* --- Sort-Object --- */

enum { SORT_PROPERTY, SORT_DESCENDING, SORT_UNIQUE };

struct sorting {
    const struct datum *keys;
    bool descending;
};

static int order_one(struct datum a, struct datum b)
{
    int order;
    if (datum_compare(a, b, false, &order))
        return order;
    return (int)a.kind - (int)b.kind;
}

static int order_of(struct datum a, struct datum b)
{
    if (a.kind != DATUM_LIST || b.kind != DATUM_LIST)
        return order_one(a, b);
    for (size_t i = 0; i < a.list->count && i < b.list->count; i++) {
        int order = order_one(a.list->at[i], b.list->at[i]);
        if (order != 0)
            return order;
    }
    return (a.list->count > b.list->count) - (a.list->count < b.list->count);
}

static int order_positions(const void *a, const void *b, void *context)
{
    const struct sorting *sorting = context;
    size_t left = *(const size_t *)a, right = *(const size_t *)b;
    int order = order_of(sorting->keys[left], sorting->keys[right]);
    if (order != 0)
        return sorting->descending ? -order : order;
    return (left > right) - (left < right);
}

static enum flow sort_end(struct stage *stage)
{
    const struct list_cell *values = stage->held[HELD_VALUES].list;
    struct sorting sorting = {stage->held[HELD_KEYS].list->at,
                              stage_switch(stage, SORT_DESCENDING)};
    size_t *positions = calloc(values->count + 1, sizeof(*positions));
    enum flow flow = FLOW_ON;
    for (size_t i = 0; positions && i < values->count; i++)
        positions[i] = i;
    if (positions)
        qsort_r(positions, values->count, sizeof(*positions), order_positions, &sorting);
    for (size_t i = 0; positions && flow == FLOW_ON && i < values->count; i++) {
        bool again =
            i > 0 && order_of(sorting.keys[positions[i - 1]], sorting.keys[positions[i]]) == 0;
        if (!again || !stage_switch(stage, SORT_UNIQUE))
            flow = stage_give(stage, values->at[positions[i]]);
    }
    free(positions);
    return flow;
}

/* --- Group-Object --- */

enum { GROUP_PROPERTY, GROUP_NO_ELEMENT };

static struct datum group_for(struct stage *stage, struct datum names, struct slice name)
{
    struct heap *heap = &stage->machine->heap;
    const struct datum *there = map_find(heap, names.map, name);
    if (there)
        return *there;
    struct datum group = heap_map(heap, DATUM_OBJECT, SLICE(""));
    if (group.kind != DATUM_OBJECT)
        return group;
    map_set(heap, group.map, SLICE("Count"), datum_integer(0));
    map_set(heap, group.map, SLICE("Name"), heap_text(heap, name));
    if (!stage_switch(stage, GROUP_NO_ELEMENT))
        map_set(heap, group.map, SLICE("Group"), heap_list(heap, 0));
    map_set(heap, names.map, name, group);
    heap_append(heap, stage->held[HELD_GROUPS], group);
    return group;
}

static enum flow group_end(struct stage *stage)
{
    struct machine *m = stage->machine;
    const struct list_cell *values = stage->held[HELD_VALUES].list;
    struct datum names = heap_map(&m->heap, DATUM_TABLE, SLICE(""));
    enum flow flow = machine_memory(m);
    for (size_t i = 0; flow == FLOW_ON && i < values->count; i++) {
        struct datum name = datum_to_text(m, stage->held[HELD_KEYS].list->at[i]);
        struct datum group =
            name.kind == DATUM_TEXT ? group_for(stage, names, datum_slice(name)) : datum_null();
        flow = machine_memory(m);
        if (flow != FLOW_ON)
            break;
        struct datum *count = map_find(&m->heap, group.map, SLICE("Count"));
        count->number++;
        const struct datum *elements = map_find(&m->heap, group.map, SLICE("Group"));
        if (elements)
            heap_append(&m->heap, *elements, values->at[i]);
    }
    const struct list_cell *groups = stage->held[HELD_GROUPS].list;
    for (size_t i = 0; flow == FLOW_ON && i < groups->count; i++)
        flow = stage_give(stage, groups->at[i]);
    return flow;
}

/* --- Measure-Object --- */

enum { MEASURE_PROPERTY, MEASURE_SUM, MEASURE_AVERAGE, MEASURE_MAXIMUM, MEASURE_MINIMUM };

static enum flow measure_begin(struct stage *stage)
{
    stage->held[0] = datum_integer(0); /* sum, minimum, maximum */
    return FLOW_ON;
}

static enum flow measure_take(struct stage *stage, struct datum value)
{
    struct machine *m = stage->machine;
    enum flow flow = key_of(stage, MEASURE_PROPERTY, value, &value);
    bool adds = stage_switch(stage, MEASURE_SUM) || stage_switch(stage, MEASURE_AVERAGE);
    if (flow != FLOW_ON)
        return flow;
    if (adds)
        flow = operate_arithmetic(m, stage->node, OPERATOR_ADD, stage->held[0], value,
                                  &stage->held[0]);
    if (stage->count == 0 || order_of(value, stage->held[1]) < 0)
        stage->held[1] = value;
    if (stage->count == 0 || order_of(value, stage->held[2]) > 0)
        stage->held[2] = value;
    stage->count++;
    return flow;
}

static enum flow measure_end(struct stage *stage)
{
    struct machine *m = stage->machine;
    struct datum result = heap_map(&m->heap, DATUM_OBJECT, SLICE("")), average = datum_null();
    if (result.kind != DATUM_OBJECT)
        return machine_memory(m);
    map_set(&m->heap, result.map, SLICE("Count"), datum_integer(stage->count));
    if (stage_switch(stage, MEASURE_AVERAGE) && stage->count > 0 &&
        operate_arithmetic(m, stage->node, OPERATOR_DIVIDE, stage->held[0],
                           datum_integer(stage->count), &average) == FLOW_ON)
        map_set(&m->heap, result.map, SLICE("Average"), average);
    if (stage_switch(stage, MEASURE_SUM))
        map_set(&m->heap, result.map, SLICE("Sum"), stage->held[0]);
    if (stage_switch(stage, MEASURE_MAXIMUM))
        map_set(&m->heap, result.map, SLICE("Maximum"), stage->held[2]);
    if (stage_switch(stage, MEASURE_MINIMUM))
        map_set(&m->heap, result.map, SLICE("Minimum"), stage->held[1]);
    return stage_give(stage, result);
}

/* --- Compare-Object --- */

enum { COMPARE_REFERENCE, COMPARE_DIFFERENCE, COMPARE_PROPERTY, COMPARE_EQUAL };

static enum flow side(struct stage *stage, struct datum value, const char *indicator)
{
    struct heap *heap = &stage->machine->heap;
    struct datum object = heap_map(heap, DATUM_OBJECT, SLICE(""));
    if (object.kind != DATUM_OBJECT)
        return machine_memory(stage->machine);
    map_set(heap, object.map, SLICE("InputObject"), value);
    map_set(heap, object.map, SLICE("SideIndicator"), heap_text(heap, slice_of(indicator)));
    return stage_give(stage, object);
}

static struct datum as_list(struct stage *stage, size_t parameter)
{
    struct heap *heap = &stage->machine->heap;
    struct datum value = stage->arguments[parameter];
    if (value.kind == DATUM_LIST)
        return value;
    struct datum list = heap_list(heap, 1);
    if (value.kind != DATUM_NULL)
        heap_append(heap, list, value);
    heap_keep(heap, list);
    return list;
}

/* What of `these` is not in `those`, or with `equal` what is. */
static enum flow compare_sides(struct stage *stage, struct datum these, struct datum those,
                               bool equal, const char *indicator)
{
    enum flow flow = FLOW_ON;
    for (size_t i = 0; flow == FLOW_ON && i < these.list->count; i++) {
        struct datum mine = datum_null(), other = datum_null();
        bool found = false;
        flow = key_of(stage, COMPARE_PROPERTY, these.list->at[i], &mine);
        heap_keep(&stage->machine->heap, mine);
        for (size_t j = 0; flow == FLOW_ON && !found && j < those.list->count; j++) {
            flow = machine_step(stage->machine); /* each pair is one */
            if (flow == FLOW_ON)
                flow = key_of(stage, COMPARE_PROPERTY, those.list->at[j], &other);
            found = datum_is_map(mine) || datum_is_map(other)
                        ? datum_is_map(mine) && datum_is_map(other) && mine.map == other.map
                        : datum_equal(mine, other, false);
        }
        if (flow == FLOW_ON && found == equal)
            flow = side(stage, these.list->at[i], indicator);
    }
    return flow;
}

static enum flow compare_end(struct stage *stage)
{
    size_t level = heap_level(&stage->machine->heap);
    struct datum reference = as_list(stage, COMPARE_REFERENCE);
    struct datum difference = as_list(stage, COMPARE_DIFFERENCE);
    enum flow flow = machine_memory(stage->machine);
    if (flow == FLOW_ON && stage_switch(stage, COMPARE_EQUAL))
        flow = compare_sides(stage, reference, difference, true, "==");
    if (flow == FLOW_ON)
        flow = compare_sides(stage, difference, reference, false, "=>");
    if (flow == FLOW_ON)
        flow = compare_sides(stage, reference, difference, false, "<=");
    heap_release(&stage->machine->heap, level);
    return flow;
}

/* clang-format off */
#define SWITCH(word) {.name = word, .kind = ARGUMENT_SWITCH}
const struct cmdlet arrange_cmdlets[] = {
    {"Sort-Object", "sort", gather_begin, gather_take, sort_end,
     {{.name = "Property", .positional = true}, SWITCH("Descending"), SWITCH("Unique")},
     "Sorts objects by themselves or by properties.", "Get-ExchangeCertificate | sort NotAfter"},
    {"Group-Object", "group", gather_begin, gather_take, group_end,
     {{.name = "Property", .positional = true}, SWITCH("NoElement")},
     "Puts objects together whose property is the same.", "Get-Message | group Status"},
    {"Measure-Object", "measure", measure_begin, measure_take, measure_end,
     {{.name = "Property", .positional = true}, SWITCH("Sum"), SWITCH("Average"), SWITCH("Maximum"), SWITCH("Minimum")},
     "Counts objects, and adds up a property.", "Get-Queue | measure MessageCount -Sum"},
    {"Compare-Object", "compare diff", NULL, NULL, compare_end,
     {{.name = "ReferenceObject", .positional = true, .required = true}, {.name = "DifferenceObject", .positional = true, .required = true},
      {.name = "Property"}, SWITCH("IncludeEqual")},
     "Says what two lists do not have in common: <= only the first, => only the second.", "compare $a.RemoteIPRanges $b.RemoteIPRanges"},
    {0},
};
/* clang-format on */
