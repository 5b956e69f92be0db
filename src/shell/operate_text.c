/* SPDX-License-Identifier: Apache-2.0 */
/* -match, -replace, -split, -join and -f. */
#include "base/calendar.h"
#include "base/number.h"
#include "shell/convert.h"
#include "shell/pattern.h"
#include "shell/value.h"

#include <stdio.h>

enum { SHOWN = 80, FORM_MAX = 16, ERROR_MAX = 300, PRECISION_MAX = 15, WIDTH_MAX = 1000 };

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

/* --- -f --- */

static void pad(struct text *out, struct slice written, int64_t width)
{
    size_t columns = text_columns(written);
    size_t wanted = (size_t)(width < 0 ? -width : width);
    size_t blanks = wanted > columns ? wanted - columns : 0;
    if (width > 0)
        text_append_blanks(out, blanks);
    text_append(out, written);
    if (width < 0)
        text_append_blanks(out, blanks);
}

/* D3, N2, F1, P0, X: the forms of numbers that recipes use. */
static bool append_number(struct text *out, struct datum value, struct slice form)
{
    double real;
    int64_t integer;
    uint64_t digits = 0;
    char letter = ascii_upper(form.at[0]), written[WIDTH_MAX];
    if (form.len > 1 && !number_parse_u64(slice_after(form, 1), PRECISION_MAX, &digits))
        return false;
    int precision = form.len > 1 ? (int)digits : letter == 'D' || letter == 'X' ? 0 : 2;
    if (!datum_to_real(value, &real) || !datum_to_integer(value, &integer))
        return false;
    if (letter == 'D')
        snprintf(written, sizeof(written), "%0*lld", precision, (long long)integer);
    else if (letter == 'X')
        snprintf(written, sizeof(written), "%0*llX", precision, (unsigned long long)integer);
    else if (letter == 'F' || letter == 'N')
        snprintf(written, sizeof(written), "%.*f", precision, real);
    else if (letter == 'P')
        snprintf(written, sizeof(written), "%.*f %%", precision, real * 100);
    else
        return false;
    if (letter != 'N')
        return text_append_c(out, written);
    struct slice rest = slice_of(written);
    size_t whole = rest.len;
    slice_find(rest, '.', &whole);
    for (size_t i = 0; i < rest.len; i++) {
        bool comma = i > 0 && i < whole && (whole - i) % 3 == 0 && rest.at[i - 1] != '-';
        text_append_c(out, comma ? "," : "");
        text_append_byte(out, rest.at[i]);
    }
    return true;
}

/* yyyy-MM-dd HH:mm:ss */
static bool append_date(struct text *out, int64_t at_ms, struct slice form)
{
    struct calendar_time at = calendar_from_ms(at_ms, 0);
    const struct {
        const char *word;
        int value, width;
    } parts[] = {{"yyyy", at.year, 4},       {"MM", at.month, 2},     {"dd", at.day, 2},
                 {"HH", at.hour, 2},         {"mm", at.minute, 2},    {"ss", at.second, 2},
                 {"fff", at.millisecond, 3}, {"yy", at.year % 100, 2}};
    while (form.len > 0) {
        size_t i = 0;
        while (i < COUNT_OF(parts) && !slice_take_prefix(&form, slice_of(parts[i].word)))
            i++;
        if (i < COUNT_OF(parts)) {
            text_append_format(out, "%0*d", parts[i].width, parts[i].value);
            continue;
        }
        if (ascii_is_alpha(form.at[0]) && form.at[0] != 'T' && form.at[0] != 'Z')
            return false;
        text_append_byte(out, form.at[0]);
        form = slice_after(form, 1);
    }
    return true;
}

bool format_datum(struct text *out, struct datum value, struct slice form)
{
    if (form.len == 0)
        return datum_append(out, value);
    return value.kind == DATUM_DATE ? append_date(out, value.number, form)
                                    : append_number(out, value, form);
}

/* Behind "{", to its "}": index[,width][:form] */
static bool append_item(struct text *out, struct slice item, struct datum arguments)
{
    struct slice index = item, width = {0}, form = {0}, taken;
    uint64_t which;
    int64_t columns = 0;
    struct text written = text_with_ceiling(1 << 20);
    if (slice_take_until(&index, ':', &taken)) {
        form = index;
        index = taken;
    }
    if (slice_take_until(&index, ',', &taken)) {
        width = slice_trim(index);
        index = taken;
    }
    size_t count = arguments.kind == DATUM_LIST ? arguments.list->count : 1;
    bool good =
        number_parse_u64(slice_trim(index), FORM_MAX * 4, &which) && which < count &&
        (width.len == 0 || number_parse_i64(width, -WIDTH_MAX, WIDTH_MAX, &columns)) &&
        format_datum(&written, arguments.kind == DATUM_LIST ? arguments.list->at[which] : arguments,
                     form);
    if (good)
        pad(out, text_slice(&written), columns);
    text_deinit(&written);
    return good;
}

enum flow operate_format(struct machine *m, const struct node *node, struct slice form,
                         struct datum arguments, struct datum *out)
{
    struct text text = text_with_ceiling(m->heap.ceiling);
    struct slice item;
    bool good = true;
    while (good && form.len > 0) {
        if (slice_take_prefix(&form, SLICE("{{")))
            text_append_byte(&text, '{');
        else if (slice_take_prefix(&form, SLICE("}}")))
            text_append_byte(&text, '}');
        else if (slice_take_prefix(&form, SLICE("{")))
            good = slice_take_until(&form, '}', &item) && append_item(&text, item, arguments);
        else {
            text_append_byte(&text, form.at[0]);
            form = slice_after(form, 1);
        }
    }
    m->heap.exhausted = m->heap.exhausted || text.truncated;
    *out = heap_text(&m->heap, text_slice(&text));
    text_deinit(&text);
    if (!good)
        return machine_fail(m, node, OPERATION_USAGE, "FormatError",
                            "-f takes {0}, {1,10}, {0:N2}, {0:D3}, {0:yyyy-MM-dd}, one value for "
                            "each number");
    return machine_memory(m);
}
