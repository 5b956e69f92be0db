/* SPDX-License-Identifier: Apache-2.0 */
/* filter - a condition on the objects a cmdlet shows: -Filter "Status -eq 'Retry' -and MessageCount
 * -gt 5".
 *
 * Property, operator and value, joined by -and. -eq -ne -gt -ge -lt -le compare numbers, moments
 * (RFC 3339) and texts, -like texts with * and ?, -notlike the contrary, -contains the elements of
 * a list; case does not matter. A list fits when one of its elements does. Values are bare words,
 * or texts in quotes of either kind; $true, $false and $null are known, other variables are not.
 */
#ifndef OPERATIONS_FILTER_H
#define OPERATIONS_FILTER_H

#include "base/text.h"

#include <jansson.h>

enum { FILTER_CONDITIONS_MAX = 16 };

enum filter_operator {
    FILTER_EQUAL,
    FILTER_NOT_EQUAL,
    FILTER_GREATER,
    FILTER_GREATER_OR_EQUAL,
    FILTER_LESS,
    FILTER_LESS_OR_EQUAL,
    FILTER_LIKE,
    FILTER_NOT_LIKE,
    FILTER_CONTAINS,
    FILTER_OPERATORS
};

struct filter_condition {
    struct slice property, value;
    enum filter_operator action;
    bool null; /* the value is $null: empty or missing */
    bool is_number, is_moment;
    int64_t number; /* the value as that; a moment in milliseconds since 1970 */
};

struct filter { /* no condition: everything fits */
    struct filter_condition conditions[FILTER_CONDITIONS_MAX];
    size_t count;
};

/* Slices point into `written`. False: the error says what is wrong and how it is written. */
MUST_USE bool filter_parse(struct slice written, struct filter *out, struct text *error);
bool filter_takes(const struct filter *filter, json_t *object);
/* One condition, of one value as JSON has it when it is read as text; of a list, of one element. */
bool filter_condition_takes(const struct filter_condition *condition, struct slice value);
/* The same of what would be read as a number or as a moment, without writing it as text first. */
bool filter_condition_takes_number(const struct filter_condition *condition, int64_t number);
bool filter_condition_takes_moment(const struct filter_condition *condition, int64_t at_ms);
/* -ne and -notlike: a list fits when no element says otherwise. */
bool filter_condition_is_negative(const struct filter_condition *condition);
/* The first property of the filter that the object does not have; empty: it has all. */
struct slice filter_unknown_property(const struct filter *filter, json_t *object);

#endif
