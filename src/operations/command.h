/* SPDX-License-Identifier: Apache-2.0 */
/* command - a request written as the cmdlet somebody would have typed, for the audit trail.
 *
 * Passwords and the contents of files are left out; control bytes are escaped.
 */
#ifndef OPERATIONS_COMMAND_H
#define OPERATIONS_COMMAND_H

#include "operations/operation.h"

#include <jansson.h>

/* `parameters` is a JSON object with names as the caller wrote them. */
/* One value as it was written, without quotes; "***" for a secret and for a parameter that the
 * operation does not know: it may be a misspelt one. */
bool operation_append_value(struct text *text, const struct operation *operation, const char *name,
                            const json_t *value);
bool operation_append_command(struct text *text, const struct operation *operation,
                              json_t *parameters);

#endif
