/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/rows.h"

#include "shell/value.h"

#include <stdlib.h>

enum { INDENT_BLANKS = 2, FIELD_MAX = 16 << 20 };

bool rows_are_for(enum format_kind kind)
{
    return kind == FORMAT_JSON || kind == FORMAT_JSONL || kind == FORMAT_CSV || kind == FORMAT_NAME;
}

void rows_begin(struct rows *rows, enum format_kind kind)
{
    *rows = (struct rows){.kind = kind};
}

/* --- JSON --- */

/* Within the array, so each of its lines is moved in; the texts in it have no line ends. */
static bool append_json(const struct rows *rows, struct text *text, json_t *value)
{
    char *written = json_dumps(value, JSON_INDENT(INDENT_BLANKS) | JSON_ENCODE_ANY);
    struct slice rest = slice_of(written ? written : "null"), line;
    text_append_c(text, rows->count ? ",\n" : "[\n");
    while (slice_take_field(&rest, '\n', &line)) {
        text_append_blanks(text, INDENT_BLANKS);
        text_append(text, line);
        text_append_c(text, rest.len > 0 ? "\n" : "");
    }
    free(written);
    return !text->truncated;
}

static bool append_json_line(struct text *text, json_t *value)
{
    char *written = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    text_append_c(text, written ? written : "null");
    free(written);
    return text_append_byte(text, '\n');
}

/* --- CSV --- */

static void append_plain(struct text *text, json_t *value)
{
    size_t index;
    json_t *element;
    if (!json_is_array(value)) {
        value_append(text, value);
        return;
    }
    json_array_foreach(value, index, element)
    {
        text_append_c(text, index ? " " : "");
        value_append(text, element);
    }
}

static void append_quoted(struct text *text, struct slice field)
{
    text_append_byte(text, '"');
    for (size_t i = 0; i < field.len; i++) {
        text_append_c(text, field.at[i] == '"' ? "\"" : "");
        text_append_byte(text, field.at[i]);
    }
    text_append_byte(text, '"');
}

static void append_field(struct text *text, json_t *value)
{
    struct text field = text_with_ceiling(FIELD_MAX);
    append_plain(&field, value);
    append_quoted(text, text_slice(&field));
    text_deinit(&field);
}

static void append_line(struct text *text, json_t *columns, json_t *object)
{
    const char *name;
    json_t *unused;
    bool first = true;
    json_object_foreach(columns, name, unused)
    {
        json_t *value = object ? json_object_get(object, name) : NULL;
        text_append_c(text, first ? "" : ",");
        first = false;
        if (!object)
            append_quoted(text, slice_of(name));
        else if (value && !json_is_null(value))
            append_field(text, value);
    }
    text_append_byte(text, '\n');
}

static bool append_csv(struct rows *rows, struct text *text, json_t *value)
{
    json_t *object =
        json_is_object(value) ? json_incref(value) : json_pack("{s:O}", "Value", value);
    if (!rows->columns) {
        rows->columns = json_incref(object);
        append_line(text, rows->columns, NULL);
    }
    append_line(text, rows->columns, object);
    json_decref(object);
    return !text->truncated;
}

/* --- names --- */

static bool append_name(struct text *text, json_t *value)
{
    static const char *const names[] = {"Identity", "Thumbprint", "Name"};
    json_t *name = json_is_object(value) ? NULL : value;
    for (size_t i = 0; !name && i < COUNT_OF(names); i++)
        name = json_object_get(value, names[i]);
    if (!name)
        name = json_object_iter_value(json_object_iter(value));
    value_append(text, name);
    return text_append_byte(text, '\n');
}

bool rows_append(struct rows *rows, struct text *text, json_t *value)
{
    bool good = rows->kind == FORMAT_JSON    ? append_json(rows, text, value)
                : rows->kind == FORMAT_JSONL ? append_json_line(text, value)
                : rows->kind == FORMAT_NAME  ? append_name(text, value)
                                             : append_csv(rows, text, value);
    rows->count++;
    return good;
}

bool rows_end(struct rows *rows, struct text *text)
{
    json_decref(rows->columns);
    rows->columns = NULL;
    if (rows->kind == FORMAT_JSON)
        text_append_c(text, rows->count ? "\n]\n" : "[]\n");
    return !text->truncated;
}
