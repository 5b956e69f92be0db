/* SPDX-License-Identifier: Apache-2.0 */
/* clixml - the files of Export-Clixml: objects as XML, as Exchange's Management Shell writes them.
 *
 * Objects, lists, dictionaries and simple values are read; a nested object that has a text of its
 * own (a size, an address range, an identity) is that text. What else stands there is skipped.
 */
#ifndef SHELL_CLIXML_H
#define SHELL_CLIXML_H

#include "shell/machine.h"

struct clixml {
    struct machine *machine;
    struct slice rest;
    struct datum references; /* a table, by number; keep it */
    const char *complaint;
};

/* The text of a file, in UTF-8. */
struct clixml clixml_over(struct machine *machine, struct slice text);
/* The next of the objects; false at the end, or with a complaint. */
bool clixml_next(struct clixml *reader, struct datum *out);
/* A whole file. False: it is nested too deeply, or out of memory. */
bool clixml_append(struct text *text, struct datum objects);

#endif
