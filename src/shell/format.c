/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/format.h"

#include "shell/explanation.h"
#include "shell/rows.h"
#include "shell/table.h"
#include "shell/value.h"
#include "shell/view.h"

bool format_kind_parse(struct slice written, enum format_kind *out_kind)
{
    static const struct {
        const char *word;
        enum format_kind kind;
    } kinds[] = {{"table", FORMAT_TABLE}, {"wide", FORMAT_WIDE},   {"list", FORMAT_LIST},
                 {"json", FORMAT_JSON},   {"jsonl", FORMAT_JSONL}, {"csv", FORMAT_CSV},
                 {"name", FORMAT_NAME}};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (!slice_equal_nocase(written, slice_of(kinds[i].word)))
            continue;
        *out_kind = kinds[i].kind;
        return true;
    }
    return false;
}

static bool is_listed(const struct view *view, const char *name)
{
    return !view || !view->not_listed || !slice_equal(slice_of(view->not_listed), slice_of(name));
}

static void append_list_object(struct text *text, json_t *object, const struct view *view)
{
    size_t widest = 0;
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        size_t len = slice_of(name).len;
        if (is_listed(view, name) && len > widest)
            widest = len;
    }
    json_object_foreach(object, name, value)
    {
        if (!is_listed(view, name))
            continue;
        text_append_c(text, name);
        text_append_blanks(text, widest - slice_of(name).len);
        text_append_c(text, " : ");
        value_append(text, value);
        if (text->len > 0 && text->at[text->len - 1] == ' ')
            text->len--;
        text_append_c(text, "\n");
    }
}

typedef void append_object_fn(struct text *text, json_t *object, const struct view *view);

static void append_explanation(struct text *text, json_t *object, const struct view *view)
{
    (void)view;
    explanation_append(text, object);
}

/* Text of lines, such as a file in PEM: each is made safe for itself. */
static void append_text(struct text *text, json_t *object, const struct view *view)
{
    struct slice rest = value_text(object, view->columns[0].property), line;
    while (slice_take_field(&rest, '\n', &line)) {
        value_append_safe(text, line);
        text_append_c(text, rest.len > 0 ? "\n" : "");
    }
    text_append_c(text, "\n");
}

static void append_each(struct text *text, json_t *objects, const struct view *view,
                        append_object_fn *append)
{
    size_t index;
    json_t *object;
    json_array_foreach(objects, index, object)
    {
        text_append_c(text, index ? "\n" : "");
        append(text, object, view);
    }
}

static bool append_rows(struct text *text, json_t *objects, enum format_kind kind)
{
    struct rows rows;
    size_t index;
    json_t *object;
    rows_begin(&rows, kind);
    json_array_foreach(objects, index, object)
    {
        rows_append(&rows, text, object);
    }
    return rows_end(&rows, text);
}

bool format_objects(struct text *text, json_t *reply, const struct format_options *options)
{
    json_t *objects = json_object_get(reply, "objects");
    bool wide = options->kind == FORMAT_WIDE;
    const struct view *view =
        wide ? view_wide_of(value_text(reply, "noun")) : view_of(value_text(reply, "noun"));
    if (rows_are_for(options->kind))
        return append_rows(text, objects, options->kind);
    if (json_array_size(objects) == 0)
        return true;
    if (options->kind == FORMAT_DEFAULT && view && view->shape == VIEW_EXPLANATION)
        append_each(text, objects, view, append_explanation);
    else if (options->kind == FORMAT_DEFAULT && view && view->shape == VIEW_TEXT)
        append_each(text, objects, view, append_text);
    else if (view && view->shape != VIEW_TEXT &&
             (options->kind == FORMAT_TABLE || wide ||
              (options->kind == FORMAT_DEFAULT && view->shape == VIEW_TABLE)))
        table_append(text, objects, view, options->width);
    else
        append_each(text, objects, view, append_list_object);
    return !text->truncated;
}

static bool append_lines(struct text *text, json_t *lines, const char *before)
{
    size_t index;
    json_t *line;
    json_array_foreach(lines, index, line)
    {
        text_append_c(text, before);
        value_append(text, line);
        text_append_c(text, "\n");
    }
    return !text->truncated;
}

bool format_information(struct text *text, json_t *reply)
{
    return append_lines(text, json_object_get(reply, "information"), "");
}

bool format_warnings(struct text *text, json_t *reply)
{
    return append_lines(text, json_object_get(reply, "warnings"), "WARNING: ");
}

bool format_error(struct text *text, json_t *reply, struct slice cmdlet)
{
    json_t *error = json_object_get(reply, "error");
    struct slice fix = value_text(error, "fix");
    if (!error)
        return true;
    value_append_safe(text, cmdlet);
    text_append_c(text, ": ");
    value_append_message(text, value_text(error, "message"));
    text_append_c(text, "\n    category: ");
    value_append_safe(text, value_text(error, "category"));
    if (fix.len > 0) {
        text_append_c(text, "\n    fix: ");
        value_append_safe(text, fix);
    }
    return text_append_c(text, "\n");
}

enum operation_error format_exit_code(json_t *reply)
{
    json_t *error = json_object_get(reply, "error");
    return error ? operation_error_of_category(value_text(error, "category")) : OPERATION_OK;
}
