/* SPDX-License-Identifier: Apache-2.0 */
/* The methods that data have, as a table. */
#include "shell/method.h"
#include "base/calendar.h"
#include "operations/nearest.h"
#include "shell/convert.h"

#include <string.h>

enum { NAMES_MAX = 600, SHOWN = 60 };

enum flow method_wants(struct call_of *call, const char *wanted)
{
    return machine_fail(call->machine, call->node, OPERATION_USAGE, "InvalidArgument",
                        "%.*s takes %s", SLICE_ARG(call->node->text), wanted);
}

enum flow method_gives_text(struct call_of *call, struct slice text)
{
    *call->out = heap_text(&call->machine->heap, text);
    return machine_memory(call->machine);
}

enum flow method_gives(struct call_of *call, struct datum value)
{
    *call->out = value;
    return machine_memory(call->machine);
}

struct slice method_text_at(struct call_of *call, size_t index)
{
    struct datum text = datum_to_text(call->machine, call->arguments[index]);
    return text.kind == DATUM_TEXT ? datum_slice(text) : SLICE("");
}

/* --- lists and tables --- */

static enum flow list_contains(struct call_of *call)
{
    for (size_t i = 0; i < call->self.list->count; i++)
        if (datum_equal(call->self.list->at[i], call->arguments[0], true))
            return method_gives(call, datum_bool(true));
    return method_gives(call, datum_bool(false));
}

static enum flow list_add(struct call_of *call)
{
    heap_append(&call->machine->heap, call->self, call->arguments[0]);
    return method_gives(call, datum_null());
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
    return method_gives(call, datum_null());
}

static enum flow table_add(struct call_of *call)
{
    struct slice key = method_text_at(call, 0);
    if (map_find(&call->machine->heap, call->self.map, key))
        return machine_fail(call->machine, call->node, OPERATION_CONFLICT, "KeyIsThere",
                            "the table has the key \"%.*s\" already",
                            SLICE_ARG(slice_first(key, SHOWN)));
    map_set(&call->machine->heap, call->self.map, key, call->arguments[1]);
    return method_gives(call, datum_null());
}

static enum flow table_remove(struct call_of *call)
{
    map_remove(&call->machine->heap, call->self.map, method_text_at(call, 0));
    return method_gives(call, datum_null());
}

static enum flow table_has(struct call_of *call)
{
    return method_gives(call, datum_bool(map_find(&call->machine->heap, call->self.map,
                                                  method_text_at(call, 0)) != NULL));
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
    return method_gives(call, list);
}

/* --- dates, spans, sizes --- */

static enum flow add_units(struct call_of *call, double unit_ms)
{
    double count;
    if (!datum_to_real(call->arguments[0], &count) || count * unit_ms > 3e14 ||
        count * unit_ms < -3e14)
        return method_wants(call, "a number");
    return method_gives(call,
                        datum_number(DATUM_DATE, call->self.number + (int64_t)(count * unit_ms)));
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
        return method_wants(call, "a number that stays within the years 1 to 9999");
    at.year = (int)(all / 12);
    at.month = (int)(all % 12) + 1;
    if (at.day > last_day(at.year, at.month))
        at.day = last_day(at.year, at.month);
    return method_gives(call, datum_number(DATUM_DATE, calendar_to_ms(&at)));
}

static enum flow add_counted_months(struct call_of *call, int64_t months)
{
    int64_t count;
    if (!datum_to_integer(call->arguments[0], &count) || count > 120000 || count < -120000)
        return method_wants(call, "a whole number");
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
    return method_gives(call, call->self);
}

static enum flow size_in(struct call_of *call, int shift)
{
    return method_gives(call, datum_integer(call->self.number >> shift));
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
    struct slice form = call->count > 0 ? method_text_at(call, 0) : SLICE("");
    bool good = format_datum(&text, call->self, form);
    enum flow flow = good ? method_gives_text(call, text_slice(&text))
                          : method_wants(call, "a form such as yyyy-MM-dd HH:mm, N2, F1 or D3");
    text_deinit(&text);
    return flow;
}

static enum flow equals(struct call_of *call)
{
    return method_gives(call, datum_bool(datum_equal(call->self, call->arguments[0], true)));
}

/* --- the table --- */

/* clang-format off */
static const struct method other_methods[] = {
    {"Contains",   METHOD_ON(DATUM_LIST), 1, 1, list_contains},
    {"Add",        METHOD_ON(DATUM_LIST), 1, 1, list_add},
    {"Remove",     METHOD_ON(DATUM_LIST), 1, 1, list_remove},
    {"Add",           METHOD_ON(DATUM_TABLE), 2, 2, table_add},
    {"Remove",        METHOD_ON(DATUM_TABLE), 1, 1, table_remove},
    {"Contains",      METHOD_ON(DATUM_TABLE), 1, 1, table_has},
    {"ContainsKey",   METHOD_ON(DATUM_TABLE), 1, 1, table_has},
    {"GetEnumerator", METHOD_ON(DATUM_TABLE), 0, 0, table_pairs},
    {"AddDays",    METHOD_ON(DATUM_DATE), 1, 1, date_add_days},
    {"AddHours",   METHOD_ON(DATUM_DATE), 1, 1, date_add_hours},
    {"AddMinutes", METHOD_ON(DATUM_DATE), 1, 1, date_add_minutes},
    {"AddSeconds", METHOD_ON(DATUM_DATE), 1, 1, date_add_seconds},
    {"AddMonths",  METHOD_ON(DATUM_DATE), 1, 1, date_add_months},
    {"AddYears",   METHOD_ON(DATUM_DATE), 1, 1, date_add_years},
    {"ToUniversalTime", METHOD_ON(DATUM_DATE), 0, 0, itself},
    {"ToBytes",    METHOD_ON(DATUM_SIZE), 0, 0, size_bytes},
    {"ToKB",       METHOD_ON(DATUM_SIZE), 0, 0, size_kb},
    {"ToMB",       METHOD_ON(DATUM_SIZE), 0, 0, size_mb},
    {"ToGB",       METHOD_ON(DATUM_SIZE), 0, 0, size_gb},
    {"ToString",   METHOD_ON_EVERYTHING, 0, 1, to_text},
    {"Equals",     METHOD_ON_EVERYTHING, 1, 1, equals},
    {0},
};
/* clang-format on */

static const struct method *const tables[] = {text_methods, other_methods};

/* The row behind `row`, or the first; NULL behind the last. */
static const struct method *next_of(const struct method *row, size_t *table)
{
    row = row ? row + 1 : tables[ *table = 0];
    while (!row->name) {
        if (++*table == COUNT_OF(tables))
            return NULL;
        row = tables[*table];
    }
    return row;
}

static const struct method *method_of(struct datum self, struct slice name)
{
    size_t table = 0;
    for (const struct method *row = next_of(NULL, &table); row; row = next_of(row, &table))
        if ((row->on & METHOD_ON(self.kind)) && slice_equal_nocase(name, slice_of(row->name)))
            return row;
    return NULL;
}

static enum flow no_method(struct machine *m, const struct node *node, struct datum self)
{
    char storage[NAMES_MAX];
    struct text names = text_over(storage, sizeof(storage));
    m->steps += MACHINE_SUGGESTION_STEPS;
    const char *nearest = NULL;
    size_t smallest = SIZE_MAX, table = 0;
    for (const struct method *row = next_of(NULL, &table); row; row = next_of(row, &table)) {
        if (!(row->on & METHOD_ON(self.kind)))
            continue;
        size_t distance = name_distance(node->text, slice_of(row->name));
        nearest = distance < smallest ? row->name : nearest;
        smallest = distance < smallest ? distance : smallest;
        text_append_format(&names, "%s%s", names.len ? ", " : "", row->name);
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
    bool own = method && method->on != METHOD_ON_EVERYTHING;
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
