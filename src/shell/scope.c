/* SPDX-License-Identifier: Apache-2.0 */
/* Variables: those of the script and of the functions that are running. */
#include "operations/nearest.h"
#include "shell/convert.h"
#include "shell/value.h"

enum { CAUSE_MAX = 1000, SHOWN = 120, NAMES_LOOKED_AT = 100 };

bool scope_push(struct machine *m, struct scope *scope)
{
    *scope =
        (struct scope){.outer = m->scope, .variables = heap_map(&m->heap, DATUM_TABLE, SLICE(""))};
    if (scope->variables.kind != DATUM_TABLE)
        return false;
    if (!m->outermost)
        m->outermost = scope;
    m->scope = scope;
    return true;
}

void scope_pop(struct machine *m)
{
    if (m->outermost == m->scope)
        m->outermost = NULL;
    m->scope = m->scope->outer;
}

/* $script:x and $global:x are those of the script itself. */
static bool take_scope(struct slice *name)
{
    static const char *const outermost[] = {"script:", "global:"};
    static const char *const own[] = {"local:", "private:", "using:"};
    for (size_t i = 0; i < COUNT_OF(outermost); i++)
        if (slice_take_prefix_nocase(name, slice_of(outermost[i])))
            return true;
    for (size_t i = 0; i < COUNT_OF(own); i++)
        if (slice_take_prefix_nocase(name, slice_of(own[i])))
            break;
    return false;
}

struct datum *variable_find(struct machine *m, struct slice name)
{
    const struct scope *scope = take_scope(&name) ? m->outermost : m->scope;
    for (; scope; scope = scope->outer) {
        struct datum *found = map_find(&m->heap, scope->variables.map, name);
        if (found)
            return found;
    }
    return NULL;
}

static bool automatic(struct machine *m, struct slice name, struct datum *out)
{
    const struct {
        const char *name;
        struct datum value;
    } variables[] = {
        {"_", m->item},
        {"PSItem", m->item},
        {"true", datum_bool(true)},
        {"false", datum_bool(false)},
        {"null", datum_null()},
        {"?", datum_bool(m->last_good)},
        {"Matches", m->matches},
    };
    for (size_t i = 0; i < COUNT_OF(variables); i++) {
        if (!slice_equal_nocase(name, slice_of(variables[i].name)))
            continue;
        *out = variables[i].value;
        return true;
    }
    return false;
}

void variable_append_cause(struct machine *m, struct slice name, struct text *text)
{
    take_scope(&name);
    const struct datum *cause = map_find(&m->heap, m->causes.map, name);
    if (!cause || cause->kind != DATUM_TEXT)
        return;
    text_append_c(text, ": ");
    text_append(text, datum_slice(*cause));
}

/* Called when a variable got nothing: what gave nothing, where, and what was complained about. */
void variable_note_cause(struct machine *m, struct slice name, const struct node *value)
{
    char storage[CAUSE_MAX];
    struct text cause = text_over(storage, sizeof(storage));
    struct slice written = node_source(value);
    take_scope(&name);
    if (slice_equal_nocase(slice_trim(written), SLICE("$null"))) {
        map_remove(&m->heap, m->causes.map, name);
        return;
    }
    value_append_safe(&cause, slice_first(written, SHOWN));
    text_append_c(&cause, written.len > SHOWN ? "..." : "");
    text_append_format(&cause, " (line %zu) gave nothing",
                       node_place(value->source, value->at).line);
    if (m->fault.node && m->fault.node->at >= value->at &&
        m->fault.node->at < value->at + value->len && m->fault.message.len > 0) {
        text_append_c(&cause, ": ");
        text_append(&cause, slice_first(text_slice(&m->fault.message), SHOWN * 2));
    }
    map_set(&m->heap, m->causes.map, name, heap_text(&m->heap, text_slice(&cause)));
}

static void say_nearest(struct machine *m, struct slice name, struct text *text)
{
    struct slice nearest = {0};
    m->steps += MACHINE_SUGGESTION_STEPS;
    size_t smallest = SIZE_MAX, left = NAMES_LOOKED_AT;
    for (const struct scope *scope = m->scope; scope; scope = scope->outer) {
        for (size_t i = 0; i < scope->variables.map->count && left > 0; i++, left--) {
            struct slice other = name_slice(scope->variables.map->at[i].name);
            size_t distance = name_distance(name, other);
            if (distance >= smallest)
                continue;
            smallest = distance;
            nearest = other;
        }
    }
    if (nearest.len > 0 && name_near_enough(smallest, name.len))
        text_append_format(text, ". Did you mean $%.*s?", SLICE_ARG(nearest));
}

enum flow variable_get(struct machine *m, const struct node *node, struct slice name,
                       struct datum *out)
{
    const struct datum *found;
    if (automatic(m, name, out))
        return FLOW_ON;
    found = variable_find(m, name);
    if (found) {
        *out = *found;
        return FLOW_ON;
    }
    char storage[CAUSE_MAX * 2];
    struct text why = text_over(storage, sizeof(storage));
    variable_append_cause(m, name, &why);
    if (why.len == 0)
        say_nearest(m, name, &why);
    return machine_fail(m, node, OPERATION_USAGE, "VariableIsUndefined",
                        "the variable $%.*s was never given a value%.*s",
                        SLICE_ARG(slice_first(name, SHOWN)), SLICE_ARG(text_slice(&why)));
}

enum flow variable_set(struct machine *m, const struct node *node, struct slice name,
                       struct datum value)
{
    struct datum unused;
    if (automatic(m, name, &unused) && !slice_equal(name, SLICE("_")))
        return machine_fail(m, node, OPERATION_USAGE, "VariableNotWritable",
                            "$%.*s cannot be given another value", SLICE_ARG(name));
    if (slice_equal(name, SLICE("_"))) {
        m->item = value;
        return FLOW_ON;
    }
    struct scope *scope = take_scope(&name) ? m->outermost : m->scope;
    map_set(&m->heap, scope->variables.map, name, value);
    return machine_memory(m);
}

enum error_action machine_preference(struct machine *m)
{
    enum error_action action;
    const struct datum *preference = variable_find(m, SLICE("ErrorActionPreference"));
    bool said = preference && preference->kind == DATUM_TEXT &&
                error_action_parse(datum_slice(*preference), &action);
    return said ? action : ERROR_CONTINUE;
}
