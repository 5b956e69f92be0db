/* SPDX-License-Identifier: Apache-2.0 */
/* log_row - the rows of a log file: fields with commas between them (RFC 4180), one row a line.
 *
 * Whatever bytes go in, a row is one line of printable ASCII: control bytes and bytes beyond ASCII
 * become \xNN. A field that holds a comma or a quote is put in quotes. So nobody whose words are
 * logged can end a row, begin a field or move a cursor.
 */
#ifndef BASE_LOG_ROW_H
#define BASE_LOG_ROW_H

#include "base/text.h"

/* At most `max` bytes of the value are shown, then "...". */
bool log_row_field(struct text *row, struct slice value, size_t max);
bool log_row_number(struct text *row, uint64_t number);
bool log_row_time(struct text *row, int64_t at_ms); /* RFC 3339, milliseconds, UTC */
/* Ends the row with CR LF; at least one field must have been written. False: a part of the row had
 * no room. */
bool log_row_end(struct text *row);

/* A value as log_row_field shows it, but without quotes: what a search compares with. */
bool log_value_append(struct text *text, struct slice value, size_t max);

/* Splits a row (without its line end) into fields, quotes taken off. Fields point into the row or
 * into `scratch`, which must have room for row.len bytes and may not grow. Returns how many there
 * are, at most `capacity`; 0: a quote is out of place. */
size_t log_row_split(struct slice row, struct text *scratch, struct slice *out_fields,
                     size_t capacity);

#endif
