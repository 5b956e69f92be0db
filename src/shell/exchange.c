/* SPDX-License-Identifier: Apache-2.0 */
/* Data to and from the JSON of the hub. */
#include "base/base64.h"
#include "base/calendar.h"
#include "settings/quantity.h"
#include "shell/convert.h"
#include "shell/view.h"

#include <string.h>

enum { RFC3339_BYTES = 24, TEXT_MAX = 8 << 20, VALUES_MAX = 2000000 };

/* --- to JSON --- */

/* How much may still become JSON: what is shared in memory is written out every time. */
struct writing {
    bool plain;
    size_t budget;
};

static json_t *to_json(struct writing *w, struct datum datum, size_t depth);

static json_t *text_json(struct slice text)
{
    json_t *json = json_stringn(text.len ? text.at : "", text.len);
    if (json)
        return json;
    struct text escaped = text_with_ceiling(TEXT_MAX); /* it is not UTF-8 */
    text_append_escaped(&escaped, text, TEXT_MAX / 4);
    json = json_stringn(escaped.len ? escaped.at : "", escaped.len);
    text_deinit(&escaped);
    return json;
}

static json_t *written_json(struct datum datum)
{
    struct text text = text_with_ceiling(TEXT_MAX);
    datum_append(&text, datum);
    json_t *json = text_json(text_slice(&text));
    text_deinit(&text);
    return json;
}

static json_t *list_json(struct writing *w, const struct list_cell *list, size_t depth)
{
    json_t *json = json_array();
    for (size_t i = 0; json && i < list->count; i++) {
        if (json_array_append_new(json, to_json(w, list->at[i], depth + 1)) == 0)
            continue;
        json_decref(json);
        json = NULL;
    }
    return json;
}

static json_t *map_json(struct writing *w, const struct map_cell *map, size_t depth)
{
    json_t *json = json_object();
    for (size_t i = 0; json && i < map->count; i++) {
        struct slice name = name_slice(map->at[i].name);
        json_t *value = to_json(w, map->at[i].value, depth + 1);
        if (value && json_object_setn_new(json, name.at, name.len, value) == 0)
            continue;
        json_decref(json);
        json = NULL;
    }
    return json;
}

static json_t *to_json(struct writing *w, struct datum datum, size_t depth)
{
    if (depth > DATUM_DEPTH_MAX || w->budget == 0)
        return NULL;
    w->budget--;
    switch (datum.kind) {
    case DATUM_NULL:
        return json_null();
    case DATUM_BOOL:
        return json_boolean(datum.yes);
    case DATUM_INTEGER:
        return json_integer(datum.number);
    case DATUM_REAL:
        return w->plain ? json_real(datum.real) : written_json(datum);
    case DATUM_SIZE:
        return w->plain ? json_integer(datum.number) : written_json(datum);
    case DATUM_TEXT:
        return text_json(datum_slice(datum));
    case DATUM_LIST:
        return list_json(w, datum.list, depth);
    case DATUM_TABLE:
    case DATUM_OBJECT:
        return map_json(w, datum.map, depth);
    case DATUM_DATE:
    case DATUM_SPAN:
    case DATUM_TYPE:
    case DATUM_SECRET:
    case DATUM_BYTES:
    case DATUM_BLOCK:
        break;
    }
    return written_json(datum);
}

json_t *datum_to_json(struct datum datum, bool plain)
{
    struct writing w = {plain, VALUES_MAX};
    return to_json(&w, datum, 0);
}

/* --- from JSON --- */

static struct datum text_datum(struct machine *m, struct slice text, const struct setting *row)
{
    int64_t number;
    if (row && row->kind == SETTING_TIME_SPAN && quantity_parse_span(text, &number))
        return datum_number(DATUM_SPAN, number);
    if (row && (row->kind == SETTING_BYTES || row->kind == SETTING_UNLIMITED_BYTES) &&
        quantity_parse_bytes(text, &number))
        return datum_number(DATUM_SIZE, number);
    if (text.len == RFC3339_BYTES && text.at[10] == 'T' && text.at[23] == 'Z' &&
        calendar_parse_rfc3339(text, &number))
        return datum_number(DATUM_DATE, number);
    struct datum datum = heap_text(&m->heap, text);
    if (datum.kind == DATUM_TEXT)
        datum.text->words = row && row->kind == SETTING_FLAGS;
    return datum;
}

static struct datum from_json(struct machine *m, json_t *json, struct slice noun,
                              const struct setting *rows, const struct setting *row, size_t depth)
{
    if (json_is_string(json))
        return text_datum(m, slice_bytes(json_string_value(json), json_string_length(json)), row);
    if (json_is_integer(json))
        return datum_integer(json_integer_value(json));
    if (json_is_real(json))
        return datum_real(json_real_value(json));
    if (json_is_boolean(json))
        return datum_bool(json_is_true(json));
    if (depth > DATUM_DEPTH_MAX)
        return datum_null();
    if (json_is_array(json)) {
        struct datum list = heap_list(&m->heap, json_array_size(json));
        for (size_t i = 0; i < json_array_size(json); i++)
            heap_append(&m->heap, list,
                        from_json(m, json_array_get(json, i), SLICE(""), NULL, NULL, depth + 1));
        return list;
    }
    if (!json_is_object(json))
        return datum_null();
    struct datum object = heap_map(&m->heap, DATUM_OBJECT, noun);
    const char *name;
    json_t *value;
    json_object_foreach(json, name, value)
    {
        struct slice key = slice_of(name);
        struct datum datum =
            from_json(m, value, SLICE(""), NULL, rows ? setting_exact(rows, key) : NULL, depth + 1);
        if (object.kind == DATUM_OBJECT)
            map_set(&m->heap, object.map, key, datum);
    }
    return object;
}

/* The noun as bytes that stay: those of a table. */
static struct slice lasting_noun(struct slice noun)
{
    const struct view *view = view_of(noun);
    if (view)
        return slice_of(view->noun);
    for (size_t i = 0; i < OPERATION_COUNT; i++)
        if (slice_equal_nocase(noun, slice_of(operations[i].noun)))
            return slice_of(operations[i].noun);
    return SLICE("");
}

struct datum datum_from_json(struct machine *m, json_t *json, struct slice noun)
{
    enum model_kind kind;
    const struct setting *rows =
        model_kind_of_noun(noun, &kind) ? model_kind_facts(kind)->settings : NULL;
    return from_json(m, json, lasting_noun(noun), rows, NULL, 0);
}

/* --- parameters --- */

/* What a certificate or connector is named by, when it is passed as a whole. */
static struct datum named_by(const struct map_cell *map, struct slice parameter)
{
    struct datum identity = datum_null(), called = datum_null();
    for (size_t i = 0; i < map->count; i++) {
        struct slice name = name_slice(map->at[i].name);
        if (slice_equal_nocase(name, parameter))
            return map->at[i].value;
        if (slice_equal_nocase(name, SLICE("Identity")))
            identity = map->at[i].value;
        if (map->noun.len > 0 && slice_equal_nocase(name, SLICE("Name")))
            called = map->at[i].value;
    }
    return identity.kind != DATUM_NULL ? identity : called;
}

static json_t *scalar_parameter(struct datum datum, struct text *error)
{
    if (datum.kind == DATUM_BOOL)
        return json_string(datum.yes ? "$true" : "$false");
    if (datum.kind == DATUM_SIZE)
        return json_sprintf("%lld", (long long)datum.number);
    if (datum.kind == DATUM_OBJECT)
        datum = named_by(datum.map, SLICE("Identity"));
    if (datum.kind != DATUM_NULL && datum.kind < DATUM_SECRET)
        return written_json(datum);
    text_append_format(error, "%s is no value for it", datum_kind_word(datum));
    return NULL;
}

static json_t *list_parameter(struct datum datum, struct text *error)
{
    if (datum.kind != DATUM_LIST)
        return scalar_parameter(datum, error);
    json_t *list = json_array();
    for (size_t i = 0; i < datum.list->count; i++) {
        json_t *element = datum.list->at[i].kind == DATUM_NULL
                              ? NULL
                              : scalar_parameter(datum.list->at[i], error);
        if (datum.list->at[i].kind == DATUM_NULL)
            text_append_c(error, "one element of the list is empty ($null)");
        if (element && json_array_append_new(list, element) == 0)
            continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

/* @{Add=...; Remove=...} */
static json_t *edit_parameter(const struct map_cell *map, struct text *error)
{
    json_t *edit = json_object();
    for (size_t i = 0; i < map->count; i++) {
        struct slice name = name_slice(map->at[i].name);
        bool add = slice_equal_nocase(name, SLICE("Add"));
        json_t *value = NULL;
        if (!add && !slice_equal_nocase(name, SLICE("Remove")))
            text_append_format(error, "an edit of a list is @{Add=\"a\",\"b\";Remove=\"c\"}");
        else
            value = list_parameter(map->at[i].value, error);
        if (json_is_string(value))
            value = json_pack("[o]", value);
        if (value && json_object_set_new(edit, add ? "Add" : "Remove", value) == 0)
            continue;
        json_decref(edit);
        return NULL;
    }
    return edit;
}

static json_t *file_parameter(struct datum datum, struct text *error)
{
    if (datum.kind != DATUM_BYTES) {
        text_append_format(error,
                           "%s is no file: ([System.IO.File]::ReadAllBytes('file.pfx')) gives the "
                           "bytes of one",
                           datum_kind_word(datum));
        return NULL;
    }
    struct text encoded = text_with_ceiling(OPERATION_REQUEST_MAX);
    json_t *json = NULL;
    if (base64_append(&encoded, datum_slice(datum)))
        json = json_stringn(encoded.len ? encoded.at : "", encoded.len);
    else
        text_append_c(error, "the file is too large");
    text_deinit(&encoded);
    return json;
}

/* What Get-Credential gives. */
static json_t *credential_parameter(struct machine *m, struct datum datum, struct text *error)
{
    const struct datum *user = NULL, *password = NULL;
    if (datum_is_map(datum)) {
        user = map_find(&m->heap, datum.map, SLICE("UserName"));
        password = map_find(&m->heap, datum.map, SLICE("Password"));
    }
    if (!user || user->kind != DATUM_TEXT || !password || password->kind != DATUM_SECRET) {
        text_append_format(error,
                           "%s is no credential: (Get-Credential) asks for a user name and a "
                           "password",
                           datum_kind_word(datum));
        return NULL;
    }
    return json_pack("{s:o,s:o}", "UserName", text_json(datum_slice(*user)), "Password",
                     text_json(datum_slice(*password)));
}

json_t *datum_to_parameter(struct machine *m, const struct operation_parameter *parameter,
                           struct datum datum, struct text *error)
{
    if (parameter->kind == PARAMETER_SWITCH)
        return json_boolean(datum_is_true(datum));
    if (datum.kind == DATUM_NULL)
        return json_null();
    if (parameter->kind == PARAMETER_FILE)
        return file_parameter(datum, error);
    if (parameter->kind == PARAMETER_CREDENTIAL)
        return credential_parameter(m, datum, error);
    if (parameter->kind == PARAMETER_PASSWORD && datum.kind == DATUM_SECRET)
        return text_json(datum_slice(datum));
    if (datum.kind == DATUM_BLOCK && parameter->kind == PARAMETER_FILTER)
        return text_json(node_source(datum.block)); /* a condition, not a script */
    if (datum.kind == DATUM_OBJECT)
        datum = named_by(datum.map, slice_of(parameter->name));
    if (datum.kind == DATUM_TABLE)
        return edit_parameter(datum.map, error);
    return list_parameter(datum, error);
}
