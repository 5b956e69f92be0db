/* SPDX-License-Identifier: Apache-2.0 */
/* The methods that data have, as a table. */
#include "base/calendar.h"
#include "operations/nearest.h"
#include "shell/convert.h"
#include "shell/value.h"

#include <string.h>

enum { NAMES_MAX = 600, SHOWN = 60, COLUMNS_MAX = 10000 };

struct call_of {
    struct machine *machine;
    const struct node *node;
    struct datum self;
    const struct datum *arguments;
    size_t count;
    struct datum *out;
};
typedef enum flow method_fn(struct call_of *call);

static enum flow wrong_argument(struct call_of *call, const char *wanted)
{
    return machine_fail(call->machine, call->node, OPERATION_USAGE, "InvalidArgument",
                        "%.*s takes %s", SLICE_ARG(call->node->text), wanted);
}

static enum flow give_text(struct call_of *call, struct slice text)
{
    *call->out = heap_text(&call->machine->heap, text);
    return machine_memory(call->machine);
}

static enum flow give(struct call_of *call, struct datum value)
{
    *call->out = value;
    return machine_memory(call->machine);
}

static struct slice argument_text(struct call_of *call, size_t index)
{
    struct datum text = datum_to_text(call->machine, call->arguments[index]);
    return text.kind == DATUM_TEXT ? datum_slice(text) : SLICE("");
}

/* --- texts --- */

static bool find_in(struct slice text, struct slice part, size_t *out_at)
{
    if (part.len == 0) {
        *out_at = 0;
        return true;
    }
    const char *found = text.len ? memmem(text.at, text.len, part.at, part.len) : NULL;
    *out_at = found ? (size_t)(found - text.at) : 0;
    return found != NULL;
}

static enum flow text_contains(struct call_of *call)
{
    size_t at;
    return give(call, datum_bool(find_in(datum_slice(call->self), argument_text(call, 0), &at)));
}

static enum flow text_index_of(struct call_of *call)
{
    size_t at;
    struct slice text = datum_slice(call->self);
    bool found = find_in(text, argument_text(call, 0), &at);
    return give(call, datum_integer(found ? (int64_t)text_columns(slice_first(text, at)) : -1));
}

static enum flow text_starts_with(struct call_of *call)
{
    return give(call, datum_bool(slice_starts(datum_slice(call->self), argument_text(call, 0))));
}

static enum flow text_ends_with(struct call_of *call)
{
    struct slice text = datum_slice(call->self), end = argument_text(call, 0);
    return give(call, datum_bool(end.len <= text.len &&
                                 slice_equal(slice_after(text, text.len - end.len), end)));
}

static enum flow text_replace(struct call_of *call)
{
    struct slice text = datum_slice(call->self), from = argument_text(call, 0);
    struct slice to = argument_text(call, 1);
    struct text result = text_with_ceiling(call->machine->heap.ceiling);
    size_t at;
    if (from.len == 0)
        return wrong_argument(call, "a text that is not empty, and what stands in its place");
    while (find_in(text, from, &at)) {
        text_append(&result, slice_first(text, at));
        text_append(&result, to);
        text = slice_after(text, at + from.len);
    }
    text_append(&result, text);
    call->machine->heap.exhausted = call->machine->heap.exhausted || result.truncated;
    enum flow flow = give_text(call, text_slice(&result));
    text_deinit(&result);
    return flow;
}

/* At any of the characters of the arguments. */
static enum flow text_split(struct call_of *call)
{
    struct heap *heap = &call->machine->heap;
    struct datum separators = datum_null();
    struct slice text = datum_slice(call->self), marks = SLICE(" \t\n\r");
    struct datum list = heap_list(heap, 0);
    if (call->count > 0) {
        separators = datum_to_text(call->machine, call->arguments[0]);
        marks = separators.kind == DATUM_TEXT ? datum_slice(separators) : marks;
    }
    size_t begin = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!slice_find(marks, text.at[i], &(size_t){0}))
            continue;
        heap_append(heap, list, heap_text(heap, slice_first(slice_after(text, begin), i - begin)));
        begin = i + 1;
    }
    heap_append(heap, list, heap_text(heap, slice_after(text, begin)));
    return give(call, list);
}

static enum flow change_case(struct call_of *call, char (*change)(char))
{
    struct datum copy = heap_text(&call->machine->heap, datum_slice(call->self));
    for (size_t i = 0; copy.kind == DATUM_TEXT && i < copy.text->len; i++)
        copy.text->at[i] = change(copy.text->at[i]);
    return give(call, copy);
}

static enum flow text_upper(struct call_of *call)
{
    return change_case(call, ascii_upper);
}

static enum flow text_lower(struct call_of *call)
{
    return change_case(call, ascii_lower);
}

static enum flow trim(struct call_of *call, bool front, bool back)
{
    struct slice text = datum_slice(call->self);
    struct slice marks = call->count > 0 ? argument_text(call, 0) : SLICE(" \t\r\n\v\f");
    while (front && text.len > 0 && slice_find(marks, text.at[0], &(size_t){0}))
        text = slice_after(text, 1);
    while (back && text.len > 0 && slice_find(marks, text.at[text.len - 1], &(size_t){0}))
        text.len--;
    return give_text(call, text);
}

static enum flow text_trim(struct call_of *call)
{
    return trim(call, true, true);
}

static enum flow text_trim_start(struct call_of *call)
{
    return trim(call, true, false);
}

static enum flow text_trim_end(struct call_of *call)
{
    return trim(call, false, true);
}

static enum flow text_substring(struct call_of *call)
{
    struct slice text = datum_slice(call->self);
    int64_t from, count = 0, columns = (int64_t)text_columns(text);
    if (!datum_to_integer(call->arguments[0], &from) || from < 0 || from > columns ||
        (call->count > 1 &&
         (!datum_to_integer(call->arguments[1], &count) || count < 0 || count > columns - from)))
        return wrong_argument(call, "a place within the text and how many characters are there");
    text = slice_after(text, text_first_columns(text, (size_t)from).len);
    return give_text(call, call->count > 1 ? text_first_columns(text, (size_t)count) : text);
}

static enum flow pad(struct call_of *call, bool left)
{
    struct slice text = datum_slice(call->self);
    struct slice with = call->count > 1 ? argument_text(call, 1) : SLICE(" ");
    int64_t width;
    if (!datum_to_integer(call->arguments[0], &width) || width < 0 || width > COLUMNS_MAX ||
        with.len == 0)
        return wrong_argument(call, "a width up to 10000 and a character");
    struct text padded = text_with_ceiling(call->machine->heap.ceiling);
    size_t columns = text_columns(text);
    text_append(&padded, left ? SLICE("") : text);
    for (size_t i = columns; i < (size_t)width; i++)
        text_append(&padded, text_first_columns(with, 1));
    text_append(&padded, left ? text : SLICE(""));
    enum flow flow = give_text(call, text_slice(&padded));
    text_deinit(&padded);
    return flow;
}

static enum flow text_pad_left(struct call_of *call)
{
    return pad(call, true);
}

static enum flow text_pad_right(struct call_of *call)
{
    return pad(call, false);
}

/* --- lists and tables --- */

static enum flow list_contains(struct call_of *call)
{
    for (size_t i = 0; i < call->self.list->count; i++)
        if (datum_equal(call->self.list->at[i], call->arguments[0], true))
            return give(call, datum_bool(true));
    return give(call, datum_bool(false));
}

static enum flow list_add(struct call_of *call)
{
    heap_append(&call->machine->heap, call->self, call->arguments[0]);
    return give(call, datum_null());
}

static enum flow list_remove(struct call_of *call)
{
    struct list_cell *list = call->self.list;
    for (size_t i = 0; i < list->count; i++) {
        if (!datum_equal(list->at[i], call->arguments[0], false))
            continue;
        memmove(list->at + i, list->at + i + 1, (list->count - i - 1) * sizeof(*list->at));
        list->count--;
        break;
    }
    return give(call, datum_null());
}

static enum flow table_add(struct call_of *call)
{
    struct slice key = argument_text(call, 0);
    if (map_find(&call->machine->heap, call->self.map, key))
        return machine_fail(call->machine, call->node, OPERATION_CONFLICT, "KeyIsThere",
                            "the table has the key \"%.*s\" already",
                            SLICE_ARG(slice_first(key, SHOWN)));
    map_set(&call->machine->heap, call->self.map, key, call->arguments[1]);
    return give(call, datum_null());
}

static enum flow table_remove(struct call_of *call)
{
    map_remove(&call->machine->heap, call->self.map, argument_text(call, 0));
    return give(call, datum_null());
}

static enum flow table_has(struct call_of *call)
{
    return give(call, datum_bool(map_find(&call->machine->heap, call->self.map,
                                          argument_text(call, 0)) != NULL));
}

static enum flow table_pairs(struct call_of *call)
{
    struct heap *heap = &call->machine->heap;
    const struct map_cell *map = call->self.map;
    struct datum list = heap_list(heap, map->count);
    for (size_t i = 0; i < map->count; i++) {
        struct datum pair = heap_map(heap, DATUM_OBJECT, SLICE(""));
        struct datum name = heap_text(heap, name_slice(map->at[i].name));
        if (pair.kind != DATUM_OBJECT)
            break;
        map_set(heap, pair.map, SLICE("Name"), name);
        map_set(heap, pair.map, SLICE("Key"), name);
        map_set(heap, pair.map, SLICE("Value"), map->at[i].value);
        heap_append(heap, list, pair);
    }
    return give(call, list);
}

/* --- dates, spans, sizes --- */

static enum flow add_units(struct call_of *call, double unit_ms)
{
    double count;
    if (!datum_to_real(call->arguments[0], &count) || count * unit_ms > 3e14 ||
        count * unit_ms < -3e14)
        return wrong_argument(call, "a number");
    return give(call, datum_number(DATUM_DATE, call->self.number + (int64_t)(count * unit_ms)));
}

static enum flow date_add_days(struct call_of *call)
{
    return add_units(call, 86400000);
}

static enum flow date_add_hours(struct call_of *call)
{
    return add_units(call, 3600000);
}

static enum flow date_add_minutes(struct call_of *call)
{
    return add_units(call, 60000);
}

static enum flow date_add_seconds(struct call_of *call)
{
    return add_units(call, 1000);
}

static int last_day(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

static enum flow add_months(struct call_of *call, int64_t months)
{
    struct calendar_time at = calendar_from_ms(call->self.number, 0);
    int64_t all = (int64_t)at.year * 12 + at.month - 1 + months;
    if (all < 12 || all >= 10000 * 12)
        return wrong_argument(call, "a number that stays within the years 1 to 9999");
    at.year = (int)(all / 12);
    at.month = (int)(all % 12) + 1;
    if (at.day > last_day(at.year, at.month))
        at.day = last_day(at.year, at.month);
    return give(call, datum_number(DATUM_DATE, calendar_to_ms(&at)));
}

static enum flow add_counted_months(struct call_of *call, int64_t months)
{
    int64_t count;
    if (!datum_to_integer(call->arguments[0], &count) || count > 120000 || count < -120000)
        return wrong_argument(call, "a whole number");
    return add_months(call, count * months);
}

static enum flow date_add_months(struct call_of *call)
{
    return add_counted_months(call, 1);
}

static enum flow date_add_years(struct call_of *call)
{
    return add_counted_months(call, 12);
}

static enum flow itself(struct call_of *call)
{
    return give(call, call->self);
}

static enum flow size_in(struct call_of *call, int shift)
{
    return give(call, datum_integer(call->self.number >> shift));
}

static enum flow size_bytes(struct call_of *call)
{
    return size_in(call, 0);
}

static enum flow size_kb(struct call_of *call)
{
    return size_in(call, 10);
}

static enum flow size_mb(struct call_of *call)
{
    return size_in(call, 20);
}

static enum flow size_gb(struct call_of *call)
{
    return size_in(call, 30);
}

/* --- everything --- */

static enum flow to_text(struct call_of *call)
{
    struct text text = text_with_ceiling(call->machine->heap.ceiling);
    struct slice form = call->count > 0 ? argument_text(call, 0) : SLICE("");
    bool good = format_datum(&text, call->self, form);
    enum flow flow = good ? give_text(call, text_slice(&text))
                          : wrong_argument(call, "a form such as yyyy-MM-dd HH:mm, N2, F1 or D3");
    text_deinit(&text);
    return flow;
}

static enum flow equals(struct call_of *call)
{
    return give(call, datum_bool(datum_equal(call->self, call->arguments[0], true)));
}

/* --- the table --- */

#define ON(kind) (1u << (kind))
enum { ON_EVERYTHING = ~0u >> 1 };

/* clang-format off */
static const struct method {
    const char *name;
    unsigned on;        /* kinds it works on */
    size_t least, most; /* arguments */
    method_fn *run;
} methods[] = {
    {"Contains",   ON(DATUM_TEXT), 1, 1, text_contains},
    {"StartsWith", ON(DATUM_TEXT), 1, 1, text_starts_with},
    {"EndsWith",   ON(DATUM_TEXT), 1, 1, text_ends_with},
    {"IndexOf",    ON(DATUM_TEXT), 1, 1, text_index_of},
    {"Replace",    ON(DATUM_TEXT), 2, 2, text_replace},
    {"Split",      ON(DATUM_TEXT), 0, 1, text_split},
    {"ToUpper",    ON(DATUM_TEXT), 0, 0, text_upper},
    {"ToLower",    ON(DATUM_TEXT), 0, 0, text_lower},
    {"Trim",       ON(DATUM_TEXT), 0, 1, text_trim},
    {"TrimStart",  ON(DATUM_TEXT), 0, 1, text_trim_start},
    {"TrimEnd",    ON(DATUM_TEXT), 0, 1, text_trim_end},
    {"Substring",  ON(DATUM_TEXT), 1, 2, text_substring},
    {"PadLeft",    ON(DATUM_TEXT), 1, 2, text_pad_left},
    {"PadRight",   ON(DATUM_TEXT), 1, 2, text_pad_right},
    {"Contains",   ON(DATUM_LIST), 1, 1, list_contains},
    {"Add",        ON(DATUM_LIST), 1, 1, list_add},
    {"Remove",     ON(DATUM_LIST), 1, 1, list_remove},
    {"Add",           ON(DATUM_TABLE), 2, 2, table_add},
    {"Remove",        ON(DATUM_TABLE), 1, 1, table_remove},
    {"Contains",      ON(DATUM_TABLE), 1, 1, table_has},
    {"ContainsKey",   ON(DATUM_TABLE), 1, 1, table_has},
    {"GetEnumerator", ON(DATUM_TABLE), 0, 0, table_pairs},
    {"AddDays",    ON(DATUM_DATE), 1, 1, date_add_days},
    {"AddHours",   ON(DATUM_DATE), 1, 1, date_add_hours},
    {"AddMinutes", ON(DATUM_DATE), 1, 1, date_add_minutes},
    {"AddSeconds", ON(DATUM_DATE), 1, 1, date_add_seconds},
    {"AddMonths",  ON(DATUM_DATE), 1, 1, date_add_months},
    {"AddYears",   ON(DATUM_DATE), 1, 1, date_add_years},
    {"ToUniversalTime", ON(DATUM_DATE), 0, 0, itself},
    {"ToBytes",    ON(DATUM_SIZE), 0, 0, size_bytes},
    {"ToKB",       ON(DATUM_SIZE), 0, 0, size_kb},
    {"ToMB",       ON(DATUM_SIZE), 0, 0, size_mb},
    {"ToGB",       ON(DATUM_SIZE), 0, 0, size_gb},
    {"ToString",   ON_EVERYTHING, 0, 1, to_text},
    {"Equals",     ON_EVERYTHING, 1, 1, equals},
};
/* clang-format on */

static const struct method *method_of(struct datum self, struct slice name)
{
    for (size_t i = 0; i < COUNT_OF(methods); i++)
        if ((methods[i].on & ON(self.kind)) && slice_equal_nocase(name, slice_of(methods[i].name)))
            return &methods[i];
    return NULL;
}

static enum flow no_method(struct machine *m, const struct node *node, struct datum self)
{
    char storage[NAMES_MAX];
    struct text names = text_over(storage, sizeof(storage));
    const char *nearest = NULL;
    size_t smallest = SIZE_MAX;
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        if (!(methods[i].on & ON(self.kind)))
            continue;
        size_t distance = name_distance(node->text, slice_of(methods[i].name));
        nearest = distance < smallest ? methods[i].name : nearest;
        smallest = distance < smallest ? distance : smallest;
        text_append_format(&names, "%s%s", names.len ? ", " : "", methods[i].name);
    }
    bool near = nearest && name_near_enough(smallest, node->text.len);
    return machine_fail(m, node, OPERATION_USAGE, "MethodNotFound",
                        "%s has no method %.*s%s%s%s. It has %.*s", datum_kind_word(self),
                        SLICE_ARG(slice_first(node->text, SHOWN)), near ? ". Did you mean " : "",
                        near ? nearest : "", near ? "?" : "", SLICE_ARG(text_slice(&names)));
}

static enum flow on_elements(struct machine *m, const struct node *node, struct datum list,
                             const struct datum *arguments, size_t count, struct datum *out)
{
    enum flow flow = FLOW_ON;
    struct datum result = heap_list(&m->heap, list.list->count);
    for (size_t i = 0; flow == FLOW_ON && i < list.list->count; i++) {
        struct datum value = datum_null();
        if (list.list->at[i].kind == DATUM_LIST)
            return no_method(m, node, list);
        flow = method_call(m, node, list.list->at[i], arguments, count, &value);
        heap_append(&m->heap, result, value);
    }
    *out = result;
    return flow;
}

static enum flow on_nothing(struct machine *m, const struct node *node)
{
    char storage[NAMES_MAX];
    struct text why = text_over(storage, sizeof(storage));
    if (node->first->kind == NODE_VARIABLE)
        variable_append_cause(m, node->first->text, &why);
    return machine_fail(m, node, OPERATION_USAGE, "InvokeMethodOnNull",
                        "%.*s is empty, so %.*s cannot be called on it%.*s",
                        SLICE_ARG(slice_first(node_source(node->first), SHOWN)),
                        SLICE_ARG(slice_first(node->text, SHOWN)), SLICE_ARG(text_slice(&why)));
}

enum flow method_call(struct machine *m, const struct node *node, struct datum object,
                      const struct datum *arguments, size_t count, struct datum *out)
{
    const struct method *method = method_of(object, node->text);
    if (object.kind == DATUM_NULL)
        return on_nothing(m, node);
    bool own = method && method->on != ON_EVERYTHING;
    if (object.kind == DATUM_LIST && !own)
        return on_elements(m, node, object, arguments, count, out);
    if (!method)
        return no_method(m, node, object);
    if (count < method->least || count > method->most)
        return machine_fail(m, node, OPERATION_USAGE, "MethodCountMismatch",
                            "%s takes %zu to %zu arguments, not %zu", method->name, method->least,
                            method->most, count);
    struct call_of call = {m, node, object, arguments, count, out};
    return method->run(&call);
}
