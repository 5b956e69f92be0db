/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/convert.h"

#include "base/calendar.h"
#include "base/number.h"
#include "settings/quantity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_MAX = 64, TEXT_MAX = 64 << 20, NESTING_MAX = 8 };

static const char *const kind_words[] = {
    [DATUM_NULL] = "nothing ($null)", [DATUM_BOOL] = "a truth value", [DATUM_INTEGER] = "a number",
    [DATUM_REAL] = "a number",        [DATUM_DATE] = "a date",        [DATUM_SPAN] = "a time span",
    [DATUM_SIZE] = "a size",          [DATUM_TYPE] = "a type",        [DATUM_TEXT] = "a text",
    [DATUM_SECRET] = "a secret",      [DATUM_BYTES] = "bytes",        [DATUM_LIST] = "a list",
    [DATUM_TABLE] = "a table",        [DATUM_OBJECT] = "an object",   [DATUM_BLOCK] = "a block",
};

const char *datum_kind_word(struct datum datum)
{
    return kind_words[datum.kind];
}

/* --- as text --- */

static bool append_real(struct text *text, double real)
{
    char digits[NUMBER_MAX];
    snprintf(digits, sizeof(digits), "%.15g", real);
    return text_append_c(text, digits);
}

static bool append_nested(struct text *text, struct datum datum, size_t depth);

static bool append_list(struct text *text, const struct list_cell *list, size_t depth)
{
    for (size_t i = 0; i < list->count && !text->truncated; i++) {
        text_append_c(text, i ? " " : "");
        append_nested(text, list->at[i], depth + 1);
    }
    return !text->truncated;
}

/* An object by the name it goes by; else as @{Name=value; ...}. */
static bool append_map(struct text *text, const struct map_cell *map, size_t depth)
{
    static const char *const names[] = {"Identity", "Thumbprint", "Message"};
    for (size_t i = 0; map->noun.len > 0 && i < COUNT_OF(names); i++)
        for (size_t j = 0; j < map->count; j++)
            if (slice_equal_nocase(name_slice(map->at[j].name), slice_of(names[i])))
                return append_nested(text, map->at[j].value, depth + 1);
    if (slice_equal(map->noun, SLICE("ErrorRecord")) && map->count > 0)
        return append_nested(text, map->at[0].value, depth + 1);
    text_append_c(text, "@{");
    for (size_t i = 0; i < map->count && !text->truncated; i++) {
        text_append_c(text, i ? "; " : "");
        text_append(text, name_slice(map->at[i].name));
        text_append_byte(text, '=');
        append_nested(text, map->at[i].value, depth + 1);
    }
    return text_append_byte(text, '}');
}

static bool append_nested(struct text *text, struct datum datum, size_t depth)
{
    if (depth > NESTING_MAX)
        return text_append_c(text, "...");
    switch (datum.kind) {
    case DATUM_NULL:
        return true;
    case DATUM_BOOL:
        return text_append_c(text, datum.yes ? "True" : "False");
    case DATUM_INTEGER:
        return text_append_i64(text, datum.number);
    case DATUM_REAL:
        return append_real(text, datum.real);
    case DATUM_DATE:
        return calendar_append_rfc3339(text, datum.number);
    case DATUM_SPAN:
        return quantity_append_span(text, datum.number);
    case DATUM_SIZE:
        return quantity_append_bytes(text, datum.number);
    case DATUM_TYPE:
        return text_append_c(text, "type");
    case DATUM_TEXT:
        return text_append(text, datum_slice(datum));
    case DATUM_SECRET:
        return text_append_c(text, "***");
    case DATUM_BYTES:
        return text_append_format(text, "(%zu bytes)", datum.text->len);
    case DATUM_LIST:
        return append_list(text, datum.list, depth);
    case DATUM_TABLE:
    case DATUM_OBJECT:
        return append_map(text, datum.map, depth);
    case DATUM_BLOCK:
        return text_append(text, node_source(datum.block));
    }
    return false;
}

bool datum_append(struct text *text, struct datum datum)
{
    return append_nested(text, datum, 0);
}

struct datum datum_to_text(struct machine *m, struct datum datum)
{
    if (datum.kind == DATUM_TEXT)
        return datum;
    struct text text = text_with_ceiling(TEXT_MAX);
    datum_append(&text, datum);
    struct datum result = heap_text(&m->heap, text_slice(&text));
    text_deinit(&text);
    return result;
}

/* --- as a truth and as numbers --- */

bool datum_is_true(struct datum datum)
{
    switch (datum.kind) {
    case DATUM_NULL:
        return false;
    case DATUM_BOOL:
        return datum.yes;
    case DATUM_INTEGER:
    case DATUM_SIZE:
        return datum.number != 0;
    case DATUM_REAL:
        return datum.real != 0;
    case DATUM_TEXT:
        return datum.text->len > 0;
    case DATUM_LIST:
        return datum.list->count > 1 ||
               (datum.list->count == 1 &&
                (datum.list->at[0].kind == DATUM_LIST || datum_is_true(datum.list->at[0])));
    case DATUM_DATE:
    case DATUM_SPAN:
    case DATUM_TYPE:
    case DATUM_SECRET:
    case DATUM_BYTES:
    case DATUM_TABLE:
    case DATUM_OBJECT:
    case DATUM_BLOCK:
        break;
    }
    return true;
}

static bool text_to_real(struct slice written, double *out)
{
    char copy[NUMBER_MAX] = {0};
    char *end;
    int64_t bytes;
    written = slice_trim(written);
    if (written.len == 0 || written.len >= sizeof(copy))
        return false;
    memcpy(copy, written.at, written.len);
    bool plain = ascii_is_digit(copy[0]) || copy[0] == '-' || copy[0] == '+' || copy[0] == '.';
    *out = plain ? strtod(copy, &end) : 0;
    if (plain && end == copy + written.len && end != copy && isfinite(*out) && copy[1] != 'x')
        return true;
    if (!ascii_is_digit(copy[0]) || !quantity_parse_bytes(written, &bytes))
        return false;
    *out = (double)bytes;
    return true;
}

bool datum_to_real(struct datum datum, double *out)
{
    if (datum.kind == DATUM_REAL)
        *out = datum.real;
    else if (datum.kind == DATUM_INTEGER || datum.kind == DATUM_SIZE)
        *out = (double)datum.number;
    else if (datum.kind == DATUM_BOOL)
        *out = datum.yes ? 1 : 0;
    else if (datum.kind == DATUM_NULL)
        *out = 0;
    else
        return datum.kind == DATUM_TEXT && text_to_real(datum_slice(datum), out);
    return true;
}

bool datum_to_integer(struct datum datum, int64_t *out)
{
    double real;
    if (datum.kind == DATUM_INTEGER || datum.kind == DATUM_SIZE) {
        *out = datum.number;
        return true;
    }
    if (datum.kind == DATUM_TEXT &&
        number_parse_i64(slice_trim(datum_slice(datum)), INT64_MIN, INT64_MAX, out))
        return true;
    if (!datum_to_real(datum, &real) || !(fabs(real) < 9.2e18))
        return false;
    *out = (int64_t)nearbyint(real);
    return true;
}

/* "2027-02-01 10:00" and "2027-02-01T10:00:00Z"; also the American 02/01/2027. */
static bool text_to_date(struct slice written, int64_t *out_ms)
{
    char copy[NUMBER_MAX] = {0};
    int month, day, year, used = 0;
    written = slice_trim(written);
    if (written.len == 0 || written.len + 4 >= sizeof(copy))
        return false;
    memcpy(copy, written.at, written.len);
    if (sscanf(copy, "%2d/%2d/%4d%n", &month, &day, &year, &used) == 3 && used > 0) {
        struct slice time = slice_trim(slice_after(written, (size_t)used));
        int len = snprintf(copy, sizeof(copy), "%04d-%02d-%02d%s%.*s", year, month, day,
                           time.len ? "T" : "", SLICE_ARG(slice_first(time, 20)));
        written = slice_bytes(copy, len > 0 ? (size_t)len : 0);
    }
    size_t blank;
    if (slice_find(written, ' ', &blank) && blank == 10) {
        if (written.at != copy)
            written.at = copy;
        copy[blank] = 'T';
    }
    if (written.len == 16) { /* no seconds */
        memcpy(copy + 16, ":00", 3);
        written = slice_bytes(copy, 19);
    }
    return calendar_parse_rfc3339(written, out_ms);
}

bool datum_to_date(struct datum datum, int64_t *out_ms)
{
    if (datum.kind == DATUM_DATE) {
        *out_ms = datum.number;
        return true;
    }
    return datum.kind == DATUM_TEXT && text_to_date(datum_slice(datum), out_ms);
}

bool datum_to_span(struct datum datum, int64_t *out_ms)
{
    if (datum.kind == DATUM_SPAN) {
        *out_ms = datum.number;
        return true;
    }
    return datum.kind == DATUM_TEXT && quantity_parse_span(datum_slice(datum), out_ms);
}
