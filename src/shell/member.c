/* SPDX-License-Identifier: Apache-2.0 */
/* Properties, read and written. */
#include "base/calendar.h"
#include "operations/nearest.h"
#include "shell/convert.h"
#include "shell/value.h"

enum { SHOWN = 80, WHY_MAX = 2000, NAMES_LOOKED_AT = 200 };

/* --- what is not there --- */

static void append_nearest(struct text *text, const struct map_cell *map, struct slice name)
{
    struct slice nearest = {0};
    size_t smallest = SIZE_MAX;
    for (size_t i = 0; i < map->count && i < NAMES_LOOKED_AT; i++) {
        size_t distance = name_distance(name, name_slice(map->at[i].name));
        if (distance >= smallest)
            continue;
        smallest = distance;
        nearest = name_slice(map->at[i].name);
    }
    if (nearest.len > 0 && name_near_enough(smallest, name.len)) {
        text_append_c(text, ". Did you mean ");
        value_append_safe(text, nearest);
        text_append_c(text, "?");
    }
}

static enum flow no_property(struct machine *m, const struct node *node, struct datum object,
                             struct slice name)
{
    char storage[WHY_MAX];
    struct text why = text_over(storage, sizeof(storage));
    m->steps += MACHINE_SUGGESTION_STEPS;
    if (datum_is_map(object))
        append_nearest(&why, object.map, name);
    bool named = datum_is_map(object) && object.map->noun.len > 0;
    return machine_fail(m, node, OPERATION_USAGE, "PropertyNotFound",
                        "%.*s has no property %.*s%.*s",
                        SLICE_ARG(named ? object.map->noun : slice_of(datum_kind_word(object))),
                        SLICE_ARG(slice_first(name, SHOWN)), SLICE_ARG(text_slice(&why)));
}

/* A property of nothing. That a property is empty is an answer, that a variable is one a mistake.
 */
static enum flow of_nothing(struct machine *m, const struct node *node, struct slice name,
                            struct datum *out)
{
    char storage[WHY_MAX];
    struct text why = text_over(storage, sizeof(storage));
    const struct node *object = node->first;
    *out = datum_null();
    if (!object || object->kind == NODE_MEMBER || object->kind == NODE_INDEX)
        return FLOW_ON;
    if (object->kind != NODE_VARIABLE)
        return machine_fail(m, node, OPERATION_USAGE, "NothingHasNoProperty",
                            "%.*s gave nothing, so there is no %.*s of it",
                            SLICE_ARG(slice_first(node_source(object), SHOWN)),
                            SLICE_ARG(slice_first(name, SHOWN)));
    variable_append_cause(m, object->text, &why);
    return machine_fail(m, node, OPERATION_USAGE, "VariableIsEmpty",
                        "the variable $%.*s is empty, so there is no %.*s of it%.*s",
                        SLICE_ARG(slice_first(object->text, SHOWN)),
                        SLICE_ARG(slice_first(name, SHOWN)), SLICE_ARG(text_slice(&why)));
}

/* --- properties that data have by their kind --- */

static struct datum weekday(struct machine *m, int64_t at_ms)
{
    static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                       "Thursday", "Friday", "Saturday"};
    return heap_text(&m->heap, slice_of(days[calendar_from_ms(at_ms, 0).weekday]));
}

static bool of_date(int64_t at_ms, struct slice name, struct datum *out)
{
    struct calendar_time at = calendar_from_ms(at_ms, 0);
    const struct {
        const char *name;
        int64_t value;
    } parts[] = {{"Year", at.year},
                 {"Month", at.month},
                 {"Day", at.day},
                 {"Hour", at.hour},
                 {"Minute", at.minute},
                 {"Second", at.second},
                 {"Millisecond", at.millisecond}};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (!slice_equal_nocase(name, slice_of(parts[i].name)))
            continue;
        *out = datum_integer(parts[i].value);
        return true;
    }
    enum { DAY_MS = 86400000 };
    if (!slice_equal_nocase(name, SLICE("Date")))
        return false;
    *out = datum_number(DATUM_DATE, at_ms - ((at_ms % DAY_MS) + DAY_MS) % DAY_MS);
    return true;
}

static bool of_span(int64_t ms, struct slice name, struct datum *out)
{
    static const struct {
        const char *name, *total;
        int64_t unit, wrap;
    } parts[] = {{"Days", "TotalDays", 86400000, INT64_MAX},
                 {"Hours", "TotalHours", 3600000, 24},
                 {"Minutes", "TotalMinutes", 60000, 60},
                 {"Seconds", "TotalSeconds", 1000, 60},
                 {"Milliseconds", "TotalMilliseconds", 1, 1000}};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (slice_equal_nocase(name, slice_of(parts[i].name)))
            *out = datum_integer(ms / parts[i].unit % parts[i].wrap);
        else if (slice_equal_nocase(name, slice_of(parts[i].total)))
            *out = datum_real((double)ms / (double)parts[i].unit);
        else
            continue;
        return true;
    }
    return false;
}

static struct datum keys_or_values(struct machine *m, const struct map_cell *map, bool keys)
{
    struct datum list = heap_list(&m->heap, map->count);
    for (size_t i = 0; i < map->count; i++)
        heap_append(&m->heap, list,
                    keys ? heap_text(&m->heap, name_slice(map->at[i].name)) : map->at[i].value);
    return list;
}

static bool of_table(struct machine *m, struct datum table, struct slice name, struct datum *out)
{
    bool keys = slice_equal_nocase(name, SLICE("Keys"));
    if (slice_equal_nocase(name, SLICE("Count")))
        *out = datum_integer((int64_t)table.map->count);
    else if (keys || slice_equal_nocase(name, SLICE("Values")))
        *out = keys_or_values(m, table.map, keys);
    else /* what a table does not hold is nothing */
        *out = datum_null();
    return true;
}

static bool of_any(struct datum object, struct slice name, struct datum *out)
{
    bool length = slice_equal_nocase(name, SLICE("Length"));
    bool count = slice_equal_nocase(name, SLICE("Count"));
    if (length && datum_is_text(object))
        *out =
            datum_integer(object.kind == DATUM_BYTES ? (int64_t)object.text->len
                                                     : (int64_t)text_columns(datum_slice(object)));
    else if ((length || count) && object.kind == DATUM_LIST)
        *out = datum_integer((int64_t)object.list->count);
    else if (count || length)
        *out = datum_integer(object.kind == DATUM_NULL ? 0 : 1);
    else if (object.kind == DATUM_TEXT && (slice_equal_nocase(name, SLICE("Expression")) ||
                                           slice_equal_nocase(name, SLICE("Value"))))
        *out = object;
    else
        return false;
    return true;
}

static bool built_in(struct machine *m, struct datum object, struct slice name, struct datum *out)
{
    if (object.kind == DATUM_TABLE)
        return of_table(m, object, name, out);
    if (object.kind == DATUM_DATE && slice_equal_nocase(name, SLICE("DayOfWeek"))) {
        *out = weekday(m, object.number);
        return true;
    }
    if (object.kind == DATUM_DATE && of_date(object.number, name, out))
        return true;
    if (object.kind == DATUM_SPAN && of_span(object.number, name, out))
        return true;
    return of_any(object, name, out);
}

/* The same property of every element, in one list. */
static enum flow of_elements(struct machine *m, const struct node *node, struct datum list,
                             struct slice name, struct datum *out)
{
    enum flow flow = FLOW_ON;
    struct datum result = heap_list(&m->heap, list.list->count);
    size_t level = heap_level(&m->heap);
    heap_keep(&m->heap, result);
    for (size_t i = 0; flow == FLOW_ON && i < list.list->count; i++) {
        struct datum value = datum_null(), element = list.list->at[i];
        if (element.kind == DATUM_LIST)
            flow = machine_fail(m, node, OPERATION_USAGE, "PropertyNotFound",
                                "a list within a list has no property %.*s",
                                SLICE_ARG(slice_first(name, SHOWN)));
        else
            flow = member_get(m, node, element, name, &value);
        if (value.kind == DATUM_LIST)
            for (size_t j = 0; j < value.list->count; j++)
                heap_append(&m->heap, result, value.list->at[j]);
        else if (value.kind != DATUM_NULL)
            heap_append(&m->heap, result, value);
    }
    heap_release(&m->heap, level);
    *out = result.kind != DATUM_LIST || result.list->count == 0 ? datum_null()
           : result.list->count == 1                            ? result.list->at[0]
                                                                : result;
    return flow;
}

enum flow member_get(struct machine *m, const struct node *node, struct datum object,
                     struct slice name, struct datum *out)
{
    if (datum_is_map(object)) {
        const struct datum *found = map_find(&m->heap, object.map, name);
        if (found) {
            *out = *found;
            return FLOW_ON;
        }
    }
    if (built_in(m, object, name, out))
        return machine_memory(m);
    if (object.kind == DATUM_NULL)
        return of_nothing(m, node, name, out);
    if (object.kind == DATUM_LIST)
        return of_elements(m, node, object, name, out);
    return no_property(m, node, object, name);
}

enum flow member_set(struct machine *m, const struct node *node, struct datum object,
                     struct slice name, struct datum value)
{
    if (object.kind == DATUM_TABLE) {
        map_set(&m->heap, object.map, name, value);
        return machine_memory(m);
    }
    if (object.kind == DATUM_NULL) {
        struct datum unused;
        enum flow flow = of_nothing(m, node, name, &unused);
        return flow != FLOW_ON ? flow : no_property(m, node, object, name);
    }
    struct datum *there = object.kind == DATUM_OBJECT ? map_find(&m->heap, object.map, name) : NULL;
    if (!there)
        return no_property(m, node, object, name);
    *there = value;
    return FLOW_ON;
}
