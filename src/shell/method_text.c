/* SPDX-License-Identifier: Apache-2.0 */
/* The methods of texts. */
#include "shell/convert.h"
#include "shell/method.h"
#include "shell/value.h"

#include <string.h>

enum { COLUMNS_MAX = 10000 };

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
    return method_gives(call,
                        datum_bool(find_in(datum_slice(call->self), method_text_at(call, 0), &at)));
}

static enum flow text_index_of(struct call_of *call)
{
    size_t at;
    struct slice text = datum_slice(call->self);
    bool found = find_in(text, method_text_at(call, 0), &at);
    return method_gives(call,
                        datum_integer(found ? (int64_t)text_columns(slice_first(text, at)) : -1));
}

static enum flow text_starts_with(struct call_of *call)
{
    return method_gives(call,
                        datum_bool(slice_starts(datum_slice(call->self), method_text_at(call, 0))));
}

static enum flow text_ends_with(struct call_of *call)
{
    struct slice text = datum_slice(call->self), end = method_text_at(call, 0);
    return method_gives(call, datum_bool(end.len <= text.len &&
                                         slice_equal(slice_after(text, text.len - end.len), end)));
}

static enum flow text_replace(struct call_of *call)
{
    struct slice text = datum_slice(call->self), from = method_text_at(call, 0);
    struct slice to = method_text_at(call, 1);
    struct text result = text_with_ceiling(call->machine->heap.ceiling);
    size_t at;
    if (from.len == 0)
        return method_wants(call, "a text that is not empty, and what stands in its place");
    while (find_in(text, from, &at)) {
        text_append(&result, slice_first(text, at));
        text_append(&result, to);
        text = slice_after(text, at + from.len);
    }
    text_append(&result, text);
    call->machine->heap.exhausted = call->machine->heap.exhausted || result.truncated;
    enum flow flow = method_gives_text(call, text_slice(&result));
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
    return method_gives(call, list);
}

static enum flow change_case(struct call_of *call, char (*change)(char))
{
    struct datum copy = heap_text(&call->machine->heap, datum_slice(call->self));
    for (size_t i = 0; copy.kind == DATUM_TEXT && i < copy.text->len; i++)
        copy.text->at[i] = change(copy.text->at[i]);
    return method_gives(call, copy);
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
    struct slice marks = call->count > 0 ? method_text_at(call, 0) : SLICE(" \t\r\n\v\f");
    while (front && text.len > 0 && slice_find(marks, text.at[0], &(size_t){0}))
        text = slice_after(text, 1);
    while (back && text.len > 0 && slice_find(marks, text.at[text.len - 1], &(size_t){0}))
        text.len--;
    return method_gives_text(call, text);
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
        return method_wants(call, "a place within the text and how many characters are there");
    text = slice_after(text, text_first_columns(text, (size_t)from).len);
    return method_gives_text(call,
                             call->count > 1 ? text_first_columns(text, (size_t)count) : text);
}

static enum flow pad(struct call_of *call, bool left)
{
    struct slice text = datum_slice(call->self);
    struct slice with = call->count > 1 ? method_text_at(call, 1) : SLICE(" ");
    int64_t width;
    if (!datum_to_integer(call->arguments[0], &width) || width < 0 || width > COLUMNS_MAX ||
        with.len == 0)
        return method_wants(call, "a width up to 10000 and a character");
    struct text padded = text_with_ceiling(call->machine->heap.ceiling);
    size_t columns = text_columns(text);
    text_append(&padded, left ? SLICE("") : text);
    for (size_t i = columns; i < (size_t)width; i++)
        text_append(&padded, text_first_columns(with, 1));
    text_append(&padded, left ? text : SLICE(""));
    enum flow flow = method_gives_text(call, text_slice(&padded));
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

/* clang-format off */
const struct method text_methods[] = {
    {"Contains",   METHOD_ON(DATUM_TEXT), 1, 1, text_contains},
    {"StartsWith", METHOD_ON(DATUM_TEXT), 1, 1, text_starts_with},
    {"EndsWith",   METHOD_ON(DATUM_TEXT), 1, 1, text_ends_with},
    {"IndexOf",    METHOD_ON(DATUM_TEXT), 1, 1, text_index_of},
    {"Replace",    METHOD_ON(DATUM_TEXT), 2, 2, text_replace},
    {"Split",      METHOD_ON(DATUM_TEXT), 0, 1, text_split},
    {"ToUpper",    METHOD_ON(DATUM_TEXT), 0, 0, text_upper},
    {"ToLower",    METHOD_ON(DATUM_TEXT), 0, 0, text_lower},
    {"Trim",       METHOD_ON(DATUM_TEXT), 0, 1, text_trim},
    {"TrimStart",  METHOD_ON(DATUM_TEXT), 0, 1, text_trim_start},
    {"TrimEnd",    METHOD_ON(DATUM_TEXT), 0, 1, text_trim_end},
    {"Substring",  METHOD_ON(DATUM_TEXT), 1, 2, text_substring},
    {"PadLeft",    METHOD_ON(DATUM_TEXT), 1, 2, text_pad_left},
    {"PadRight",   METHOD_ON(DATUM_TEXT), 1, 2, text_pad_right},
    {0},
};
/* clang-format on */
