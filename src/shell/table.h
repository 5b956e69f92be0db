/* SPDX-License-Identifier: Apache-2.0 */
/* table - objects in columns under headings underlined with dashes. */
#ifndef SHELL_TABLE_H
#define SHELL_TABLE_H

#include "base/text.h"
#include "shell/view.h"

#include <jansson.h>

/* Values that do not fit into `width` (0: as wide as need be) end in "..."; those of whole columns
 * never do, rather is the table too wide. */
bool table_append(struct text *text, json_t *objects, const struct view *view, size_t width);

#endif
