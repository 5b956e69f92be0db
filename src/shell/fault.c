/* SPDX-License-Identifier: Apache-2.0 */
/* What goes wrong: remembered, shown in the familiar shape, or handed to catch. */
#include "shell/convert.h"
#include "shell/value.h"

#include <stdarg.h>
#include <stdio.h>

enum { SHOWN_LINE = 160, REPORT_MAX = 64 << 10, ANSWER_MAX = 80, QUESTIONS_MAX = 5 };

enum flow machine_fail(struct machine *m, const struct node *node, enum operation_error category,
                       const char *id, const char *format, ...)
{
    struct fault *fault = &m->fault;
    char message[MACHINE_MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format); /* the arguments may lie in the old message */
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    text_clear(&fault->message);
    text_clear(&fault->fix);
    text_append_c(&fault->message, message);
    fault->category = category;
    fault->id = id;
    fault->node = node;
    fault->thrown = false;
    fault->command = SLICE("");
    if (node && node->kind == NODE_COMMAND)
        fault->command = node->text;
    return FLOW_FAULT;
}

static void append_place(struct text *text, const struct fault *fault)
{
    if (!fault->node)
        return;
    struct place_in_source place = node_place(fault->node->source, fault->node->at);
    text_append_format(text, "At line:%zu char:%zu\n+ ", place.line, place.column);
    struct slice line = slice_trim(place.text);
    value_append_safe(text, slice_first(line, SHOWN_LINE));
    text_append_c(text, line.len > SHOWN_LINE ? "...\n" : "\n");
}

void fault_print(struct machine *m)
{
    const struct fault *fault = &m->fault;
    struct text text = text_with_ceiling(REPORT_MAX);
    if (fault->command.len > 0) {
        value_append_safe(&text, fault->command);
        text_append_c(&text, " : ");
    }
    value_append_message(&text, text_slice(&fault->message));
    text_append_byte(&text, '\n');
    append_place(&text, fault);
    if (fault->fix.len > 0) {
        text_append_c(&text, "    fix: ");
        value_append_safe(&text, text_slice(&fault->fix));
        text_append_byte(&text, '\n');
    }
    text_append_format(&text, "    + CategoryInfo          : %s: (:) [",
                       operation_error_category(fault->category));
    value_append_safe(&text, fault->command);
    text_append_c(&text, "]\n    + FullyQualifiedErrorId : ");
    text_append_c(&text, fault->id);
    if (fault->command.len > 0) {
        text_append_byte(&text, ',');
        value_append_safe(&text, fault->command);
    }
    text_append_byte(&text, '\n');
    machine_print(m, WORLD_ERRORS, text_slice(&text));
    text_deinit(&text);
    m->exit_code = (int)fault->category;
    m->last_good = false;
}

/* Where there is nobody to ask, the command ends. */
static enum error_action inquire(struct machine *m, enum error_action *for_the_next)
{
    struct text question = text_with_ceiling(REPORT_MAX);
    text_append_c(&question, "Confirm\n");
    value_append_message(&question, text_slice(&m->fault.message));
    text_append_byte(&question, '\n');
    machine_print(m, WORLD_ERRORS, text_slice(&question));
    text_deinit(&question);
    for (size_t i = 0; i < QUESTIONS_MAX; i++) {
        char storage[ANSWER_MAX];
        struct text line = text_over(storage, sizeof(storage));
        if (!m->world->ask(m->world->context,
                           SLICE("[Y] Yes  [A] Yes to All  [H] Halt Command (default is \"Y\")"),
                           false, &line))
            break;
        struct slice answer = slice_trim(text_slice(&line));
        bool all = slice_equal_nocase(answer, SLICE("a"));
        if (all)
            *for_the_next = ERROR_CONTINUE;
        if (all || answer.len == 0 || slice_equal_nocase(answer, SLICE("y")))
            return ERROR_CONTINUE;
        if (slice_equal_nocase(answer, SLICE("h")))
            break;
    }
    return ERROR_STOP;
}

enum flow fault_settle(struct machine *m, enum error_action *for_this)
{
    enum error_action action =
        *for_this == ERROR_ACTION_DEFAULT ? machine_preference(m) : *for_this;
    if (action == ERROR_INQUIRE)
        action = inquire(m, for_this);
    if (action == ERROR_STOP) {
        m->fault.thrown = true;
        return FLOW_FAULT;
    }
    if (action == ERROR_SILENT || action == ERROR_IGNORED)
        m->last_good = false;
    else
        fault_print(m);
    return FLOW_ON;
}

static bool set_text(struct machine *m, struct datum map, const char *name, struct slice text)
{
    return map_set(&m->heap, map.map, slice_of(name), heap_text(&m->heap, text));
}

struct datum fault_record(struct machine *m)
{
    const struct fault *fault = &m->fault;
    struct datum record = heap_map(&m->heap, DATUM_OBJECT, SLICE("ErrorRecord"));
    struct datum exception = heap_map(&m->heap, DATUM_OBJECT, SLICE("Exception"));
    if (record.kind != DATUM_OBJECT || exception.kind != DATUM_OBJECT)
        return datum_null();
    set_text(m, exception, "Message", text_slice(&fault->message));
    map_set(&m->heap, record.map, SLICE("Exception"), exception);
    set_text(m, record, "CategoryInfo", slice_of(operation_error_category(fault->category)));
    set_text(m, record, "FullyQualifiedErrorId", slice_of(fault->id));
    set_text(m, record, "Command", fault->command);
    return record;
}

void machine_warn(struct machine *m, struct slice message)
{
    struct text text = text_with_ceiling(REPORT_MAX);
    text_append_c(&text, "WARNING: ");
    value_append_message(&text, message);
    text_append_byte(&text, '\n');
    machine_print(m, WORLD_ERRORS, text_slice(&text));
    text_deinit(&text);
}
