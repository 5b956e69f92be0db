/* SPDX-License-Identifier: Apache-2.0 */
/* node - one piece of a parsed script.
 *
 * Nodes live in the arena of the parser and are never changed afterwards. What the children mean
 * stands beside each kind; `next` joins the elements of a list.
 */
#ifndef SHELL_NODE_H
#define SHELL_NODE_H

#include "base/slice.h"
#include "shell/operator.h"

enum node_kind {
    /* expressions */
    NODE_INTEGER,
    NODE_REAL,
    NODE_TEXT,
    NODE_EXPAND,        /* first: the parts, joined as text */
    NODE_VARIABLE,      /* text: the name */
    NODE_LIST,          /* first: the elements */
    NODE_PAREN,         /* first: a pipeline; its value */
    NODE_SUBEXPRESSION, /* first: statements; what they give */
    NODE_ARRAY,         /* the same, always as a list */
    NODE_TABLE,         /* first: pairs of a key and a statement */
    NODE_BLOCK,         /* first: statements; second: NODE_DECLARED parameters */
    NODE_UNARY,         /* first: the operand; operator */
    NODE_BINARY,        /* first, second */
    NODE_MEMBER,        /* first: the object, second: the name */
    NODE_INDEX,         /* first: the object, second: the index */
    NODE_METHOD,        /* first: the object, second: the arguments; text: the name */
    NODE_STATIC,        /* text: "Type::Name"; second: the arguments; flag: it is a call */
    NODE_CAST,          /* text: the type; first: the operand */
    NODE_TYPE,          /* text: the type, to the right of -is and -as */
    /* statements */
    NODE_ASSIGN,   /* first: the target, second: a statement; operator ADD and so on for += */
    NODE_PIPELINE, /* first: the elements */
    NODE_COMMAND,  /* text: the name, or first: what gives it; second: the arguments */
    NODE_IF,       /* first: the condition, second: then, third: else; statements */
    NODE_FOREACH,  /* text: the variable, first: the collection, second: the body */
    NODE_FOR,      /* first: three NODE_SEQUENCE joined by next, second: the body */
    NODE_WHILE,    /* first: the condition, second: the body */
    NODE_DO,       /* the same, the body first; flag: until */
    NODE_SWITCH,   /* first: the value, second: cases; text: "", "wildcard", "regex" */
    NODE_CASE,     /* first: the pattern (NULL: default), second: the body */
    NODE_TRY,      /* first: the body, second: catch or NULL, third: finally or NULL */
    NODE_FUNCTION, /* text: the name, first: a NODE_BLOCK */
    NODE_RETURN,   /* first: a statement or NULL */
    NODE_THROW,
    NODE_EXIT,
    NODE_BREAK,
    NODE_CONTINUE,
    NODE_SEQUENCE, /* first: statements */
    /* parts of the above */
    NODE_DECLARED,  /* a parameter: text: the name, first: its default or NULL; second: NODE_TYPE */
    NODE_PARAMETER, /* -Name, -Name:value or -Name value: text, first: what follows the colon */
    NODE_SPLAT      /* text: the name of the variable */
};

struct node {
    enum node_kind kind;
    enum operator_kind action;
    bool flag;
    uint32_t at, len; /* in the source */
    struct slice source;
    struct slice text;
    union {
        int64_t integer;
        double real;
    };
    struct node *first, *second, *third, *next;
};

struct place_in_source {
    size_t line, column; /* from 1 */
    struct slice text;   /* the whole line */
};
struct place_in_source node_place(struct slice source, size_t at);
struct slice node_source(const struct node *node); /* as it was written */

#endif
