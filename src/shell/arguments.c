/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/arguments.h"

enum { VALUE_MAX = 65536 };

struct reading {
    const struct operation *operation;
    const char *const *words;
    size_t count, at, positionals;
    struct arguments *out;
    struct text *error;
};

/* --- values --- */

static struct slice unquoted(struct slice s)
{
    s = slice_trim(s);
    bool quoted = s.len >= 2 && (s.at[0] == '"' || s.at[0] == '\'') && s.at[s.len - 1] == s.at[0];
    return quoted ? slice_first(slice_after(s, 1), s.len - 2) : s;
}

/* Up to `byte`, looking past what stands in quotes. False when rest is empty. */
static bool take_outside_quotes(struct slice *rest, char byte, struct slice *out)
{
    char quote = '\0';
    size_t i = 0;
    if (rest->len == 0)
        return false;
    for (; i < rest->len && (quote || rest->at[i] != byte); i++) {
        if (quote)
            quote = rest->at[i] == quote ? '\0' : quote;
        else if (rest->at[i] == '"' || rest->at[i] == '\'')
            quote = rest->at[i];
    }
    *out = slice_first(*rest, i);
    *rest = slice_after(*rest, i < rest->len ? i + 1 : i);
    return true;
}

static json_t *json_text(struct slice s)
{
    return json_stringn(s.len ? s.at : "", s.len);
}

static json_t *list_of(struct slice written)
{
    json_t *list = json_array();
    struct slice element;
    while (take_outside_quotes(&written, ',', &element))
        json_array_append_new(list, json_text(unquoted(element)));
    return list;
}

json_t *arguments_parse_edit(struct slice written)
{
    struct slice part, key;
    json_t *edit = json_object();
    written = slice_trim(written);
    bool good = slice_take_prefix(&written, SLICE("@{")) && written.len > 0 &&
                written.at[written.len - 1] == '}';
    if (good)
        written.len--;
    while (good && take_outside_quotes(&written, ';', &part)) {
        part = slice_trim(part);
        if (part.len == 0)
            continue;
        good = slice_take_until(&part, '=', &key);
        key = slice_trim(key);
        bool add = slice_equal_nocase(key, SLICE("Add"));
        good = good && (add || slice_equal_nocase(key, SLICE("Remove")));
        if (good)
            json_object_set_new(edit, add ? "Add" : "Remove", list_of(part));
    }
    if (good && json_object_size(edit) > 0)
        return edit;
    json_decref(edit);
    return NULL;
}

static json_t *value_of(struct reading *reading, const char *name, struct slice written)
{
    if (slice_equal_nocase(written, SLICE("$null")))
        return json_null();
    if (!slice_starts(written, SLICE("@{"))) {
        json_t *value = json_text(written);
        if (!value)
            text_append_format(reading->error, "the value of -%s is not UTF-8", name);
        return value;
    }
    json_t *edit = arguments_parse_edit(written);
    if (!edit)
        text_append_format(reading->error,
                           "-%s: an edit of a list is @{Add=\"a\",\"b\";Remove=\"c\"}", name);
    return edit;
}

static bool set_value(struct reading *reading, const char *name, json_t *value_taken)
{
    if (!value_taken)
        return false;
    if (json_object_get(reading->out->parameters, name)) {
        text_append_format(reading->error, "-%s is given twice", name);
        json_decref(value_taken);
        return false;
    }
    return json_object_set_new(reading->out->parameters, name, value_taken) == 0;
}

/* --- words --- */

/* Steps over a dash in front, also a long one that some page or word processor made of it. */
static bool take_dash(struct slice *word)
{
    static const char *const dashes[] = {"-", "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x88\x92"};
    for (size_t i = 0; i < COUNT_OF(dashes); i++) {
        struct slice rest = *word;
        if (!slice_take_prefix(&rest, slice_of(dashes[i])) || rest.len == 0 ||
            !ascii_is_alpha(rest.at[0]))
            continue;
        *word = rest;
        return true;
    }
    return false;
}

static bool is_name(const char *word)
{
    struct slice s = slice_of(word);
    return take_dash(&s);
}

static bool ends_in_comma(struct slice s)
{
    return s.len > 0 && s.at[s.len - 1] == ',';
}

/* The value in the next word, joined with the words behind it while they end in a comma. */
static bool next_value(struct reading *reading, const char *name, struct text *value)
{
    if (reading->at >= reading->count || is_name(reading->words[reading->at])) {
        text_append_format(reading->error, "-%s needs a value", name);
        return false;
    }
    text_append_c(value, reading->words[reading->at++]);
    while (ends_in_comma(text_slice(value)) && reading->at < reading->count)
        text_append_c(value, reading->words[reading->at++]);
    if (value->truncated)
        text_append_format(reading->error, "the value of -%s is too long", name);
    return !value->truncated;
}

/* What is not the hub's: how to print, and which file to read or write. */
static bool take_own_option(struct reading *reading, struct slice name, struct slice value)
{
    if (slice_equal(name, SLICE("o"))) {
        if (format_kind_parse(value, &reading->out->format))
            return true;
        text_append_c(reading->error, "-o takes table, wide, list, json, jsonl, csv or name");
        return false;
    }
    reading->out->file_name = value;
    return true;
}

static bool is_own_option(const struct operation *operation, struct slice name)
{
    struct operation_parameter file;
    if (slice_equal(name, SLICE("o")))
        return true;
    return slice_equal_nocase(name, SLICE("FileName")) &&
           (operation->writes_file ||
            operation_parameter_find(operation, SLICE("FileData"), &file, NULL));
}

static bool take_option(struct reading *reading, struct slice name, struct slice given)
{
    if (given.len == 0 && reading->at < reading->count)
        given = slice_of(reading->words[reading->at++]);
    return take_own_option(reading, name, given);
}

static bool take_switch(struct reading *reading, const char *name, bool has_value,
                        struct slice given)
{
    bool off = has_value && (slice_equal_nocase(given, SLICE("$false")) ||
                             slice_equal_nocase(given, SLICE("false")));
    return set_value(reading, name, json_boolean(!off));
}

static bool take_parameter(struct reading *reading, struct slice word)
{
    struct slice name, given = word;
    struct operation_parameter parameter;
    bool has_value = slice_take_until(&given, ':', &name);
    if (!has_value)
        name = word;
    if (is_own_option(reading->operation, name))
        return take_option(reading, name, has_value ? given : SLICE(""));
    if (!operation_parameter_find(reading->operation, name, &parameter, reading->error))
        return false;
    if (parameter.kind == PARAMETER_SWITCH)
        return take_switch(reading, parameter.name, has_value, given);
    if (has_value)
        return set_value(reading, parameter.name, value_of(reading, parameter.name, given));
    struct text value = text_with_ceiling(VALUE_MAX);
    bool good =
        next_value(reading, parameter.name, &value) &&
        set_value(reading, parameter.name, value_of(reading, parameter.name, text_slice(&value)));
    text_deinit(&value);
    return good;
}

static bool take_positional(struct reading *reading, struct slice word)
{
    struct operation_parameter parameter;
    bool two_dashes = slice_starts(word, SLICE("--")); /* no name of anything */
    if (!two_dashes && operation_positional(reading->operation, reading->positionals++, &parameter))
        return set_value(reading, parameter.name, value_of(reading, parameter.name, word));
    text_append_c(reading->error, "what is \"");
    text_append_escaped(reading->error, word, 80);
    text_append_c(reading->error,
                  two_dashes
                      ? "\"? A parameter has one dash here, such as -WhatIf, -Name VALUE or "
                        "-o json"
                      : "\"? A parameter begins with a dash; a name with blanks needs quotes");
    return false;
}

bool arguments_parse(const struct operation *operation, const char *const *words, size_t count,
                     struct arguments *out, struct text *error)
{
    *out = (struct arguments){.parameters = json_object()};
    struct reading reading = {operation, words, count, 0, 0, out, error};
    bool good = true;
    while (good && reading.at < count) {
        struct slice word = slice_of(words[reading.at++]);
        good = take_dash(&word) ? take_parameter(&reading, word) : take_positional(&reading, word);
    }
    if (good)
        return true;
    json_decref(out->parameters);
    out->parameters = NULL;
    return false;
}
