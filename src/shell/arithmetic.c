/* SPDX-License-Identifier: Apache-2.0 */
/* + - * / % on numbers, texts, lists, tables, dates, spans, and the words of flags. */
#include "shell/convert.h"

#include <math.h>

enum { REPEAT_MAX = 64 << 20, WORDS_MAX = 4096 };

static enum flow add_text(struct machine *m, struct datum left, struct datum right,
                          struct datum *out)
{
    struct text text = text_with_ceiling(m->heap.ceiling);
    datum_append(&text, left);
    datum_append(&text, right);
    m->heap.exhausted = m->heap.exhausted || text.truncated;
    *out = heap_text(&m->heap, text_slice(&text));
    text_deinit(&text);
    return machine_memory(m);
}

/* The flags of a setting: "Tls, BasicAuth" + "Integrated", and - likewise. */
static enum flow combine_words(struct machine *m, struct datum left, struct datum right, bool add,
                               struct datum *out)
{
    char storage[WORDS_MAX];
    struct text words = text_over(storage, sizeof(storage));
    struct slice rest = datum_slice(left), word, wanted = datum_slice(right);
    while (slice_take_field(&rest, ',', &word)) {
        word = slice_trim(word);
        if (word.len == 0 || slice_equal_nocase(word, SLICE("None")) ||
            slice_equal_nocase(word, wanted))
            continue;
        text_append_c(&words, words.len ? ", " : "");
        text_append(&words, word);
    }
    text_append_c(&words, add && words.len ? ", " : "");
    text_append(&words, add ? wanted : SLICE(""));
    *out = heap_text(&m->heap, words.len > 0 ? text_slice(&words) : SLICE("None"));
    if (out->kind == DATUM_TEXT)
        out->text->words = true;
    return machine_memory(m);
}

static void append_all(struct machine *m, struct datum list, struct datum value)
{
    if (value.kind != DATUM_LIST) {
        heap_append(&m->heap, list, value);
        return;
    }
    for (size_t i = 0; i < value.list->count; i++)
        heap_append(&m->heap, list, value.list->at[i]);
}

static enum flow add_list(struct machine *m, struct datum left, struct datum right,
                          struct datum *out)
{
    *out = heap_list(&m->heap, left.list->count + 1);
    append_all(m, *out, left);
    append_all(m, *out, right);
    return machine_memory(m);
}

/* What is left of a list without the elements that equal one of the right side. */
static enum flow subtract_list(struct machine *m, struct datum left, struct datum right,
                               struct datum *out)
{
    *out = heap_list(&m->heap, left.list->count);
    for (size_t i = 0; i < left.list->count; i++) {
        bool gone = false;
        if (right.kind == DATUM_LIST)
            for (size_t j = 0; j < right.list->count && !gone; j++)
                gone = datum_equal(left.list->at[i], right.list->at[j], false);
        else
            gone = datum_equal(left.list->at[i], right, false);
        if (!gone)
            heap_append(&m->heap, *out, left.list->at[i]);
    }
    return machine_memory(m);
}

static enum flow add_table(struct machine *m, struct datum left, struct datum right,
                           struct datum *out)
{
    const struct map_cell *parts[] = {left.map, right.map};
    *out = heap_map(&m->heap, DATUM_TABLE, SLICE(""));
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        for (size_t j = 0; out->kind == DATUM_TABLE && j < parts[i]->count; j++)
            map_set(&m->heap, out->map, name_slice(parts[i]->at[j].name), parts[i]->at[j].value);
    return machine_memory(m);
}

/* Dates and spans; false: not such a pair. */
static bool moments(enum operator_kind action, struct datum left, struct datum right,
                    struct datum *out)
{
    int64_t other, sum;
    bool span = left.kind == DATUM_SPAN, date = left.kind == DATUM_DATE;
    bool minus = action == OPERATOR_SUBTRACT;
    if ((!span && !date) || (action != OPERATOR_ADD && !minus))
        return false;
    bool difference = date && minus && datum_to_date(right, &other);
    if (!difference && !datum_to_span(right, &other))
        return false;
    if (minus ? __builtin_sub_overflow(left.number, other, &sum)
              : __builtin_add_overflow(left.number, other, &sum))
        return false;
    *out = datum_number(span || difference ? DATUM_SPAN : DATUM_DATE, sum);
    return true;
}

static bool whole(enum operator_kind action, int64_t a, int64_t b, int64_t *out)
{
    switch ((int)action) {
    case OPERATOR_ADD:
        return !__builtin_add_overflow(a, b, out);
    case OPERATOR_SUBTRACT:
        return !__builtin_sub_overflow(a, b, out);
    case OPERATOR_MULTIPLY:
        return !__builtin_mul_overflow(a, b, out);
    case OPERATOR_DIVIDE:
        if (b == 0 || (a == INT64_MIN && b == -1) || a % b != 0)
            return false;
        *out = a / b;
        return true;
    default:
        if (b == 0 || b == -1)
            return false;
        *out = a % b;
        return true;
    }
}

static double fraction(enum operator_kind action, double a, double b)
{
    return action == OPERATOR_ADD        ? a + b
           : action == OPERATOR_SUBTRACT ? a - b
           : action == OPERATOR_MULTIPLY ? a * b
           : action == OPERATOR_DIVIDE   ? a / b
                                         : fmod(a, b);
}

static enum flow numbers(struct machine *m, const struct node *node, enum operator_kind action,
                         struct datum left, struct datum right, struct datum *out)
{
    double a, b;
    int64_t x, y, result;
    bool exact = left.kind != DATUM_REAL && right.kind != DATUM_REAL;
    if (!datum_to_real(left, &a) || !datum_to_real(right, &b))
        return operate_cannot(m, node, "arithmetic", left, right);
    if (b == 0 && (action == OPERATOR_DIVIDE || action == OPERATOR_REMAINDER))
        return machine_fail(m, node, OPERATION_USAGE, "DivideByZero", "division by zero");
    if (exact && a == nearbyint(a) && b == nearbyint(b) && datum_to_integer(left, &x) &&
        datum_to_integer(right, &y) && whole(action, x, y, &result))
        *out = datum_integer(result);
    else
        *out = datum_real(fraction(action, a, b));
    return FLOW_ON;
}

/* "ab" * 3 */
static enum flow repeat(struct machine *m, const struct node *node, struct datum left,
                        struct datum right, struct datum *out)
{
    int64_t count;
    if (!datum_to_integer(right, &count) || count < 0 ||
        (left.text->len > 0 && count > REPEAT_MAX / (int64_t)left.text->len))
        return machine_fail(m, node, OPERATION_USAGE, "InvalidOperation",
                            "a text can be repeated up to %d bytes in all", REPEAT_MAX);
    struct text text = text_with_ceiling(REPEAT_MAX);
    for (int64_t i = 0; i < count && left.text->len > 0; i++)
        text_append(&text, datum_slice(left));
    *out = heap_text(&m->heap, text_slice(&text));
    text_deinit(&text);
    return machine_memory(m);
}

enum flow operate_arithmetic(struct machine *m, const struct node *node, enum operator_kind action,
                             struct datum left, struct datum right, struct datum *out)
{
    bool add = action == OPERATOR_ADD;
    if (left.kind == DATUM_LIST && add)
        return add_list(m, left, right, out);
    if (left.kind == DATUM_LIST && action == OPERATOR_SUBTRACT)
        return subtract_list(m, left, right, out);
    if (left.kind == DATUM_TABLE && right.kind == DATUM_TABLE && add)
        return add_table(m, left, right, out);
    if (left.kind == DATUM_TEXT && left.text->words && right.kind == DATUM_TEXT &&
        (add || action == OPERATOR_SUBTRACT) && left.text->len + right.text->len + 4 < WORDS_MAX)
        return combine_words(m, left, right, add, out);
    if (left.kind == DATUM_TEXT && add)
        return add_text(m, left, right, out);
    if (left.kind == DATUM_TEXT && action == OPERATOR_MULTIPLY)
        return repeat(m, node, left, right, out);
    if (left.kind == DATUM_NULL && add) {
        *out = right;
        return FLOW_ON;
    }
    if (moments(action, left, right, out))
        return FLOW_ON;
    return numbers(m, node, action, left, right, out);
}
