/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/table.h"

#include "shell/value.h"

enum { BETWEEN = 2, NARROWEST = 8, CELL_MAX = 65536, ELLIPSIS = 3 };

struct widths {
    size_t count;
    size_t at[VIEW_COLUMNS_MAX];
};

static void cell(json_t *object, const struct view_column *column, struct text *out)
{
    text_clear(out);
    value_append(out, value_at(object, column->property));
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void measure(json_t *objects, const struct view *view, struct text *scratch,
                    struct widths *out)
{
    *out = (struct widths){0};
    for (const struct view_column *column = view->columns; column->heading; column++) {
        size_t wide = larger(column->least, text_columns(slice_of(column->heading)));
        for (size_t i = 0; i < json_array_size(objects); i++) {
            cell(json_array_get(objects, i), column, scratch);
            wide = larger(wide, text_columns(text_slice(scratch)));
        }
        out->at[out->count++] = wide;
    }
}

static size_t total(const struct widths *widths)
{
    size_t sum = widths->count ? (widths->count - 1) * BETWEEN : 0;
    for (size_t i = 0; i < widths->count; i++)
        sum += widths->at[i];
    return sum;
}

/* The widest column that may still be cut, or count when there is none. */
static size_t widest_to_cut(const struct view *view, const struct widths *widths)
{
    size_t widest = widths->count;
    for (size_t i = 0; i < widths->count; i++) {
        const struct view_column *column = &view->columns[i];
        size_t least = larger(NARROWEST, text_columns(slice_of(column->heading)));
        if (!column->whole && widths->at[i] > least &&
            (widest == widths->count || widths->at[i] >= widths->at[widest]))
            widest = i;
    }
    return widest;
}

static void fit(const struct view *view, struct widths *widths, size_t width)
{
    while (width > 0 && total(widths) > width) {
        size_t widest = widest_to_cut(view, widths);
        if (widest == widths->count)
            return;
        widths->at[widest]--;
    }
}

static void append_cell(struct text *text, struct slice value, size_t width, bool last)
{
    size_t columns = text_columns(value);
    if (columns > width) {
        text_append(text, text_first_columns(value, width - ELLIPSIS));
        text_append_c(text, "...");
        columns = width;
    } else {
        text_append(text, value);
    }
    if (!last)
        text_append_blanks(text, width - columns + BETWEEN);
}

static void end_row(struct text *text)
{
    while (text->len > 0 && text->at[text->len - 1] == ' ')
        text->len--;
    text_append_byte(text, '\n');
}

static void append_headings(struct text *text, const struct view *view, const struct widths *widths)
{
    static const char dashes[] = "----------------------------------------------------------------";
    for (size_t i = 0; i < widths->count; i++)
        append_cell(text, slice_of(view->columns[i].heading), widths->at[i],
                    i + 1 == widths->count);
    end_row(text);
    for (size_t i = 0; i < widths->count; i++) {
        size_t len = slice_of(view->columns[i].heading).len;
        append_cell(text, slice_first(slice_of(dashes), len), widths->at[i],
                    i + 1 == widths->count);
    }
    end_row(text);
}

bool table_append(struct text *text, json_t *objects, const struct view *view, size_t width)
{
    struct widths widths;
    struct text scratch = text_with_ceiling(CELL_MAX);
    measure(objects, view, &scratch, &widths);
    fit(view, &widths, width);
    append_headings(text, view, &widths);
    for (size_t row = 0; row < json_array_size(objects); row++) {
        for (size_t i = 0; i < widths.count; i++) {
            cell(json_array_get(objects, row), &view->columns[i], &scratch);
            append_cell(text, text_slice(&scratch), widths.at[i], i + 1 == widths.count);
        }
        end_row(text);
    }
    text_deinit(&scratch);
    return !text->truncated;
}
