/* SPDX-License-Identifier: Apache-2.0 */
/* command - a request written as the cmdlet somebody would have typed, for the audit trail.
 *
 * Passwords and the contents of files are left out. The rest can be pasted: the shell reads the
 * same values again. It is one line without control bytes; letters beyond ASCII stay.
 */
#ifndef OPERATIONS_COMMAND_H
#define OPERATIONS_COMMAND_H

#include "operations/operation.h"

#include <jansson.h>

/* One value as it was written, without quotes; "***" for a secret and for a parameter that the
 * operation does not know: it may be a misspelt one. */
bool operation_append_value(struct text *text, const struct operation *operation, const char *name,
                            const json_t *value);
/* `parameters` is a JSON object with names as the caller wrote them. */
bool operation_append_command(struct text *text, const struct operation *operation,
                              json_t *parameters);

#endif
