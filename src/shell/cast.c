/* SPDX-License-Identifier: Apache-2.0 */
/* [int]$x and its like. */
#include "shell/convert.h"

enum { SHOWN = 60 };

bool datum_is_of(struct datum datum, enum type_kind type)
{
    switch (type) {
    case TYPE_TEXT:
        return datum.kind == DATUM_TEXT;
    case TYPE_INTEGER:
        return datum.kind == DATUM_INTEGER || datum.kind == DATUM_SIZE;
    case TYPE_REAL:
        return datum.kind == DATUM_REAL;
    case TYPE_BOOL:
        return datum.kind == DATUM_BOOL;
    case TYPE_DATE:
        return datum.kind == DATUM_DATE;
    case TYPE_SPAN:
        return datum.kind == DATUM_SPAN;
    case TYPE_LIST:
    case TYPE_TEXT_LIST:
    case TYPE_INTEGER_LIST:
        return datum.kind == DATUM_LIST;
    case TYPE_BYTES:
        return datum.kind == DATUM_BYTES;
    case TYPE_TABLE:
        return datum.kind == DATUM_TABLE;
    case TYPE_OBJECT:
        return datum.kind == DATUM_OBJECT;
    case TYPE_SECRET:
        return datum.kind == DATUM_SECRET;
    case TYPE_BLOCK:
        return datum.kind == DATUM_BLOCK;
    case TYPE_ANY:
        return datum.kind != DATUM_NULL;
    case TYPE_VOID:
    case TYPE_NONE:
        break;
    }
    return false;
}

static bool to_scalar(struct machine *m, struct datum datum, enum type_kind type, struct datum *out)
{
    int64_t number = 0;
    double real = 0;
    if (type == TYPE_TEXT) {
        *out = datum_to_text(m, datum);
        return true;
    }
    if (type == TYPE_BOOL) {
        *out = datum_bool(datum_is_true(datum));
        return true;
    }
    if (type == TYPE_INTEGER && datum_to_integer(datum, &number))
        *out = datum_integer(number);
    else if (type == TYPE_REAL && datum_to_real(datum, &real))
        *out = datum_real(real);
    else if (type == TYPE_DATE && datum_to_date(datum, &number))
        *out = datum_number(DATUM_DATE, number);
    else if (type == TYPE_SPAN && datum_to_span(datum, &number))
        *out = datum_number(DATUM_SPAN, number);
    else
        return false;
    return true;
}

static bool to_list(struct machine *m, struct datum datum, enum type_kind element,
                    struct datum *out)
{
    bool list = datum.kind == DATUM_LIST;
    size_t count = list ? datum.list->count : datum.kind == DATUM_NULL ? 0 : 1;
    struct datum result = heap_list(&m->heap, count);
    for (size_t i = 0; i < count; i++) {
        struct datum value = list ? datum.list->at[i] : datum;
        if (element != TYPE_ANY && !to_scalar(m, value, element, &value))
            return false;
        heap_append(&m->heap, result, value);
    }
    *out = result;
    return true;
}

/* A list of numbers 0 to 255, as Get-Content -Encoding Byte gives it here: already bytes. */
static bool to_bytes(struct machine *m, struct datum datum, struct datum *out)
{
    struct text bytes = text_with_ceiling(m->heap.ceiling);
    bool good = datum.kind == DATUM_LIST;
    int64_t number = 0;
    for (size_t i = 0; good && i < datum.list->count; i++) {
        good = datum_to_integer(datum.list->at[i], &number) && number >= 0 && number <= UINT8_MAX;
        text_append_byte(&bytes, (char)(unsigned char)number);
    }
    if (good)
        *out = heap_bytes(&m->heap, DATUM_BYTES, text_slice(&bytes));
    text_deinit(&bytes);
    return good;
}

static bool to_object(struct machine *m, struct datum datum, struct datum *out)
{
    if (datum.kind != DATUM_TABLE)
        return false;
    struct datum object = heap_map(&m->heap, DATUM_OBJECT, SLICE(""));
    for (size_t i = 0; object.kind == DATUM_OBJECT && i < datum.map->count; i++)
        map_set(&m->heap, object.map, name_slice(datum.map->at[i].name), datum.map->at[i].value);
    *out = object;
    return true;
}

static bool convert(struct machine *m, struct datum datum, enum type_kind type, struct datum *out)
{
    switch (type) {
    case TYPE_TEXT:
    case TYPE_INTEGER:
    case TYPE_REAL:
    case TYPE_BOOL:
    case TYPE_DATE:
    case TYPE_SPAN:
        return to_scalar(m, datum, type, out);
    case TYPE_LIST:
        return to_list(m, datum, TYPE_ANY, out);
    case TYPE_TEXT_LIST:
        return to_list(m, datum, TYPE_TEXT, out);
    case TYPE_INTEGER_LIST:
        return to_list(m, datum, TYPE_INTEGER, out);
    case TYPE_BYTES:
        return to_bytes(m, datum, out);
    case TYPE_OBJECT:
        return to_object(m, datum, out);
    case TYPE_VOID:
        *out = datum_null();
        return true;
    case TYPE_TABLE:
    case TYPE_SECRET:
    case TYPE_BLOCK:
    case TYPE_ANY:
    case TYPE_NONE:
        break;
    }
    return false;
}

enum flow datum_cast(struct machine *m, const struct node *node, struct datum datum,
                     enum type_kind type, struct datum *out)
{
    *out = datum;
    if (type == TYPE_ANY || datum_is_of(datum, type)) {
        if (type != TYPE_TEXT_LIST && type != TYPE_INTEGER_LIST)
            return FLOW_ON;
    }
    if (convert(m, datum, type, out))
        return machine_memory(m);
    struct datum text = datum_to_text(m, datum);
    struct slice shown =
        text.kind == DATUM_TEXT ? slice_first(datum_slice(text), SHOWN) : SLICE("");
    return machine_fail(m, node, OPERATION_USAGE, "InvalidCast", "%s (%.*s) cannot become [%.*s]",
                        datum_kind_word(datum), SLICE_ARG(shown), SLICE_ARG(node->text));
}
