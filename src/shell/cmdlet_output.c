/* SPDX-License-Identifier: Apache-2.0 */
/* Format-Table, Format-List, Out-String, Out-Null, Out-File, Write-Host and its like. */
#include "shell/cmdlets.h"
#include "shell/convert.h"
#include "shell/printer.h"

enum { OUTPUT_MAX = 128 << 20, ERROR_MAX = 600, ROWS_MAX = 100000 };

/* --- Format-Table and Format-List --- */

enum { FORMAT_PROPERTY, FORMAT_AUTO, FORMAT_WRAP, FORMAT_HIDE };
enum { HELD_NAMES, HELD_ROWS, HELD_PROPERTIES };

static enum flow format_begin(struct stage *stage)
{
    stage->held[HELD_ROWS] = heap_list(&stage->machine->heap, 0);
    return machine_memory(stage->machine);
}

static enum layout_shape shape_of(const struct stage *stage)
{
    return slice_equal(slice_of(stage->cmdlet->name), SLICE("Format-List")) ? LAYOUT_LIST
                                                                            : LAYOUT_TABLE;
}

/* The text, line by line, into the pipeline. */
static enum flow give_lines(struct stage *stage, struct slice written)
{
    struct slice line;
    enum flow flow = FLOW_ON;
    while (flow == FLOW_ON && slice_take_field(&written, '\n', &line))
        flow = stage_give(stage, heap_text(&stage->machine->heap, line));
    return flow;
}

static enum flow format_flush(struct stage *stage)
{
    struct datum rows = stage->held[HELD_ROWS];
    struct layout layout = {.shape = shape_of(stage),
                            .names = stage->held[HELD_NAMES],
                            .rows = rows,
                            .width =
                                stage_switch(stage, FORMAT_WRAP) && shape_of(stage) == LAYOUT_TABLE
                                    ? 0
                                    : stage->machine->world->width};
    struct text text = text_with_ceiling(OUTPUT_MAX);
    bool values = rows.kind == DATUM_LIST && rows.list->count > 0 &&
                  layout.names.kind == DATUM_NULL && !datum_is_map(rows.list->at[0]);
    if (values)
        layout_append_values(&text, rows, layout.width);
    else
        layout_append(&text, &layout);
    if (rows.kind == DATUM_LIST)
        rows.list->count = 0;
    enum flow flow = give_lines(stage, text_slice(&text));
    text_deinit(&text);
    return flow;
}

/* A name that the first object does not have is said, and left out. */
static enum flow drop_unknown(struct stage *stage, struct datum object, struct list_cell *list)
{
    enum flow flow = FLOW_ON;
    size_t kept = 0;
    for (size_t i = 0; flow == FLOW_ON && i < list->count; i++) {
        struct datum value = datum_null(), property = list->at[i];
        if (property.kind == DATUM_TEXT)
            flow = property_value(stage, property, object, &value);
        if (flow == FLOW_FAULT)
            flow = stage_settle(stage);
        else
            list->at[kept++] = property;
    }
    list->count = kept;
    return flow;
}

/* The columns are those of the first object. */
static enum flow set_columns(struct stage *stage, struct datum object)
{
    struct machine *m = stage->machine;
    struct datum properties = datum_null();
    enum flow flow = property_list(stage, stage->arguments[FORMAT_PROPERTY], object, &properties);
    if (flow == FLOW_ON)
        flow = drop_unknown(stage, object, properties.list);
    if (flow != FLOW_ON)
        return flow;
    size_t count = properties.list->count;
    if (shape_of(stage) == LAYOUT_TABLE && count > LAYOUT_COLUMNS_MAX)
        return machine_fail(m, stage->node, OPERATION_USAGE, "TooManyColumns",
                            "a table has at most %d columns; Format-List shows more",
                            LAYOUT_COLUMNS_MAX);
    stage->held[HELD_PROPERTIES] = properties;
    stage->held[HELD_NAMES] = heap_list(&m->heap, count);
    for (size_t i = 0; i < count; i++)
        heap_append(&m->heap, stage->held[HELD_NAMES],
                    heap_text(&m->heap, property_name(stage, properties.list->at[i])));
    return machine_memory(m);
}

static enum flow add_row(struct stage *stage, struct datum object)
{
    struct machine *m = stage->machine;
    enum flow flow = FLOW_ON;
    if (stage->held[HELD_NAMES].kind != DATUM_LIST)
        flow = set_columns(stage, object);
    if (flow != FLOW_ON)
        return flow;
    const struct list_cell *properties = stage->held[HELD_PROPERTIES].list;
    struct datum row = heap_list(&m->heap, properties->count);
    heap_append(&m->heap, stage->held[HELD_ROWS], row);
    for (size_t i = 0; flow == FLOW_ON && i < properties->count; i++) {
        struct datum value = datum_null();
        flow = property_value(stage, properties->at[i], object, &value);
        if (flow == FLOW_FAULT && properties->at[i].kind == DATUM_TEXT)
            flow = FLOW_ON; /* another kind of object: this column is empty */
        heap_append(&m->heap, row, value);
    }
    return flow == FLOW_ON ? machine_memory(m) : flow;
}

static bool all_properties(struct stage *stage)
{
    struct datum property = stage->arguments[FORMAT_PROPERTY];
    return !stage_has(stage, FORMAT_PROPERTY) ||
           (shape_of(stage) == LAYOUT_LIST && property.kind == DATUM_TEXT &&
            slice_equal(datum_slice(property), SLICE("*")));
}

static enum flow format_take(struct stage *stage, struct datum value)
{
    struct list_cell *rows = stage->held[HELD_ROWS].list;
    enum flow flow = FLOW_ON;
    if (all_properties(stage)) {
        struct datum first = rows->count > 0 ? rows->at[0] : value;
        bool same = layout_same_kind(first, value);
        if (!same || rows->count >= ROWS_MAX)
            flow = format_flush(stage);
        heap_append(&stage->machine->heap, stage->held[HELD_ROWS], value);
        return flow == FLOW_ON ? machine_memory(stage->machine) : flow;
    }
    if (rows->count >= ROWS_MAX)
        flow = format_flush(stage);
    return flow == FLOW_ON ? add_row(stage, value) : flow;
}

/* --- texts and files --- */

/* What was gathered as it would be printed: neighbours of one kind in one table. */
static void append_gathered(struct stage *stage, struct text *text)
{
    struct machine *m = stage->machine;
    struct datum all = stage->held[0], group = heap_list(&m->heap, 0);
    for (size_t i = 0; group.kind == DATUM_LIST && i < all.list->count; i++) {
        struct datum value = all.list->at[i], first = group.list->count ? group.list->at[0] : value;
        bool same = layout_same_kind(first, value);
        if (!same) {
            layout_append_values(text, group, 0);
            group.list->count = 0;
        }
        heap_append(&m->heap, group, value);
    }
    if (group.kind == DATUM_LIST && group.list->count > 0)
        layout_append_values(text, group, 0);
}

static enum flow string_end(struct stage *stage)
{
    struct text text = text_with_ceiling(OUTPUT_MAX);
    append_gathered(stage, &text);
    struct datum written = heap_text(&stage->machine->heap, text_slice(&text));
    text_deinit(&text);
    enum flow flow = machine_memory(stage->machine);
    return flow == FLOW_ON ? stage_give(stage, written) : flow;
}

static enum flow null_take(struct stage *stage, struct datum value)
{
    (void)stage;
    (void)value;
    return FLOW_ON;
}

enum { FILE_PATH, FILE_APPEND, FILE_ENCODING, FILE_FORCE };

static enum flow file_end(struct stage *stage)
{
    struct machine *m = stage->machine;
    struct text text = text_with_ceiling(OUTPUT_MAX);
    char storage[ERROR_MAX];
    struct text error = text_over(storage, sizeof(storage));
    stage_check_encoding(stage, FILE_ENCODING);
    append_gathered(stage, &text);
    bool good = m->world->write_file(m->world->context, stage_text(stage, FILE_PATH),
                                     text_slice(&text), stage_switch(stage, FILE_APPEND), &error);
    text_deinit(&text);
    return good ? FLOW_ON
                : stage_complain(stage, OPERATION_FAILED, "FileNotWritten", "%.*s",
                                 SLICE_ARG(text_slice(&error)));
}

/* --- Write-Host and its like --- */

enum { WRITE_OBJECT, WRITE_NO_NEW_LINE, WRITE_FOREGROUND, WRITE_BACKGROUND };

static void write_values(struct stage *stage, enum world_stream stream, const char *before)
{
    struct text text = text_with_ceiling(OUTPUT_MAX), safe = text_with_ceiling(OUTPUT_MAX);
    struct slice line, rest;
    datum_append(&text, stage->arguments[WRITE_OBJECT]);
    rest = text_slice(&text);
    text_append_c(&safe, before);
    while (slice_take_field(&rest, '\n', &line)) {
        layout_append_line(&safe, line);
        text_append_c(&safe, rest.len > 0 ? "\n" : "");
    }
    if (!stage_switch(stage, WRITE_NO_NEW_LINE))
        text_append_byte(&safe, '\n');
    machine_print(stage->machine, stream, text_slice(&safe));
    text_deinit(&text);
    text_deinit(&safe);
}

static enum flow host_take(struct stage *stage, struct datum value)
{
    stage->arguments[WRITE_OBJECT] = value;
    stage->given |= 1u << WRITE_OBJECT;
    write_values(stage, WORLD_OUTPUT, "");
    return FLOW_ON;
}

static enum flow host_end(struct stage *stage)
{
    if (stage->first)
        write_values(stage, WORLD_OUTPUT, "");
    return FLOW_ON;
}

static enum flow output_take(struct stage *stage, struct datum value)
{
    return stage_give(stage, value);
}

static enum flow output_end(struct stage *stage)
{
    struct datum values = stage->arguments[WRITE_OBJECT];
    if (!stage->first)
        return FLOW_ON;
    if (values.kind == DATUM_LIST && values.list->count == 1)
        values = values.list->at[0];
    return emit(stage->machine, stage->out, values);
}

static enum flow warning_end(struct stage *stage)
{
    if (!stage->quiet)
        write_values(stage, WORLD_ERRORS, "WARNING: ");
    return FLOW_ON;
}

static enum flow verbose_end(struct stage *stage)
{
    if (stage->verbose)
        write_values(stage, WORLD_ERRORS, "VERBOSE: ");
    return FLOW_ON;
}

static enum flow error_end(struct stage *stage)
{
    struct slice message = stage_text(stage, WRITE_OBJECT);
    return stage_complain(stage, OPERATION_FAILED, "WriteErrorException", "%.*s",
                          SLICE_ARG(message));
}

/* clang-format off */
#define SWITCH(word) {.name = word, .kind = ARGUMENT_SWITCH}
#define OBJECT {.name = "Object", .positional = true, .rest = true}
#define MESSAGE {.name = "Message", .positional = true, .required = true}
const struct cmdlet output_cmdlets[] = {
    {"Format-Table", "ft", format_begin, format_take, format_flush,
     {{.name = "Property", .positional = true}, SWITCH("AutoSize"), SWITCH("Wrap")},
     "Shows objects as a table, always as wide as need be; on a terminal long values are cut, with -Wrap nothing is.", "Get-ReceiveConnector | ft Name, Bindings, @{n=\"Who\"; e={ $_.PermissionGroups }}"},
    {"Format-List", "fl", format_begin, format_take, format_flush,
     {{.name = "Property", .positional = true}},
     "Shows each property on a line of its own.", "Get-ReceiveConnector | fl Name, Fqdn, Tls*"},
    {"Out-String", "", stage_gather_begin, stage_gather_take, string_end, {{0}},
     "Makes one text of what would be printed.", "(Get-Queue | Out-String).Trim()"},
    {"Out-Null", "", NULL, null_take, NULL, {{0}},
     "Throws objects away.", "New-AcceptedDomain -Name Contoso -DomainName contoso.com | Out-Null"},
    {"Out-File", "", stage_gather_begin, stage_gather_take, file_end,
     {{.name = "FilePath", .positional = true, .required = true}, SWITCH("Append"), {.name = "Encoding"}, SWITCH("Force")},
     "Writes what would be printed to a file, in UTF-8.", "Get-ReceiveConnector | fl | Out-File connectors.txt"},
    {"Write-Host", "", NULL, host_take, host_end,
     {OBJECT, SWITCH("NoNewline"), {.name = "ForegroundColor"}, {.name = "BackgroundColor"}},
     "Prints a text. Colours are taken and not shown.", "Write-Host \"done\""},
    {"Write-Output", "echo write", NULL, output_take, output_end, {OBJECT},
     "Gives a value to the pipeline.", "Write-Output $list"},
    {"Write-Warning", "", NULL, NULL, warning_end, {MESSAGE}, "Prints a warning.", "Write-Warning \"expires soon\""},
    {"Write-Verbose", "", NULL, NULL, verbose_end, {MESSAGE},
     "Prints a text when -Verbose or $VerbosePreference asks for it.", "Write-Verbose \"step 2\" -Verbose"},
    {"Write-Error", "", NULL, NULL, error_end, {MESSAGE}, "Complains; the exit code becomes 1.", "Write-Error \"not found\""},
    {0},
};
/* clang-format on */
