/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/shell.h"

#include "shell/cmdlet.h"
#include "shell/parser.h"
#include "shell/printer.h"
#include "shell/value.h"

#include <stdlib.h>

enum { NODES_MAX = 256 << 20, ERROR_MAX = 4096, SHOWN_LINE = 160 };

struct shell {
    struct machine machine;
    struct arena nodes; /* functions stay, so what was parsed stays */
    struct scope scope;
    struct printer printer;
};

struct shell *shell_new(const struct world *world, const struct shell_limits *limits)
{
    struct shell *shell = calloc(1, sizeof(*shell));
    if (!shell)
        return NULL;
    shell->nodes = arena_with_ceiling(NODES_MAX);
    if (!machine_init(&shell->machine, world, limits->memory_max, limits->steps_max) ||
        !scope_push(&shell->machine, &shell->scope)) {
        shell_free(shell);
        return NULL;
    }
    shell->machine.heap.always_collect = limits->always_collect;
    printer_init(&shell->machine, &shell->printer);
    return shell;
}

void shell_free(struct shell *shell)
{
    if (!shell)
        return;
    json_decref(shell->printer.rows.columns);
    machine_deinit(&shell->machine);
    arena_deinit(&shell->nodes);
    free(shell);
}

void shell_end(struct shell *shell)
{
    printer_end(&shell->machine, &shell->printer);
}

int shell_exit_code(const struct shell *shell)
{
    return shell->machine.exit_code;
}

size_t shell_position(const struct shell *shell)
{
    return shell->machine.asking;
}

/* The script cannot be read: nothing of it was run. */
static void say_not_read(struct shell *shell, const struct parsed *parsed, const struct text *error)
{
    struct text text = text_with_ceiling(ERROR_MAX * 4);
    struct place_in_source place = node_place(parsed->source, parsed->error_at);
    struct slice line = slice_trim(place.text);
    text_append_format(&text, "At line:%zu char:%zu\n+ ", place.line, place.column);
    value_append_safe(&text, slice_first(line, SHOWN_LINE));
    text_append_byte(&text, '\n');
    text_append(&text, text_slice(error));
    text_append_c(&text, "\nNothing was run.\n"
                         "    + CategoryInfo          : ParserError: (:) []\n"
                         "    + FullyQualifiedErrorId : ParserError\n");
    machine_print(&shell->machine, WORLD_ERRORS, text_slice(&text));
    text_deinit(&text);
    shell->machine.exit_code = OPERATION_USAGE;
}

/* Back to where the next text may begin, whatever ended this one. */
static void settle(struct shell *shell)
{
    struct machine *m = &shell->machine;
    m->scope = &shell->scope;
    m->outermost = &shell->scope;
    m->stages = NULL;
    m->depth = 0;
    m->catching = 0;
    m->steps = 0;
    m->item = datum_null();
    m->result = datum_null();
    heap_release(&m->heap, 0);
    if (m->heap.exhausted) {
        heap_collect(&m->heap);
        m->heap.exhausted = false;
    }
}

/* --- param( ) of a script --- */

/* A word of the command line as an argument: -Name, -Name:value, or a value. */
static struct node *argument_of(struct shell *shell, const struct node *script, const char *word)
{
    struct node *node = arena_take(&shell->nodes, sizeof(*node)), *value;
    struct slice copy, name, rest;
    if (!node || !arena_copy(&shell->nodes, slice_of(word), &copy))
        return NULL;
    *node = (struct node){.kind = NODE_TEXT, .source = script->source, .text = copy};
    if (copy.len < 2 || copy.at[0] != '-' || !ascii_is_alpha(copy.at[1]))
        return node;
    rest = slice_after(copy, 1);
    node->kind = NODE_PARAMETER;
    node->text = rest;
    if (!slice_take_until(&rest, ':', &name))
        return node;
    value = arena_take(&shell->nodes, sizeof(*value));
    if (!value)
        return NULL;
    *value = (struct node){.kind = NODE_TEXT, .source = script->source, .text = rest};
    node->text = name;
    node->first = value;
    return node;
}

static enum flow bind_script(struct shell *shell, const struct node *script,
                             const char *const *words, size_t count)
{
    struct machine *m = &shell->machine;
    struct node call = {.kind = NODE_COMMAND, .source = script->source}, **end = &call.second;
    for (size_t i = 0; i < count; i++) {
        *end = argument_of(shell, script, words[i]);
        if (!*end) {
            m->heap.exhausted = true;
            return machine_memory(m);
        }
        end = &(*end)->next;
    }
    struct stage stage = {.machine = m, .node = &call, .block = script, .scope = shell->scope};
    map_set(&m->heap, shell->scope.variables.map, SLICE("args"), heap_list(&m->heap, 0));
    enum flow flow = bind_block(&stage);
    if (m->fault.node == &call)
        m->fault.node = script;
    return flow;
}

static enum shell_outcome run(struct shell *shell, struct slice text, bool more_may_come,
                              const char *const *words, size_t count)
{
    struct machine *m = &shell->machine;
    struct parsed parsed;
    struct text error = text_with_ceiling(ERROR_MAX);
    if (!parser_parse(text, &shell->nodes, &parsed, &error)) {
        bool wait = parsed.incomplete && more_may_come;
        if (!wait)
            say_not_read(shell, &parsed, &error);
        text_deinit(&error);
        return wait ? SHELL_INCOMPLETE : SHELL_DONE;
    }
    text_deinit(&error);
    enum flow flow = FLOW_ON;
    if (count > 0 || parsed.statements->second)
        flow = bind_script(shell, parsed.statements, words, count);
    if (flow == FLOW_ON)
        flow = run_sequence(m, parsed.statements->first, &shell->printer.sink);
    printer_flush(m, &shell->printer);
    if (flow == FLOW_BREAK || flow == FLOW_CONTINUE)
        flow = machine_fail(m, NULL, OPERATION_USAGE, "NotInALoop",
                            "break or continue stands in no loop; the script ended there");
    if (flow == FLOW_FAULT || flow == FLOW_LIMIT)
        fault_print(m);
    settle(shell);
    return flow == FLOW_EXIT ? SHELL_EXIT : SHELL_DONE;
}

enum shell_outcome shell_run(struct shell *shell, struct slice text, bool more_may_come)
{
    return run(shell, text, more_may_come, NULL, 0);
}

enum shell_outcome shell_run_script(struct shell *shell, struct slice text,
                                    const char *const *words, size_t count)
{
    return run(shell, text, false, words, count);
}
