/* SPDX-License-Identifier: Apache-2.0 */
/* Get-Content, Set-Content, Add-Content, Import-Csv, Export-Csv, ConvertTo-Csv. */
#include "shell/cmdlets.h"
#include "shell/convert.h"
#include "shell/encoding.h"

#include <string.h>

enum { FILE_MAX_BYTES = 64 << 20, ERROR_MAX = 600 };

static enum flow read_path(struct stage *stage, size_t parameter, struct text *out)
{
    struct machine *m = stage->machine;
    char storage[ERROR_MAX];
    struct text error = text_over(storage, sizeof(storage));
    if (m->world->read_file(m->world->context, stage_text(stage, parameter), out, &error))
        return FLOW_ON;
    return machine_fail(m, stage->node, OPERATION_NOT_FOUND, "FileNotRead", "%.*s",
                        SLICE_ARG(text_slice(&error)));
}

static enum flow write_path(struct stage *stage, size_t parameter, struct slice bytes, bool append)
{
    struct machine *m = stage->machine;
    char storage[ERROR_MAX];
    struct text error = text_over(storage, sizeof(storage));
    if (m->world->write_file(m->world->context, stage_text(stage, parameter), bytes, append,
                             &error))
        return FLOW_ON;
    return machine_fail(m, stage->node, OPERATION_FAILED, "FileNotWritten", "%.*s",
                        SLICE_ARG(text_slice(&error)));
}

static struct slice without_return(struct slice line)
{
    if (line.len > 0 && line.at[line.len - 1] == '\r')
        line.len--;
    return line;
}

/* The same as text, whatever Windows made of it. */
static enum flow read_text(struct stage *stage, size_t parameter, struct text *out)
{
    struct text bytes = text_with_ceiling(FILE_MAX_BYTES);
    enum flow flow = read_path(stage, parameter, &bytes);
    if (flow == FLOW_ON && !encoding_append(out, text_slice(&bytes)))
        flow = machine_fail(stage->machine, stage->node, OPERATION_FAILED, "FileNotRead",
                            "the file is too large");
    text_deinit(&bytes);
    return flow;
}

/* --- Get-Content --- */

enum { CONTENT_PATH, CONTENT_ENCODING, CONTENT_READ_COUNT, CONTENT_RAW, CONTENT_TAIL };

static enum flow give_lines(struct stage *stage, struct slice rest)
{
    struct machine *m = stage->machine;
    struct slice line;
    enum flow flow = FLOW_ON;
    while (flow == FLOW_ON && slice_take_field(&rest, '\n', &line)) {
        flow = machine_step(m);
        if (flow == FLOW_ON)
            flow = stage_give(stage, heap_text(&m->heap, without_return(line)));
    }
    return flow;
}

static enum flow content_end(struct stage *stage)
{
    struct machine *m = stage->machine;
    struct text text = text_with_ceiling(FILE_MAX_BYTES);
    bool bytes = slice_equal_nocase(stage_text(stage, CONTENT_ENCODING), SLICE("Byte"));
    enum flow flow = (bytes ? read_path : read_text)(stage, CONTENT_PATH, &text);
    if (flow == FLOW_ON && bytes)
        flow = stage_give(stage, heap_bytes(&m->heap, DATUM_BYTES, text_slice(&text)));
    else if (flow == FLOW_ON && stage_switch(stage, CONTENT_RAW))
        flow = stage_give(stage, heap_text(&m->heap, text_slice(&text)));
    else if (flow == FLOW_ON)
        flow = give_lines(stage, text_slice(&text));
    if (text.at)
        explicit_bzero(text.at, text.capacity);
    text_deinit(&text);
    return flow;
}

/* --- Test-Path --- */

static enum flow test_end(struct stage *stage)
{
    const struct world *world = stage->machine->world;
    return stage_give(stage, datum_bool(world->file_exists(world->context, stage_text(stage, 0))));
}

/* --- Set-Content and Add-Content --- */

enum { WRITE_PATH, WRITE_VALUE, WRITE_ENCODING };

static enum flow lines_end(struct stage *stage)
{
    stage_check_encoding(stage, WRITE_ENCODING);
    struct text text = text_with_ceiling(FILE_MAX_BYTES);
    bool append = slice_equal(slice_of(stage->cmdlet->name), SLICE("Add-Content"));
    struct datum value =
        stage_has(stage, WRITE_VALUE) ? stage->arguments[WRITE_VALUE] : stage->held[0];
    size_t count = value.kind == DATUM_LIST ? value.list->count : 1;
    bool raw = value.kind == DATUM_BYTES ||
               (count == 1 && value.kind == DATUM_LIST && value.list->at[0].kind == DATUM_BYTES);
    for (size_t i = 0; i < count; i++) {
        struct datum one = value.kind == DATUM_LIST ? value.list->at[i] : value;
        if (one.kind == DATUM_BYTES)
            text_append(&text, datum_slice(one));
        else
            datum_append(&text, one);
        text_append_c(&text, raw ? "" : "\n");
    }
    enum flow flow = write_path(stage, WRITE_PATH, text_slice(&text), append);
    text_deinit(&text);
    return flow;
}

/* --- AssembleMessage --- */

/* What Export-Message gives becomes a file, whole. */
static enum flow assemble_end(struct stage *stage)
{
    struct machine *m = stage->machine;
    struct datum value = stage->held[0];
    struct datum one =
        value.kind == DATUM_LIST && value.list->count == 1 ? value.list->at[0] : value;
    const struct datum *bytes =
        one.kind == DATUM_OBJECT ? map_find(&m->heap, one.map, SLICE("FileData")) : &one;
    if (!bytes || bytes->kind != DATUM_BYTES)
        return machine_fail(m, stage->node, OPERATION_USAGE, "NoMessage",
                            "give it one message: Export-Message 42 | AssembleMessage -Path FILE");
    return write_path(stage, 0, datum_slice(*bytes), false);
}

/* --- CSV in --- */

enum { CSV_PATH, CSV_DELIMITER, CSV_NO_TYPE, CSV_ENCODING, CSV_APPEND };

static char delimiter_of(struct stage *stage)
{
    struct slice given = stage_text(stage, CSV_DELIMITER);
    return given.len == 1 ? given.at[0] : ',';
}

/* One field; true when another one follows on the same line. */
static bool take_field(struct slice *rest, char delimiter, struct text *out)
{
    bool quoted = false;
    text_clear(out);
    while (rest->len > 0) {
        char byte = rest->at[0];
        *rest = slice_after(*rest, 1);
        if (byte == '"' && quoted && slice_take_prefix(rest, SLICE("\"")))
            text_append_byte(out, '"');
        else if (byte == '"')
            quoted = !quoted;
        else if (byte == delimiter && !quoted)
            return true;
        else if (byte == '\n' && !quoted)
            break;
        else if (byte != '\r' || quoted)
            text_append_byte(out, byte);
    }
    return false;
}

static struct datum take_row(struct stage *stage, struct slice *rest, char delimiter)
{
    struct heap *heap = &stage->machine->heap;
    struct datum row = heap_list(heap, 0);
    struct text field = text_with_ceiling(FILE_MAX_BYTES);
    bool more = true;
    while (more) {
        more = take_field(rest, delimiter, &field);
        heap_append(heap, row, heap_text(heap, text_slice(&field)));
    }
    text_deinit(&field);
    return row;
}

static struct datum row_object(struct stage *stage, struct datum names, struct datum row)
{
    struct heap *heap = &stage->machine->heap;
    struct datum object = heap_map(heap, DATUM_OBJECT, SLICE(""));
    for (size_t i = 0; object.kind == DATUM_OBJECT && i < names.list->count; i++)
        map_set(heap, object.map, datum_slice(names.list->at[i]),
                i < row.list->count ? row.list->at[i] : datum_null());
    return object;
}

static enum flow give_rows(struct stage *stage, struct slice rest)
{
    struct machine *m = stage->machine;
    char delimiter = delimiter_of(stage);
    enum flow flow = FLOW_ON;
    while (slice_starts(rest, SLICE("#TYPE"))) {
        struct slice line;
        slice_take_field(&rest, '\n', &line);
    }
    stage->held[0] = take_row(stage, &rest, delimiter);
    while (flow == FLOW_ON && rest.len > 0) {
        if (slice_take_prefix(&rest, SLICE("\n")) || slice_take_prefix(&rest, SLICE("\r\n")))
            continue;
        flow = machine_step(m);
        struct datum row = flow == FLOW_ON ? take_row(stage, &rest, delimiter) : datum_null();
        if (flow == FLOW_ON)
            flow = machine_memory(m);
        if (flow == FLOW_ON)
            flow = stage_give(stage, row_object(stage, stage->held[0], row));
    }
    return flow;
}

static enum flow import_end(struct stage *stage)
{
    struct text text = text_with_ceiling(FILE_MAX_BYTES);
    enum flow flow = read_text(stage, CSV_PATH, &text);
    if (flow == FLOW_ON)
        flow = give_rows(stage, text_slice(&text));
    text_deinit(&text);
    return flow;
}

/* --- CSV out --- */

static void append_field(struct text *text, struct slice value)
{
    text_append_byte(text, '"');
    for (size_t i = 0; i < value.len; i++) {
        text_append_c(text, value.at[i] == '"' ? "\"" : "");
        text_append_byte(text, value.at[i]);
    }
    text_append_byte(text, '"');
}

static void append_value(struct text *text, struct datum value)
{
    struct text written = text_with_ceiling(FILE_MAX_BYTES);
    datum_append(&written, value);
    append_field(text, text_slice(&written));
    text_deinit(&written);
}

/* A line for the object; the columns are those of the first. */
static enum flow append_object(struct stage *stage, struct text *text, struct datum first,
                               struct datum object, char delimiter)
{
    if (!datum_is_map(object) || !datum_is_map(first))
        return machine_fail(stage->machine, stage->node, OPERATION_USAGE, "InvalidArgument",
                            "%s has no properties to make columns of", datum_kind_word(object));
    for (size_t i = 0; i < first.map->count; i++) {
        const struct datum *value = map_find_name(object.map, first.map->at[i].name);
        if (i)
            text_append_byte(text, delimiter);
        if (value && value->kind != DATUM_NULL)
            append_value(text, *value);
    }
    text_append_byte(text, '\n');
    return FLOW_ON;
}

static enum flow append_all(struct stage *stage, struct text *text, bool headings)
{
    const struct list_cell *objects = stage->held[0].list;
    char delimiter = delimiter_of(stage);
    enum flow flow = FLOW_ON;
    if (objects->count == 0)
        return FLOW_ON;
    struct datum first = objects->at[0];
    for (size_t i = 0; headings && datum_is_map(first) && i < first.map->count; i++) {
        if (i)
            text_append_byte(text, delimiter);
        append_field(text, name_slice(first.map->at[i].name));
    }
    text_append_c(text, headings ? "\n" : "");
    for (size_t i = 0; flow == FLOW_ON && i < objects->count; i++)
        flow = append_object(stage, text, first, objects->at[i], delimiter);
    return flow;
}

static enum flow export_end(struct stage *stage)
{
    stage_check_encoding(stage, CSV_ENCODING);
    struct text text = text_with_ceiling(FILE_MAX_BYTES);
    bool append = stage_switch(stage, CSV_APPEND);
    enum flow flow = append_all(stage, &text, !append);
    if (flow == FLOW_ON)
        flow = write_path(stage, CSV_PATH, text_slice(&text), append);
    text_deinit(&text);
    return flow;
}

static enum flow convert_end(struct stage *stage)
{
    struct text text = text_with_ceiling(FILE_MAX_BYTES);
    enum flow flow = append_all(stage, &text, true);
    if (flow == FLOW_ON)
        flow = give_lines(stage, text_slice(&text));
    text_deinit(&text);
    return flow;
}

/* clang-format off */
#define SWITCH(word) {.name = word, .kind = ARGUMENT_SWITCH}
#define PATH {.name = "Path", .positional = true, .required = true}
const struct cmdlet file_cmdlets[] = {
    {"Get-Content", "gc cat type", NULL, NULL, content_end,
     {PATH, {.name = "Encoding"}, {.name = "ReadCount"}, SWITCH("Raw")},
     "Reads a file line by line, as one text with -Raw, as bytes with -Encoding Byte.", "[Byte[]]$(Get-Content mail.pfx -Encoding Byte -ReadCount 0)"},
    {"Test-Path", "", NULL, NULL, test_end, {PATH}, "Whether a file or folder is there.", "if (Test-Path mail.pfx) { \"there\" }"},
    {"Set-Content", "sc", stage_gather_begin, stage_gather_take, lines_end,
     {PATH, {.name = "Value", .positional = true}, {.name = "Encoding"}},
     "Writes lines to a file, in UTF-8.", "Set-Content names.txt (Get-ReceiveConnector).Name"},
    {"AssembleMessage", "", stage_gather_begin, stage_gather_take, assemble_end, {PATH},
     "Writes the message that Export-Message gives to a file.", "Export-Message 42 | AssembleMessage -Path 42.eml"},
    {"Add-Content", "ac", stage_gather_begin, stage_gather_take, lines_end,
     {PATH, {.name = "Value", .positional = true}, {.name = "Encoding"}},
     "Appends lines to a file.", "Add-Content log.txt \"changed at $(Get-Date)\""},
    {"Import-Csv", "ipcsv", NULL, NULL, import_end,
     {PATH, {.name = "Delimiter", .positional = true}},
     "Reads a table of texts; the first line names the columns.", "Import-Csv hosts.csv | % { $_.ip }"},
    {"Export-Csv", "epcsv", stage_gather_begin, stage_gather_take, export_end,
     {PATH, {.name = "Delimiter", .positional = true}, SWITCH("NoTypeInformation"), {.name = "Encoding"}, SWITCH("Append")},
     "Writes objects to a file as a table of texts.", "Get-ExchangeCertificate | select Thumbprint, Subject | Export-Csv certificates.csv"},
    {"ConvertTo-Csv", "", stage_gather_begin, stage_gather_take, convert_end,
     {{.name = "Path"}, {.name = "Delimiter", .positional = true}, SWITCH("NoTypeInformation")},
     "Gives the lines of such a table.", "Get-Queue | ConvertTo-Csv"},
    {0},
};
/* clang-format on */
