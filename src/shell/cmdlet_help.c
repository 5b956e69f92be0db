/* SPDX-License-Identifier: Apache-2.0 */
/* Get-Help, Get-Command, Get-Member; and what an unknown name may have meant. */
#include "operations/nearest.h"
#include "shell/cmdlets.h"
#include "shell/convert.h"
#include "shell/pattern.h"

enum { HELP_MAX = 1 << 20, NAME_MAX_BYTES = 96, SHOWN = 60 };

/* --- an unknown name --- */

struct nearest {
    struct slice name;
    size_t distance;
    char storage[NAME_MAX_BYTES];
};

static void consider(struct nearest *nearest, struct slice wanted, struct slice name)
{
    size_t distance = name_distance(wanted, name);
    if (distance >= nearest->distance)
        return;
    nearest->distance = distance;
    struct text copy = text_over(nearest->storage, sizeof(nearest->storage));
    text_append(&copy, name);
    nearest->name = text_slice(&copy);
}

void cmdlet_say_nearest(struct machine *m, struct slice name, struct text *error)
{
    struct nearest nearest = {.distance = SIZE_MAX};
    const struct cmdlet *cmdlet;
    m->steps += MACHINE_SUGGESTION_STEPS;
    for (size_t i = 0; (cmdlet = cmdlet_at(i)); i++)
        consider(&nearest, name, slice_of(cmdlet->name));
    for (size_t i = 0; i < OPERATION_COUNT; i++) {
        char storage[NAME_MAX_BYTES];
        struct text full = text_over(storage, sizeof(storage));
        operation_append_name(&full, &operations[i]);
        consider(&nearest, name, text_slice(&full));
    }
    for (size_t i = 0; i < m->functions.map->count; i++)
        consider(&nearest, name, name_slice(m->functions.map->at[i].name));
    text_append_c(error, "\"");
    text_append_escaped(error, name, SHOWN);
    text_append_c(error, "\" is no cmdlet, function or alias here");
    if (name_near_enough(nearest.distance, name.len))
        text_append_format(error, ". Did you mean %.*s?", SLICE_ARG(nearest.name));
    else
        text_append_c(error, "; Get-Command shows what there is");
}

/* --- Get-Help --- */

enum { GET_NAME, GET_EXAMPLES, GET_FULL, GET_DETAILED };

static void append_cmdlet(struct text *text, const struct cmdlet *cmdlet, bool examples)
{
    if (!examples) {
        text_append_format(text, "%s\n\n  %s", cmdlet->help, cmdlet->name);
        for (const struct cmdlet_parameter *row = cmdlet->parameters; row->name; row++) {
            const char *value = row->kind == ARGUMENT_SWITCH ? "" : " VALUE";
            text_append_format(text,
                               row->required     ? " [-%s]%s"
                               : row->positional ? " [[-%s]%s]"
                                                 : " [-%s%s]",
                               row->name, value);
        }
        if (*cmdlet->aliases)
            text_append_format(text, "\n\nAlso called: %s", cmdlet->aliases);
        text_append_c(text, "\n\n");
    }
    text_append_format(text, "Example:\n  %s\n", cmdlet->example);
}

static void append_operation(struct text *text, const struct operation *operation, bool examples)
{
    if (examples)
        text_append_format(text, "Example:\n  %s\n", operation->example);
    else
        operation_print_help(operation, text);
}

bool cmdlet_print_list(struct text *text)
{
    const struct cmdlet *cmdlet;
    for (size_t i = 0; (cmdlet = cmdlet_at(i)); i++)
        text_append_format(text, "  %-34s %s\n", cmdlet->name, cmdlet->help);
    return !text->truncated;
}

static enum flow give_lines(struct stage *stage, struct slice rest)
{
    struct slice line;
    enum flow flow = FLOW_ON;
    while (flow == FLOW_ON && slice_take_field(&rest, '\n', &line))
        flow = stage_give(stage, heap_text(&stage->machine->heap, line));
    return flow;
}

static enum flow help_end(struct stage *stage)
{
    struct text text = text_with_ceiling(HELP_MAX);
    struct slice name = stage_text(stage, GET_NAME);
    const struct cmdlet *cmdlet = cmdlet_find(name);
    const struct operation *operation = cmdlet ? NULL : operation_find(name, NULL);
    bool examples = stage_switch(stage, GET_EXAMPLES);
    if (cmdlet)
        append_cmdlet(&text, cmdlet, examples);
    else if (operation)
        append_operation(&text, operation, examples);
    else if (name.len == 0) {
        text_append_c(&text, "The language:\n");
        cmdlet_print_list(&text);
        text_append_c(&text, "\nThe server:\n");
        operation_print_list(&text);
    } else
        cmdlet_say_nearest(stage->machine, name, &text);
    enum flow flow = cmdlet || operation || name.len == 0
                         ? give_lines(stage, text_slice(&text))
                         : machine_fail(stage->machine, stage->node, OPERATION_NOT_FOUND,
                                        "HelpNotFound", "%.*s", SLICE_ARG(text_slice(&text)));
    text_deinit(&text);
    return flow;
}

/* --- Get-Command --- */

static enum flow give_command(struct stage *stage, const char *kind, struct slice name,
                              const char *help)
{
    struct heap *heap = &stage->machine->heap;
    struct slice pattern = stage_text(stage, GET_NAME);
    if (pattern.len > 0 && !wildcard_match(pattern, name, false))
        return FLOW_ON;
    struct datum object = heap_map(heap, DATUM_OBJECT, SLICE(""));
    if (object.kind != DATUM_OBJECT)
        return machine_memory(stage->machine);
    stage->count++;
    map_set(heap, object.map, SLICE("CommandType"), heap_text(heap, slice_of(kind)));
    map_set(heap, object.map, SLICE("Name"), heap_text(heap, name));
    map_set(heap, object.map, SLICE("Definition"), heap_text(heap, slice_of(help)));
    return stage_give(stage, object);
}

static enum flow command_end(struct stage *stage)
{
    struct machine *m = stage->machine;
    const struct cmdlet *cmdlet;
    enum flow flow = FLOW_ON;
    for (size_t i = 0; flow == FLOW_ON && (cmdlet = cmdlet_at(i)); i++)
        flow = give_command(stage, "Cmdlet", slice_of(cmdlet->name), cmdlet->help);
    for (size_t i = 0; flow == FLOW_ON && i < OPERATION_COUNT; i++) {
        char storage[NAME_MAX_BYTES];
        struct text name = text_over(storage, sizeof(storage));
        operation_append_name(&name, &operations[i]);
        flow = give_command(stage, "Cmdlet", text_slice(&name), operations[i].help);
    }
    for (size_t i = 0; flow == FLOW_ON && i < m->functions.map->count; i++)
        flow = give_command(stage, "Function", name_slice(m->functions.map->at[i].name), "");
    if (flow != FLOW_ON || stage->count > 0)
        return flow;
    char storage[NAME_MAX_BYTES * 4];
    struct text error = text_over(storage, sizeof(storage));
    cmdlet_say_nearest(m, stage_text(stage, GET_NAME), &error);
    return machine_fail(m, stage->node, OPERATION_NOT_FOUND, "CommandNotFoundException", "%.*s",
                        SLICE_ARG(text_slice(&error)));
}

/* --- Get-Member --- */

static enum flow give_member(struct stage *stage, struct slice name, struct datum value)
{
    struct heap *heap = &stage->machine->heap;
    struct slice pattern = stage_text(stage, GET_NAME);
    struct datum object = heap_map(heap, DATUM_OBJECT, SLICE(""));
    if (pattern.len > 0 && !wildcard_match(pattern, name, false))
        return FLOW_ON;
    if (object.kind != DATUM_OBJECT)
        return machine_memory(stage->machine);
    map_set(heap, object.map, SLICE("Name"), heap_text(heap, name));
    map_set(heap, object.map, SLICE("MemberType"), heap_text(heap, SLICE("Property")));
    map_set(heap, object.map, SLICE("Definition"),
            heap_text(heap, slice_of(datum_kind_word(value))));
    return stage_give(stage, object);
}

/* Of the first object: those of its kind have the same. */
static enum flow member_take(struct stage *stage, struct datum value)
{
    enum flow flow = FLOW_ON;
    if (stage->count++ > 0)
        return FLOW_ON;
    if (!datum_is_map(value))
        return give_member(stage, SLICE("Length"), datum_integer(0));
    for (size_t i = 0; flow == FLOW_ON && i < value.map->count; i++)
        flow = give_member(stage, name_slice(value.map->at[i].name), value.map->at[i].value);
    return flow;
}

/* clang-format off */
#define SWITCH(word) {.name = word, .kind = ARGUMENT_SWITCH}
#define NAME {.name = "Name", .positional = true}
const struct cmdlet help_cmdlets[] = {
    {"Get-Help", "help man", NULL, NULL, help_end, {NAME, SWITCH("Examples"), SWITCH("Full"), SWITCH("Detailed")},
     "Explains a cmdlet; without a name lists all.", "Get-Help Set-ReceiveConnector -Examples"},
    {"Get-Command", "gcm", NULL, NULL, command_end, {NAME},
     "Lists what can be called.", "Get-Command *Certificate*"},
    {"Get-Member", "gm", NULL, member_take, NULL, {NAME},
     "Lists the properties of an object.", "Get-ReceiveConnector | Get-Member"},
    {0},
};
/* clang-format on */
