/* SPDX-License-Identifier: Apache-2.0 */
#include "operations/argument.h"

#include "base/quoted.h"

static void append_scalar(struct text *text, const json_t *value)
{
    if (json_is_string(value))
        quoted_append(text, slice_bytes(json_string_value(value), json_string_length(value)));
    else if (json_is_integer(value))
        text_append_i64(text, json_integer_value(value));
    else if (json_is_boolean(value))
        text_append_c(text, json_is_true(value) ? "$true" : "$false");
    else
        text_append_c(text, "$null");
}

bool argument_append(struct text *text, const json_t *value)
{
    size_t count = json_array_size(value);
    if (!json_is_array(value) || count == 0) {
        append_scalar(text, value);
        return !text->truncated;
    }
    for (size_t i = 0; i < count; i++) {
        text_append_c(text, i ? "," : "");
        append_scalar(text, json_array_get(value, i));
    }
    return !text->truncated;
}
