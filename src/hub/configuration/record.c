/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/configuration/record.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_MAX = 4 << 20 };

static bool write_setting(const struct setting *row, const void *object, json_t *record)
{
    struct text value = text_with_ceiling(VALUE_MAX);
    bool good = setting_print(row, object, &value) &&
                json_object_set_new(record, row->name,
                                    json_stringn(value.len ? value.at : "", value.len)) == 0;
    text_deinit(&value);
    return good;
}

bool record_write(enum model_kind kind, const void *object, struct text *out_json)
{
    const struct object *front = object;
    json_t *record = json_object();
    bool good = record != NULL;
    for (const struct setting *row = model_kind_facts(kind)->settings; good && row->name; row++)
        good = write_setting(row, object, record);
    json_object_set_new(record, "_created", json_integer(front->created_ms));
    json_object_set_new(record, "_changed", json_integer(front->changed_ms));
    char *written = good ? json_dumps(record, JSON_COMPACT) : NULL;
    good = written && text_append_c(out_json, written);
    free(written);
    json_decref(record);
    return good;
}

static bool read_setting(const struct setting *row, const json_t *record, void *object,
                         struct arena *arena, struct text *error)
{
    const json_t *value = json_object_get(record, row->name);
    if (!value)
        return true; /* a setting newer than the record keeps its fallback */
    struct slice written = {json_string_value(value), json_string_length(value)};
    if (setting_parse(row, object, arena, &written, written.len ? 1 : 0, error))
        return true;
    text_append_format(error, " (setting %s)", row->name);
    return false;
}

void *record_parse(struct model *model, enum model_kind kind, struct object_id id, uint64_t version,
                   struct slice json, struct text *error)
{
    json_t *record = json_loadb(json.at, json.len, 0, NULL);
    void *object = model_object_new(model, kind);
    bool good = json_is_object(record) && object;
    for (const struct setting *row = model_kind_facts(kind)->settings; good && row->name; row++)
        good = read_setting(row, record, object, model->arena, error);
    if (good) {
        struct object *front = object;
        front->id = id;
        front->version = version;
        front->created_ms = json_integer_value(json_object_get(record, "_created"));
        front->changed_ms = json_integer_value(json_object_get(record, "_changed"));
    }
    json_decref(record);
    return good ? object : NULL;
}

bool record_read(struct model *model, enum model_kind kind, struct object_id id, uint64_t version,
                 struct slice json, struct text *error)
{
    void *object = record_parse(model, kind, id, version, json, error);
    return object && model_add(model, kind, object);
}

static int by_creation(const void *a, const void *b)
{
    const struct object *x = *(struct object *const *)a, *y = *(struct object *const *)b;
    if (x->created_ms != y->created_ms)
        return x->created_ms < y->created_ms ? -1 : 1;
    return memcmp(x->id.bytes, y->id.bytes, sizeof x->id.bytes);
}

void record_sort(struct model *model)
{
    for (int kind = 0; kind < MODEL_KINDS; kind++) {
        struct object_list *list = &model->lists[kind];
        if (list->count)
            qsort(list->at, list->count, sizeof *list->at, by_creation);
    }
}
