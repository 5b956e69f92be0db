/* SPDX-License-Identifier: Apache-2.0 */
#include "base/number.h"

bool number_parse_u64(struct slice digits, uint64_t max, uint64_t *out_number)
{
    uint64_t number = 0;
    for (size_t i = 0; i < digits.len; i++) {
        if (!ascii_is_digit(digits.at[i]))
            return false;
        uint64_t digit = (uint64_t)(digits.at[i] - '0');
        if (__builtin_mul_overflow(number, (uint64_t)10, &number) ||
            __builtin_add_overflow(number, digit, &number))
            return false;
    }
    if (digits.len == 0 || number > max)
        return false;
    *out_number = number;
    return true;
}

bool number_parse_i64(struct slice digits, int64_t min, int64_t max, int64_t *out_number)
{
    bool negative = slice_take_prefix(&digits, SLICE("-"));
    uint64_t size;
    if (!number_parse_u64(digits, (uint64_t)INT64_MAX, &size))
        return false;
    int64_t number = negative ? -(int64_t)size : (int64_t)size;
    if (number < min || number > max)
        return false;
    *out_number = number;
    return true;
}

bool number_parse_hex(struct slice digits, uint64_t max, uint64_t *out_number)
{
    uint64_t number = 0;
    for (size_t i = 0; i < digits.len; i++) {
        char c = ascii_lower(digits.at[i]);
        bool letter = c >= 'a' && c <= 'f';
        if (!letter && !ascii_is_digit(c))
            return false;
        if (number >> 60)
            return false;
        number = number << 4 | (uint64_t)(letter ? c - 'a' + 10 : c - '0');
    }
    if (digits.len == 0 || number > max)
        return false;
    *out_number = number;
    return true;
}
