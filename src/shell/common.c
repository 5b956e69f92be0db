/* SPDX-License-Identifier: Apache-2.0 */
/* What every command takes: -ErrorAction, -OutVariable and their like. */
#include "shell/cmdlet.h"
#include "shell/convert.h"

static const struct {
    const char *name;
    enum common what;
} commons[] = {
    {"ErrorAction", COMMON_ERROR_ACTION},
    {"EA", COMMON_ERROR_ACTION},
    {"WarningAction", COMMON_WARNING_ACTION},
    {"WA", COMMON_WARNING_ACTION},
    {"Verbose", COMMON_VERBOSE},
    {"vb", COMMON_VERBOSE},
    {"OutVariable", COMMON_OUT_VARIABLE},
    {"ov", COMMON_OUT_VARIABLE},
    {"ErrorVariable", COMMON_ERROR_VARIABLE},
    {"ev", COMMON_ERROR_VARIABLE},
    {"PipelineVariable", COMMON_REFUSED},
    {"WarningVariable", COMMON_REFUSED},
    {"InformationVariable", COMMON_REFUSED},
    {"InformationAction", COMMON_REFUSED},
    {"OutBuffer", COMMON_REFUSED},
};

bool common_find(struct slice name, enum common *out)
{
    for (size_t i = 0; i < COUNT_OF(commons); i++) {
        if (!slice_equal_nocase(name, slice_of(commons[i].name)))
            continue;
        *out = commons[i].what;
        return true;
    }
    return false;
}

const char *common_name(size_t index)
{
    static const char *const names[] = {"ErrorAction", "ErrorVariable", "OutVariable", "Verbose",
                                        "WarningAction"};
    return index < COUNT_OF(names) ? names[index] : NULL;
}

/* --- actions --- */

static const struct {
    const char *word, *number; /* -EA 0 is what many write */
    enum error_action action;
} words[] = {{"SilentlyContinue", "0", ERROR_SILENT},
             {"Stop", "1", ERROR_STOP},
             {"Continue", "2", ERROR_CONTINUE},
             {"Inquire", "3", ERROR_INQUIRE},
             {"Ignore", "4", ERROR_IGNORED}};

const char *error_action_word(size_t index)
{
    return index < COUNT_OF(words) ? words[index].word : NULL;
}

bool error_action_parse(struct slice word, enum error_action *out)
{
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (!slice_equal_nocase(word, slice_of(words[i].word)) &&
            !slice_equal(word, slice_of(words[i].number)))
            continue;
        *out = words[i].action;
        return true;
    }
    return false;
}

static enum flow set_action(struct stage *stage, const struct node *node, struct datum value)
{
    struct datum text = datum_to_text(stage->machine, value);
    if (text.kind == DATUM_TEXT && error_action_parse(datum_slice(text), &stage->action))
        return FLOW_ON;
    return machine_fail(stage->machine, node, OPERATION_USAGE, "InvalidArgument",
                        "-%.*s takes Stop, Continue, SilentlyContinue, Ignore or Inquire",
                        SLICE_ARG(node->text));
}

static enum flow set_warnings(struct stage *stage, const struct node *node, struct datum value)
{
    struct datum text = datum_to_text(stage->machine, value);
    enum error_action action;
    bool known = text.kind == DATUM_TEXT && error_action_parse(datum_slice(text), &action);
    if (!known || action == ERROR_STOP || action == ERROR_INQUIRE)
        return machine_fail(stage->machine, node, OPERATION_USAGE, "InvalidArgument",
                            "-%.*s takes Continue, SilentlyContinue or Ignore here",
                            SLICE_ARG(node->text));
    stage->quiet = action != ERROR_CONTINUE;
    return FLOW_ON;
}

/* --- variables --- */

static bool is_variable_name(struct slice name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!ascii_is_alnum(name.at[i]) && name.at[i] != '_')
            return false;
    return name.len > 0;
}

/* A list for the variable: a fresh one, or with + in front of the name what it holds already. */
static enum flow set_variable(struct stage *stage, const struct node *node, struct datum value,
                              struct datum *out_list)
{
    struct machine *m = stage->machine;
    struct datum text = datum_to_text(m, value);
    struct slice name = text.kind == DATUM_TEXT ? datum_slice(text) : SLICE("");
    bool more = slice_take_prefix(&name, SLICE("+"));
    if (!is_variable_name(name))
        return machine_fail(m, node, OPERATION_USAGE, "InvalidArgument",
                            "-%.*s takes the name of a variable, without $", SLICE_ARG(node->text));
    const struct datum *old = more ? variable_find(m, name) : NULL;
    struct datum before = old ? *old : datum_null();
    *out_list = heap_list(&m->heap, 0);
    if (before.kind == DATUM_LIST)
        for (size_t i = 0; i < before.list->count; i++)
            heap_append(&m->heap, *out_list, before.list->at[i]);
    else if (before.kind != DATUM_NULL)
        heap_append(&m->heap, *out_list, before);
    enum flow flow = machine_memory(m);
    return flow == FLOW_ON ? variable_set(m, node, name, *out_list) : flow;
}

/* Stands between the command and what it gives into. */
static enum flow take_copy(struct machine *m, struct sink *sink, struct datum value)
{
    struct tee *tee = (struct tee *)sink;
    heap_append(&m->heap, tee->list, value);
    enum flow flow = machine_memory(m);
    return flow == FLOW_ON ? tee->into->take(m, tee->into, value) : flow;
}

static enum flow set_out_variable(struct stage *stage, const struct node *node, struct datum value)
{
    if (stage->tee.into)
        return machine_fail(stage->machine, node, OPERATION_USAGE, "ParameterAlreadyBound",
                            "-%.*s is given twice", SLICE_ARG(node->text));
    enum flow flow = set_variable(stage, node, value, &stage->tee.list);
    stage->tee.sink.take = take_copy;
    stage->tee.into = stage->out;
    stage->out = &stage->tee.sink;
    return flow;
}

enum error_action stage_action(const struct stage *stage)
{
    return stage->action == ERROR_ACTION_DEFAULT ? machine_preference(stage->machine)
                                                 : stage->action;
}

void common_note_error(struct stage *stage)
{
    struct machine *m = stage->machine;
    if (stage->errors.kind == DATUM_LIST && stage_action(stage) != ERROR_IGNORED)
        heap_append(&m->heap, stage->errors, fault_record(m));
}

enum flow common_set(struct stage *stage, const struct node *node, enum common what,
                     struct datum value)
{
    switch (what) {
    case COMMON_ERROR_ACTION:
        return set_action(stage, node, value);
    case COMMON_WARNING_ACTION:
        return set_warnings(stage, node, value);
    case COMMON_VERBOSE:
        stage->verbose = datum_is_true(value);
        return FLOW_ON;
    case COMMON_OUT_VARIABLE:
        return set_out_variable(stage, node, value);
    case COMMON_ERROR_VARIABLE:
        return set_variable(stage, node, value, &stage->errors);
    case COMMON_REFUSED:
        break;
    }
    return machine_fail(stage->machine, node, OPERATION_USAGE, "NotSupported",
                        "-%.*s is not part of this shell", SLICE_ARG(node->text));
}
