/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/value.h"

#include <stdlib.h>
#include <string.h>

/* U+0080-U+009F, U+200E, U+200F, U+202A-U+202E, U+2066-U+2069 in UTF-8. */
static size_t unsafe_sequence(struct slice rest)
{
    const unsigned char *at = (const unsigned char *)rest.at;
    if (rest.len >= 2 && at[0] == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f)
        return 2;
    if (rest.len < 3 || at[0] != 0xe2)
        return 0;
    if (at[1] == 0x80 && (at[2] == 0x8e || at[2] == 0x8f || (at[2] >= 0xaa && at[2] <= 0xae)))
        return 3;
    return at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9 ? 3 : 0;
}

bool value_append_safe(struct text *text, struct slice bytes)
{
    for (size_t i = 0; i < bytes.len;) {
        unsigned char byte = (unsigned char)bytes.at[i];
        size_t unsafe = unsafe_sequence(slice_after(bytes, i));
        if (byte < 0x20 || byte == 0x7f)
            unsafe = 1;
        for (size_t j = 0; j < unsafe; j++)
            text_append_format(text, "\\x%02X", (unsigned)(unsigned char)bytes.at[i + j]);
        if (unsafe == 0)
            text_append_byte(text, bytes.at[i]);
        i += unsafe ? unsafe : 1;
    }
    return !text->truncated;
}

void value_append_message(struct text *text, struct slice message)
{
    struct slice line;
    const char *before = "";
    while (slice_take_field(&message, '\n', &line)) {
        text_append_c(text, before);
        value_append_safe(text, line);
        before = "\n    ";
    }
}

static void append_scalar(struct text *text, json_t *value)
{
    if (json_is_string(value))
        value_append_safe(text, slice_bytes(json_string_value(value), json_string_length(value)));
    else if (json_is_integer(value))
        text_append_i64(text, json_integer_value(value));
    else if (json_is_boolean(value))
        text_append_c(text, json_is_true(value) ? "True" : "False");
    else if (json_is_object(value) || json_is_array(value)) {
        char *written = json_dumps(value, JSON_COMPACT);
        value_append_safe(text, slice_of(written));
        free(written);
    }
}

bool value_append(struct text *text, json_t *value)
{
    if (!json_is_array(value)) {
        append_scalar(text, value);
        return !text->truncated;
    }
    size_t count = json_array_size(value);
    text_append_byte(text, '{');
    for (size_t i = 0; i < count; i++) {
        text_append_c(text, i ? ", " : "");
        append_scalar(text, json_array_get(value, i));
    }
    return text_append_byte(text, '}');
}

json_t *value_at(json_t *object, const char *path)
{
    struct slice rest = slice_of(path), name;
    while (slice_take_field(&rest, '.', &name)) {
        char key[64];
        if (name.len >= sizeof(key))
            return NULL;
        memcpy(key, name.at, name.len);
        key[name.len] = '\0';
        object = json_object_get(object, key);
    }
    return object;
}

struct slice value_text(json_t *object, const char *path)
{
    const json_t *value = value_at(object, path);
    return json_is_string(value) ? slice_bytes(json_string_value(value), json_string_length(value))
                                 : SLICE("");
}

static bool begins_character(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

size_t text_columns(struct slice text)
{
    size_t columns = 0;
    for (size_t i = 0; i < text.len; i++)
        columns += begins_character(text.at[i]) ? 1 : 0;
    return columns;
}

struct slice text_first_columns(struct slice text, size_t columns)
{
    size_t i = 0;
    while (i < text.len && (columns > 0 || !begins_character(text.at[i])))
        columns -= begins_character(text.at[i++]) ? 1 : 0;
    return slice_first(text, i);
}

bool text_append_blanks(struct text *text, size_t count)
{
    while (count-- > 0)
        text_append_byte(text, ' ');
    return !text->truncated;
}
