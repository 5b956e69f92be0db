/* SPDX-License-Identifier: Apache-2.0 */
/* method - the methods of data as rows of tables. */
#ifndef SHELL_METHOD_H
#define SHELL_METHOD_H

#include "shell/machine.h"

struct call_of {
    struct machine *machine;
    const struct node *node;
    struct datum self;
    const struct datum *arguments;
    size_t count;
    struct datum *out;
};
typedef enum flow method_fn(struct call_of *call);

#define METHOD_ON(kind) (1u << (kind))
enum { METHOD_ON_EVERYTHING = ~0u >> 1 };

struct method {
    const char *name;
    unsigned on;        /* kinds it works on */
    size_t least, most; /* arguments */
    method_fn *run;
};

extern const struct method text_methods[]; /* ends with {0} */

enum flow method_gives(struct call_of *call, struct datum value);
enum flow method_gives_text(struct call_of *call, struct slice text);
enum flow method_wants(struct call_of *call, const char *wanted); /* the argument is wrong */
struct slice method_text_at(struct call_of *call, size_t index);  /* an argument as text */

#endif
