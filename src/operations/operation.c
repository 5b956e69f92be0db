/* SPDX-License-Identifier: Apache-2.0 */
#include "operations/operation.h"

#include "operations/nearest.h"

enum { CMDLET_NAME_MAX = 96 };

/* clang-format off */
static const struct operation_parameter of_every_change[] = {
    {.name = "WhatIf",  .kind = PARAMETER_SWITCH, .help = "Check everything, show what would change, change nothing."},
    {.name = "Confirm", .kind = PARAMETER_SWITCH, .help = "-Confirm asks first; -Confirm:$false does not."},
    {.name = "Force",   .kind = PARAMETER_SWITCH, .help = "Do it although something would suffer, and do not ask."},
    {0},
};

static const struct { enum operation_error error; const char *category; } categories[] = {
    {OPERATION_OK,          "NotSpecified"},
    {OPERATION_FAILED,      "InvalidOperation"},
    {OPERATION_USAGE,       "InvalidArgument"},
    {OPERATION_NOT_FOUND,   "ObjectNotFound"},
    {OPERATION_CONFLICT,    "ResourceExists"},
    {OPERATION_DENIED,      "PermissionDenied"},
    {OPERATION_UNREACHABLE, "ResourceUnavailable"},
};
/* clang-format on */

bool operation_append_name(struct text *text, const struct operation *operation)
{
    return text_append_c(text, operation->verb) && text_append_byte(text, '-') &&
           text_append_c(text, operation->noun);
}

static struct slice name_into(struct text *text, const struct operation *operation)
{
    text_clear(text);
    operation_append_name(text, operation);
    return text_slice(text);
}

static void say_nearest_operation(struct slice cmdlet, struct text *error)
{
    char storage[CMDLET_NAME_MAX];
    struct text name = text_over(storage, sizeof(storage));
    const struct operation *nearest = NULL;
    size_t smallest = SIZE_MAX;
    for (size_t i = 0; i < OPERATION_COUNT; i++) {
        size_t distance = name_distance(cmdlet, name_into(&name, &operations[i]));
        if (distance < smallest) {
            smallest = distance;
            nearest = &operations[i];
        }
    }
    text_append_c(error, "there is no cmdlet ");
    text_append_escaped(error, cmdlet, CMDLET_NAME_MAX);
    if (nearest && name_near_enough(smallest, cmdlet.len)) {
        text_append_c(error, "; did you mean ");
        operation_append_name(error, nearest);
        text_append_c(error, "?");
    }
}

/* Names that older scripts use. */
static const struct {
    const char *former;
    enum operation_id id;
} formers[] = {
    {"Get-TransportServer", OPERATION_GET_TRANSPORT_SERVICE},
    {"Set-TransportServer", OPERATION_SET_TRANSPORT_SERVICE},
};

const struct operation *operation_find(struct slice cmdlet, struct text *error)
{
    for (size_t i = 0; i < COUNT_OF(formers); i++)
        if (slice_equal_nocase(cmdlet, slice_of(formers[i].former)))
            return &operations[formers[i].id];
    char storage[CMDLET_NAME_MAX];
    struct text name = text_over(storage, sizeof(storage));
    for (size_t i = 0; i < OPERATION_COUNT; i++)
        if (slice_equal_nocase(cmdlet, name_into(&name, &operations[i])))
            return &operations[i];
    if (error)
        say_nearest_operation(cmdlet, error);
    return NULL;
}

enum operation_id operation_id_of(const struct operation *operation)
{
    return (enum operation_id)(operation - operations);
}

static bool setting_is_parameter(const struct setting *row, enum operation_settings which)
{
    if (row->flags & (SETTING_READ_ONLY | SETTING_HIDDEN))
        return false;
    return !(row->flags &
             (which == OPERATION_SETTINGS_OF_NEW ? SETTING_ONLY_SET : SETTING_ONLY_NEW));
}

struct parameters {
    struct operation_parameter *at;
    size_t count, capacity;
};

static void take_parameter(struct parameters *list, const struct operation_parameter *parameter)
{
    if (list->count < list->capacity)
        list->at[list->count] = *parameter;
    list->count++;
}

static bool is_own(const struct operation *operation, const char *name)
{
    for (const struct operation_parameter *own = operation->parameters; own->name; own++)
        if (slice_equal_nocase(slice_of(own->name), slice_of(name)))
            return true;
    return false;
}

/* What New- must be told. Lists are not among them: what an object is for may imply them. */
static bool is_required(const struct setting *row, enum operation_settings which)
{
    return which == OPERATION_SETTINGS_OF_NEW && (row->flags & SETTING_REQUIRED) &&
           !row->fallback && !setting_is_list(row);
}

static void take_settings(struct parameters *list, const struct operation *operation)
{
    bool is_new = operation->settings == OPERATION_SETTINGS_OF_NEW;
    const struct model_kind_facts *facts = model_kind_facts(operation->kind);
    for (const struct setting *row = facts->settings; row->name; row++) {
        if (!setting_is_parameter(row, operation->settings) || is_own(operation, row->name) ||
            (operation->settings_prefix &&
             !slice_starts(slice_of(row->name), slice_of(operation->settings_prefix))))
            continue;
        take_parameter(list,
                       &(struct operation_parameter){
                           .name = row->name,
                           .kind = PARAMETER_SETTING,
                           .required = is_required(row, operation->settings),
                           .positional = is_new && slice_equal(slice_of(row->name), SLICE("Name")),
                           .help = row->help,
                           .setting = row,
                       });
    }
}

size_t operation_parameters(const struct operation *operation, struct operation_parameter *out,
                            size_t capacity)
{
    struct parameters list = {.at = out, .capacity = capacity};
    for (const struct operation_parameter *own = operation->parameters; own->name; own++)
        take_parameter(&list, own);
    if (operation->changes)
        for (const struct operation_parameter *row = of_every_change; row->name; row++)
            take_parameter(&list, row);
    if (operation->settings != OPERATION_NO_SETTINGS)
        take_settings(&list, operation);
    return list.count;
}

static void say_ambiguous(struct slice name, const struct operation_parameter *parameters,
                          size_t count, struct text *error)
{
    text_append_format(error, "-%.*s is ambiguous: it may mean", SLICE_ARG(name));
    const char *between = " ";
    for (size_t i = 0; i < count; i++) {
        if (!slice_starts_nocase(slice_of(parameters[i].name), name))
            continue;
        text_append_format(error, "%s-%s", between, parameters[i].name);
        between = ", ";
    }
}

static void say_nearest_parameter(const struct operation *operation, struct slice name,
                                  const struct operation_parameter *parameters, size_t count,
                                  struct text *error)
{
    const char *nearest = NULL;
    size_t smallest = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        size_t distance = name_distance(name, slice_of(parameters[i].name));
        if (distance < smallest) {
            smallest = distance;
            nearest = parameters[i].name;
        }
    }
    operation_append_name(error, operation);
    text_append_c(error, " has no parameter -");
    text_append_escaped(error, name, CMDLET_NAME_MAX);
    if (nearest && name_near_enough(smallest, name.len))
        text_append_format(error, "; did you mean -%s?", nearest);
}

bool operation_parameter_find(const struct operation *operation, struct slice name,
                              struct operation_parameter *out, struct text *error)
{
    struct operation_parameter all[OPERATION_PARAMETERS_MAX];
    size_t count = operation_parameters(operation, all, OPERATION_PARAMETERS_MAX);
    size_t begins = 0, last = 0;
    for (size_t i = 0; i < count && name.len > 0; i++) {
        if (slice_equal_nocase(slice_of(all[i].name), name)) {
            *out = all[i];
            return true;
        }
        if (slice_starts_nocase(slice_of(all[i].name), name)) {
            begins++;
            last = i;
        }
    }
    if (begins == 1) {
        *out = all[last];
        return true;
    }
    if (error && begins > 1)
        say_ambiguous(name, all, count, error);
    else if (error)
        say_nearest_parameter(operation, name, all, count, error);
    return false;
}

bool operation_positional(const struct operation *operation, size_t index,
                          struct operation_parameter *out)
{
    struct operation_parameter all[OPERATION_PARAMETERS_MAX];
    size_t count = operation_parameters(operation, all, OPERATION_PARAMETERS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (!all[i].positional || index-- > 0)
            continue;
        *out = all[i];
        return true;
    }
    return false;
}

const char *operation_error_category(enum operation_error error)
{
    for (size_t i = 0; i < COUNT_OF(categories); i++)
        if (categories[i].error == error)
            return categories[i].category;
    return "";
}

enum operation_error operation_error_of_category(struct slice category)
{
    for (size_t i = 0; i < COUNT_OF(categories); i++)
        if (slice_equal(slice_of(categories[i].category), category))
            return categories[i].error;
    return OPERATION_FAILED;
}
