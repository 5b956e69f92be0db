/* SPDX-License-Identifier: Apache-2.0 */
/* quoted - a text as it is written in a command, so that the shell here and PowerShell read it as
 * the same.
 *
 * It stands in single quotes, where only quotes need doubling: the straight ones and those of word
 * processors, which both shells take for one. A text with control bytes stands in double quotes, on
 * one line, with escapes; those of escape and of rarer ones are PowerShell 7's.
 */
#ifndef BASE_QUOTED_H
#define BASE_QUOTED_H

#include "base/text.h"

bool quoted_append(struct text *text, struct slice value); /* false: the ceiling is reached */

#endif
