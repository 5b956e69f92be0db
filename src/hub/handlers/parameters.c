/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/handlers/parameters.h"

#include "base/calendar.h"
#include "base/number.h"
#include "os/clock.h"

static struct slice json_slice(const json_t *string)
{
    return slice_bytes(json_string_value(string), json_string_length(string));
}

static bool is_scalar(const json_t *value)
{
    return json_is_string(value) || json_is_boolean(value) || json_is_integer(value) ||
           json_is_null(value);
}

static bool is_list(const json_t *value)
{
    if (!json_is_array(value))
        return false;
    size_t count = json_array_size(value);
    for (size_t i = 0; i < count; i++)
        if (!json_is_string(json_array_get(value, i)))
            return false;
    return true;
}

static bool is_edit(json_t *value)
{
    if (!json_is_object(value) || json_object_size(value) == 0)
        return false;
    const char *key;
    json_t *part;
    json_object_foreach(value, key, part)
    {
        struct slice name = slice_of(key);
        bool known =
            slice_equal_nocase(name, SLICE("Add")) || slice_equal_nocase(name, SLICE("Remove"));
        if (!known || !(json_is_string(part) || is_list(part)))
            return false;
    }
    return true;
}

static bool is_credential(json_t *value)
{
    return json_is_null(value) || (json_is_object(value) && json_object_size(value) == 2 &&
                                   json_is_string(json_object_get(value, "UserName")) &&
                                   json_is_string(json_object_get(value, "Password")));
}

bool parameter_shape_fits(const struct operation_parameter *parameter, json_t *value)
{
    if (parameter->kind == PARAMETER_CREDENTIAL)
        return is_credential(value);
    bool many = parameter->kind == PARAMETER_LIST ||
                (parameter->setting && setting_is_list(parameter->setting)) ||
                (parameter->setting && parameter->setting->kind == SETTING_FLAGS);
    bool edits = many && parameter->setting;
    return is_scalar(value) || (many && is_list(value)) || (edits && is_edit(value));
}

static bool take_parameter(struct call *call, const char *written, json_t *value, json_t *checked)
{
    char storage[512];
    struct text error = text_over(storage, sizeof(storage));
    struct operation_parameter parameter;
    if (!operation_parameter_find(call->operation, slice_of(written), &parameter, &error)) {
        call_fail(call, OPERATION_USAGE, "%.*s", SLICE_ARG(text_slice(&error)));
        return false;
    }
    if (json_object_get(checked, parameter.name)) {
        call_fail(call, OPERATION_USAGE, "-%s is given twice", parameter.name);
        return false;
    }
    if (parameter.in_files_only) {
        call->fix = "postern apply FILE";
        call_fail(call, OPERATION_USAGE, "-%s stands in files for postern apply alone",
                  parameter.name);
        return false;
    }
    if (!parameter_shape_fits(&parameter, value)) {
        call_fail(call, OPERATION_USAGE, "-%s takes %s", parameter.name,
                  parameter.kind == PARAMETER_CREDENTIAL
                      ? "a user name with its password: (Get-Credential) gives both"
                      : "one value, not a list of them");
        return false;
    }
    if (json_object_set(checked, parameter.name, value) == 0)
        return true;
    call_fail(call, OPERATION_FAILED, "there is no memory for the parameters");
    return false;
}

static bool required_are_given(struct call *call)
{
    struct operation_parameter all[OPERATION_PARAMETERS_MAX];
    size_t count = operation_parameters(call->operation, all, OPERATION_PARAMETERS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (!all[i].required || call_text(call, all[i].name).len > 0 ||
            json_is_array(json_object_get(call->parameters, all[i].name)))
            continue;
        if (call_has(call, all[i].name))
            call_fail(call, OPERATION_USAGE, "-%s is empty: is the variable in its place $null?",
                      all[i].name);
        else
            call_fail(call, OPERATION_USAGE, "-%s is missing", all[i].name);
        return false;
    }
    return true;
}

bool call_check_parameters(struct call *call)
{
    json_t *checked = json_object();
    const char *name;
    json_t *value;
    json_object_foreach(call->parameters, name, value)
    {
        if (!take_parameter(call, name, value, checked)) {
            json_decref(checked);
            return false;
        }
    }
    json_object_clear(call->parameters);
    json_object_update(call->parameters, checked);
    json_decref(checked);
    return required_are_given(call);
}

bool call_has(const struct call *call, const char *name)
{
    return json_object_get(call->parameters, name) != NULL;
}

static bool is_null_word(struct slice word)
{
    return slice_equal_nocase(word, SLICE("$null"));
}

struct slice call_text(const struct call *call, const char *name)
{
    const json_t *value = json_object_get(call->parameters, name);
    struct slice text = json_is_string(value) ? json_slice(value) : SLICE("");
    return is_null_word(text) ? SLICE("") : text;
}

void call_credential(const struct call *call, const char *name, struct slice *out_user,
                     struct slice *out_password)
{
    const json_t *value = json_object_get(call->parameters, name);
    *out_user = json_slice(json_object_get(value, "UserName"));
    *out_password = json_slice(json_object_get(value, "Password"));
}

bool call_switch(const struct call *call, const char *name)
{
    const json_t *value = json_object_get(call->parameters, name);
    struct slice text = json_is_string(value) ? json_slice(value) : SLICE("");
    if (!value || json_is_false(value) || json_is_null(value))
        return false;
    return !slice_equal_nocase(text, SLICE("$false")) && !slice_equal_nocase(text, SLICE("false"));
}

bool call_usage(struct call *call, const char *const *switches, size_t count,
                struct slice *out_written)
{
    size_t given = call_has(call, "Usage") ? 1 : 0;
    *out_written = call_text(call, "Usage");
    for (size_t i = 0; i < count; i++) {
        if (!call_switch(call, switches[i]))
            continue;
        *out_written = slice_of(switches[i]);
        given++;
    }
    if (given > 1)
        call_fail(call, OPERATION_USAGE, "a connector has one usage, not %zu", given);
    return given <= 1;
}

bool call_bool(struct call *call, const char *name, bool fallback, bool *out_value)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = {{"$true", true},   {"true", true},   {"1", true},
                 {"$false", false}, {"false", false}, {"0", false}};
    const json_t *value = json_object_get(call->parameters, name);
    struct slice text = json_is_string(value) ? json_slice(value) : SLICE("");
    *out_value = value ? json_is_true(value) : fallback;
    if (!value || json_is_boolean(value))
        return true;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (slice_equal_nocase(text, slice_of(words[i].word))) {
            *out_value = words[i].value;
            return true;
        }
    call_fail(call, OPERATION_USAGE, "-%s is $true or $false", name);
    return false;
}

bool call_integer(struct call *call, const char *name, int64_t min, int64_t max, int64_t fallback,
                  int64_t *out_number)
{
    const json_t *value = json_object_get(call->parameters, name);
    *out_number = fallback;
    if (!value || json_is_null(value))
        return true;
    if (json_is_integer(value)) {
        *out_number = json_integer_value(value);
        if (*out_number >= min && *out_number <= max)
            return true;
    } else if (json_is_string(value) && number_parse_i64(json_slice(value), min, max, out_number)) {
        return true;
    }
    call_fail(call, OPERATION_USAGE, "-%s must be a number from %lld to %lld", name, (long long)min,
              (long long)max);
    return false;
}

bool call_result_size(struct call *call, int64_t max, int64_t fallback, int64_t *out_number)
{
    *out_number = max;
    return slice_equal_nocase(call_text(call, "ResultSize"), SLICE("Unlimited")) ||
           call_integer(call, "ResultSize", 1, max, fallback, out_number);
}

bool call_time(struct call *call, const char *name, int64_t fallback_ms, int64_t *out_at_ms)
{
    struct slice written = call_text(call, name);
    *out_at_ms = written.len ? clock_wall_ms() : fallback_ms;
    if (written.len == 0 || slice_equal_nocase(written, SLICE("now")) ||
        calendar_parse_rfc3339(written, out_at_ms))
        return true;
    call_fail(call, OPERATION_USAGE, "-%s is now, 2027-02-01 or 2027-02-01T10:00:00Z", name);
    return false;
}

bool call_period(struct call *call, const char *from, const char *until, int64_t *out_from_ms,
                 int64_t *out_until_ms)
{
    if (!call_time(call, from, 0, out_from_ms) || !call_time(call, until, INT64_MAX, out_until_ms))
        return false;
    if (*out_from_ms <= *out_until_ms)
        return true;
    call_fail(call, OPERATION_USAGE, "-%s is later than -%s", from, until);
    return false;
}

static size_t split(struct slice written, struct slice *out, size_t count, size_t capacity)
{
    struct slice field;
    while (slice_take_field(&written, ',', &field)) {
        field = slice_trim(field);
        if (field.len > 0 && !is_null_word(field) && count < capacity)
            out[count++] = field;
    }
    return count;
}

size_t call_list(const struct call *call, const char *name, struct slice *out, size_t capacity)
{
    const json_t *value = json_object_get(call->parameters, name);
    if (json_is_string(value))
        return split(json_slice(value), out, 0, capacity);
    size_t count = 0, elements = json_array_size(value);
    for (size_t i = 0; i < elements; i++)
        count = split(json_slice(json_array_get(value, i)), out, count, capacity);
    return count;
}

/* --- settings --- */

static bool scalar_slice(const json_t *value, struct arena *arena, struct slice *out)
{
    char digits[24];
    struct text number = text_over(digits, sizeof(digits));
    if (json_is_string(value))
        return arena_copy(arena, json_slice(value), out);
    if (json_is_integer(value)) {
        text_append_i64(&number, json_integer_value(value));
        return arena_copy(arena, text_slice(&number), out);
    }
    *out = json_is_true(value)    ? SLICE("$true")
           : json_is_false(value) ? SLICE("$false")
                                  : SLICE("");
    return true;
}

/* One value or an array of them as slices; a missing value is none. */
static bool value_slices(const json_t *value, struct arena *arena, struct slice_list *out)
{
    *out = (struct slice_list){0};
    if (!value || json_is_null(value))
        return true;
    size_t count = json_is_array(value) ? json_array_size(value) : 1;
    struct slice *slices = arena_take_array(arena, count ? count : 1, sizeof(*slices));
    if (!slices)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!scalar_slice(json_is_array(value) ? json_array_get(value, i) : value, arena,
                          &slices[i]))
            return false;
    *out = (struct slice_list){slices, count};
    return true;
}

static const json_t *member_nocase(json_t *object, const char *name)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key,
                        value) if (slice_equal_nocase(slice_of(key), slice_of(name))) return value;
    return NULL;
}

static bool apply_edit(const struct setting *row, json_t *value, void *object, struct arena *arena,
                       struct text *error)
{
    struct slice_list add, remove;
    return value_slices(member_nocase(value, "Add"), arena, &add) &&
           value_slices(member_nocase(value, "Remove"), arena, &remove) &&
           setting_edit(row, object, arena, add, remove, error);
}

bool parameter_apply(const struct setting *row, json_t *value, void *object, struct arena *arena,
                     struct text *error)
{
    struct slice_list values;
    if (json_is_object(value))
        return apply_edit(row, value, object, arena, error);
    return value_slices(value, arena, &values) &&
           setting_parse(row, object, arena, values.at, values.count, error);
}

static void warn_without_effect(struct call *call, const struct setting *row)
{
    if (row->flags & SETTING_INERT)
        call_warn(call, "-%s is kept for scripts and has no effect. %s", row->name, row->help);
}

bool call_apply_settings(struct call *call, void *object, struct arena *arena)
{
    const char *name;
    json_t *value;
    json_object_foreach(call->parameters, name, value)
    {
        char storage[2048];
        struct text error = text_over(storage, sizeof(storage));
        struct operation_parameter parameter;
        if (!operation_parameter_find(call->operation, slice_of(name), &parameter, NULL) ||
            !parameter.setting)
            continue;
        if (parameter_apply(parameter.setting, value, object, arena, &error)) {
            warn_without_effect(call, parameter.setting);
            continue;
        }
        call_fail(call, OPERATION_USAGE, "%.*s", SLICE_ARG(text_slice(&error)));
        return false;
    }
    return true;
}
