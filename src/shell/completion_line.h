/* SPDX-License-Identifier: Apache-2.0 */
/* completion_line - the command of a line that the cursor is in, as words, and what its pipeline
 * brings. For completion alone: it reads what is written so far, and judges nothing. */
#ifndef SHELL_COMPLETION_LINE_H
#define SHELL_COMPLETION_LINE_H

#include "operations/operation.h"

enum { COMMAND_WORDS_MAX = 64 };

struct word {
    struct slice text; /* without its quotes */
    size_t start;      /* of the quote, if there is one */
    char quote;        /* 0: none */
};

struct command {
    struct word words[COMMAND_WORDS_MAX];
    size_t count;                   /* the last one is the one to complete; it may be empty */
    const struct operation *brings; /* a Get- earlier in the pipeline; NULL: none */
};

void completion_split(struct slice line, struct command *out);
/* A blank or a byte at which a word of a command ends. */
bool completion_ends_word(char byte);
bool completion_is_quote(char byte);

#endif
