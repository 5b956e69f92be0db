/* SPDX-License-Identifier: Apache-2.0 */
/* Properties as Select-Object, Sort-Object, Format-Table and their like take them. */
#include "shell/cmdlet.h"
#include "shell/convert.h"
#include "shell/pattern.h"

enum { SHOWN = 60 };

static const struct datum *of_table(struct stage *stage, struct datum property,
                                    const char *const *names, size_t count)
{
    for (size_t i = 0; property.kind == DATUM_TABLE && i < count; i++) {
        const struct datum *found =
            map_find(&stage->machine->heap, property.map, slice_of(names[i]));
        if (found)
            return found;
    }
    return NULL;
}

static const struct datum *expression_of(struct stage *stage, struct datum property)
{
    static const char *const names[] = {"Expression", "e"};
    return of_table(stage, property, names, COUNT_OF(names));
}

struct slice property_name(struct stage *stage, struct datum property)
{
    static const char *const names[] = {"Name", "n", "Label", "l", "Expression", "e"};
    const struct datum *found = of_table(stage, property, names, COUNT_OF(names));
    struct datum name = found ? *found : property;
    if (name.kind == DATUM_TEXT)
        return datum_slice(name);
    return name.kind == DATUM_BLOCK ? slice_trim(node_source(name.block)) : SLICE("?");
}

enum flow property_value(struct stage *stage, struct datum property, struct datum object,
                         struct datum *out)
{
    struct machine *m = stage->machine;
    const struct datum *expression = expression_of(stage, property);
    if (expression)
        property = *expression;
    if (property.kind == DATUM_BLOCK)
        return block_value(m, property.block, &object, out);
    struct datum name = datum_to_text(m, property);
    if (name.kind != DATUM_TEXT)
        return machine_memory(m);
    return member_get(m, stage->node, object, datum_slice(name), out);
}

static enum flow add_matching(struct stage *stage, struct datum list, struct slice pattern,
                              struct datum object)
{
    struct machine *m = stage->machine;
    for (size_t i = 0; datum_is_map(object) && i < object.map->count; i++) {
        struct slice name = name_slice(object.map->at[i].name);
        if (wildcard_match(pattern, name, false))
            heap_append(&m->heap, list, heap_text(&m->heap, name));
    }
    return machine_memory(m);
}

static enum flow add_property(struct stage *stage, struct datum list, struct datum property,
                              struct datum object)
{
    struct machine *m = stage->machine;
    if (property.kind == DATUM_TEXT && wildcard_in(datum_slice(property)))
        return add_matching(stage, list, datum_slice(property), object);
    if (property.kind != DATUM_TEXT && property.kind != DATUM_BLOCK &&
        !expression_of(stage, property))
        return machine_fail(m, stage->node, OPERATION_USAGE, "InvalidProperty",
                            "%s is no property: a name, or @{Name=\"...\"; Expression={ ... }}",
                            datum_kind_word(property));
    if (property.kind == DATUM_TEXT && datum_is_map(object)) { /* spelt as the object spells it */
        const struct name *name = heap_name(&m->heap, datum_slice(property));
        for (size_t i = 0; name && i < object.map->count; i++)
            if (object.map->at[i].name->folded == name->folded)
                property = heap_text(&m->heap, name_slice(object.map->at[i].name));
    }
    heap_append(&m->heap, list, property);
    return machine_memory(m);
}

enum flow property_list(struct stage *stage, struct datum argument, struct datum object,
                        struct datum *out)
{
    struct heap *heap = &stage->machine->heap;
    enum flow flow = FLOW_ON;
    *out = heap_list(heap, 0);
    heap_keep(heap, *out); /* released with the value that is being taken */
    size_t count = argument.kind == DATUM_LIST ? argument.list->count : 1;
    for (size_t i = 0; flow == FLOW_ON && i < count; i++)
        flow = add_property(stage, *out,
                            argument.kind == DATUM_LIST ? argument.list->at[i] : argument, object);
    return flow;
}
