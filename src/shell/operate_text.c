/* SPDX-License-Identifier: Apache-2.0 */
/* -match, -replace, -split and -join. */
#include "base/number.h"
#include "shell/convert.h"
#include "shell/pattern.h"

#include <stdio.h>

enum { SHOWN = 80, ERROR_MAX = 300 };

static enum flow pattern_fault(struct machine *m, const struct node *node, struct slice pattern,
                               enum pattern_outcome outcome, const struct text *error)
{
    pattern = slice_first(pattern, SHOWN);
    if (outcome == PATTERN_BAD)
        return machine_fail(m, node, OPERATION_USAGE, "InvalidRegularExpression",
                            "\"%.*s\" is no regular expression: %.*s", SLICE_ARG(pattern),
                            SLICE_ARG(text_slice(error)));
    return machine_fail(m, node, OPERATION_FAILED, "RegularExpressionTooSlow",
                        "the regular expression \"%.*s\" takes too long on this text",
                        SLICE_ARG(pattern));
}

/* Looks for the pattern; a fault when it is none. */
static enum flow find(struct machine *m, const struct node *node, struct slice pattern, bool cased,
                      struct slice text, size_t from, struct pattern_match *out, bool *out_found)
{
    char storage[ERROR_MAX];
    struct text error = text_over(storage, sizeof(storage));
    enum pattern_outcome outcome =
        pattern_find(&m->patterns, pattern, cased, text, from, out, &error);
    *out_found = outcome == PATTERN_MATCH;
    if (outcome == PATTERN_MATCH || outcome == PATTERN_NO_MATCH)
        return FLOW_ON;
    return pattern_fault(m, node, pattern, outcome, &error);
}

static struct slice group(const struct pattern_match *match, size_t index, struct slice text)
{
    if (index >= match->count || match->begin[index] > match->end[index])
        return SLICE("");
    return slice_first(slice_after(text, match->begin[index]),
                       match->end[index] - match->begin[index]);
}

/* The whole character that begins at `at`, so that a search never begins inside one. */
static size_t character(struct slice text, size_t at)
{
    size_t len = 1;
    while (at + len < text.len && ((unsigned char)text.at[at + len] & 0xc0) == 0x80)
        len++;
    return len;
}

static void remember(struct machine *m, const struct pattern_match *match, struct slice text)
{
    char number[24];
    m->matches = heap_map(&m->heap, DATUM_TABLE, SLICE(""));
    for (size_t i = 0; m->matches.kind == DATUM_TABLE && i < match->count; i++) {
        if (match->begin[i] > match->end[i])
            continue;
        snprintf(number, sizeof(number), "%zu", i);
        map_set(&m->heap, m->matches.map, slice_of(match->names[i] ? match->names[i] : number),
                heap_text(&m->heap, group(match, i, text)));
    }
}

enum flow operate_match(struct machine *m, const struct node *node, struct datum left,
                        struct datum right, bool *out)
{
    struct datum text = datum_to_text(m, left), pattern = datum_to_text(m, right);
    struct pattern_match match;
    *out = false;
    if (text.kind != DATUM_TEXT || pattern.kind != DATUM_TEXT)
        return machine_memory(m);
    enum flow flow =
        find(m, node, datum_slice(pattern), node->flag, datum_slice(text), 0, &match, out);
    if (flow == FLOW_ON && *out)
        remember(m, &match, datum_slice(text));
    return flow;
}

/* --- -replace --- */

/* $1, ${1}, ${name}, $0, $&, $$ */
static void substitute(struct text *out, struct slice with, const struct pattern_match *match,
                       struct slice text)
{
    struct slice taken, name;
    uint64_t number;
    while (slice_take_until(&with, '$', &taken)) {
        text_append(out, taken);
        if (slice_take_prefix(&with, SLICE("$"))) {
            text_append_byte(out, '$');
        } else if (slice_take_prefix(&with, SLICE("&"))) {
            text_append(out, group(match, 0, text));
        } else if (with.len > 0 && ascii_is_digit(with.at[0])) {
            text_append(out, group(match, (size_t)(with.at[0] - '0'), text));
            with = slice_after(with, 1);
        } else if (slice_starts(with, SLICE("{")) && slice_find(with, '}', &(size_t){0})) {
            with = slice_after(with, 1);
            slice_take_until(&with, '}', &name);
            if (number_parse_u64(name, PATTERN_GROUPS_MAX, &number))
                text_append(out, group(match, (size_t)number, text));
            for (size_t i = 0; i < match->count; i++)
                if (match->names[i] && slice_equal(slice_of(match->names[i]), name))
                    text_append(out, group(match, i, text));
        } else
            text_append_byte(out, '$');
    }
    text_append(out, with);
}

static enum flow replace_one(struct machine *m, const struct node *node, struct slice text,
                             struct slice pattern, struct slice with, struct datum *out)
{
    struct text result = text_with_ceiling(m->heap.ceiling);
    struct pattern_match match;
    size_t at = 0;
    bool found = true;
    enum flow flow = FLOW_ON;
    while (at <= text.len) {
        flow = find(m, node, pattern, node->flag, text, at, &match, &found);
        if (flow != FLOW_ON || !found || match.begin[0] > match.end[0])
            break;
        text_append(&result, slice_first(slice_after(text, at), match.begin[0] - at));
        substitute(&result, with, &match, text);
        at = match.end[0];
        if (match.begin[0] == match.end[0]) { /* nothing was matched: step over a character */
            size_t len = character(text, at);
            text_append(&result, slice_first(slice_after(text, at), len));
            at += len;
        }
    }
    text_append(&result, slice_after(text, at < text.len ? at : text.len));
    m->heap.exhausted = m->heap.exhausted || result.truncated;
    *out = heap_text(&m->heap, text_slice(&result));
    text_deinit(&result);
    return flow != FLOW_ON ? flow : machine_memory(m);
}

enum flow operate_replace(struct machine *m, const struct node *node, struct datum left,
                          struct datum right, struct datum *out)
{
    bool pair = right.kind == DATUM_LIST && right.list->count == 2;
    struct datum pattern = datum_to_text(m, pair ? right.list->at[0] : right);
    struct datum with = pair ? datum_to_text(m, right.list->at[1]) : datum_null();
    struct slice replacement = with.kind == DATUM_TEXT ? datum_slice(with) : SLICE("");
    if (right.kind == DATUM_LIST && !pair)
        return machine_fail(m, node, OPERATION_USAGE, "InvalidOperation",
                            "-replace takes a pattern and what stands in its place");
    if (pattern.kind != DATUM_TEXT)
        return machine_memory(m);
    if (left.kind != DATUM_LIST) {
        struct datum text = datum_to_text(m, left);
        return text.kind != DATUM_TEXT ? machine_memory(m)
                                       : replace_one(m, node, datum_slice(text),
                                                     datum_slice(pattern), replacement, out);
    }
    enum flow flow = FLOW_ON;
    *out = heap_list(&m->heap, left.list->count);
    for (size_t i = 0; flow == FLOW_ON && i < left.list->count; i++) {
        struct datum text = datum_to_text(m, left.list->at[i]), replaced = datum_null();
        if (text.kind != DATUM_TEXT)
            return machine_memory(m);
        flow =
            replace_one(m, node, datum_slice(text), datum_slice(pattern), replacement, &replaced);
        heap_append(&m->heap, *out, replaced);
    }
    return flow;
}

/* --- -split and -join --- */

static enum flow split_one(struct machine *m, const struct node *node, struct slice text,
                           struct slice pattern, int64_t max, struct datum list)
{
    struct pattern_match match;
    size_t at = 0, from = 0;
    bool found = true;
    enum flow flow = FLOW_ON;
    for (int64_t pieces = 1; from <= text.len && (max <= 0 || pieces < max);) {
        flow = find(m, node, pattern, node->flag, text, from, &match, &found);
        if (flow != FLOW_ON || !found || match.begin[0] > match.end[0])
            break;
        from = match.end[0];
        if (match.begin[0] == match.end[0]) {
            from += character(text, from);
            if (match.begin[0] == 0 || match.begin[0] >= text.len)
                continue;
        }
        heap_append(&m->heap, list,
                    heap_text(&m->heap, slice_first(slice_after(text, at), match.begin[0] - at)));
        for (size_t i = 1; i < match.count; i++)
            heap_append(&m->heap, list, heap_text(&m->heap, group(&match, i, text)));
        at = match.end[0];
        pieces++;
    }
    heap_append(&m->heap, list, heap_text(&m->heap, slice_after(text, at)));
    return flow != FLOW_ON ? flow : machine_memory(m);
}

enum flow operate_split(struct machine *m, const struct node *node, struct datum left,
                        struct datum right, struct datum *out)
{
    bool several = right.kind == DATUM_LIST && right.list->count > 0;
    struct datum pattern = datum_to_text(m, several ? right.list->at[0] : right);
    int64_t max = 0;
    if (several && right.list->count > 1 && !datum_to_integer(right.list->at[1], &max))
        return machine_fail(m, node, OPERATION_USAGE, "InvalidOperation",
                            "-split takes a pattern and how many pieces to make");
    *out = heap_list(&m->heap, 0);
    if (pattern.kind != DATUM_TEXT)
        return machine_memory(m);
    enum flow flow = FLOW_ON;
    size_t count = left.kind == DATUM_LIST ? left.list->count : 1;
    for (size_t i = 0; flow == FLOW_ON && i < count; i++) {
        struct datum text = datum_to_text(m, left.kind == DATUM_LIST ? left.list->at[i] : left);
        if (text.kind != DATUM_TEXT)
            return machine_memory(m);
        flow = split_one(m, node, datum_slice(text), datum_slice(pattern), max, *out);
    }
    return flow;
}

enum flow operate_join(struct machine *m, struct datum list, struct slice between,
                       struct datum *out)
{
    struct text text = text_with_ceiling(m->heap.ceiling);
    size_t count = list.kind == DATUM_LIST ? list.list->count : 1;
    for (size_t i = 0; i < count; i++) {
        text_append(&text, i ? between : SLICE(""));
        datum_append(&text, list.kind == DATUM_LIST ? list.list->at[i] : list);
    }
    m->heap.exhausted = m->heap.exhausted || text.truncated;
    *out = heap_text(&m->heap, text_slice(&text));
    text_deinit(&text);
    return machine_memory(m);
}
