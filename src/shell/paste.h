/* SPDX-License-Identifier: Apache-2.0 */
/* paste - what web pages, word processors and terminals do to a recipe on its way here.
 *
 * Each function looks at the front of `rest` and says how many bytes stand for the thing asked
 * about; 0 when it is something else.
 */
#ifndef SHELL_PASTE_H
#define SHELL_PASTE_H

#include "base/slice.h"

/* A straight or typographic quote; which of " and ' it means. */
size_t paste_quote(struct slice rest, char *out_quote);
/* - and its longer sisters, up to the minus sign. */
size_t paste_dash(struct slice rest);
/* Blanks of any width, tabs, carriage returns, and marks that take no room. Not the end of a line.
 */
size_t paste_blank(struct slice rest);
/* At the beginning of a line: "[PS] C:\>", "PS C:\Users\me>", "[Postern] >", ">>". */
size_t paste_prompt(struct slice rest);

#endif
