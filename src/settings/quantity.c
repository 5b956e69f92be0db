/* SPDX-License-Identifier: Apache-2.0 */
#include "settings/quantity.h"

#include "base/number.h"

enum {
    SECOND_MS = 1000,
    MINUTE_MS = 60 * SECOND_MS,
    HOUR_MS = 60 * MINUTE_MS,
    DAY_MS = 24 * HOUR_MS
};

struct unit {
    struct slice name;
    int64_t size;
};

static const struct unit byte_units[] = {
    {SLICE_INIT("TB"), (int64_t)1 << 40}, {SLICE_INIT("GB"), 1 << 30}, {SLICE_INIT("MB"), 1 << 20},
    {SLICE_INIT("KB"), 1 << 10},          {SLICE_INIT("B"), 1},
};

static const struct unit time_units[] = {
    {SLICE_INIT("ms"), 1},      {SLICE_INIT("s"), SECOND_MS}, {SLICE_INIT("m"), MINUTE_MS},
    {SLICE_INIT("h"), HOUR_MS}, {SLICE_INIT("d"), DAY_MS},
};

static size_t digits_at_front(struct slice s)
{
    size_t count = 0;
    while (count < s.len && ascii_is_digit(s.at[count]))
        count++;
    return count;
}

static bool take_number(struct slice *rest, uint64_t max, int64_t *out_number)
{
    size_t count = digits_at_front(*rest);
    uint64_t number;
    if (!number_parse_u64(slice_first(*rest, count), max, &number))
        return false;
    *rest = slice_after(*rest, count);
    *out_number = (int64_t)number;
    return true;
}

/* "." and one to three digits, as thousandths; nothing is zero. */
static bool take_thousandths(struct slice *rest, int64_t *out_thousandths)
{
    *out_thousandths = 0;
    if (!slice_take_prefix(rest, SLICE(".")))
        return true;
    size_t count = digits_at_front(*rest);
    int64_t scale = count == 1 ? 100 : count == 2 ? 10 : 1;
    if (count > 3 || !take_number(rest, 999, out_thousandths))
        return false;
    *out_thousandths *= scale;
    return true;
}

static bool take_grouped_number(struct slice *rest, int64_t *out_number)
{
    char storage[24];
    struct text digits = text_over(storage, sizeof storage);
    while (rest->len && (ascii_is_digit(rest->at[0]) || rest->at[0] == ',')) {
        if (rest->at[0] != ',' && !text_append_byte(&digits, rest->at[0]))
            return false;
        *rest = slice_after(*rest, 1);
    }
    uint64_t number;
    if (!number_parse_u64(text_slice(&digits), INT64_MAX, &number))
        return false;
    *out_number = (int64_t)number;
    return true;
}

/* "(37,748,736 bytes)" behind a size that was rounded for reading. */
static bool take_exact(struct slice rest, int64_t rounded, int64_t unit, int64_t *out_bytes)
{
    int64_t exact;
    if (!slice_take_prefix(&rest, SLICE("(")) || !take_grouped_number(&rest, &exact) ||
        !slice_equal_nocase(slice_trim(rest), SLICE("bytes)")))
        return false;
    int64_t apart = exact > rounded ? exact - rounded : rounded - exact;
    if (apart > unit / 1000 + 1)
        return false;
    *out_bytes = exact;
    return true;
}

static const struct unit *take_unit(struct slice *rest, const struct unit *units, size_t count)
{
    size_t letters = 0;
    while (letters < rest->len && ascii_is_alpha(rest->at[letters]))
        letters++;
    struct slice word = slice_first(*rest, letters);
    for (size_t i = 0; i < count; i++)
        if (slice_equal_nocase(word, units[i].name)) {
            *rest = slice_after(*rest, letters);
            return &units[i];
        }
    return NULL;
}

bool quantity_parse_bytes(struct slice written, int64_t *out_bytes)
{
    struct slice rest = slice_trim(written);
    int64_t whole, thousandths, bytes;
    if (!take_number(&rest, INT64_MAX, &whole) || !take_thousandths(&rest, &thousandths))
        return false;
    rest = slice_trim(rest);
    if (rest.len == 0) {
        *out_bytes = whole;
        return thousandths == 0;
    }
    const struct unit *unit = take_unit(&rest, byte_units, COUNT_OF(byte_units));
    if (!unit || __builtin_mul_overflow(whole, unit->size, &bytes) ||
        __builtin_add_overflow(bytes, thousandths * unit->size / 1000, &bytes))
        return false;
    rest = slice_trim(rest);
    if (rest.len && !take_exact(rest, bytes, unit->size, &bytes))
        return false;
    *out_bytes = bytes;
    return true;
}

static bool append_grouped(struct text *text, int64_t number)
{
    char storage[24];
    struct text digits = text_over(storage, sizeof storage);
    if (!text_append_i64(&digits, number))
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        bool comma = i && (digits.len - i) % 3 == 0;
        if ((comma && !text_append_byte(text, ',')) || !text_append_byte(text, digits.at[i]))
            return false;
    }
    return true;
}

static bool append_thousandths(struct text *text, int64_t thousandths)
{
    if (thousandths == 0)
        return true;
    int width = 3;
    for (; thousandths % 10 == 0; thousandths /= 10)
        width--;
    return text_append_format(text, ".%0*d", width, (int)thousandths);
}

bool quantity_append_bytes(struct text *text, int64_t bytes)
{
    const struct unit *unit = byte_units;
    while (unit->size > 1 && bytes < unit->size)
        unit++;
    return text_append_i64(text, bytes / unit->size) &&
           append_thousandths(text, bytes % unit->size * 1000 / unit->size) &&
           text_append_byte(text, ' ') && text_append(text, unit->name) &&
           text_append_c(text, " (") && append_grouped(text, bytes) &&
           text_append_c(text, " bytes)");
}

static bool parse_clock(struct slice rest, int64_t *out_ms)
{
    int64_t days = 0, hours, minutes, seconds, ms;
    size_t dot, colon;
    bool has_days = slice_find(rest, '.', &dot) && slice_find(rest, ':', &colon) && dot < colon;
    if (has_days && (!take_number(&rest, 10675199, &days) || !slice_take_prefix(&rest, SLICE("."))))
        return false;
    if (!take_number(&rest, 23, &hours) || !slice_take_prefix(&rest, SLICE(":")) ||
        !take_number(&rest, 59, &minutes) || !slice_take_prefix(&rest, SLICE(":")) ||
        !take_number(&rest, 59, &seconds) || !take_thousandths(&rest, &ms) || rest.len)
        return false;
    *out_ms = days * DAY_MS + hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS + ms;
    return true;
}

bool quantity_parse_span(struct slice written, int64_t *out_ms)
{
    struct slice rest = slice_trim(written);
    size_t colon;
    if (slice_find(rest, ':', &colon))
        return parse_clock(rest, out_ms);
    int64_t number;
    if (!take_number(&rest, 10675199, &number))
        return false;
    rest = slice_trim(rest);
    const struct unit *unit = take_unit(&rest, time_units, COUNT_OF(time_units));
    if (!unit || rest.len)
        return false;
    *out_ms = number * unit->size;
    return true;
}

bool quantity_append_span(struct text *text, int64_t ms)
{
    if (ms >= DAY_MS && !text_append_format(text, "%lld.", (long long)(ms / DAY_MS)))
        return false;
    return text_append_format(text, "%02d:%02d:%02d", (int)(ms / HOUR_MS % 24),
                              (int)(ms / MINUTE_MS % 60), (int)(ms / SECOND_MS % 60)) &&
           (ms % 1000 == 0 || text_append_format(text, ".%03d", (int)(ms % 1000)));
}
