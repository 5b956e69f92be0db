/* SPDX-License-Identifier: Apache-2.0 */
#include "model/audit_filter.h"

#include "base/log_row.h"
#include "model/model.h"

static struct slice field(const struct slice *fields, const char *name)
{
    return fields[log_column_index(LOG_ADMIN_AUDIT, slice_of(name))];
}

/* --- one element and one value --- */

static bool is_equal(struct slice word, struct slice value)
{
    return slice_equal_nocase(word, value);
}

/* An object is named whole, or one of several with ", " between them. */
static bool is_object(struct slice word, struct slice value)
{
    struct slice one;
    if (model_name_matches(word, value) || slice_equal_nocase(word, value))
        return true;
    while (slice_take_field(&value, ',', &one)) {
        one = slice_trim(one);
        if (model_name_matches(word, one) || slice_equal_nocase(word, one))
            return true;
    }
    return false;
}

/* "uid 1000" is uid 1000 (alice): the number decides. */
static bool is_caller(struct slice word, struct slice value)
{
    struct slice label = slice_after(value, word.len);
    return is_equal(word, value) ||
           (slice_starts_nocase(value, word) && slice_starts(label, SLICE(" (")));
}

/* The keys of the JSON object: texts in quotes with a colon behind them. */
static bool has_key(struct slice word, struct slice json)
{
    for (size_t i = 1; i + word.len + 1 < json.len; i++)
        if (json.at[i - 1] == '"' && json.at[i + word.len] == '"' &&
            json.at[i + word.len + 1] == ':' &&
            slice_equal_nocase(slice_bytes(json.at + i, word.len), word))
            return true;
    return false;
}

static const struct {
    const char *column;
    bool (*matches)(struct slice word, struct slice value);
} columns[AUDIT_LISTS] = {
    [AUDIT_CMDLETS] = {"cmdlet-name", is_equal},
    [AUDIT_OBJECTS] = {"object-modified", is_object},
    [AUDIT_CALLERS] = {"caller", is_caller},
    [AUDIT_PARAMETERS] = {"cmdlet-parameters", has_key},
};

static bool is_among(const struct audit_filter *filter, enum audit_list list, struct slice value)
{
    const struct slice_list *words = &filter->lists[list];
    for (size_t i = 0; i < words->count; i++)
        if (columns[list].matches(words->at[i], value))
            return true;
    return words->count == 0;
}

/* --- a row --- */

void audit_filter_between(struct audit_filter *filter, int64_t from_ms, int64_t until_ms)
{
    tracking_filter_between(&filter->time, from_ms, until_ms);
}

bool audit_filter_takes(const struct audit_filter *filter, struct slice line, struct text *scratch,
                        struct slice out_fields[LOG_COLUMNS_MAX])
{
    size_t count = 0;
    while (log_facts(LOG_ADMIN_AUDIT)->columns[count].name)
        count++;
    text_clear(scratch);
    if (slice_starts(line, SLICE("#")) || !tracking_filter_within(&filter->time, line) ||
        log_row_split(line, scratch, out_fields, LOG_COLUMNS_MAX) != count)
        return false;
    bool good = filter->succeeded.len == 0 ||
                slice_equal(filter->succeeded, field(out_fields, "succeeded"));
    for (int list = 0; good && list < AUDIT_LISTS; list++)
        good = is_among(filter, (enum audit_list)list, field(out_fields, columns[list].column));
    return good;
}
