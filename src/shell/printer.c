/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/printer.h"

#include "shell/convert.h"
#include "shell/format.h"
#include "shell/table.h"
#include "shell/value.h"

#include <stdio.h>
#include <string.h>

enum { HELD_MAX = 1000, OUTPUT_MAX = 128 << 20, TABLE_UP_TO = 4, KEY_MAX = 24 };

static const char *const keys[LAYOUT_COLUMNS_MAX] = {
    "0",  "1",  "2",  "3",  "4",  "5",  "6",  "7",  "8",  "9",  "10", "11",
    "12", "13", "14", "15", "16", "17", "18", "19", "20", "21", "22", "23"};

/* --- objects in columns that somebody chose --- */

static json_t *rows_json(const struct layout *layout)
{
    json_t *rows = json_array();
    char key[KEY_MAX];
    for (size_t i = 0; i < layout->rows.list->count; i++) {
        const struct list_cell *values = layout->rows.list->at[i].list;
        json_t *row = json_object();
        for (size_t j = 0; j < values->count; j++) {
            snprintf(key, sizeof(key), "%zu", j);
            json_t *value = datum_to_json(values->at[j], false);
            json_object_set_new(row, key, value ? value : json_string("..."));
        }
        json_array_append_new(rows, row);
    }
    return rows;
}

static void append_table(struct text *text, const struct layout *layout)
{
    struct view view = {.noun = "", .shape = VIEW_TABLE};
    struct text headings = text_with_ceiling(OUTPUT_MAX);
    size_t count = layout->names.list->count, at = 0;
    for (size_t i = 0; i < count; i++) {
        value_append_safe(&headings, datum_slice(layout->names.list->at[i]));
        text_append_byte(&headings, '\0');
    }
    for (size_t i = 0; i < count && i < LAYOUT_COLUMNS_MAX && headings.len > 0; i++) {
        const char *heading = headings.at + at;
        bool whole = slice_contains(slice_of(heading), SLICE("humbprint")) ||
                     slice_equal_nocase(slice_of(heading), SLICE("Identity"));
        view.columns[i] = (struct view_column){heading, keys[i], 0, whole};
        at += strlen(heading) + 1;
    }
    json_t *rows = rows_json(layout);
    table_append(text, rows, &view, layout->width);
    json_decref(rows);
    text_deinit(&headings);
}

static void append_property(struct text *text, struct slice name, size_t widest, struct datum value)
{
    value_append_safe(text, name);
    text_append_blanks(text, widest - text_columns(name));
    text_append_c(text, " : ");
    json_t *json = datum_to_json(value, false);
    value_append(text, json);
    json_decref(json);
    if (text->len > 0 && text->at[text->len - 1] == ' ')
        text->len--;
    text_append_byte(text, '\n');
}

static void append_list(struct text *text, const struct layout *layout)
{
    size_t widest = 0;
    for (size_t i = 0; i < layout->names.list->count; i++) {
        size_t columns = text_columns(datum_slice(layout->names.list->at[i]));
        widest = columns > widest ? columns : widest;
    }
    for (size_t i = 0; i < layout->rows.list->count; i++) {
        const struct list_cell *values = layout->rows.list->at[i].list;
        text_append_c(text, i ? "\n" : "");
        for (size_t j = 0; j < values->count; j++)
            append_property(text, datum_slice(layout->names.list->at[j]), widest, values->at[j]);
    }
}

/* --- objects as they come --- */

static void append_whole(struct text *text, const struct map_cell *map)
{
    size_t widest = 0;
    for (size_t i = 0; i < map->count; i++) {
        size_t columns = text_columns(name_slice(map->at[i].name));
        widest = columns > widest ? columns : widest;
    }
    for (size_t i = 0; i < map->count; i++)
        append_property(text, name_slice(map->at[i].name), widest, map->at[i].value);
}

static bool all_small(const struct list_cell *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        if (rows->at[i].map->count > TABLE_UP_TO)
            return false;
    return true;
}

static void append_view(struct text *text, const struct layout *layout, struct slice noun)
{
    static const enum format_kind kinds[] = {[LAYOUT_DEFAULT] = FORMAT_DEFAULT,
                                             [LAYOUT_TABLE] = FORMAT_TABLE,
                                             [LAYOUT_LIST] = FORMAT_LIST};
    struct format_options options = {kinds[layout->shape], layout->width};
    json_t *objects = json_array();
    for (size_t i = 0; i < layout->rows.list->count; i++)
        json_array_append_new(objects, datum_to_json(layout->rows.list->at[i], false));
    json_t *reply =
        json_pack("{s:s%, s:o}", "noun", noun.len ? noun.at : "", noun.len, "objects", objects);
    format_objects(text, reply, &options);
    json_decref(reply);
}

/* Objects of no known kind: the properties of the first are the columns. */
static void append_small(struct text *text, const struct layout *layout)
{
    struct view view = {.noun = "", .shape = VIEW_TABLE};
    const struct map_cell *first = layout->rows.list->at[0].map;
    struct text names = text_with_ceiling(OUTPUT_MAX);
    json_t *rows = json_array();
    size_t at = 0;
    for (size_t i = 0; i < first->count; i++) {
        text_append(&names, name_slice(first->at[i].name));
        text_append_byte(&names, '\0');
    }
    for (size_t i = 0; i < first->count && i < LAYOUT_COLUMNS_MAX; i++) {
        view.columns[i] = (struct view_column){names.at + at, keys[i], 0, false};
        at += strlen(names.at + at) + 1;
    }
    for (size_t i = 0; i < layout->rows.list->count; i++) {
        const struct map_cell *map = layout->rows.list->at[i].map;
        json_t *row = json_object();
        char key[KEY_MAX];
        for (size_t j = 0; j < first->count; j++) {
            const struct datum *value = map_find_name(map, first->at[j].name);
            snprintf(key, sizeof(key), "%zu", j);
            json_object_set_new(row, key, value ? datum_to_json(*value, false) : json_null());
        }
        json_array_append_new(rows, row);
    }
    table_append(text, rows, &view, layout->width);
    json_decref(rows);
    text_deinit(&names);
}

static void append_pairs(struct text *text, const struct list_cell *rows)
{
    text_append_c(text, "Name                           Value\n"
                        "----                           -----\n");
    for (size_t i = 0; i < rows->count; i++) {
        for (size_t j = 0; j < rows->at[i].map->count; j++) {
            const struct entry *entry = &rows->at[i].map->at[j];
            size_t columns = text_columns(name_slice(entry->name));
            value_append_safe(text, name_slice(entry->name));
            text_append_blanks(text, columns < 30 ? 31 - columns : 1);
            json_t *json = datum_to_json(entry->value, false);
            value_append(text, json);
            json_decref(json);
            text_append_byte(text, '\n');
        }
    }
}

bool layout_append(struct text *text, const struct layout *layout)
{
    if (layout->rows.kind != DATUM_LIST || layout->rows.list->count == 0)
        return true;
    if (layout->names.kind == DATUM_LIST) {
        if (layout->shape == LAYOUT_LIST)
            append_list(text, layout);
        else
            append_table(text, layout);
        return !text->truncated;
    }
    struct datum first = layout->rows.list->at[0];
    if (first.kind == DATUM_OBJECT && view_of(first.map->noun))
        append_view(text, layout, first.map->noun);
    else if (first.kind == DATUM_TABLE && layout->shape != LAYOUT_LIST)
        append_pairs(text, layout->rows.list);
    else if (layout->shape != LAYOUT_LIST && first.map->count > 0 && first.map->noun.len == 0 &&
             (layout->shape == LAYOUT_TABLE || all_small(layout->rows.list)))
        append_small(text, layout);
    else
        for (size_t i = 0; i < layout->rows.list->count; i++) {
            text_append_c(text, i ? "\n" : "");
            append_whole(text, layout->rows.list->at[i].map);
        }
    return !text->truncated;
}

/* --- the end of a pipeline --- */

bool layout_append_line(struct text *text, struct slice line)
{
    struct slice piece;
    while (slice_take_field(&line, '\t', &piece)) {
        value_append_safe(text, piece);
        text_append_c(text, line.len > 0 ? "\t" : "");
    }
    return !text->truncated;
}

static void append_lines(struct text *text, struct slice written)
{
    struct slice line;
    while (slice_take_field(&written, '\n', &line)) {
        layout_append_line(text, line);
        text_append_c(text, written.len > 0 ? "\n" : "");
    }
    text_append_byte(text, '\n');
}

bool layout_append_values(struct text *text, struct datum list, size_t width)
{
    struct layout layout = {.rows = list, .width = width};
    if (list.kind == DATUM_LIST && list.list->count > 0 && datum_is_map(list.list->at[0]))
        return layout_append(text, &layout);
    size_t count = list.kind == DATUM_LIST ? list.list->count : 0;
    for (size_t i = 0; i < count; i++) {
        struct text written = text_with_ceiling(OUTPUT_MAX);
        datum_append(&written, list.list->at[i]);
        append_lines(text, text_slice(&written));
        text_deinit(&written);
    }
    return !text->truncated;
}

bool layout_same_kind(struct datum a, struct datum b)
{
    if (!datum_is_map(a) || !datum_is_map(b))
        return datum_is_map(a) == datum_is_map(b);
    if (a.kind != b.kind || !slice_equal(a.map->noun, b.map->noun))
        return false;
    if (a.kind == DATUM_TABLE || a.map->noun.len > 0)
        return true;
    bool same = a.map->count == b.map->count;
    for (size_t i = 0; same && i < a.map->count; i++)
        same = a.map->at[i].name->folded == b.map->at[i].name->folded;
    return same;
}

static void append_rows(struct text *text, struct rows *rows, const struct list_cell *held)
{
    for (size_t i = 0; i < held->count; i++) {
        json_t *json = datum_to_json(held->at[i], true);
        json_t *row = json ? json : json_string("...");
        rows_append(rows, text, row);
        json_decref(row);
    }
}

static void append_held(struct text *text, struct machine *m, struct printer *printer)
{
    struct layout layout = {.shape = m->world->form == FORMAT_LIST    ? LAYOUT_LIST
                                     : m->world->form == FORMAT_TABLE ? LAYOUT_TABLE
                                                                      : LAYOUT_DEFAULT,
                            .rows = printer->held,
                            .width = m->world->width};
    if (rows_are_for(m->world->form))
        append_rows(text, &printer->rows, printer->held.list);
    else if (datum_is_map(printer->held.list->at[0]))
        layout_append(text, &layout);
    else
        layout_append_values(text, printer->held, m->world->width);
}

void printer_flush(struct machine *m, struct printer *printer)
{
    if (printer->held.kind != DATUM_LIST || printer->held.list->count == 0)
        return;
    struct text text = text_with_ceiling(OUTPUT_MAX);
    append_held(&text, m, printer);
    printer->held.list->count = 0;
    m->world->print(m->world->context, WORLD_OUTPUT, text_slice(&text));
    text_deinit(&text);
}

void printer_end(struct machine *m, struct printer *printer)
{
    printer_flush(m, printer);
    if (!rows_are_for(m->world->form))
        return;
    struct text text = text_with_ceiling(OUTPUT_MAX);
    rows_end(&printer->rows, &text);
    m->world->print(m->world->context, WORLD_OUTPUT, text_slice(&text));
    text_deinit(&text);
}

static enum flow take(struct machine *m, struct sink *sink, struct datum value)
{
    struct printer *printer = (struct printer *)sink;
    if (printer->held.kind != DATUM_LIST)
        return machine_memory(m);
    const struct list_cell *held = printer->held.list;
    bool together =
        rows_are_for(m->world->form) || held->count == 0 || layout_same_kind(held->at[0], value);
    if (held->count >= HELD_MAX || !together)
        printer_flush(m, printer);
    heap_append(&m->heap, printer->held, value);
    return machine_memory(m);
}

void printer_init(struct machine *m, struct printer *printer)
{
    printer->sink = (struct sink){take};
    printer->held = heap_list(&m->heap, 0);
    rows_begin(&printer->rows, m->world->form);
    m->printer = printer;
}
