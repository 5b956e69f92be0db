/* SPDX-License-Identifier: Apache-2.0 */
/* completion - what the word under the cursor may become: cmdlets, parameters, values, and the
 * names of objects that are there.
 *
 * Pure: the names of objects come from the caller, who asks the server.
 */
#ifndef SHELL_COMPLETION_H
#define SHELL_COMPLETION_H

#include "operations/operation.h"

enum { COMPLETIONS_MAX = 500, COMPLETION_BYTES_MAX = 65536 };

struct completion_source {
    /* Appends the identities of objects of a noun ("ReceiveConnector"), each with LF behind it. */
    void (*identities)(void *context, const char *noun, struct text *out);
    void *context;
};

struct completion {
    size_t start;      /* where the word begins in the line */
    struct text words; /* what it may become, quoted where needed, each with LF behind it */
    size_t count;
};

/* `line` ends at the cursor. Free with completion_deinit. */
void completion_find(struct slice line, const struct completion_source *source,
                     struct completion *out);
void completion_deinit(struct completion *completion);
/* What all words begin with: at least what is written. */
struct slice completion_common(const struct completion *completion);

#endif
