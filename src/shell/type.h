/* SPDX-License-Identifier: Apache-2.0 */
/* type - the types a script may name: [int], [string[]], [datetime] ... */
#ifndef SHELL_TYPE_H
#define SHELL_TYPE_H

#include "base/text.h"

enum type_kind {
    TYPE_NONE,
    TYPE_TEXT,
    TYPE_INTEGER,
    TYPE_REAL,
    TYPE_BOOL,
    TYPE_DATE,
    TYPE_SPAN,
    TYPE_LIST,
    TYPE_TEXT_LIST,
    TYPE_INTEGER_LIST,
    TYPE_BYTES,
    TYPE_TABLE,
    TYPE_OBJECT, /* [pscustomobject] before a table */
    TYPE_SECRET,
    TYPE_BLOCK,
    TYPE_ANY, /* [object]: as it is */
    TYPE_VOID /* throws the value away */
};

/* "String", "System.DateTime", "byte[]"; case does not matter. TYPE_NONE: there is no such type. */
enum type_kind type_of(struct slice written);
void type_say_list(struct text *text); /* what there is, for an error */

#endif
