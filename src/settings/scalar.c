/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers, truth, spans of time and bytes: the kinds whose value is one number. */
#include "base/calendar.h"
#include "base/number.h"
#include "settings/kind.h"
#include "settings/quantity.h"
#include "settings/uuid.h"

#include <string.h>

static int64_t load(const void *value)
{
    int64_t number;
    memcpy(&number, value, sizeof number);
    return number;
}

static bool store(void *out_value, int64_t number)
{
    memcpy(out_value, &number, sizeof number);
    return true;
}

static bool number_in_bounds(const struct setting *row, const void *value)
{
    int64_t number = load(value);
    return (row->min == 0 && row->max == 0) || (number >= row->min && number <= row->max);
}

static bool equal_number(const void *a, const void *b)
{
    return load(a) == load(b);
}

static bool encode_number(const void *value, struct text *out_bytes)
{
    uint8_t bytes[8];
    uint64_t number = (uint64_t)load(value);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(number >> 8 * i);
    return text_append(out_bytes, slice_bytes(bytes, sizeof bytes));
}

static bool decode_number(const struct setting *row, struct slice bytes, void *out_value)
{
    (void)row;
    uint64_t number = 0;
    if (bytes.len != 8)
        return false;
    for (size_t i = 0; i < 8; i++)
        number |= (uint64_t)(uint8_t)bytes.at[i] << 8 * i;
    memcpy(out_value, &number, sizeof number);
    return true;
}

/* --- truth --- */

static bool parse_bool(const struct setting *row, struct slice written, void *out_value,
                       struct arena *arena)
{
    (void)row, (void)arena;
    static const char *const words[2][4] = {{"$false", "false", "0", "no"},
                                            {"$true", "true", "1", "yes"}};
    for (size_t truth = 0; truth < 2; truth++)
        for (size_t i = 0; i < COUNT_OF(words[0]); i++)
            if (slice_equal_nocase(written, slice_of(words[truth][i]))) {
                memcpy(out_value, &(bool){truth == 1}, sizeof(bool));
                return true;
            }
    return false;
}

static bool load_bool(const void *value)
{
    bool truth;
    memcpy(&truth, value, sizeof truth);
    return truth;
}

static bool print_bool(const struct setting *row, const void *value, struct text *text)
{
    (void)row;
    return text_append_c(text, load_bool(value) ? "True" : "False");
}

static bool equal_bool(const void *a, const void *b)
{
    return load_bool(a) == load_bool(b);
}

static bool encode_bool(const void *value, struct text *out_bytes)
{
    return text_append_byte(out_bytes, load_bool(value));
}

static bool decode_bool(const struct setting *row, struct slice bytes, void *out_value)
{
    (void)row;
    if (bytes.len != 1 || (unsigned char)bytes.at[0] > 1)
        return false;
    memcpy(out_value, &(bool){bytes.at[0] == 1}, sizeof(bool));
    return true;
}

static bool any_bool(const struct setting *row, const void *value)
{
    (void)row, (void)value;
    return true;
}

/* --- integers --- */

static bool parse_integer(const struct setting *row, struct slice written, void *out_value,
                          struct arena *arena)
{
    (void)row, (void)arena;
    int64_t number;
    return number_parse_i64(written, INT64_MIN + 1, INT64_MAX, &number) && store(out_value, number);
}

static bool print_integer(const struct setting *row, const void *value, struct text *text)
{
    (void)row;
    return text_append_i64(text, load(value));
}

static bool parse_unlimited(const struct setting *row, struct slice written, void *out_value,
                            struct arena *arena)
{
    if (slice_equal_nocase(written, SLICE("unlimited")))
        return store(out_value, INT64_MAX);
    return parse_integer(row, written, out_value, arena) && load(out_value) != INT64_MAX;
}

static bool print_unlimited(const struct setting *row, const void *value, struct text *text)
{
    if (load(value) == INT64_MAX)
        return text_append_c(text, "Unlimited");
    return print_integer(row, value, text);
}

static bool unlimited_in_bounds(const struct setting *row, const void *value)
{
    return load(value) == INT64_MAX || number_in_bounds(row, value);
}

/* --- bytes, spans, moments --- */

static bool parse_bytes(const struct setting *row, struct slice written, void *out_value,
                        struct arena *arena)
{
    (void)row, (void)arena;
    int64_t number;
    return quantity_parse_bytes(written, &number) && store(out_value, number);
}

static bool print_bytes(const struct setting *row, const void *value, struct text *text)
{
    (void)row;
    return quantity_append_bytes(text, load(value));
}

static bool parse_unlimited_bytes(const struct setting *row, struct slice written, void *out_value,
                                  struct arena *arena)
{
    if (slice_equal_nocase(written, SLICE("unlimited")))
        return store(out_value, INT64_MAX);
    return parse_bytes(row, written, out_value, arena) && load(out_value) != INT64_MAX;
}

static bool print_unlimited_bytes(const struct setting *row, const void *value, struct text *text)
{
    if (load(value) == INT64_MAX)
        return text_append_c(text, "Unlimited");
    return print_bytes(row, value, text);
}

static bool unlimited_bytes_in_bounds(const struct setting *row, const void *value)
{
    return load(value) == INT64_MAX || (load(value) >= 0 && number_in_bounds(row, value));
}

static bool parse_span(const struct setting *row, struct slice written, void *out_value,
                       struct arena *arena)
{
    (void)row, (void)arena;
    int64_t number;
    return quantity_parse_span(written, &number) && store(out_value, number);
}

static bool print_span(const struct setting *row, const void *value, struct text *text)
{
    (void)row;
    return quantity_append_span(text, load(value));
}

static bool not_negative(const struct setting *row, const void *value)
{
    return load(value) >= 0 && number_in_bounds(row, value);
}

static bool parse_time(const struct setting *row, struct slice written, void *out_value,
                       struct arena *arena)
{
    (void)row, (void)arena;
    int64_t number;
    return calendar_parse_rfc3339(written, &number) && store(out_value, number);
}

static bool print_time(const struct setting *row, const void *value, struct text *text)
{
    (void)row;
    return load(value) == 0 || calendar_append_rfc3339(text, load(value));
}

/* The years 1 to 9999 that the calendar can write. */
static bool time_in_bounds(const struct setting *row, const void *value)
{
    (void)row;
    return load(value) >= -62135596800000 && load(value) <= 253402300799999;
}

/* --- uuid --- */

static bool parse_uuid(const struct setting *row, struct slice written, void *out_value,
                       struct arena *arena)
{
    (void)row, (void)arena;
    return uuid_parse(written, out_value);
}

static bool print_uuid(const struct setting *row, const void *value, struct text *text)
{
    (void)row;
    return uuid_append(text, value);
}

static bool equal_uuid(const void *a, const void *b)
{
    return memcmp(a, b, 16) == 0;
}

static bool encode_uuid(const void *value, struct text *out_bytes)
{
    return text_append(out_bytes, slice_bytes(value, 16));
}

static bool decode_uuid(const struct setting *row, struct slice bytes, void *out_value)
{
    (void)row;
    if (bytes.len != 16)
        return false;
    memcpy(out_value, bytes.at, 16);
    return true;
}

/* clang-format off */
const struct codec bool_codec =      {sizeof(bool), parse_bool, print_bool, equal_bool, equal_bool, encode_bool, decode_bool, any_bool};
const struct codec integer_codec =   {sizeof(int64_t), parse_integer, print_integer, equal_number, equal_number, encode_number, decode_number, number_in_bounds};
const struct codec unlimited_codec = {sizeof(int64_t), parse_unlimited, print_unlimited, equal_number, equal_number, encode_number, decode_number, unlimited_in_bounds};
const struct codec bytes_codec =     {sizeof(int64_t), parse_bytes, print_bytes, equal_number, equal_number, encode_number, decode_number, not_negative};
const struct codec unlimited_bytes_codec = {sizeof(int64_t), parse_unlimited_bytes, print_unlimited_bytes, equal_number, equal_number, encode_number, decode_number, unlimited_bytes_in_bounds};
const struct codec span_codec =      {sizeof(int64_t), parse_span, print_span, equal_number, equal_number, encode_number, decode_number, not_negative};
const struct codec time_codec =      {sizeof(int64_t), parse_time, print_time, equal_number, equal_number, encode_number, decode_number, time_in_bounds};
const struct codec uuid_codec =      {16, parse_uuid, print_uuid, equal_uuid, equal_uuid, encode_uuid, decode_uuid, any_bool};
/* clang-format on */
