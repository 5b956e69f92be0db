/* SPDX-License-Identifier: Apache-2.0 */
/* The values of expressions. */
#include "shell/convert.h"

enum { SHOWN = 80, WHY_MAX = 2000 };

typedef enum flow evaluate_fn(struct machine *m, const struct node *node, struct datum *out);

static enum flow integer(struct machine *m, const struct node *node, struct datum *out)
{
    (void)m;
    *out = datum_integer(node->integer);
    return FLOW_ON;
}

static enum flow real(struct machine *m, const struct node *node, struct datum *out)
{
    (void)m;
    *out = datum_real(node->real);
    return FLOW_ON;
}

static enum flow text(struct machine *m, const struct node *node, struct datum *out)
{
    *out = heap_text(&m->heap, node->text);
    return FLOW_ON;
}

static enum flow block(struct machine *m, const struct node *node, struct datum *out)
{
    (void)m;
    *out = (struct datum){.kind = DATUM_BLOCK, .block = node};
    return FLOW_ON;
}

static enum flow type(struct machine *m, const struct node *node, struct datum *out)
{
    (void)m;
    *out = datum_number(DATUM_TYPE, (int64_t)type_of(node->text));
    return FLOW_ON;
}

static enum flow variable(struct machine *m, const struct node *node, struct datum *out)
{
    return variable_get(m, node, node->text, out);
}

/* A variable that got nothing, where a value was expected, is a mistake that has a cause. */
static enum flow refuse_empty(struct machine *m, const struct node *node)
{
    char storage[WHY_MAX];
    struct text why = text_over(storage, sizeof(storage));
    variable_append_cause(m, node->text, &why);
    if (why.len == 0)
        return FLOW_ON;
    return machine_fail(m, node, OPERATION_USAGE, "VariableIsEmpty",
                        "the variable $%.*s is empty%.*s",
                        SLICE_ARG(slice_first(node->text, SHOWN)), SLICE_ARG(text_slice(&why)));
}

static enum flow expand(struct machine *m, const struct node *node, struct datum *out)
{
    struct text joined = text_with_ceiling(m->heap.ceiling);
    enum flow flow = FLOW_ON;
    for (const struct node *part = node->first; flow == FLOW_ON && part; part = part->next) {
        struct datum value = datum_null();
        if (part->kind == NODE_TEXT) {
            text_append(&joined, part->text);
            continue;
        }
        flow = evaluate(m, part, &value);
        if (flow == FLOW_ON && value.kind == DATUM_NULL && part->kind == NODE_VARIABLE)
            flow = refuse_empty(m, part);
        if (flow == FLOW_ON)
            datum_append(&joined, value);
    }
    m->heap.exhausted = m->heap.exhausted || joined.truncated;
    if (flow == FLOW_ON)
        *out = heap_text(&m->heap, text_slice(&joined));
    text_deinit(&joined);
    return flow;
}

static enum flow list(struct machine *m, const struct node *node, struct datum *out)
{
    enum flow flow = FLOW_ON;
    struct datum result = heap_list(&m->heap, 0);
    heap_keep(&m->heap, result);
    for (const struct node *element = node->first; flow == FLOW_ON && element;
         element = element->next) {
        struct datum value = datum_null();
        flow = evaluate(m, element, &value);
        heap_append(&m->heap, result, value);
    }
    *out = result;
    return flow;
}

static enum flow paren(struct machine *m, const struct node *node, struct datum *out)
{
    return evaluate_statement(m, node->first, out);
}

static enum flow gather(struct machine *m, const struct node *node, struct datum *out_list)
{
    struct collector collector;
    collector_init(m, &collector);
    enum flow flow = FLOW_ON; /* one that fails fails the whole: nothing becomes empty in silence */
    for (const struct node *one = node->first; flow == FLOW_ON && one; one = one->next)
        flow = run_statement(m, one, &collector.sink);
    *out_list = collector.list;
    return flow;
}

static enum flow subexpression(struct machine *m, const struct node *node, struct datum *out)
{
    struct datum gathered = datum_null();
    enum flow flow = gather(m, node, &gathered);
    struct collector collector = {.list = gathered};
    *out = collector_value(&collector);
    return flow;
}

static enum flow array(struct machine *m, const struct node *node, struct datum *out)
{
    return gather(m, node, out);
}

static enum flow table(struct machine *m, const struct node *node, struct datum *out)
{
    enum flow flow = FLOW_ON;
    struct datum result = heap_map(&m->heap, DATUM_TABLE, SLICE(""));
    heap_keep(&m->heap, result);
    for (const struct node *pair = node->first; flow == FLOW_ON && pair; pair = pair->next) {
        struct datum key = datum_null(), value = datum_null();
        flow = evaluate(m, pair->first, &key);
        key = datum_to_text(m, key);
        heap_keep(&m->heap, key);
        if (flow == FLOW_ON)
            flow = evaluate_statement(m, pair->second, &value);
        if (flow == FLOW_ON && key.kind == DATUM_TEXT && result.kind == DATUM_TABLE)
            map_set(&m->heap, result.map, datum_slice(key), value);
    }
    *out = result;
    return flow;
}

/* --- operators --- */

static enum flow step(struct machine *m, const struct node *node, struct datum *out)
{
    struct datum old = datum_null(), new;
    const struct datum *there =
        node->first->kind == NODE_VARIABLE ? variable_find(m, node->first->text) : NULL;
    if (node->first->kind != NODE_VARIABLE)
        return machine_fail(m, node, OPERATION_USAGE, "InvalidOperation",
                            "++ and -- work on a variable");
    old = there ? *there : datum_integer(0);
    enum operator_kind action =
        node->action == OPERATOR_INCREMENT ? OPERATOR_ADD : OPERATOR_SUBTRACT;
    enum flow flow = operate_arithmetic(m, node, action, old, datum_integer(1), &new);
    if (flow == FLOW_ON)
        flow = variable_set(m, node, node->first->text, new);
    *out = node->flag ? old : new;
    return flow;
}

static enum flow unary(struct machine *m, const struct node *node, struct datum *out)
{
    struct datum value = datum_null();
    if (node->action == OPERATOR_INCREMENT || node->action == OPERATOR_DECREMENT)
        return step(m, node, out);
    enum flow flow = evaluate(m, node->first, &value);
    if (flow != FLOW_ON)
        return flow;
    if (node->action == OPERATOR_NOT) {
        *out = datum_bool(!datum_is_true(value));
        return FLOW_ON;
    }
    if (node->action == OPERATOR_JOIN)
        return operate_join(m, value, SLICE(""), out);
    if (node->action == OPERATOR_SPLIT) {
        struct datum blanks = heap_text(&m->heap, SLICE("\\s+"));
        return operate_split(m, node, value, blanks, out);
    }
    if (node->action == OPERATOR_NEGATE)
        return operate_arithmetic(m, node, OPERATOR_SUBTRACT, datum_integer(0), value, out);
    return operate_arithmetic(m, node, OPERATOR_ADD, datum_integer(0), value, out);
}

static enum flow binary(struct machine *m, const struct node *node, struct datum *out)
{
    struct datum left = datum_null(), right = datum_null();
    enum flow flow = evaluate(m, node->first, &left);
    if (flow != FLOW_ON)
        return flow;
    bool and = node->action == OPERATOR_AND, or = node->action == OPERATOR_OR;
    if ((and&&!datum_is_true(left)) || (or &&datum_is_true(left))) {
        *out = datum_bool(or);
        return FLOW_ON;
    }
    heap_keep(&m->heap, left);
    flow = evaluate(m, node->second, &right);
    if (flow != FLOW_ON)
        return flow;
    if (and || or) {
        *out = datum_bool(datum_is_true(right));
        return FLOW_ON;
    }
    heap_keep(&m->heap, right);
    return operate_binary(m, node, left, right, out);
}

static enum flow cast(struct machine *m, const struct node *node, struct datum *out)
{
    struct datum value = datum_null();
    enum flow flow = evaluate(m, node->first, &value);
    return flow == FLOW_ON ? datum_cast(m, node, value, type_of(node->text), out) : flow;
}

/* --- members --- */

static enum flow member(struct machine *m, const struct node *node, struct datum *out)
{
    struct datum object = datum_null(), name = datum_null();
    enum flow flow = evaluate(m, node->first, &object);
    heap_keep(&m->heap, object);
    if (flow == FLOW_ON && node->second)
        flow = evaluate(m, node->second, &name);
    if (flow != FLOW_ON)
        return flow;
    name = datum_to_text(m, name);
    if (name.kind != DATUM_TEXT)
        return machine_memory(m);
    heap_keep(&m->heap, name);
    return member_get(m, node, object, node->second ? datum_slice(name) : node->text, out);
}

static enum flow index_of(struct machine *m, const struct node *node, struct datum *out)
{
    struct datum object = datum_null(), index = datum_null();
    enum flow flow = evaluate(m, node->first, &object);
    heap_keep(&m->heap, object);
    if (flow == FLOW_ON)
        flow = evaluate(m, node->second, &index);
    heap_keep(&m->heap, index);
    return flow == FLOW_ON ? index_get(m, node, object, index, out) : flow;
}

static enum flow arguments_of(struct machine *m, const struct node *node, struct datum *arguments,
                              size_t *out_count)
{
    enum flow flow = FLOW_ON;
    *out_count = 0;
    for (const struct node *argument = node->second; flow == FLOW_ON && argument;
         argument = argument->next) {
        if (*out_count == METHOD_ARGUMENTS_MAX)
            return machine_fail(m, argument, OPERATION_USAGE, "TooManyArguments",
                                "more than %d arguments", METHOD_ARGUMENTS_MAX);
        arguments[*out_count] = datum_null();
        flow = evaluate(m, argument, &arguments[*out_count]);
        heap_keep(&m->heap, arguments[(*out_count)++]);
    }
    return flow;
}

static enum flow method(struct machine *m, const struct node *node, struct datum *out)
{
    struct datum object = datum_null(), arguments[METHOD_ARGUMENTS_MAX];
    size_t count;
    enum flow flow = evaluate(m, node->first, &object);
    heap_keep(&m->heap, object);
    if (flow == FLOW_ON)
        flow = arguments_of(m, node, arguments, &count);
    return flow == FLOW_ON ? method_call(m, node, object, arguments, count, out) : flow;
}

static enum flow static_member(struct machine *m, const struct node *node, struct datum *out)
{
    struct datum arguments[METHOD_ARGUMENTS_MAX];
    size_t count;
    enum flow flow = arguments_of(m, node, arguments, &count);
    return flow == FLOW_ON ? static_call(m, node, arguments, count, out) : flow;
}

static evaluate_fn *const evaluators[] = {
    [NODE_INTEGER] = integer,
    [NODE_REAL] = real,
    [NODE_TEXT] = text,
    [NODE_EXPAND] = expand,
    [NODE_VARIABLE] = variable,
    [NODE_LIST] = list,
    [NODE_PAREN] = paren,
    [NODE_SUBEXPRESSION] = subexpression,
    [NODE_ARRAY] = array,
    [NODE_TABLE] = table,
    [NODE_BLOCK] = block,
    [NODE_UNARY] = unary,
    [NODE_BINARY] = binary,
    [NODE_MEMBER] = member,
    [NODE_INDEX] = index_of,
    [NODE_METHOD] = method,
    [NODE_STATIC] = static_member,
    [NODE_CAST] = cast,
    [NODE_TYPE] = type,
};

enum flow evaluate(struct machine *m, const struct node *node, struct datum *out)
{
    struct datum value = datum_null();
    size_t level = heap_level(&m->heap);
    enum flow flow = machine_enter(m, node);
    if (flow != FLOW_ON)
        return flow;
    flow = evaluators[node->kind](m, node, &value);
    heap_release(&m->heap, level);
    machine_leave(m);
    *out = value;
    return flow == FLOW_ON ? machine_memory(m) : flow;
}
