/* SPDX-License-Identifier: Apache-2.0 */
#include "operations/command.h"

#include "base/quoted.h"
#include "operations/argument.h"

enum { VALUE_SHOWN_MAX = 4096 };

/* A word that the shell reads as this text and as nothing else: no variable, list or number. */
static bool is_bare(struct slice value)
{
    bool letter = false, other = false;
    for (size_t i = 0; i < value.len; i++) {
        char byte = value.at[i];
        bool mark = slice_contains(SLICE(".:_/\\[]*-@"), slice_bytes(&byte, 1));
        if (!ascii_is_alnum(byte) && !mark)
            return false;
        letter = letter || ascii_is_alpha(byte) || byte == '.';
        other = other || (mark && byte != '.');
    }
    bool begins_well = value.len > 0 && value.at[0] != '-' && value.at[0] != '@';
    bool is_digits = value.len > 0 && !letter && !other && value.at[0] != '0';
    bool begins_as_number = value.len > 0 && (ascii_is_digit(value.at[0]) || value.at[0] == '.');
    return begins_well && (!begins_as_number || other || is_digits);
}

static bool is_constant(struct slice value)
{
    return slice_equal_nocase(value, SLICE("$true")) ||
           slice_equal_nocase(value, SLICE("$false")) || slice_equal_nocase(value, SLICE("$null"));
}

static void append_text(struct text *text, const json_t *string)
{
    struct slice value = slice_bytes(json_string_value(string), json_string_length(string));
    if (is_bare(value) || is_constant(value))
        text_append(text, value);
    else
        quoted_append(text, slice_first(value, VALUE_SHOWN_MAX));
}

static void append_scalar(struct text *text, const json_t *value)
{
    if (json_is_string(value))
        append_text(text, value);
    else if (json_is_integer(value))
        text_append_i64(text, json_integer_value(value));
    else if (json_is_boolean(value))
        text_append_c(text, json_is_true(value) ? "$true" : "$false");
    else
        text_append_c(text, json_is_null(value) ? "$null" : "...");
}

static void append_list(struct text *text, const json_t *value)
{
    if (!json_is_array(value)) {
        append_scalar(text, value);
        return;
    }
    size_t count = json_array_size(value);
    text_append_c(text, count ? "" : "$null");
    for (size_t i = 0; i < count; i++) {
        text_append_c(text, i ? "," : "");
        append_scalar(text, json_array_get(value, i));
    }
}

static void append_value(struct text *text, const json_t *value)
{
    if (!json_is_object(value)) {
        append_list(text, value);
        return;
    }
    const json_t *add = json_object_get(value, "Add"), *remove = json_object_get(value, "Remove");
    text_append_c(text, "@{");
    if (add) {
        text_append_c(text, "Add=");
        argument_append(text, add); /* a bare word would be a command there */
    }
    text_append_c(text, add && remove ? ";" : "");
    if (remove) {
        text_append_c(text, "Remove=");
        argument_append(text, remove);
    }
    text_append_c(text, "}");
}

static bool is_secret(const struct operation_parameter *parameter)
{
    return parameter->kind == PARAMETER_PASSWORD || parameter->kind == PARAMETER_CREDENTIAL ||
           parameter->kind == PARAMETER_FILE || parameter->kind == PARAMETER_FILE_AT;
}

/* One that the operation does not know may be a misspelt password. */
static bool may_be_shown(const struct operation *operation, const char *name,
                         struct operation_parameter *out_parameter)
{
    return operation_parameter_find(operation, slice_of(name), out_parameter, NULL) &&
           !is_secret(out_parameter);
}

static bool is_off(const json_t *value)
{
    struct slice written = slice_bytes(json_string_value(value), json_string_length(value));
    return json_is_false(value) || slice_equal_nocase(written, SLICE("$false"));
}

bool operation_append_value(struct text *text, const struct operation *operation, const char *name,
                            const json_t *value)
{
    struct operation_parameter parameter;
    if (!may_be_shown(operation, name, &parameter))
        text_append_c(text, "***");
    else if (json_is_string(value))
        text_append(text, slice_bytes(json_string_value(value), json_string_length(value)));
    else
        append_value(text, value);
    return !text->truncated;
}

bool operation_append_command(struct text *text, const struct operation *operation,
                              json_t *parameters)
{
    operation_append_name(text, operation);
    const char *name;
    json_t *value;
    json_object_foreach(parameters, name, value)
    {
        text_append_c(text, " -");
        text_append_escaped(text, slice_of(name), 64);
        struct operation_parameter parameter;
        if (!may_be_shown(operation, name, &parameter)) {
            text_append_c(text, " ***");
        } else if (parameter.kind == PARAMETER_SWITCH) {
            text_append_c(text, is_off(value) ? ":$false" : "");
        } else {
            text_append_c(text, " ");
            append_value(text, value);
        }
    }
    return !text->truncated;
}

bool operation_takes_many(const struct operation *operation, json_t *parameters)
{
    const char *name;
    json_t *value;
    bool many = operation->for_many;
    json_object_foreach(parameters, name, value)
    {
        struct operation_parameter parameter;
        many = many && !(operation_parameter_find(operation, slice_of(name), &parameter, NULL) &&
                         is_secret(&parameter));
    }
    return many;
}
