/* SPDX-License-Identifier: Apache-2.0 */
/* Elements of lists, texts and tables, read and written. */
#include "shell/convert.h"
#include "shell/value.h"

enum { SHOWN = 80, WHY_MAX = 2000 };

static enum flow position(struct machine *m, const struct node *node, struct datum index,
                          size_t count, size_t *out, bool *out_is_there)
{
    int64_t number;
    *out = 0;
    *out_is_there = false;
    if (!datum_to_integer(index, &number))
        return machine_fail(m, node, OPERATION_USAGE, "InvalidIndex", "%s is no position in a list",
                            datum_kind_word(index));
    number += number < 0 ? (int64_t)count : 0;
    *out_is_there = number >= 0 && (uint64_t)number < count;
    *out = *out_is_there ? (size_t)number : 0;
    return FLOW_ON;
}

static enum flow of_list(struct machine *m, const struct node *node, struct datum list,
                         struct datum index, struct datum *out)
{
    size_t at;
    bool there;
    enum flow flow = position(m, node, index, list.list->count, &at, &there);
    *out = flow == FLOW_ON && there ? list.list->at[at] : datum_null();
    return flow;
}

static enum flow of_text(struct machine *m, const struct node *node, struct datum text,
                         struct datum index, struct datum *out)
{
    size_t at;
    bool there;
    struct slice bytes = datum_slice(text);
    enum flow flow = position(m, node, index, text_columns(bytes), &at, &there);
    *out = datum_null();
    if (flow != FLOW_ON || !there)
        return flow;
    bytes = slice_after(bytes, text_first_columns(bytes, at).len);
    *out = heap_text(&m->heap, text_first_columns(bytes, 1));
    return machine_memory(m);
}

static enum flow key_of(struct machine *m, struct datum index, struct datum *out)
{
    *out = datum_to_text(m, index);
    return out->kind == DATUM_TEXT ? FLOW_ON : machine_memory(m);
}

static enum flow several(struct machine *m, const struct node *node, struct datum object,
                         struct datum indices, struct datum *out)
{
    enum flow flow = FLOW_ON;
    *out = heap_list(&m->heap, indices.list->count);
    for (size_t i = 0; flow == FLOW_ON && i < indices.list->count; i++) {
        struct datum element = datum_null();
        if (indices.list->at[i].kind == DATUM_LIST)
            return machine_fail(m, node, OPERATION_USAGE, "InvalidIndex",
                                "a list of lists is no "
                                "position in a list");
        flow = index_get(m, node, object, indices.list->at[i], &element);
        if (element.kind != DATUM_NULL)
            heap_append(&m->heap, *out, element);
    }
    return flow;
}

enum flow index_get(struct machine *m, const struct node *node, struct datum object,
                    struct datum index, struct datum *out)
{
    if (index.kind == DATUM_LIST && !(object.kind == DATUM_NULL))
        return several(m, node, object, index, out);
    if (object.kind == DATUM_LIST)
        return of_list(m, node, object, index, out);
    if (object.kind == DATUM_TEXT)
        return of_text(m, node, object, index, out);
    if (datum_is_map(object) && (object.kind == DATUM_TABLE || index.kind == DATUM_TEXT)) {
        struct datum key;
        enum flow flow = key_of(m, index, &key);
        const struct datum *found =
            flow == FLOW_ON ? map_find(&m->heap, object.map, datum_slice(key)) : NULL;
        *out = found ? *found : datum_null();
        return flow;
    }
    if (object.kind == DATUM_NULL) {
        char storage[WHY_MAX];
        struct text why = text_over(storage, sizeof(storage));
        if (node->first && node->first->kind == NODE_VARIABLE)
            variable_append_cause(m, node->first->text, &why);
        return machine_fail(m, node, OPERATION_USAGE, "NothingHasNoElement",
                            "%.*s is empty, so it has no element%.*s",
                            SLICE_ARG(slice_first(node_source(node->first), SHOWN)),
                            SLICE_ARG(text_slice(&why)));
    }
    struct datum only = heap_list(&m->heap, 1); /* one thing is a list of one */
    heap_append(&m->heap, only, object);
    return only.kind == DATUM_LIST ? of_list(m, node, only, index, out) : machine_memory(m);
}

enum flow index_set(struct machine *m, const struct node *node, struct datum object,
                    struct datum index, struct datum value)
{
    if (object.kind == DATUM_LIST) {
        size_t at;
        bool there;
        enum flow flow = position(m, node, index, object.list->count, &at, &there);
        if (flow == FLOW_ON && !there)
            return machine_fail(m, node, OPERATION_USAGE, "IndexOutOfRange",
                                "the list has %zu elements; += appends one", object.list->count);
        if (flow == FLOW_ON)
            object.list->at[at] = value;
        return flow;
    }
    if (object.kind != DATUM_TABLE)
        return machine_fail(m, node, OPERATION_USAGE, "InvalidIndex", "%s has no elements to set",
                            datum_kind_word(object));
    struct datum key;
    enum flow flow = key_of(m, index, &key);
    if (flow == FLOW_ON)
        map_set(&m->heap, object.map, datum_slice(key), value);
    return flow == FLOW_ON ? machine_memory(m) : flow;
}
