/* SPDX-License-Identifier: Apache-2.0 */
/* operator - the operators of the language as a table. */
#ifndef SHELL_OPERATOR_H
#define SHELL_OPERATOR_H

#include "base/text.h"

enum operator_kind {
    OPERATOR_NONE,
    OPERATOR_ADD,
    OPERATOR_SUBTRACT,
    OPERATOR_MULTIPLY,
    OPERATOR_DIVIDE,
    OPERATOR_REMAINDER,
    OPERATOR_RANGE,
    OPERATOR_FORMAT,
    OPERATOR_COMMA,
    OPERATOR_EQUAL,
    OPERATOR_NOT_EQUAL,
    OPERATOR_GREATER,
    OPERATOR_GREATER_EQUAL,
    OPERATOR_LESS,
    OPERATOR_LESS_EQUAL,
    OPERATOR_LIKE,
    OPERATOR_NOT_LIKE,
    OPERATOR_MATCH,
    OPERATOR_NOT_MATCH,
    OPERATOR_REPLACE,
    OPERATOR_SPLIT,
    OPERATOR_JOIN,
    OPERATOR_CONTAINS,
    OPERATOR_NOT_CONTAINS,
    OPERATOR_IN,
    OPERATOR_NOT_IN,
    OPERATOR_IS,
    OPERATOR_IS_NOT,
    OPERATOR_AS,
    OPERATOR_AND,
    OPERATOR_OR,
    OPERATOR_XOR,
    OPERATOR_NOT,
    OPERATOR_NEGATE,
    OPERATOR_INCREMENT,
    OPERATOR_DECREMENT,
    OPERATOR_COUNT
};

/* How tightly each binds; higher is tighter. */
enum operator_power {
    POWER_NONE = 0,
    POWER_LOGICAL,
    POWER_COMPARE,
    POWER_ADD,
    POWER_MULTIPLY,
    POWER_FORMAT,
    POWER_RANGE,
    POWER_UNARY,
    POWER_COMMA,
    POWER_CAST
};

struct operator_row {
    const char *written; /* without its dash, when `dash` */
    enum operator_kind action;
    enum operator_power power; /* between two operands; POWER_NONE: in front of one only */
    bool dash;
    bool cased; /* has the variants c (case matters) and i */
};

/* By what is written behind the dash, or a symbol; `out_cased` tells -ceq from -eq. NULL: none. */
const struct operator_row *operator_of_word(struct slice word, bool *out_cased);
const struct operator_row *operator_of_symbol(struct slice symbol);
void operator_say_nearest(struct slice word, struct text *error);

#endif
