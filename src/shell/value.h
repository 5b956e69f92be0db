/* SPDX-License-Identifier: Apache-2.0 */
/* value - one JSON value as people read it.
 *
 * {a, b} for arrays, True and False, nothing for null. Control characters and those that change
 * the direction of writing come out as escapes: no text of a peer can move a cursor.
 */
#ifndef SHELL_VALUE_H
#define SHELL_VALUE_H

#include "base/text.h"

#include <jansson.h>

bool value_append(struct text *text, json_t *value);
bool value_append_safe(struct text *text, struct slice bytes);
/* A message may have lines of its own; each is made safe, and the later ones are indented. */
void value_append_message(struct text *text, struct slice message);
/* "Presents.Thumbprint" looks into the object Presents; NULL when there is none. */
json_t *value_at(json_t *object, const char *path);
/* A member as text, empty when it is no string. */
struct slice value_text(json_t *object, const char *path);

/* Columns of a terminal: characters, not bytes. */
size_t text_columns(struct slice text);
/* At most `columns` of them. */
struct slice text_first_columns(struct slice text, size_t columns);
bool text_append_blanks(struct text *text, size_t count);

#endif
