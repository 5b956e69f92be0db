/* SPDX-License-Identifier: Apache-2.0 */
/* Objects as JSON, and what an identity means. */
#include "hub/handlers/object.h"

#include "base/calendar.h"
#include "base/hex.h"
#include "hub/configuration/group.h"
#include "hub/handlers/parameters.h"
#include "mail/utf8.h"
#include "operations/nearest.h"

#include <stdlib.h>

enum { NAMES_SHOWN = 6, VALUE_MAX = 1 << 20, NAMES_COMPARED = 2000, NAME_SHOWN_MAX = 600 };

static bool is_control(char byte)
{
    return (unsigned char)byte < 0x20 || byte == 0x7f;
}

static bool is_clean(struct slice bytes)
{
    bool ascii = true;
    for (size_t i = 0; i < bytes.len; i++) {
        if (is_control(bytes.at[i]))
            return false;
        ascii = ascii && (unsigned char)bytes.at[i] < 0x80;
    }
    return ascii || utf8_valid(bytes);
}

void append_clean(struct text *text, struct slice bytes)
{
    if (is_clean(bytes))
        text_append(text, bytes);
    else
        text_append_escaped(text, bytes, VALUE_MAX);
}

json_t *json_of_slice(struct slice bytes)
{
    bool nul = slice_find(bytes, '\0', &(size_t){0}); /* no JSON reader has to take it */
    json_t *string = nul ? NULL : json_stringn(bytes.len ? bytes.at : "", bytes.len);
    if (string)
        return string;
    struct text escaped = text_with_ceiling(VALUE_MAX * 4);
    text_append_escaped(&escaped, bytes, VALUE_MAX);
    string = json_stringn(escaped.len ? escaped.at : "", escaped.len);
    text_deinit(&escaped);
    return string;
}

json_t *json_of_field_list(struct slice joined)
{
    json_t *list = json_array();
    struct slice one;
    while (slice_take_field(&joined, ';', &one))
        json_array_append_new(list, json_of_slice(one));
    return list;
}

json_t *json_of_hex(struct slice bytes)
{
    char storage[80];
    struct text digits = text_over(storage, sizeof storage);
    hex_append_upper(&digits, bytes);
    return json_of_slice(text_slice(&digits));
}

json_t *json_of_time(int64_t at_ms)
{
    char storage[40];
    struct text text = text_over(storage, sizeof(storage));
    if (at_ms == 0 || !calendar_append_rfc3339(&text, at_ms))
        return json_null();
    return json_of_slice(text_slice(&text));
}

static json_t *json_of_printed(const struct setting *row, const void *object)
{
    struct text text = text_with_ceiling(VALUE_MAX);
    setting_print(row, object, &text);
    json_t *string = json_of_slice(text_slice(&text));
    text_deinit(&text);
    return string;
}

static json_t *json_of_list(const struct setting *row, const void *object)
{
    json_t *array = json_array();
    size_t count = setting_value_count(row, object);
    for (size_t i = 0; i < count; i++) {
        struct text text = text_with_ceiling(VALUE_MAX);
        setting_print_value(row, object, i, &text);
        json_array_append_new(array, json_of_slice(text_slice(&text)));
        text_deinit(&text);
    }
    return array;
}

json_t *json_of_setting(const struct setting *row, const void *object)
{
    const char *at = (const char *)object + row->offset;
    int64_t number = 0;
    if (setting_is_list(row))
        return json_of_list(row, object);
    if (row->kind == SETTING_BOOL)
        return json_boolean(*(const bool *)at);
    if (row->kind == SETTING_INTEGER || row->kind == SETTING_UNLIMITED)
        number = *(const int64_t *)(const void *)at;
    if (row->kind == SETTING_INTEGER || (row->kind == SETTING_UNLIMITED && number != INT64_MAX))
        return json_integer(number);
    if (row->kind == SETTING_TIME)
        return json_of_time(*(const int64_t *)(const void *)at);
    return json_of_printed(row, object);
}

static json_t *json_of_name(enum model_kind kind, const void *object)
{
    struct text name = text_with_ceiling(VALUE_MAX);
    model_append_name(&name, kind, object);
    json_t *json = json_of_slice(text_slice(&name));
    text_deinit(&name);
    return json;
}

json_t *json_of_object(enum model_kind kind, const void *object)
{
    const struct model_kind_facts *facts = model_kind_facts(kind);
    json_t *json = json_object();
    if (!setting_exact(facts->settings, SLICE("Identity")))
        json_object_set_new(json, "Identity", json_of_name(kind, object));
    for (const struct setting *row = facts->settings; row->name; row++)
        if (!(row->flags & SETTING_HIDDEN))
            json_object_set_new(json, row->name, json_of_setting(row, object));
    return json;
}

/* --- finding --- */

/* What model_find looks for: a thumbprint is cleaned of blanks, colons and its SERVER\ in front. */
static struct slice identity_of(enum model_kind kind, struct slice written, struct text *cleaned)
{
    if (kind != MODEL_CERTIFICATE)
        return written;
    struct slice rest = written, server;
    if (slice_take_until(&rest, '\\', &server))
        written = rest;
    for (size_t i = 0; i < written.len; i++)
        if (ascii_is_alnum(written.at[i]) || written.at[i] == '*' || written.at[i] == '?')
            text_append_byte(cleaned, written.at[i]);
    return text_slice(cleaned);
}

static size_t find(struct call *call, const struct model *model, enum model_kind kind,
                   struct slice written, void **out_objects, size_t capacity)
{
    struct text cleaned = text_with_ceiling(4096);
    struct slice identity = identity_of(kind, written, &cleaned);
    const struct name_index *names = call->group ? group_names(call->group, model, kind) : NULL;
    size_t count = names ? name_index_find(names, identity, out_objects, capacity)
                         : model_find(model, kind, identity, out_objects, capacity);
    text_deinit(&cleaned);
    return count;
}

/* Of a name without SERVER\\, and of those of the model. Empty: none is near. */
static struct slice nearest_name(const struct model *model, enum model_kind kind,
                                 struct slice written, struct text *storage)
{
    size_t nearest = SIZE_MAX;
    struct slice server, name = written;
    (void)slice_take_until(&name, '\\', &server);
    if (slice_contains(name, SLICE("*")) || slice_contains(name, SLICE("?")))
        return (struct slice){0};
    for (size_t i = 0; i < model_count(model, kind) && i < NAMES_COMPARED; i++) {
        char room[NAME_SHOWN_MAX];
        struct text full = text_over(room, sizeof room);
        model_append_name(&full, kind, model_object(model, kind, i));
        struct slice bare = text_slice(&full);
        (void)slice_take_until(&bare, '\\', &server);
        size_t distance = name_distance(name, bare);
        if (full.truncated || distance >= nearest || !name_near_enough(distance, name.len))
            continue;
        nearest = distance;
        text_clear(storage);
        text_append(storage, text_slice(&full));
    }
    return text_slice(storage);
}

static void fail_not_found(struct call *call, enum model_kind kind, const char *name,
                           struct slice written)
{
    char storage[256], fix[96], room[NAME_SHOWN_MAX];
    struct text near = text_over(room, sizeof(room));
    struct text text = text_over(storage, sizeof(storage));
    struct text command = text_over(fix, sizeof(fix));
    if (written.len == 0) {
        call_fail(call, OPERATION_USAGE, "-%s is empty: is the variable in its place $null?", name);
        return;
    }
    append_clean(&text, slice_first(written, 120));
    text_append_format(&command, "Get-%s", model_kind_facts(kind)->noun);
    struct slice meant = nearest_name(call->hub->model, kind, written, &near);
    call_fail_fix(call, OPERATION_NOT_FOUND, text_c_string(&command),
                  meant.len ? "there is no %s \"%.*s\". Did you mean \"%.*s\"?"
                            : "there is no %s \"%.*s\"%.*s",
                  model_kind_facts(kind)->noun, SLICE_ARG(text_slice(&text)), SLICE_ARG(meant));
}

static void fail_ambiguous(struct call *call, enum model_kind kind, void **objects, size_t count,
                           struct slice written)
{
    char storage[1024];
    struct text text = text_over(storage, sizeof(storage));
    for (size_t i = 0; i < count && i < NAMES_SHOWN; i++) {
        text_append_c(&text, i ? ", " : "");
        model_append_name(&text, kind, objects[i]);
    }
    text_append_c(&text, count > NAMES_SHOWN ? ", ..." : "");
    call_fail(call, OPERATION_USAGE, "\"%.*s\" means %zu objects: %.*s", SLICE_ARG(written), count,
              SLICE_ARG(text_slice(&text)));
}

void *call_find(struct call *call, struct model *model, enum model_kind kind, const char *name)
{
    void *objects[NAMES_SHOWN] = {0};
    struct slice written = call_text(call, name);
    size_t count = find(call, model, kind, written, objects, NAMES_SHOWN);
    if (count == 1)
        return objects[0];
    if (count == 0)
        fail_not_found(call, kind, name, written);
    else
        fail_ambiguous(call, kind, objects, count, written);
    return NULL;
}

bool operation_server_is_this(struct call *call, const char *name)
{
    const struct server *server = model_server(call->hub->model);
    struct slice written = call_text(call, name);
    if (!call_has(call, name) || (server && (model_name_matches(written, server->name) ||
                                             model_name_matches(written, server->fqdn))))
        return true;
    call_fail_fix(call, OPERATION_NOT_FOUND, "Get-TransportService",
                  "there is no server \"%.*s\" here", SLICE_ARG(slice_first(written, 120)));
    return false;
}

/* How many of `count` objects are shown; the others are not left out in silence. */
static size_t limit_to(struct call *call, size_t count, int64_t most)
{
    if (count <= (size_t)most)
        return count;
    call_warn(call, "there are %zu; the first %lld are shown; -ResultSize Unlimited shows all",
              count, (long long)most);
    return (size_t)most;
}

/* What names it, and no more: Identity and the settings it may be found by. */
static json_t *json_of_names(enum model_kind kind, const void *object)
{
    const struct model_kind_facts *facts = model_kind_facts(kind);
    const struct setting *row = setting_exact(facts->settings, SLICE("Identity"));
    json_t *json = json_object();
    json_object_set_new(json, "Identity",
                        row ? json_of_setting(row, object) : json_of_name(kind, object));
    for (size_t i = 0; i < MODEL_KEYS_MAX && facts->keys[i]; i++) {
        row = setting_exact(facts->settings, slice_of(facts->keys[i]));
        json_object_set_new(json, row->name, json_of_setting(row, object));
    }
    return json;
}

static void emit(struct call *call, enum model_kind kind, const void *object,
                 object_json_fn *json_of)
{
    call_emit(call, call->names_only ? json_of_names(kind, object) : json_of(call, object));
}

static void emit_all(struct call *call, enum model_kind kind, int64_t most, object_json_fn *json_of)
{
    size_t count = limit_to(call, model_count(call->hub->model, kind), most);
    for (size_t i = 0; i < count; i++)
        emit(call, kind, model_object(call->hub->model, kind, i), json_of);
    call_done(call);
}

void operation_get(struct call *call, enum model_kind kind, const char *name,
                   object_json_fn *json_of)
{
    int64_t most;
    if (!call_result_size(call, INT64_MAX, INT64_MAX, &most))
        return;
    if (!call_has(call, name)) {
        emit_all(call, kind, most, json_of);
        return;
    }
    struct slice written = call_text(call, name);
    size_t capacity = model_count(call->hub->model, kind);
    void **objects = calloc(capacity + 1, sizeof(*objects));
    size_t count = objects ? find(call, call->hub->model, kind, written, objects, capacity) : 0;
    size_t shown = limit_to(call, count, most);
    for (size_t i = 0; i < shown; i++)
        emit(call, kind, objects[i], json_of);
    free(objects);
    if (count > 0)
        call_done(call);
    else
        fail_not_found(call, kind, name, written);
}

void operation_change_sealed(void *context, bool available, struct slice sealed)
{
    struct call *call = context;
    if (!available || sealed.len == 0) {
        call_fail(call, OPERATION_FAILED, "the vault did not take the password; try again");
        return;
    }
    const struct work *work = call_work(call, sealed);
    if (work)
        operation_change(call, work->edit, work->after);
}
