/* SPDX-License-Identifier: Apache-2.0 */
#include "operations/command.h"

enum { VALUE_SHOWN_MAX = 4096 };

static bool needs_quotes(struct slice value)
{
    for (size_t i = 0; i < value.len; i++)
        if (!ascii_is_alnum(value.at[i]) &&
            !slice_contains(SLICE("$.:_-@/\\[],*="), slice_bytes(&value.at[i], 1)))
            return true;
    return value.len == 0;
}

static void append_text(struct text *text, const json_t *string)
{
    struct slice value = slice_bytes(json_string_value(string), json_string_length(string));
    const char *quote = needs_quotes(value) ? "\"" : "";
    text_append_c(text, quote);
    if (quote[0])
        text_append_escaped(text, value, VALUE_SHOWN_MAX);
    else
        text_append(text, value);
    text_append_c(text, quote);
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
        append_list(text, add);
    }
    text_append_c(text, add && remove ? ";" : "");
    if (remove) {
        text_append_c(text, "Remove=");
        append_list(text, remove);
    }
    text_append_c(text, "}");
}

static bool is_secret(const struct operation *operation, const char *name)
{
    struct operation_parameter parameter;
    if (!operation_parameter_find(operation, slice_of(name), &parameter, NULL))
        return true;
    return parameter.kind == PARAMETER_PASSWORD || parameter.kind == PARAMETER_CREDENTIAL ||
           parameter.kind == PARAMETER_FILE || parameter.kind == PARAMETER_FILE_AT;
}

bool operation_append_value(struct text *text, const struct operation *operation, const char *name,
                            const json_t *value)
{
    if (is_secret(operation, name))
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
        text_append_c(text, " ");
        if (is_secret(operation, name))
            text_append_c(text, "***");
        else
            append_value(text, value);
    }
    return !text->truncated;
}
