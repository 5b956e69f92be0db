/* SPDX-License-Identifier: Apache-2.0 */
/* The help of a cmdlet, printed from its row. */
#include "operations/access.h"

enum { HELP_NAME_WIDTH = 30 };

static const char *const kind_words[] = {
    [PARAMETER_TEXT] = "text",
    [PARAMETER_SWITCH] = "switch",
    [PARAMETER_FILE] = "file",
    [PARAMETER_FILE_AT] = "path",
    [PARAMETER_PASSWORD] = "password",
    [PARAMETER_IDENTITY] = "identity",
    [PARAMETER_CREDENTIAL] = "credential",
    [PARAMETER_LIST] = "list",
    [PARAMETER_INTEGER] = "integer",
    [PARAMETER_FILTER] = "filter",
    [PARAMETER_MEMBER] = "member",
    [PARAMETER_SETTING] = "",
};

static bool is_shown(const struct operation_parameter *parameter)
{
    return !parameter->setting || !(parameter->setting->flags & SETTING_INERT);
}

static void print_form(const struct operation_parameter *parameter, struct text *text)
{
    if (!parameter->setting) {
        text_append_c(text, kind_words[parameter->kind]);
        return;
    }
    setting_print_form(parameter->setting, text);
    if (parameter->setting->fallback)
        text_append_format(text, "; %s when nothing is said", parameter->setting->fallback);
}

static void print_parameter(const struct operation_parameter *parameter, struct text *text)
{
    text_append_format(text, "  -%-*s (", HELP_NAME_WIDTH, parameter->name);
    print_form(parameter, text);
    text_append_format(text, "%s)\n", parameter->required ? "; required" : "");
    text_append_format(text, "      %s\n", parameter->help ? parameter->help : "");
}

static void print_syntax(const struct operation *operation,
                         const struct operation_parameter *parameters, size_t count,
                         struct text *text)
{
    text_append_c(text, "  ");
    operation_append_name(text, operation);
    for (size_t i = 0; i < count; i++) {
        const struct operation_parameter *p = &parameters[i];
        const char *value = p->kind == PARAMETER_SWITCH ? "" : " VALUE";
        if (p->positional)
            text_append_format(text, p->required ? " [-%s]%s" : " [[-%s]%s]", p->name, value);
        else if (p->required)
            text_append_format(text, " -%s%s", p->name, value);
    }
    text_append_c(text, " [PARAMETERS]\n");
}

bool operation_print_help(const struct operation *operation, struct text *text)
{
    struct operation_parameter all[OPERATION_PARAMETERS_MAX];
    size_t count = operation_parameters(operation, all, OPERATION_PARAMETERS_MAX);
    text_append_format(text, "%s\nNeeds the role group \"%s\".\n\n", operation->help,
                       role_group_name(access_needed(operation->right)));
    print_syntax(operation, all, count, text);
    text_append_c(text, "\n");
    for (size_t i = 0; i < count; i++)
        if (is_shown(&all[i]))
            print_parameter(&all[i], text);
    return text_append_format(text, "%sExample:\n  postern %s\n", count > 0 ? "\n" : "",
                              operation->example);
}

static const char *state_of(const struct setting *row)
{
    return row->flags & SETTING_INERT ? "inert" : "in-force";
}

bool operation_print_settings(enum model_kind kind, struct text *text)
{
    for (const struct setting *row = model_kind_facts(kind)->settings; row->name; row++) {
        if (row->flags & (SETTING_READ_ONLY | SETTING_HIDDEN))
            continue;
        text_append_format(text, "%s\t%s\t%s\t", row->name, state_of(row),
                           row->fallback ? row->fallback : "");
        setting_print_form(row, text);
        text_append_format(text, "\t%s\n", row->help);
    }
    return !text->truncated;
}

bool operation_print_list(struct text *text)
{
    for (size_t i = 0; i < OPERATION_COUNT; i++) {
        char storage[64];
        struct text name = text_over(storage, sizeof(storage));
        operation_append_name(&name, &operations[i]);
        text_append_format(text, "  %-34.*s %s\n", SLICE_ARG(text_slice(&name)),
                           operations[i].help);
    }
    return !text->truncated;
}
