/* SPDX-License-Identifier: Apache-2.0 */
/* Operators between two data: comparison, containment, ranges, types. */
#include "shell/convert.h"
#include "shell/pattern.h"

enum { RANGE_MAX = 10000000 };

enum flow operate_cannot(struct machine *m, const struct node *node, const char *what,
                         struct datum left, struct datum right)
{
    return machine_fail(m, node, OPERATION_USAGE, "InvalidOperation",
                        "%s does not work for %s and %s", what, datum_kind_word(left),
                        datum_kind_word(right));
}

static enum flow like(struct machine *m, struct datum left, struct datum right, bool cased,
                      bool *out)
{
    struct datum text = datum_to_text(m, left), pattern = datum_to_text(m, right);
    *out = text.kind == DATUM_TEXT && pattern.kind == DATUM_TEXT &&
           wildcard_match(datum_slice(pattern), datum_slice(text), cased);
    return machine_memory(m);
}

static enum flow larger(struct machine *m, const struct node *node, struct datum left,
                        struct datum right, bool *out)
{
    int order;
    if (!datum_compare(left, right, node->flag, &order))
        return operate_cannot(m, node, "comparing which is larger", left, right);
    *out = node->action == OPERATOR_GREATER         ? order > 0
           : node->action == OPERATOR_GREATER_EQUAL ? order >= 0
           : node->action == OPERATOR_LESS          ? order < 0
                                                    : order <= 0;
    return FLOW_ON;
}

static enum flow compare_one(struct machine *m, const struct node *node, struct datum left,
                             struct datum right, bool *out)
{
    enum flow flow = FLOW_ON;
    enum operator_kind action = node->action;
    bool negated =
        action == OPERATOR_NOT_EQUAL || action == OPERATOR_NOT_LIKE || action == OPERATOR_NOT_MATCH;
    if (action == OPERATOR_EQUAL || action == OPERATOR_NOT_EQUAL)
        *out = datum_equal(left, right, node->flag);
    else if (action == OPERATOR_LIKE || action == OPERATOR_NOT_LIKE)
        flow = like(m, left, right, node->flag, out);
    else if (action == OPERATOR_MATCH || action == OPERATOR_NOT_MATCH)
        flow = operate_match(m, node, left, right, out);
    else
        flow = larger(m, node, left, right, out);
    *out = *out != negated;
    return flow;
}

/* A list to the left is filtered. */
static enum flow compare(struct machine *m, const struct node *node, struct datum left,
                         struct datum right, struct datum *out)
{
    bool yes = false;
    enum flow flow = FLOW_ON;
    if (left.kind != DATUM_LIST) {
        flow = compare_one(m, node, left, right, &yes);
        *out = datum_bool(yes);
        return flow;
    }
    *out = heap_list(&m->heap, 0);
    for (size_t i = 0; flow == FLOW_ON && i < left.list->count; i++) {
        flow = compare_one(m, node, left.list->at[i], right, &yes);
        if (flow == FLOW_ON && yes)
            heap_append(&m->heap, *out, left.list->at[i]);
    }
    return flow;
}

static bool holds(struct datum list, struct datum value, bool cased)
{
    if (list.kind != DATUM_LIST)
        return datum_equal(list, value, cased);
    for (size_t i = 0; i < list.list->count; i++)
        if (datum_equal(list.list->at[i], value, cased))
            return true;
    return false;
}

static enum flow range(struct machine *m, const struct node *node, struct datum left,
                       struct datum right, struct datum *out)
{
    int64_t from, to;
    if (!datum_to_integer(left, &from) || !datum_to_integer(right, &to))
        return operate_cannot(m, node, "..", left, right);
    int64_t step = from <= to ? 1 : -1, span;
    if (__builtin_sub_overflow(to, from, &span) || span > RANGE_MAX || span < -RANGE_MAX)
        return machine_fail(m, node, OPERATION_USAGE, "RangeTooLarge",
                            "a range has at most %d numbers", RANGE_MAX);
    *out = heap_list(&m->heap, (size_t)(span * step) + 1);
    for (int64_t i = 0; i <= span * step; i++)
        heap_append(&m->heap, *out, datum_integer(from + i * step));
    return machine_memory(m);
}

static enum flow types(struct machine *m, const struct node *node, struct datum left,
                       struct datum right, struct datum *out)
{
    if (right.kind != DATUM_TYPE)
        return machine_fail(m, node, OPERATION_USAGE, "InvalidOperation",
                            "to the right of -is and -as stands a type: [string]");
    enum type_kind type = (enum type_kind)right.number;
    if (node->action == OPERATOR_AS) {
        enum flow flow = datum_cast(m, node->second, left, type, out);
        if (flow == FLOW_FAULT)
            *out = datum_null();
        return flow == FLOW_FAULT ? FLOW_ON : flow;
    }
    *out = datum_bool(datum_is_of(left, type) == (node->action == OPERATOR_IS));
    return FLOW_ON;
}

static enum flow joined(struct machine *m, struct datum left, struct datum right, struct datum *out)
{
    struct datum between = datum_to_text(m, right);
    if (between.kind != DATUM_TEXT)
        return machine_memory(m);
    return operate_join(m, left, datum_slice(between), out);
}

static enum flow formatted(struct machine *m, const struct node *node, struct datum left,
                           struct datum right, struct datum *out)
{
    struct datum form = datum_to_text(m, left);
    if (form.kind != DATUM_TEXT)
        return machine_memory(m);
    return operate_format(m, node, datum_slice(form), right, out);
}

enum flow operate_binary(struct machine *m, const struct node *node, struct datum left,
                         struct datum right, struct datum *out)
{
    switch ((int)node->action) {
    case OPERATOR_ADD:
    case OPERATOR_SUBTRACT:
    case OPERATOR_MULTIPLY:
    case OPERATOR_DIVIDE:
    case OPERATOR_REMAINDER:
        return operate_arithmetic(m, node, node->action, left, right, out);
    case OPERATOR_RANGE:
        return range(m, node, left, right, out);
    case OPERATOR_FORMAT:
        return formatted(m, node, left, right, out);
    case OPERATOR_REPLACE:
        return operate_replace(m, node, left, right, out);
    case OPERATOR_SPLIT:
        return operate_split(m, node, left, right, out);
    case OPERATOR_JOIN:
        return joined(m, left, right, out);
    case OPERATOR_CONTAINS:
    case OPERATOR_NOT_CONTAINS:
        *out = datum_bool(holds(left, right, node->flag) == (node->action == OPERATOR_CONTAINS));
        return FLOW_ON;
    case OPERATOR_IN:
    case OPERATOR_NOT_IN:
        *out = datum_bool(holds(right, left, node->flag) == (node->action == OPERATOR_IN));
        return FLOW_ON;
    case OPERATOR_IS:
    case OPERATOR_IS_NOT:
    case OPERATOR_AS:
        return types(m, node, left, right, out);
    case OPERATOR_XOR:
        *out = datum_bool(datum_is_true(left) != datum_is_true(right));
        return FLOW_ON;
    default:
        return compare(m, node, left, right, out);
    }
}
