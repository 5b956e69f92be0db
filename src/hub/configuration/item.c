/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/configuration/item.h"

#include "base/base64.h"
#include "hub/handlers/object.h"
#include "hub/handlers/parameters.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SENTENCE_MAX = 1536, NAME_SHOWN = 80 };

struct slice item_text(const struct item *item, const char *name)
{
    const json_t *value = json_object_get(item->json, name);
    return slice_bytes(json_string_value(value), json_string_length(value));
}

struct slice item_name(const struct item *item)
{
    static const char *const names[] = {"Name", "_thumbprint", "DomainName", "Identity"};
    struct slice name = {0};
    for (size_t i = 0; name.len == 0 && i < COUNT_OF(names); i++)
        if (strcmp(names[i], "DomainName") != 0 || item->row->kind == MODEL_DKIM_SIGNING_CONFIG)
            name = item_text(item, names[i]);
    return name;
}

static void append_place(struct text *text, const struct item *item)
{
    struct slice name = item_name(item);
    const json_t *line = json_object_get(item->json, "_line");
    if (json_is_integer(line))
        text_append_format(text, "line %lld: ", (long long)json_integer_value(line));
    operation_append_name(text, &operations[item->row->make]);
    text_append_format(text, " number %zu", item->number);
    if (name.len > 0) {
        text_append_c(text, " (");
        append_clean(text, slice_first(name, NAME_SHOWN));
        text_append_c(text, ")");
    }
    text_append_c(text, ": ");
}

void item_fail(struct call *call, const struct item *item, const char *format, ...)
{
    char storage[SENTENCE_MAX], sentence[SENTENCE_MAX];
    struct text place = text_over(storage, sizeof(storage));
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    append_place(&place, item);
    call_fail(call, OPERATION_USAGE, "%.*s%s", SLICE_ARG(text_slice(&place)),
              len < 0 ? "" : sentence);
}

/* --- reading --- */

static json_t *fail_reading(struct call *call, struct slice file, const json_error_t *problem)
{
    size_t begin = 0;
    while (begin < file.len && (file.at[begin] == ' ' || file.at[begin] == '\n' ||
                                file.at[begin] == '\r' || file.at[begin] == '\t'))
        begin++;
    bool script = begin == file.len || file.at[begin] != '{';
    call->fix = script ? "postern apply FILE" : NULL;
    if (script)
        call_fail(call, OPERATION_USAGE,
                  "the file is no JSON; scripts are read by postern apply FILE");
    else
        call_fail(call, OPERATION_USAGE, "the file is no JSON: line %d, column %d: %s",
                  problem->line, problem->column, problem->text);
    return NULL;
}

static json_t *parse(struct call *call)
{
    struct text file = text_with_ceiling(OPERATION_REQUEST_MAX);
    json_error_t problem;
    json_t *document = NULL;
    if (!base64_decode(call_text(call, "FileData"), &file)) {
        call_fail(call, OPERATION_USAGE, "-FileData is not base64");
    } else {
        document = json_loadb(file.len ? file.at : "", file.len, JSON_REJECT_DUPLICATES, &problem);
        if (!document)
            fail_reading(call, text_slice(&file), &problem);
    }
    text_deinit(&file);
    return document;
}

static bool is_known(struct call *call, json_t *objects)
{
    const char *noun;
    json_t *list;
    json_object_foreach(objects, noun, list)
    {
        bool known = false;
        for (size_t i = 0; i < configuration_kind_count; i++)
            known = known || strcmp(configuration_noun(&configuration_kinds[i]), noun) == 0;
        if (known && json_is_array(list))
            continue;
        call_fail(call, OPERATION_USAGE,
                  known ? "objects.%.80s is no list"
                        : "objects.%.80s: there is no such kind of object in a configuration",
                  noun);
        return false;
    }
    return true;
}

static bool has_form(struct call *call, json_t *document)
{
    json_t *objects = json_object_get(document, "objects");
    if (json_integer_value(json_object_get(document, "format")) == CONFIGURATION_FORMAT &&
        json_is_object(objects))
        return is_known(call, objects);
    call->fix = "postern export -o FILE --json";
    call_fail(call, OPERATION_USAGE,
              "the file is no configuration: \"format\" is to be %d, \"objects\" an object",
              CONFIGURATION_FORMAT);
    return false;
}

/* --- parameters --- */

/* What the cmdlet calls Send-As is printed Send As. */
static json_t *as_printed(json_t *value)
{
    struct slice text = slice_bytes(json_string_value(value), json_string_length(value));
    return slice_equal_nocase(text, SLICE("Send-As")) ? json_string("Send As") : json_incref(value);
}

static bool is_secret(const struct item *item, const char *name)
{
    return item->row->secret && strcmp(item->row->secret, name) == 0;
}

static bool is_setting(const struct item *item, const char *name)
{
    const struct setting *row =
        setting_exact(model_kind_facts(item->row->kind)->settings, slice_of(name));
    return row && !(row->flags & (SETTING_READ_ONLY | SETTING_HIDDEN));
}

static bool take_parameter(struct call *call, const struct item *item, const char *name,
                           json_t *value, json_t *out)
{
    char storage[512];
    struct text error = text_over(storage, sizeof(storage));
    struct operation_parameter parameter;
    const struct operation *operation = &operations[item->row->make];
    if (strcmp(name, "_line") == 0)
        return json_object_set(out, name, value) == 0;
    if (!operation_parameter_find(operation, slice_of(name), &parameter, &error)) {
        item_fail(call, item, "%.*s", SLICE_ARG(text_slice(&error)));
        return false;
    }
    bool belongs = is_setting(item, parameter.name) ||
                   configuration_is_special(item->row, slice_of(parameter.name));
    if (!belongs)
        item_fail(call, item, "-%s cannot stand in a configuration", parameter.name);
    else if (!parameter_shape_fits(&parameter, value) || json_is_object(value))
        item_fail(call, item, "-%s has a value of the wrong shape", parameter.name);
    else if (json_object_get(out, parameter.name))
        item_fail(call, item, "-%s is given twice", parameter.name);
    else if (is_secret(item, parameter.name) && call_switch(call, "WithoutSecrets"))
        return true;
    else
        return json_object_set_new(out, parameter.name, as_printed(value)) == 0;
    return false;
}

/* In place: names written out. */
static bool check_item(struct call *call, const struct item *item, void *unused)
{
    (void)unused;
    const char *name;
    json_t *value, *checked = json_object();
    bool good = json_is_object(item->json);
    if (!good)
        item_fail(call, item, "this is no object");
    json_object_foreach(item->json, name, value)
    {
        good = take_parameter(call, item, name, value, checked);
        if (!good)
            break;
    }
    if (good) {
        json_object_clear(item->json);
        json_object_update(item->json, checked);
    }
    json_decref(checked);
    return good;
}

bool configuration_each(struct call *call, json_t *document, item_fn *run, void *context)
{
    json_t *objects = json_object_get(document, "objects");
    for (size_t i = 0; i < configuration_kind_count; i++) {
        struct item item = {.row = &configuration_kinds[i]};
        json_t *list = json_object_get(objects, configuration_noun(item.row));
        for (size_t k = 0; k < json_array_size(list); k++) {
            item.number = k + 1;
            item.json = json_array_get(list, k);
            if (!run(call, &item, context))
                return false;
        }
    }
    return true;
}

json_t *configuration_read(struct call *call)
{
    json_t *document = parse(call);
    if (!document)
        return NULL;
    call->kept = document;
    return has_form(call, document) && configuration_each(call, document, check_item, NULL)
               ? document
               : NULL;
}
