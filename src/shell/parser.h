/* SPDX-License-Identifier: Apache-2.0 */
/* parser - a script as a tree of nodes, or why it is none.
 *
 * Everything lives in the arena of the caller, also the copy of the source that the nodes point
 * into. A script is parsed as a whole before anything of it runs.
 */
#ifndef SHELL_PARSER_H
#define SHELL_PARSER_H

#include "base/arena.h"
#include "base/text.h"
#include "shell/node.h"

enum { PARSER_SOURCE_MAX = 4 << 20, PARSER_NESTING_MAX = 150 };

struct parsed {
    struct node *statements; /* NODE_BLOCK; NULL: refused */
    struct slice source;     /* the copy */
    size_t error_at;
    bool incomplete; /* refused, but more lines could complete it */
};

/* False: `error` says why. */
bool parser_parse(struct slice source, struct arena *arena, struct parsed *out, struct text *error);

#endif
