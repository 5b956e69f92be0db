/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/configuration/audit.h"

#include "hub/configuration/difference.h"
#include "hub/handlers/object.h"
#include "hub/logs.h"
#include "operations/command.h"
#include "os/clock.h"

#include <stdlib.h>
#include <string.h>

enum {
    OBJECTS_MAX = 8,
    PROPERTIES_MAX = 64,
    PARAMETERS_MAX = 64,
    NAME_MAX = 64, /* of a parameter, as the caller wrote it */
};

/* --- what a change is about --- */

struct note {
    struct call *call;
    const struct model *before;
};

static void add_once(json_t *list, struct slice text, size_t max)
{
    size_t count = json_array_size(list);
    for (size_t i = 0; i < count; i++)
        if (slice_equal(slice_of(json_string_value(json_array_get(list, i))), text))
            return;
    if (count < max)
        json_array_append_new(list, json_of_slice(text));
}

static void note_property(void *context, const struct difference *difference)
{
    const struct note *note = context;
    add_once(note->call->properties, slice_of(difference->name), PROPERTIES_MAX);
}

static void note_object(void *context, enum model_kind kind, struct object_id id, const void *after)
{
    const struct note *note = context;
    if (json_array_size(note->call->modified) >= OBJECTS_MAX)
        return;
    const void *before = model_by_id(note->before, kind, id);
    char storage[600];
    struct text name = text_over(storage, sizeof storage);
    if (!before && !after)
        return;
    model_append_name(&name, kind, after ? after : before);
    add_once(note->call->modified, text_slice(&name), OBJECTS_MAX);
    if (before && after)
        difference_each(kind, before, after, note_property, context);
}

void audit_note_change(struct call *call, const struct change *change)
{
    struct note note = {.call = call, .before = call->hub->model};
    if (!call->modified)
        call->modified = json_array();
    if (!call->properties)
        call->properties = json_array();
    change_each(change, note_object, &note);
}

/* --- a row --- */

/* The names may not have been written out yet: the call may have been refused before. */
static json_t *parameter_of(const struct call *call, const char *wanted)
{
    const char *name;
    json_t *value;
    json_object_foreach(call->parameters, name, value)
    {
        struct operation_parameter parameter;
        if (operation_parameter_find(call->operation, slice_of(name), &parameter, NULL) &&
            strcmp(parameter.name, wanted) == 0)
            return value;
    }
    return NULL;
}

static bool is_dry(const struct call *call)
{
    const json_t *value = parameter_of(call, "WhatIf");
    const char *word = json_is_string(value) ? json_string_value(value) : "";
    bool off = json_is_false(value) || json_is_null(value) ||
               slice_equal_nocase(slice_of(word), SLICE("$false")) ||
               slice_equal_nocase(slice_of(word), SLICE("false"));
    return value && !off;
}

static void append_joined(struct text *text, const json_t *list, const char *between)
{
    size_t count = json_array_size(list);
    for (size_t i = 0; i < count; i++) {
        text_append_c(text, i ? between : "");
        text_append_c(text, json_string_value(json_array_get(list, i)));
    }
}

/* Of a change its first objects; else what the call names. */
static void append_object(struct text *text, const struct call *call)
{
    struct operation_parameter first;
    if (json_array_size(call->modified)) {
        append_joined(text, call->modified, ", ");
        return;
    }
    const json_t *named = operation_positional(call->operation, 0, &first)
                              ? parameter_of(call, first.name)
                              : parameter_of(call, "Name");
    if (named)
        operation_append_value(
            text, call->operation,
            operation_positional(call->operation, 0, &first) ? first.name : "Name", named);
}

/* Never within a character. */
static void cut(struct text *text, size_t max)
{
    if (text->len <= max)
        return;
    while (max && ((unsigned char)text->at[max] & 0xc0) == 0x80)
        max--;
    text->len = max;
    text_append_c(text, "...");
}

static json_t *shown_parameters(const struct call *call, size_t value_max)
{
    json_t *shown = json_object();
    const char *name;
    json_t *value;
    json_object_foreach(call->parameters, name, value)
    {
        struct text text = text_with_ceiling(OPERATION_REQUEST_MAX);
        char storage[NAME_MAX + 4];
        struct text key = text_over(storage, sizeof storage);
        append_clean(&key, slice_first(slice_of(name), NAME_MAX));
        const char *written = text_c_string(&key);
        operation_append_value(&text, call->operation, name, value);
        cut(&text, value_max);
        if (written && json_object_size(shown) < PARAMETERS_MAX)
            json_object_set_new(shown, written, json_of_slice(text_slice(&text)));
        text_deinit(&text);
    }
    return shown;
}

/* As JSON of a bounded length: values are cut as far as need be. */
static char *parameters_json(const struct call *call)
{
    static const size_t value_max[] = {4096, 512, 64};
    char *written = NULL;
    for (size_t i = 0; i < COUNT_OF(value_max); i++) {
        free(written);
        json_t *shown = shown_parameters(call, value_max[i]);
        written = json_dumps(shown, JSON_COMPACT | JSON_ENSURE_ASCII);
        json_decref(shown);
        if (written && strlen(written) <= LOG_PARAMETERS_MAX)
            return written;
    }
    free(written);
    return NULL;
}

static void append_row(const struct call *call, struct log_audit *row)
{
    char storage[40], name[128], object[2048];
    struct text id = text_over(storage, sizeof storage), cmdlet = text_over(name, sizeof name);
    struct text modified = text_over(object, sizeof object);
    struct text properties = text_with_ceiling(16 << 10);
    char *parameters = parameters_json(call);
    object_id_append(&id, operation_new_id());
    operation_append_name(&cmdlet, call->operation);
    append_object(&modified, call);
    if (!call->error)
        append_joined(&properties, call->properties, ";");
    row->identity = text_slice(&id);
    row->cmdlet = text_slice(&cmdlet);
    row->parameters = slice_of(parameters ? parameters : "{}");
    row->object = text_slice(&modified);
    row->properties = text_slice(&properties);
    logs_append(call->hub, LOG_ADMIN_AUDIT, row);
    free(parameters);
    text_deinit(&properties);
}

void audit_record(const struct call *call)
{
    const struct operation *operation = call->operation;
    if (!operation || !(operation->changes || operation->writes_file) || is_dry(call))
        return;
    const char *error = json_string_value(json_object_get(call->error, "message"));
    const struct server *server = call->hub->model ? model_server(call->hub->model) : NULL;
    struct log_audit row = {.at_ms = clock_wall_ms(),
                            .caller = call->actor,
                            .succeeded = call->error ? SLICE("False") : SLICE("True"),
                            .error = slice_of(error ? error : ""),
                            .server = server ? server->name : (struct slice){0}};
    append_row(call, &row);
}
