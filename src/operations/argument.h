/* SPDX-License-Identifier: Apache-2.0 */
/* argument - a value as it is written behind a parameter, so that the shell here and PowerShell
 * read it as the same.
 *
 * Texts stand in single quotes, where only quotes need doubling: the straight ones and those of
 * word processors, which both shells take for one. A text with control bytes stands in double
 * quotes, on one line, with escapes; those of escape and of rarer ones are PowerShell 7's.
 */
#ifndef OPERATIONS_ARGUMENT_H
#define OPERATIONS_ARGUMENT_H

#include "base/text.h"

#include <jansson.h>

bool argument_append_text(struct text *text, struct slice value);
/* A boolean, a number, a text, a list of texts (an empty one is $null), or null. */
bool argument_append(struct text *text, const json_t *value);

#endif
