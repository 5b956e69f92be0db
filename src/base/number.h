/* SPDX-License-Identifier: Apache-2.0 */
/* number - decimal and hexadecimal numbers read with their limits checked.
 *
 * Digits only: no sign (but a leading '-' in number_parse_i64), no blanks, no prefix, and no value
 * that does not fit. False leaves the output as it was.
 */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include "base/slice.h"

bool number_parse_u64(struct slice digits, uint64_t max, uint64_t *out_number);
bool number_parse_i64(struct slice digits, int64_t min, int64_t max, int64_t *out_number);
bool number_parse_hex(struct slice digits, uint64_t max, uint64_t *out_number);

#endif
