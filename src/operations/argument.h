/* SPDX-License-Identifier: Apache-2.0 */
/* argument - a value of JSON as it is written behind a parameter (base/quoted). */
#ifndef OPERATIONS_ARGUMENT_H
#define OPERATIONS_ARGUMENT_H

#include "base/text.h"

#include <jansson.h>

/* A boolean, a number, a text, a list of texts (an empty one is $null), or null. */
bool argument_append(struct text *text, const json_t *value);

#endif
