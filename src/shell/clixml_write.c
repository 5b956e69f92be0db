/* SPDX-License-Identifier: Apache-2.0 */
/* Writing. */
#include "shell/clixml.h"

#include "shell/convert.h"

enum { VALUE_MAX = 64 << 20 };

struct writing {
    struct text *text;
    size_t references;
};

static void append_escaped(struct text *text, struct slice bytes)
{
    static const struct {
        char byte;
        const char *written;
    } escapes[] = {{'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"}, {'"', "&quot;"}};
    for (size_t i = 0; i < bytes.len; i++) {
        size_t j = 0;
        while (j < COUNT_OF(escapes) && escapes[j].byte != bytes.at[i])
            j++;
        if (j < COUNT_OF(escapes))
            text_append_c(text, escapes[j].written);
        else if ((unsigned char)bytes.at[i] < 0x20)
            text_append_format(text, "_x%04X_", (unsigned)(unsigned char)bytes.at[i]);
        else
            text_append_byte(text, bytes.at[i]);
    }
}

static void open_tag(struct writing *w, const char *tag, struct slice name)
{
    text_append_format(w->text, "<%s", tag);
    if (name.len > 0) {
        text_append_c(w->text, " N=\"");
        append_escaped(w->text, name);
        text_append_byte(w->text, '"');
    }
}

static void append_simple(struct writing *w, const char *tag, struct slice name, struct datum value)
{
    struct text written = text_with_ceiling(VALUE_MAX);
    if (value.kind == DATUM_SPAN)
        text_append_format(&written, "PT%lld.%03lldS", (long long)(value.number / 1000),
                           (long long)(value.number % 1000));
    else if (value.kind == DATUM_BOOL)
        text_append_c(&written, value.yes ? "true" : "false");
    else
        datum_append(&written, value);
    open_tag(w, tag, name);
    text_append_byte(w->text, '>');
    append_escaped(w->text, text_slice(&written));
    text_append_format(w->text, "</%s>\n", tag);
    text_deinit(&written);
}

static bool append_value(struct writing *w, struct slice name, struct datum value, size_t depth);

static void open_object(struct writing *w, struct slice name)
{
    open_tag(w, "Obj", name);
    text_append_format(w->text, " RefId=\"%zu\">\n", w->references++);
}

static bool append_map(struct writing *w, struct slice name, struct datum value, size_t depth)
{
    bool table = value.kind == DATUM_TABLE, good = true;
    open_object(w, name);
    text_append_c(w->text, table ? "<DCT>\n" : "<MS>\n");
    for (size_t i = 0; good && !w->text->truncated && i < value.map->count; i++) {
        struct slice key = name_slice(value.map->at[i].name);
        if (table) {
            text_append_c(w->text, "<En><S N=\"Key\">");
            append_escaped(w->text, key);
            text_append_c(w->text, "</S>\n");
            key = SLICE("Value");
        }
        good = append_value(w, key, value.map->at[i].value, depth + 1);
        text_append_c(w->text, table ? "</En>\n" : "");
    }
    text_append_c(w->text, table ? "</DCT></Obj>\n" : "</MS></Obj>\n");
    return good;
}

static bool append_list(struct writing *w, struct slice name, const struct list_cell *list,
                        size_t depth)
{
    bool good = true;
    open_object(w, name);
    text_append_c(w->text, "<LST>\n");
    for (size_t i = 0; good && !w->text->truncated && i < list->count; i++)
        good = append_value(w, SLICE(""), list->at[i], depth + 1);
    text_append_c(w->text, "</LST></Obj>\n");
    return good;
}

static bool append_value(struct writing *w, struct slice name, struct datum value, size_t depth)
{
    static const char *const tags[] = {
        [DATUM_BOOL] = "B",   [DATUM_INTEGER] = "I64", [DATUM_REAL] = "Db", [DATUM_DATE] = "DT",
        [DATUM_SPAN] = "TS",  [DATUM_SIZE] = "S",      [DATUM_TYPE] = "S",  [DATUM_TEXT] = "S",
        [DATUM_SECRET] = "S", [DATUM_BYTES] = "S",     [DATUM_BLOCK] = "S"};
    if (depth > DATUM_DEPTH_MAX)
        return false;
    if (datum_is_map(value))
        return append_map(w, name, value, depth);
    if (value.kind == DATUM_LIST)
        return append_list(w, name, value.list, depth);
    if (value.kind == DATUM_NULL) {
        open_tag(w, "Nil", name);
        text_append_c(w->text, " />\n");
    } else
        append_simple(w, tags[value.kind], name, value);
    return true;
}

bool clixml_append(struct text *text, struct datum objects)
{
    struct writing w = {.text = text};
    bool good = true;
    text_append_c(text, "<Objs Version=\"1.1.0.1\" "
                        "xmlns=\"http://schemas.microsoft.com/powershell/2004/04\">\n");
    for (size_t i = 0; good && i < objects.list->count; i++)
        good = append_value(&w, SLICE(""), objects.list->at[i], 0);
    return good && text_append_c(text, "</Objs>\n");
}
