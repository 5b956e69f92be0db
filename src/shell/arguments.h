/* SPDX-License-Identifier: Apache-2.0 */
/* arguments - the words of a command line as the parameters of a cmdlet.
 *
 *   -Name value   -Name:value   -Switch   -Switch:$false   value (where the cmdlet takes one)
 *   a,b  a, b     a list is one text with commas; the hub splits it where a list is wanted
 *   @{Add="a","b";Remove="c"}     $null
 *
 * Dashes that a word processor made long are dashes. Reads no file and asks nobody: -FileName and
 * `-Password -` are left to the caller.
 */
#ifndef SHELL_ARGUMENTS_H
#define SHELL_ARGUMENTS_H

#include "operations/operation.h"
#include "shell/format.h"

#include <jansson.h>

struct arguments {
    json_t *parameters; /* names written out; free with json_decref */
    enum format_kind format;
    struct slice file_name; /* of -FileName, to read or to write; empty: none */
};

/* False: `error` says which word is wrong; nothing to free. */
bool arguments_parse(const struct operation *operation, const char *const *words, size_t count,
                     struct arguments *out, struct text *error);
/* "@{Add=a,b}" as {"Add": ["a", "b"]}; NULL when it is malformed. */
json_t *arguments_parse_edit(struct slice written);

#endif
