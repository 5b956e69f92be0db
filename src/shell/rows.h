/* SPDX-License-Identifier: Apache-2.0 */
/* rows - objects as programs read them, one after another: a JSON array, JSON Lines, or CSV.
 *
 * CSV (RFC 4180, every field quoted, lines end with LF) has the columns of the first object; a list
 * is its elements with blanks between, and what is no object stands in a column called Value.
 */
#ifndef SHELL_ROWS_H
#define SHELL_ROWS_H

#include "shell/format.h"

struct rows {
    enum format_kind kind;
    size_t count;
    json_t *columns; /* of CSV: the first object */
};

/* Whether it is a form for programs: then nothing else may stand in the output. */
bool rows_are_for(enum format_kind kind);
void rows_begin(struct rows *rows, enum format_kind kind);
bool rows_append(struct rows *rows, struct text *text, json_t *value);
bool rows_end(struct rows *rows, struct text *text); /* also frees what the rows hold */

#endif
