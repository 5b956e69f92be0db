/* SPDX-License-Identifier: Apache-2.0 */
#include "operations/filter.h"

#include "base/calendar.h"
#include "base/number.h"
#include "model/model.h"

enum { SHOWN_MAX = 60 };

static const char *const operator_words[FILTER_OPERATORS] = {
    [FILTER_EQUAL] = "-eq",          [FILTER_NOT_EQUAL] = "-ne",
    [FILTER_GREATER] = "-gt",        [FILTER_GREATER_OR_EQUAL] = "-ge",
    [FILTER_LESS] = "-lt",           [FILTER_LESS_OR_EQUAL] = "-le",
    [FILTER_LIKE] = "-like",         [FILTER_NOT_LIKE] = "-notlike",
    [FILTER_CONTAINS] = "-contains",
};

/* --- reading --- */

struct reader {
    struct slice rest;
    struct text *error;
};

static bool fail(struct reader *reader, const char *why, struct slice shown)
{
    text_append_format(reader->error, "-Filter: %s \"", why);
    text_append_escaped(reader->error, shown, SHOWN_MAX);
    text_append_c(reader->error, "\"; it is written PROPERTY -eq 'value' -and ...");
    return false;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static struct slice skip_blanks(struct slice rest)
{
    while (rest.len && is_blank(rest.at[0]))
        rest = slice_after(rest, 1);
    return rest;
}

/* A word up to the next blank. */
static struct slice take_word(struct reader *reader)
{
    reader->rest = skip_blanks(reader->rest);
    size_t len = 0;
    while (len < reader->rest.len && !is_blank(reader->rest.at[len]))
        len++;
    struct slice word = slice_first(reader->rest, len);
    reader->rest = slice_after(reader->rest, len);
    return word;
}

static void set_value(struct filter_condition *condition, struct slice value)
{
    condition->value = value;
    condition->is_number = number_parse_i64(value, INT64_MIN, INT64_MAX, &condition->number);
    condition->is_moment =
        !condition->is_number && calendar_parse_rfc3339(value, &condition->number);
}

static bool take_value(struct reader *reader, struct filter_condition *out)
{
    reader->rest = skip_blanks(reader->rest);
    char quote = reader->rest.len ? reader->rest.at[0] : 0;
    if (quote == '\'' || quote == '"') {
        size_t end;
        struct slice rest = slice_after(reader->rest, 1);
        if (!slice_find(rest, quote, &end))
            return fail(reader, "the quote is not closed:", reader->rest);
        set_value(out, slice_first(rest, end));
        reader->rest = slice_after(rest, end + 1);
        return true;
    }
    struct slice word = take_word(reader);
    if (word.len == 0)
        return fail(reader, "there is no value behind", slice_of(operator_words[out->action]));
    out->null = slice_equal_nocase(word, SLICE("$null"));
    bool logical =
        slice_equal_nocase(word, SLICE("$true")) || slice_equal_nocase(word, SLICE("$false"));
    if (word.at[0] == '$' && !out->null && !logical)
        return fail(reader,
                    "the server knows no variables; write the filter in double quotes:", word);
    set_value(out, logical ? slice_after(word, 1) : word);
    return true;
}

static bool take_condition(struct reader *reader, struct filter_condition *out)
{
    *out = (struct filter_condition){.property = take_word(reader)};
    struct slice word = take_word(reader);
    size_t i = 0;
    while (i < FILTER_OPERATORS && !slice_equal_nocase(word, slice_of(operator_words[i])))
        i++;
    if (i == FILTER_OPERATORS)
        return fail(reader, "no operator is called", word);
    out->action = (enum filter_operator)i;
    return take_value(reader, out);
}

/* The braces of a script block are taken off. */
static struct slice without_braces(struct slice written)
{
    written = slice_trim(written);
    bool braced = written.len >= 2 && written.at[0] == '{' && written.at[written.len - 1] == '}';
    return braced ? slice_first(slice_after(written, 1), written.len - 2) : written;
}

bool filter_parse(struct slice written, struct filter *out, struct text *error)
{
    struct reader reader = {.rest = skip_blanks(without_braces(written)), .error = error};
    *out = (struct filter){0};
    while (reader.rest.len) {
        if (out->count == FILTER_CONDITIONS_MAX)
            return fail(&reader, "there are too many conditions, from", reader.rest);
        if (!take_condition(&reader, &out->conditions[out->count++]))
            return false;
        struct slice joined = take_word(&reader);
        reader.rest = skip_blanks(reader.rest);
        if (joined.len && !slice_equal_nocase(joined, SLICE("-and")))
            return fail(&reader, "conditions are joined by -and alone, not by", joined);
        if (joined.len && !reader.rest.len)
            return fail(&reader, "there is nothing behind", joined);
    }
    return true;
}

/* --- judging --- */

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* The order of a text and the value; as numbers or moments where both are. */
static int compare(const struct filter_condition *condition, struct slice text)
{
    int64_t number;
    if ((condition->is_number && number_parse_i64(text, INT64_MIN, INT64_MAX, &number)) ||
        (condition->is_moment && calendar_parse_rfc3339(text, &number)))
        return compare_numbers(number, condition->number);
    if (slice_equal_nocase(text, condition->value))
        return 0;
    return slice_compare(text, condition->value) < 0 ? -1 : 1;
}

static bool order_fits(enum filter_operator action, int order)
{
    switch (action) {
    case FILTER_EQUAL:
    case FILTER_CONTAINS:
        return order == 0;
    case FILTER_NOT_EQUAL:
        return order != 0;
    case FILTER_GREATER:
        return order > 0;
    case FILTER_GREATER_OR_EQUAL:
        return order >= 0;
    case FILTER_LESS:
        return order < 0;
    case FILTER_LESS_OR_EQUAL:
        return order <= 0;
    case FILTER_LIKE:
    case FILTER_NOT_LIKE:
    case FILTER_OPERATORS:
        break;
    }
    return false;
}

static bool is_pattern(const struct filter_condition *condition)
{
    return condition->action == FILTER_LIKE || condition->action == FILTER_NOT_LIKE;
}

static bool text_fits(const struct filter_condition *condition, struct slice text)
{
    if (is_pattern(condition))
        return model_name_matches(condition->value, text) == (condition->action == FILTER_LIKE);
    return order_fits(condition->action, compare(condition, text));
}

static bool number_fits(const struct filter_condition *condition, int64_t number)
{
    char storage[32];
    struct text text = text_over(storage, sizeof storage);
    if (condition->is_number && !is_pattern(condition))
        return order_fits(condition->action, compare_numbers(number, condition->number));
    text_append_i64(&text, number);
    return text_fits(condition, text_slice(&text));
}

static bool value_fits(const struct filter_condition *condition, const json_t *value)
{
    if (json_is_integer(value))
        return number_fits(condition, json_integer_value(value));
    if (json_is_boolean(value))
        return text_fits(condition, json_is_true(value) ? SLICE("true") : SLICE("false"));
    return text_fits(condition, slice_bytes(json_string_value(value), json_string_length(value)));
}

static bool is_empty(const json_t *value)
{
    return !value || json_is_null(value) ||
           (json_is_string(value) && json_string_length(value) == 0) ||
           (json_is_array(value) && json_array_size(value) == 0);
}

static json_t *property_of(json_t *object, struct slice property)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name,
                        value) if (slice_equal_nocase(slice_of(name), property)) return value;
    return NULL;
}

bool filter_condition_is_negative(const struct filter_condition *condition)
{
    return condition->action == FILTER_NOT_EQUAL || condition->action == FILTER_NOT_LIKE;
}

bool filter_condition_takes(const struct filter_condition *condition, struct slice value)
{
    if (condition->null)
        return (value.len == 0) != filter_condition_is_negative(condition);
    return text_fits(condition, value);
}

bool filter_condition_takes_number(const struct filter_condition *condition, int64_t number)
{
    return condition->null ? filter_condition_is_negative(condition)
                           : number_fits(condition, number);
}

bool filter_condition_takes_moment(const struct filter_condition *condition, int64_t at_ms)
{
    char storage[32];
    struct text text = text_over(storage, sizeof storage);
    if (condition->is_moment && !is_pattern(condition))
        return order_fits(condition->action, compare_numbers(at_ms, condition->number));
    (void)calendar_append_rfc3339(&text, at_ms);
    return filter_condition_takes(condition, text_slice(&text));
}

static bool condition_fits(const struct filter_condition *condition, json_t *object)
{
    const json_t *value = property_of(object, condition->property);
    bool negative = filter_condition_is_negative(condition);
    if (condition->null)
        return is_empty(value) != negative;
    if (!json_is_array(value))
        return value && value_fits(condition, value);
    for (size_t i = 0; i < json_array_size(value); i++)
        if (value_fits(condition, json_array_get(value, i)) != negative)
            return !negative;
    return negative;
}

bool filter_takes(const struct filter *filter, json_t *object)
{
    for (size_t i = 0; i < filter->count; i++)
        if (!condition_fits(&filter->conditions[i], object))
            return false;
    return true;
}

struct slice filter_unknown_property(const struct filter *filter, json_t *object)
{
    for (size_t i = 0; i < filter->count; i++)
        if (!property_of(object, filter->conditions[i].property))
            return filter->conditions[i].property;
    return SLICE("");
}
