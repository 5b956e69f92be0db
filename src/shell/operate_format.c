/* SPDX-License-Identifier: Apache-2.0 */
/* -f, and the forms that ToString and -Format take. */
#include "base/calendar.h"
#include "base/number.h"
#include "shell/convert.h"
#include "shell/value.h"

#include <stdio.h>

enum { INDEX_MAX = 64, PRECISION_MAX = 15, WIDTH_MAX = 1000 };

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
        number_parse_u64(slice_trim(index), INDEX_MAX, &which) && which < count &&
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
