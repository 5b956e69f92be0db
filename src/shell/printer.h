/* SPDX-License-Identifier: Apache-2.0 */
/* printer - where values end up that nobody takes: on the screen.
 *
 * Objects of the same kind are held back until they can stand in one table; a large table is
 * printed in parts. In a form for programs it is one row after another.
 */
#ifndef SHELL_PRINTER_H
#define SHELL_PRINTER_H

#include "shell/machine.h"
#include "shell/rows.h"
#include "shell/view.h"

struct printer {
    struct sink sink;
    struct datum held; /* a list of objects of one noun */
    struct rows rows;
};

enum layout_shape { LAYOUT_DEFAULT, LAYOUT_TABLE, LAYOUT_LIST };

enum { LAYOUT_COLUMNS_MAX = 24 };

/* What Format-Table and Format-List give: a list of objects and the columns that were asked for. */
struct layout {
    enum layout_shape shape;
    struct datum names; /* a list of headings; null: as it is by default */
    struct datum rows;  /* objects; with names: lists of values in their order */
    size_t width;
};

void printer_init(struct machine *machine, struct printer *printer);
void printer_flush(struct machine *machine, struct printer *printer);
/* Behind the last one. */
void printer_end(struct machine *machine, struct printer *printer);
/* Whether both may stand in one table: texts, or objects of one kind. */
bool layout_same_kind(struct datum a, struct datum b);
/* One line of a text that anybody may have written; its tabs stay. */
bool layout_append_line(struct text *text, struct slice line);
/* The rows as text. */
bool layout_append(struct text *text, const struct layout *layout);
/* What one value, or some objects of one kind, look like. */
bool layout_append_values(struct text *text, struct datum list, size_t width);

#endif
